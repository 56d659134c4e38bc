"""``duban review``: the workbench on a port of this machine."""

from __future__ import annotations

import gc
import socket
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from extract.cli.options import (
    LANG,
    Date,
    Language,
    SegmenterName,
    argument,
    known_language,
    option,
    parse_date,
    say,
)
from extract.cli.review.order import Wanted, print_order
from extract.cli.review.place import Url, opened, told_apart
from extract.errors import UsageError

_LOOPBACK = "127.0.0.1"


def open_page(
    paths: Annotated[
        list[str] | None,
        argument(
            "[PATH...]",
            "文件、文件夹、通配符，或者一个数据库",
            "files, folders, globs, or a database",
        ),
    ] = None,
    db: Url = "",
    port: Annotated[
        int,
        option("--port", metavar="N", zh="端口，0 为任意空闲", en="port, 0 for any"),
    ] = 0,
    host: Annotated[
        str,
        option(
            "--host",
            metavar="ADDRESS",
            zh="监听的地址；本机以外的地址要凭口令访问",
            en="address to bind to; any but this machine's own demands a token",
        ),
    ] = _LOOPBACK,
    no_open: Annotated[
        bool, option("--no-open", zh="不打开浏览器", en="do not open a browser")
    ] = False,
    following: Annotated[
        bool,
        option(
            "--next",
            zh="从最值得核对的文档和句子开始",
            en="begin with the documents and sentences most worth judging",
        ),
    ] = False,
    most: Annotated[
        int | None,
        option(
            "--print",
            metavar="N",
            zh="与 --next 同用：只列出最值得核对的 N 句，不打开网页",
            en="with --next: list the N sentences most worth judging, open nothing",
        ),
    ] = None,
    refresh: Annotated[
        bool,
        option(
            "--refresh",
            zh="规则或模型更新之后，重新读取库里的文档（核对结果不变）",
            en="read documents again after rules or model changed (verdicts stay)",
        ),
    ] = False,
    date: Date = "",
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Serve the workbench until interrupted, or print what to judge next."""
    day, lang = parse_date(date), known_language(lang)
    if most is not None and (not following or most < 1):
        raise UsageError("E742" if not following else "E743", value=most)
    documents, place = told_apart(paths or [], db)
    with _uncollected():
        database = opened(place)
    wanted = Wanted(database, documents, day, segmenter, lang, refresh=refresh)
    if most is not None:
        print_order(wanted, most)
    else:
        _serve(wanted, host, port, following=following, browser=not no_open)


def _serve(
    wanted: Wanted, host: str, port: int, *, following: bool, browser: bool
) -> None:
    with _uncollected():
        from extract.review import guard, running
        from extract.review.server import application, fresh_token

    token = "" if host in guard.LOOPBACK else fresh_token()
    proposals = wanted.proposals() if following else None
    app = application(
        wanted.database,
        intake=wanted.intake,
        proposals=proposals,
        host=host,
        token=token,
        lang=wanted.lang,
    )
    listener = running.bound(host, port)
    page = "next" if following else ""
    local, others = _addresses(host, listener.getsockname()[1], page, token)

    def announce() -> None:
        typer.echo(say(f"核对网页：{local}", f"Open {local}"), err=True)
        if others:
            line = say("别的电脑用：{0}（或本机的 IP 地址）", "From elsewhere: {0}")
            typer.echo(line.format(others), err=True)
        typer.echo(say("按 Ctrl+C 结束", "Ctrl+C ends it"), err=True)
        if browser:
            webbrowser.open(local)

    def order() -> None:
        typer.echo(say("正在读文档、排次序…", "Reading and ranking…"), err=True)
        wanted.read()
        assert proposals
        proposals.documents()
        announce()

    if following:
        running.serve(app, listener, meanwhile=[order])
    else:
        running.serve(app, listener, ready=announce, meanwhile=[wanted.read])


@contextmanager
def _uncollected() -> Iterator[None]:
    # what is imported stays: looking for garbage among it costs a tenth of the start
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _addresses(host: str, port: int, page: str, token: str) -> tuple[str, str]:
    """Address for this machine's browser, and one for others if they may come in."""
    query = page + (f"?token={token}" if token else "")
    if host in ("0.0.0.0", "::"):
        name = socket.gethostname()
        return f"http://127.0.0.1:{port}/{query}", f"http://{name}:{port}/{query}"
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/{query}", ""
