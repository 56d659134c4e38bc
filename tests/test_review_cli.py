"""``duban review``: served for real, exported and imported; ``duban report``."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="duban[review] is not installed")

import httpx
from typer.testing import CliRunner
from workbench import SENTENCES, TEXT, put, until

from extract import cli
from extract.errors import DubanError
from extract.evaluate import gold_pairs
from extract.review import queries
from extract.review.database import Database
from extract.review.judging import Desk
from extract.review.running import bound

MAIN = "from extract.cli import main; main()"


def run(*words):
    done = CliRunner().invoke(cli.app, list(map(str, words)), prog_name="duban")
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def place(tmp_path):
    """Path of a database with the speech in it."""
    path = tmp_path / "review.sqlite"
    database = Database(str(path))
    put(database)
    database.close()
    return path


def judge_all(path):
    database = Database(str(path))
    person = database.annotator("张敏")
    with database.reading() as session:
        items = queries.whole(session, 1)["items"]
    for item in items:
        with database.writing() as session:
            Desk(session, person).accept(item["id"], item["version"])
    with database.writing() as session:
        Desk(session, person).finish(1)
    database.close()


def items(path):
    database = Database(str(path))
    with database.reading() as session:
        found = queries.whole(session, 1)["items"]
    database.close()
    return {item["record"]["text"]: item for item in found}


@contextmanager
def served(folder, *words, **environment):
    """Address that the command printed, while it runs."""
    log = folder / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", MAIN, "review", *words, "--no-open"],
            stdout=out,
            stderr=out,
            cwd=folder,
            env=os.environ | environment,
        )
        try:
            found = []

            def shown():
                assert process.poll() is None, log.read_text("utf-8")
                found[:] = re.findall(r"http://\S+", log.read_text("utf-8"))
                return found

            until(shown, "no address was shown", 60)
            yield found[0], process
        finally:
            process.kill()
            process.wait(20)


def test_speech_on_the_command_line_is_on_the_page(tmp_path):
    (tmp_path / "讲话.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "空.txt").write_text("", encoding="utf-8")
    with served(tmp_path, "讲话.txt", "空.txt", "--db", "x.sqlite") as (address, _):
        until(
            lambda: httpx.get(f"{address}api/intake").json()["done"] == 2,
            "the documents were not read",
            120,
        )
        assert httpx.get(f"{address}api/intake").json()["failed"] == 1
        page = httpx.get(address).text
        whole = httpx.get(f"{address}api/documents/1").json()
    assert "在全市防汛备汛工作会议上的讲话" in page
    assert "E103" in page
    assert whole["text"] == TEXT
    assert [TEXT[start:end] for start, end, _ in whole["outline"]] == [
        "一、压实责任",
        "二、严明纪律",
    ]
    assert SENTENCES["report"] in [item["record"]["text"] for item in whole["items"]]


def test_own_database_is_taken_without_one(tmp_path):
    with served(tmp_path, DUBAN_DATA=str(tmp_path / "own"), DUBAN_LANG="en") as found:
        assert "review desk" in httpx.get(found[0]).text
    assert (tmp_path / "own" / "review.sqlite").is_file()


def test_another_address_gets_a_token(tmp_path):
    words = ("--host", "0.0.0.0", "--db", "x.sqlite")
    with served(tmp_path, *words) as (address, _):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=\S{24}", address)
        assert httpx.get(address.partition("?")[0]).status_code == 401
        assert httpx.get(address).status_code == 303
        until(
            lambda: socket.gethostname() in (tmp_path / "log").read_text("utf-8"),
            "others were not told the address",
        )


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_ends_it(tmp_path):
    with served(tmp_path, "--db", "x.sqlite") as (_, process):
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 130)


def test_port_that_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        database = tmp_path / "x.sqlite"
        code, _, complaint = run("review", "--port", port, "--db", database)
    assert (code, "E705" in complaint) == (1, True)


@pytest.mark.parametrize("host", ["256.1.1.1", "no such host"])
def test_host_that_is_none(host):
    with pytest.raises(DubanError) as caught:
        bound(host, 0)
    assert caught.value.code == "E705"


def test_answers_do_not_wait_for_acknowledgements():
    with bound("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_gold_is_exported(place, tmp_path):
    judge_all(place)
    code, _, said = run("review", "export", "-o", tmp_path / "gold", "--db", place)
    assert (code, said.strip()) == (0, f"{tmp_path / 'gold'}：1")
    ((_, records, _),) = gold_pairs(tmp_path / "gold")
    assert len(records) == 4
    assert run("evaluate", tmp_path / "gold")[0] == 0


@pytest.mark.parametrize(
    ("name", "words", "made"),
    [
        ("x.csv", [], "x.csv"),
        ("x.xlsx", [], "x.xlsx"),
        ("x.jsonl", ["--unfinished"], "x.jsonl"),
        ("x.jsonl", ["--unfinished", "-f", "labelstudio"], "x.jsonl"),
        ("x", ["--unfinished", "-f", "brat"], "x/annotation.conf"),
    ],
)
def test_export_by_suffix_or_format(place, tmp_path, name, words, made):
    out = tmp_path / name
    assert run("review", "export", "-o", out, "--db", place, *words)[0] == 0
    assert (tmp_path / made).stat().st_size > 0


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["export", "-o", "x", "-f", "pdf"], 2, "E706"),
        (["export", "-o", "x"], 1, "E707"),
        (["import", "x.pdf"], 2, "E706"),
        (["import", "x.csv"], 1, "E101"),
        (["import", "x.jsonl"], 1, "E101"),
    ],
)
def test_wrong_usage(place, tmp_path, monkeypatch, words, exit_code, code):
    monkeypatch.chdir(tmp_path)
    found, _, complaint = run("review", *words, "--db", place)
    assert (found, f"[{code}]" in complaint) == (exit_code, True)


def test_edited_sheet_is_imported_with_a_diff(place, tmp_path):
    sheet = tmp_path / "x.csv"
    run("review", "export", "-o", sheet, "--db", place)
    old = sheet.read_text("utf-8")
    sheet.write_text(
        old.replace(",工作任务,是,否,二要,", ",监督检查,是,否,二要,"), "utf-8"
    )
    key = items(place)[SENTENCES["stock"]]["id"]
    for words in (["--dry-run"], []):
        assert items(place)[SENTENCES["stock"]]["version"] == 1
        found = run("review", "import", sheet, "--name", "张敏", "--db", place, *words)
        assert found == (0, f"{key} 类别: 工作任务 -> 监督检查\n", "")
    stock = items(place)[SENTENCES["stock"]]
    assert (stock["record"]["kind"], stock["annotator"]) == ("oversight", "张敏")


def test_conflict_of_a_sheet_is_shown_and_is_exit_code_1(place, tmp_path):
    sheet = tmp_path / "x.csv"
    run("review", "export", "-o", sheet, "--db", place)
    judge_all(place)
    text = sheet.read_text("utf-8")
    sheet.write_text(text.replace("未核对,二要", "不是任务,二要"), "utf-8")
    code, _, complaint = run("review", "import", sheet, "--db", place)
    assert (code, "有冲突" in complaint) == (1, True)
    assert items(place)[SENTENCES["stock"]]["verdict"] == "accepted"


def test_report_is_one_page(tmp_path):
    speech, out = tmp_path / "讲话.txt", tmp_path / "page.html"
    speech.write_text(TEXT, encoding="utf-8")
    assert run("report", speech, "-o", out)[0] == 0
    assert SENTENCES["report"] in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "exit_code", "code"), [("x.pdf", 2, "E202"), ("no/x.html", 1, "E203")]
)
def test_report_that_cannot_be_written(tmp_path, name, exit_code, code):
    speech = tmp_path / "讲话.txt"
    speech.write_text(TEXT, encoding="utf-8")
    found, _, complaint = run("report", speech, "-o", tmp_path / name)
    assert (found, f"[{code}]" in complaint) == (exit_code, True)


def test_workbench_that_is_not_installed_says_how(tmp_path):
    hide = (
        "import sys; sys.modules['sqlalchemy'] = None; "
        "sys.argv = ['duban', 'review']; from extract.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, "duban[review]" in done.stderr) == (1, True)


def test_page_files_are_packed_with_the_code():
    folder = Path(cli.__file__).parents[1] / "review"
    names = {path.suffix for path in folder.rglob("*") if path.is_file()}
    assert {".html", ".css", ".js", ".toml", ".svg"} <= names
