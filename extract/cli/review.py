"""``duban review`` and ``duban report``: the workbench, its files, a static page."""

from __future__ import annotations

import getpass
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from extract.cli.documents import complain, read_document, stdout
from extract.cli.options import (
    LANG,
    Date,
    File,
    Language,
    SegmenterName,
    argument,
    known_language,
    option,
    parse_date,
    say,
)
from extract.errors import DubanError, UsageError

if TYPE_CHECKING:
    from extract.review.database import Database
    from extract.review.exchange.sheet_in import Outcome

Register = Callable[[typer.Typer, str, str], Callable[[Callable[..., None]], object]]

_LOOPBACK = "127.0.0.1"
_FORMATS = ("gold", "csv", "xlsx", "doccano", "labelstudio", "brat")
_SUFFIXES = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "doccano"}
_OPEN = "open"

Url = Annotated[
    str,
    option(
        "--db",
        metavar="URL",
        zh="数据库：SQLite 文件的路径或 postgresql://…；不写则用本人的",
        en="database: path of an SQLite file or postgresql://… (default: your own)",
    ),
]


class _OpensByDefault(TyperGroup):
    """Group whose first word is the command ``open`` unless it names another one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and args[0] in (*self.commands, "-h", "--help")
        return super().parse_args(ctx, args if named else [_OPEN, *args])


group = typer.Typer(
    cls=_OpensByDefault,
    help=say(
        "核对工作台：duban review 文档… 打开网页；export、import 导出导入。",
        "The analysts' workbench: duban review PATH… opens it; export and import.",
    ),
    rich_markup_mode=None,
)


def register(app: typer.Typer, command: Register) -> None:
    """Put the commands of this module into the application."""
    app.add_typer(group, name="review")
    command(group, "打开核对网页。", "Open the page.")(open_page)
    command(group, "导出核对结果。", "Export what was judged.")(export)
    command(group, "导入预测或改过的表格。", "Import predictions or an edited sheet.")(
        import_
    )
    command(app, "做一份可以发给别人的网页。", "Make a page to mail to others.")(report)
    for info in group.registered_commands:
        named = {"open_page": _OPEN, "import_": "import"}
        info.name = named.get(getattr(info.callback, "__name__", ""), info.name)


def open_page(
    paths: Annotated[
        list[str] | None,
        argument("[PATH...]", "文件、文件夹、通配符", "files, folders, globs"),
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
    date: Date = "",
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Serve the workbench until interrupted."""
    day, lang = parse_date(date), known_language(lang)
    database = _database(db)
    from extract.review import guard, running
    from extract.review.intake import Intake, take_in
    from extract.review.server import application, fresh_token

    token = "" if host in guard.LOOPBACK else fresh_token()
    progress = Intake(total=len(paths or []))
    app = application(database, intake=progress, host=host, token=token, lang=lang)
    listener = running.bound(host, port)
    local, others = _addresses(host, listener.getsockname()[1], token)

    def ready() -> None:
        typer.echo(say(f"核对网页：{local}", f"Open {local}"), err=True)
        if others:
            line = say("别的电脑用：{0}（或本机的 IP 地址）", "From elsewhere: {0}")
            typer.echo(line.format(others), err=True)
        typer.echo(say("按 Ctrl+C 结束", "Ctrl+C ends it"), err=True)
        if not no_open:
            webbrowser.open(local)

    def read() -> None:
        take_in(database, paths or [], progress, date=day, segmenter=segmenter)
        for error in progress.failures:
            complain(error)

    running.serve(app, listener, ready=ready, meanwhile=[read] if paths else [])


def export(
    output: Annotated[
        Path,
        option(
            "--output",
            "-o",
            metavar="PATH",
            zh="标准答案和 brat 是文件夹；其余是文件",
            en="a folder for gold and brat, else a file",
        ),
    ],
    form: Annotated[
        str,
        option(
            "--format",
            "-f",
            metavar="NAME",
            zh="gold、csv、xlsx、doccano、labelstudio 或 brat；不写则看后缀",
            en="gold, csv, xlsx, doccano, labelstudio, brat (default: by suffix)",
        ),
    ] = "",
    db: Url = "",
    unfinished: Annotated[
        bool,
        option(
            "--unfinished",
            zh="未办结的文档和未核对的任务也要（csv、xlsx 总是如此）",
            en="also unfinished documents and open tasks (csv and xlsx: always)",
        ),
    ] = False,
    approved: Annotated[
        bool, option("--approved", zh="只要复核同意的", en="only what is approved")
    ] = False,
    lang: Language = LANG,
) -> None:
    """Write what was judged in a format that other programs read."""
    form = form or _SUFFIXES.get(output.suffix.lower(), "gold")
    if form not in _FORMATS:
        raise UsageError("E706", value=form, known=", ".join(_FORMATS))
    lang = known_language(lang)
    database = _database(db)
    from extract.review.exchange import files
    from extract.review.exchange.selection import Choice

    sheet = form in ("csv", "xlsx")
    choice = Choice(unfinished or sheet, approved, rejected=sheet)
    count = files.export(database, output, form, choice, lang)
    typer.echo(say(f"{output}：{count}", f"{output}: {count}"), err=True)


def import_(
    file: Annotated[
        Path,
        argument(
            "FILE",
            "改过的 .csv、.xlsx，或 doccano、Label Studio 的 .jsonl",
            "an edited .csv or .xlsx, or .jsonl of doccano or Label Studio",
        ),
    ],
    name: Annotated[
        str,
        option(
            "--name",
            metavar="NAME",
            zh="记在谁的名下；预测则是它的名称",
            en="in whose name; of predictions, what they are called",
        ),
    ] = "",
    db: Url = "",
    dry_run: Annotated[
        bool, option("--dry-run", zh="只列出差异，不写入", en="list, write nothing")
    ] = False,
    lang: Language = LANG,
) -> None:
    """Take over an edited sheet, cell by cell, or proposals of another program."""
    lang = known_language(lang)
    if file.suffix.lower() not in (".csv", ".xlsx", ".jsonl"):
        raise UsageError("E706", value=file.suffix, known=".csv .xlsx .jsonl")
    database = _database(db)
    if file.suffix.lower() == ".jsonl":
        from extract.review.exchange.predictions import import_predictions

        count = import_predictions(database, file, name or file.stem)
        typer.echo(say(f"读入 {count} 份文档", f"{count} documents read"), err=True)
        return
    from extract.review.exchange.sheet_in import import_sheet

    outcome = import_sheet(database, file, name or getpass.getuser(), dry=dry_run)
    _tell(outcome, lang)
    if outcome.conflicts or outcome.problems:
        raise typer.Exit(1)


def _tell(outcome: Outcome, lang: str) -> None:
    """What an import changed, and what it could not, line by line."""
    from extract.review.labels import labels

    known, out = labels(lang), stdout()

    def column(key: str) -> str:
        return known[f"sheet_{key}"]

    for change in outcome.changes:
        out.write(f"{change.id} {column(change.column)}: ")
        out.write(f"{change.before or '-'} -> {change.after or '-'}\n")
    for key in outcome.added:
        out.write(f"{key} {known['add']}\n")
    for conflict in outcome.conflicts:
        line = say(
            "{id} {column}：有冲突，没有写入。表里是“{after}”，现在是“{now}”",
            "{id} {column}: conflict, not written. Sheet {after!r}, now {now!r}",
        )
        values = {"id": conflict.id, "after": conflict.after, "now": conflict.now}
        typer.echo(line.format(column=column(conflict.column), **values), err=True)
    for problem in outcome.problems:
        place = say(f"第 {problem.row} 行", f"row {problem.row}")
        typer.echo(f"{place} {problem.error.message(lang)}", err=True)
    if outcome.absent:
        line = say(
            "表里没有的任务 {n} 条，保持原样",
            "{n} tasks that the sheet does not hold were left as they are",
        )
        typer.echo(line.format(n=len(outcome.absent)), err=True)


def _addresses(host: str, port: int, token: str) -> tuple[str, str]:
    """Address for this machine's browser, and one for others if they may come in."""
    query = f"?token={token}" if token else ""
    if host in ("0.0.0.0", "::"):
        name = socket.gethostname()
        return f"http://127.0.0.1:{port}/{query}", f"http://{name}:{port}/{query}"
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/{query}", ""


def _database(url: str) -> Database:
    try:
        from extract.review.database import Database, default_url
    except ModuleNotFoundError as error:
        raise DubanError("E704") from error
    return Database(url or default_url())


def report(
    file: File,
    output: Annotated[
        Path,
        option("--output", "-o", metavar="FILE", zh="写到这个 .html", en="the .html"),
    ],
    date: Date = "",
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Write a document and its ledger as one page that needs nothing else."""
    import extract as library
    from extract.review.page import page

    day, lang = parse_date(date), known_language(lang)
    if output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            "E202", path=output, suffix=output.suffix, suffixes=".html .htm"
        )
    speech = read_document(file, day)
    made = page(speech, library.tasks_of(speech, segmenter=segmenter), lang)
    try:
        output.write_text(made, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or error
        raise DubanError("E203", path=output, reason=reason) from error
