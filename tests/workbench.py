"""A speech with proposals, databases to put it in, and a server on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from extract.readers import from_text
from extract.review.database import Database
from extract.review.intake import add_document

TEXT = """在全市防汛备汛工作会议上的讲话
（2026年3月5日）
同志们：
一、压实责任
一要市水利局牵头，市住建局配合，5月底前排查水库20座以上，每周通报一次进展；二要各县区备足沙袋。
会后各单位要认真传达。各乡镇要在4月15日前报送预案。
二、严明纪律
不得瞒报、漏报险情。
谢谢大家。
"""
SENTENCES = {
    "survey": (
        "一要市水利局牵头，市住建局配合，5月底前排查水库20座以上，每周通报一次进展；"
    ),
    "stock": "二要各县区备足沙袋。",
    "relay": "会后各单位要认真传达。",
    "report": "各乡镇要在4月15日前报送预案。",
    "ban": "不得瞒报、漏报险情。",
}
OUTLINE = [(TEXT.index(words), words, 1) for words in ("一、压实责任", "二、严明纪律")]


def at(words: str, text: str = TEXT) -> dict[str, Any]:
    """Surface and offsets of words that stand in the speech once."""
    assert text.count(words) == 1
    start = text.index(words)
    return {"text": words, "start": start, "end": start + len(words)}


def owner(words: str, role: str = "responsible") -> dict[str, Any]:
    return at(words) | {"role": role, "source": "explicit", "rule": "owner.test"}


def proposal(name: str, confidence: float, **fields: Any) -> dict[str, Any]:
    """A record as the pipeline makes it, without id."""
    blank = {
        "number": "", "heading": False, "section": "一、", "item": "", "path": [],
        "kind": "action", "actionable": True, "owners": [], "deadlines": [],
        "recurrences": [], "metrics": [], "missing": [], "vague": [], "rules": [],
        "sources": {},
    }  # fmt: skip
    return blank | at(SENTENCES[name]) | {"confidence": confidence} | fields


def proposals() -> list[dict[str, Any]]:
    due = {"type": "date", "from": None, "due": "2026-05-31", "rule": "deadline.test"}
    weekly = {"unit": "week", "every": 1, "times": 1, "day": None, "rule": "r.test"}
    number = {"value": 20, "unit": "座", "relation": "ge", "rule": "metric.test"}
    return [
        proposal(
            "survey",
            0.93,
            number="一要",
            item="一要",
            owners=[owner("市水利局", "lead"), owner("市住建局", "cooperating")],
            deadlines=[at("5月底前") | due],
            recurrences=[at("每周") | weekly],
            metrics=[at("20座以上") | number],
        ),
        proposal("stock", 0.71, number="二要", item="二要", owners=[owner("各县区")]),
        proposal("relay", 0.42, kind="conduct", actionable=False),
        proposal("ban", 0.88, kind="ban", section="二、"),
    ]


def put(database: Database, text: str = TEXT, doc: str = "讲话/防汛.txt") -> int:
    """The speech and its proposals in a database; the document's id."""
    outline = [[start, start + len(words), depth] for start, words, depth in OUTLINE]
    made = proposals() if text == TEXT else []
    return add_document(database, from_text(text, doc), made, outline=outline)


@contextmanager
def serving(app: Any) -> Iterator[str]:
    """Address of an application that a real server serves meanwhile."""
    import uvicorn

    from extract.review.running import bound

    listener = bound("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        until(lambda: server.started, "the server did not start")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def until(holds: Any, why: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, why
        time.sleep(0.02)


def postgres_programs() -> Path | None:
    """Folder of PostgreSQL's programs, if it is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    named = shutil.which("initdb")
    return Path(named).parent if named else None


@contextmanager
def postgres() -> Iterator[str]:
    """URL of a fresh PostgreSQL on a port of its own; gone afterwards."""
    programs = postgres_programs()
    assert programs is not None
    # it refuses to run as root, and pytest's folders are open to nobody else
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="duban-postgres-") as name:
        folder = Path(name)
        folder.chmod(0o777)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]

        def run(program: str, *options: str) -> None:
            command = [*user, f"{programs}/{program}", "-D", f"{folder}/data"]
            subprocess.run([*command, *options], check=True, cwd="/", timeout=120)

        run("initdb", "-U", "duban", "-A", "trust", "-N", "-E", "UTF8")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        # not a pipe, which the server would keep open
        run("pg_ctl", "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield f"postgresql://duban@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
