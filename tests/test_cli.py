"""The commands: what they print and write, how they fail, how fast they start."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from openpyxl import load_workbook
from typer.testing import CliRunner

import extract
from extract import cli, readers, rulebook, writers
from extract.cli import documents, options, screen
from extract.errors import UsageError

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "docs" / "sample" / "speech.txt"
SPEECH = SAMPLE.read_text(encoding="utf-8")
DAY = dt.date(2026, 3, 5)


def duban(*args: str | Path, stdin: str | bytes | None = None):
    """Run a command in this process."""
    words = [str(arg) for arg in args]
    return CliRunner().invoke(cli.app, words, input=stdin, prog_name="duban")


def cold(*args: str | Path, **options) -> subprocess.Popen[bytes]:
    """Start a command in a process of its own."""
    # a shell that runs the tests in the background lets its children ignore Ctrl-C
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from extract.cli import main; main()"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    words = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(words, **(pipes | options))


def finish(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out.decode(), err.decode()


def commands() -> dict[str, object]:
    """Every command by its words, as typer built it."""
    top = typer.main.get_command(cli.app)
    found = {}
    for name, command in top.commands.items():
        inner = getattr(command, "commands", {})
        found |= {f"{name} {sub}": leaf for sub, leaf in inner.items()}
        if not inner:
            found[name] = command
    return found


def csv_of(tasks) -> str:
    stream = io.StringIO()
    writers.dump_csv(tasks, stream, "zh")
    return stream.getvalue()


@pytest.fixture
def folder(tmp_path) -> Path:
    """Two speeches, one of them in GB18030."""
    place = tmp_path / "speeches"
    place.mkdir()
    (place / "a.txt").write_text(SPEECH, encoding="utf-8")
    (place / "b.txt").write_bytes(SPEECH.replace("30个", "50个").encode("gb18030"))
    return place


@pytest.fixture
def gold(tmp_path) -> Path:
    """Gold that is what duban says itself, but for one task that it cannot find."""
    place = tmp_path / "gold"
    place.mkdir()
    (place / "s.txt").write_text(SPEECH, encoding="utf-8")
    records = [task.to_dict() for task in extract.tasks(SPEECH, date=DAY)]
    start = SPEECH.index("下面，我讲三点意见。")
    other = records[0] | {"start": start, "end": start + 10, "actionable": False}
    records.append(other | {"text": SPEECH[start : start + 10]})
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    (place / "s.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (place / "s.meta.json").write_text('{"date": "2026-03-05"}', encoding="utf-8")
    return place


# --- extract


def test_pipe_gets_the_tasks_as_csv():
    done = duban("extract", SAMPLE)
    speech = extract.read(SAMPLE)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == csv_of(extract.tasks_of(speech))
    assert len(done.stdout.splitlines()) > 3


def test_ledger_holds_what_can_be_supervised():
    done = duban("extract", SAMPLE, "--ledger")
    tasks = extract.tasks_of(extract.read(SAMPLE))
    wanted = [task for task in tasks if task.actionable]
    assert 0 < len(wanted) < len(tasks)
    assert done.stdout == csv_of(wanted)


def test_standard_input():
    done = duban("extract", "-", stdin=SPEECH.encode("gb18030"))
    assert done.exit_code == 0
    speech = readers.read_bytes(SPEECH.encode(), doc="-")
    assert done.stdout == csv_of(extract.tasks_of(speech))


@pytest.mark.parametrize("suffix", writers.SUFFIXES)
def test_output_file(folder, tmp_path, suffix):
    path = tmp_path / f"ledger{suffix}"
    done = duban("extract", folder, "-o", path)
    assert (done.exit_code, done.stdout) == (0, "")
    tasks = [
        task
        for name in ("a.txt", "b.txt")
        for task in extract.tasks_of(extract.read(folder / name))
    ]
    expected = tmp_path / f"expected{suffix}"
    writers.write(tasks, expected)
    if suffix == ".xlsx":  # the archive holds the time of its making
        assert cells(path) == cells(expected)
    else:
        assert path.read_bytes() == expected.read_bytes()
    assert f"{path}：读了 2 份文档，任务 {len(tasks)} 项" in done.stderr


def cells(path: Path) -> list[list[tuple]]:
    book = load_workbook(path)
    return [list(sheet.iter_rows(values_only=True)) for sheet in book]


def test_english_ledger(tmp_path):
    path = tmp_path / "ledger.csv"
    assert duban("extract", SAMPLE, "-o", path, "--lang", "en").exit_code == 0
    assert path.read_text(encoding="utf-8-sig").startswith("No.,ID,Source,Title")


def test_a_ledger_among_the_speeches_is_not_read(folder):
    path = folder / "ledger.md"
    for _ in range(2):
        assert duban("extract", folder, "-o", path).exit_code == 0
        first = path.read_bytes()
    assert duban("extract", folder, "-o", path).exit_code == 0
    assert path.read_bytes() == first


def test_a_document_given_twice_is_read_once(folder):
    once = duban("extract", folder)
    twice = duban("extract", folder, folder / "a.txt", folder / "*.txt")
    assert twice.stdout == once.stdout


def test_same_input_same_output(folder, tmp_path):
    paths = [tmp_path / "one.jsonl", tmp_path / "two.jsonl"]
    for path in paths:
        process = cold("extract", folder, "-o", path, "--date", "2026-03-05")
        assert finish(process)[0] == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("written", ["2026-12-05", "2026/12/5", "2026年12月5日"])
def test_date(written):
    done = duban("extract", SAMPLE, "--date", written)
    wanted = extract.tasks_of(extract.read(SAMPLE, date=dt.date(2026, 12, 5)))
    assert done.stdout == csv_of(wanted)


@pytest.mark.parametrize(
    "written",
    ["今天", "2026-13-01", "2026-02-30", "03-05", "2026-3月5日", "2026-03-05T08:00"],
)
def test_bad_date_is_wrong_usage(written):
    done = duban("extract", SAMPLE, "--date", written)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("[E201]")
    assert written in done.stderr


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["extract", SAMPLE, "--segmenter", "hanlp"], "E204"),
        (["extract", SAMPLE, "--lang", "fr"], "E206"),
        (["extract", SAMPLE, "-o", "ledger.pdf"], "E202"),
        (["extract", SAMPLE, "-o", "no/such/folder/ledger.csv"], "E203"),
        (["explain"], "E207"),
        (["explain", SAMPLE, "--text", "要抓好落实。"], "E207"),
        (["segmenter", "fetch", "hanlp"], "E208"),
        (["rules", "nonsense"], "E209"),
    ],
)
def test_wrong_usage(args, code):
    done = duban(*args)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"[{code}]")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("args", [["extract"], ["extract", "--nonsense"], ["nonsense"]])
def test_unknown_words_are_wrong_usage(args):
    assert duban(*args).exit_code == 2


def test_broken_documents_stop_no_others(folder, tmp_path):
    (folder / "empty.txt").touch()
    (folder / "scan.pdf").write_bytes(b"%PDF-1.7\n\x00\x01\x02")
    path = tmp_path / "ledger.xlsx"
    done = duban("extract", folder, tmp_path / "gone.txt", "-o", path)
    assert done.exit_code == 1
    complaints = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert [line[:6] for line in complaints] == ["[E101]", "[E103]", "[E121]"]
    names = ["gone.txt", "empty.txt", "scan.pdf"]
    assert [n in c for n, c in zip(names, complaints, strict=True)] == [True] * 3
    sheets = cells(path)
    assert len(sheets[1]) > 3
    failed = "".join(str(cell) for row in sheets[2] for cell in row)
    assert [name in failed for name in names] == [True] * 3


def test_nothing_read_nothing_written(tmp_path):
    path = tmp_path / "ledger.csv"
    done = duban("extract", tmp_path / "gone.txt", "-o", path)
    assert done.exit_code == 1
    assert os.listdir(tmp_path) == []


def test_a_failure_of_the_program_itself_costs_one_document(folder, monkeypatch):
    # no text is known that makes the pipeline fail: this one stands for it
    real = extract.pipe

    def failing(speeches, **options):
        if any(speech.doc.endswith("a.txt") for speech in speeches):
            raise IndexError("out of range")
        return real(speeches, **options)

    monkeypatch.setattr(extract, "pipe", failing)
    done = duban("extract", folder)
    assert done.exit_code == 1
    assert done.stderr.startswith("[E111]")
    assert "a.txt" in done.stderr
    assert done.stdout == csv_of(extract.tasks_of(extract.read(folder / "b.txt")))


def test_interrupted_run_leaves_no_half_file(tmp_path):
    pipe, path = tmp_path / "slow.txt", tmp_path / "ledger.csv"
    os.mkfifo(pipe)
    process = cold("extract", SAMPLE, pipe, "-o", path)
    with pipe.open("wb"):  # returns when the command has opened it to read
        process.send_signal(signal.SIGINT)
        assert finish(process) == (130, "", "")
    assert os.listdir(tmp_path) == ["slow.txt"]


def test_reader_of_the_pipe_goes_away(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text(SPEECH * 3000, encoding="utf-8")
    # unbuffered, Python itself does not notice that a long text was cut short
    env = {key: val for key, val in os.environ.items() if key != "PYTHONUNBUFFERED"}
    with cold("text", path, env=env) as process:
        assert process.stdout.read(3).decode() == "在"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo terminals there")
def test_terminal_gets_a_table_and_a_progress_bar(folder):
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 160, 0, 0))
    environment = os.environ | {"TERM": "xterm", "NO_COLOR": "1"}
    environment.pop("COLUMNS", None)
    process = cold("extract", folder, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.wait(60) == 0
    screen_text = shown.decode(errors="replace")
    assert "b.txt" in screen_text  # the bar
    assert "任务内容" in screen_text  # the table
    assert "编号" not in screen_text  # which has not all columns


# --- text, explain


def test_text_is_the_text():
    assert duban("text", SAMPLE).stdout == SPEECH


def test_words():
    done = duban("text", "-", "--words", stdin="严格落实\n责任制。\n")
    assert done.stdout == "严格 落实\n责任制 。\n"


def test_words_by_character():
    done = duban("text", "-", "--words", "--segmenter", "char", stdin="要 抓好")
    assert done.stdout == "要 抓 好"


def test_explain_tells_tasks_from_others():
    done = duban("explain", SAMPLE)
    assert done.exit_code == 0
    explanations = extract.explain(extract.read(SAMPLE))
    heads = [line for line in done.stdout.splitlines() if line.startswith("[")]
    verdicts = [" 任务 ·" in head for head in heads]
    assert verdicts == [bool(found.task) for found in explanations]
    assert {True, False} == set(verdicts)


def test_explain_names_rules_and_dates():
    text = "各区政府要于3月31日前将实施方案报市住建局。"
    done = duban("explain", "--text", text, "--date", "2026-03-05")
    (task,) = extract.tasks(text, date=DAY)
    (deadline,) = task.deadlines
    assert f"时限: 3月31日前 → 2026-03-31 ({deadline.rule})" in done.stdout
    assert f"({task.owners[0].role}, explicit, {task.owners[0].rule})" in done.stdout


# --- evaluate


def test_evaluate(gold):
    done = duban("evaluate", gold)
    assert (done.exit_code, done.stderr) == (0, "")
    line = next(row for row in done.stdout.splitlines() if row.split()[:1] == ["task"])
    n = len(extract.tasks(SPEECH, date=DAY))
    assert line.split()[1:3] == ["1.000", f"{n / (n + 1):.3f}"]


def test_evaluate_as_json(gold):
    scores = json.loads(duban("evaluate", gold, "--json").stdout)
    n = len(extract.tasks(SPEECH, date=DAY))
    assert (scores["task"]["n_gold"], scores["task"]["n_pred"]) == (n + 1, n)


def test_evaluate_lists_errors(gold):
    done = duban("evaluate", gold, "--errors", "5")
    assert "missed" in done.stdout
    assert "下面，我讲三点意见。" in done.stdout


@pytest.mark.parametrize(("floor", "code"), [(0.5, 0), (1.0, 1)])
def test_floors(gold, tmp_path, floor, code):
    path = tmp_path / "floors.json"
    path.write_text(json.dumps({"task": floor}), encoding="utf-8")
    done = duban("evaluate", gold, "--floors", path)
    assert done.exit_code == code
    assert ("[E403]" in done.stderr) is bool(code)


def test_unreadable_floors_are_wrong_usage(gold, tmp_path):
    path = tmp_path / "floors.json"
    path.write_text("task: 0.9", encoding="utf-8")
    done = duban("evaluate", gold, "--floors", path)
    assert (done.exit_code, done.stderr[:6]) == (2, "[E210]")


def test_folder_without_gold(tmp_path):
    done = duban("evaluate", tmp_path)
    assert (done.exit_code, done.stderr[:6]) == (1, "[E401]")


# --- rules


def test_rules_lists_the_tables():
    shown = duban("rules").stdout
    names = rulebook.phenomena()
    first = [line.split()[0] for line in shown.splitlines() if line.split()]
    assert [word for word in first if word in names] == names


def test_rules_of_a_table():
    shown = duban("rules", "deadline").stdout
    ids = [rule.id for rule in rulebook.load("deadline").rules]
    first = [line.split()[0] for line in shown.splitlines() if line.split()]
    assert [word for word in first if word in ids] == ids


TABLE = """
phenomenon = "trial"
about = "a table for this test"

[[rule]]
id = "trial.before-month-end"
label = "date"
match = '[0-9]+月底'
examples = {examples}
counterexamples = {counterexamples}
"""


@pytest.mark.parametrize(
    ("examples", "counterexamples", "faults"),
    [
        (["[6月底](date)完成"], ["月底"], []),
        (
            ["[6月](date)底完成"],
            ["月底"],
            ["trial.before-month-end: [6月](date)底完成 -> ['6月底']"],
        ),
        (
            ["[6月底](date)完成"],
            ["去年6月底"],
            ["trial.before-month-end: 去年6月底 -> ['6月底']"],
        ),
    ],
)
def test_lint(tmp_path, examples, counterexamples, faults):
    path = tmp_path / "trial.toml"
    table = TABLE.format(
        examples=json.dumps(examples, ensure_ascii=False),
        counterexamples=json.dumps(counterexamples, ensure_ascii=False),
    )
    path.write_text(table, encoding="utf-8")
    assert screen.lint(rulebook.read(path)) == faults


# --- segmenter fetch


def test_fetch_offline_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("DUBAN_DATA", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    done = duban("segmenter", "fetch", "pkuseg")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("[E305]")
    assert str(tmp_path / "pkuseg") in done.stderr


def test_missing_model_fails_the_run_not_each_document(folder, tmp_path, monkeypatch):
    pytest.importorskip("spacy_pkuseg")
    monkeypatch.setenv("DUBAN_DATA", str(tmp_path))
    done = duban("text", folder / "a.txt", "--words", "--segmenter", "pkuseg")
    assert (done.exit_code, done.stderr[:6]) == (1, "[E304]")


# --- help


@pytest.mark.parametrize("name", commands())
def test_every_option_has_help(name):
    command = commands()[name]
    assert command.help
    assert [param.name for param in command.params if not param.help] == []


@pytest.mark.parametrize("chosen", [["--lang", "en"], ["--lang=en"], []])
def test_help_in_english(chosen):
    env = os.environ | {"DUBAN_LANG": "" if chosen else "en"}
    code, out, err = finish(cold("extract", *chosen, "--help", env=env))
    assert (code, err) == (0, "")
    assert "Read documents, write their tasks." in out
    assert not any("\u4e00" <= char <= "\u9fff" for char in out)


def test_help_is_chinese_by_default():
    env = {key: value for key, value in os.environ.items() if key != "DUBAN_LANG"}
    assert "读文档，写任务清单。" in finish(cold("--help", env=env))[1]


def test_messages_in_english(tmp_path):
    env = os.environ | {"DUBAN_LANG": "en"}
    done = finish(cold("extract", tmp_path / "gone.txt", env=env))
    assert done == (1, "", f"[E101] {tmp_path / 'gone.txt'}: no such file\n")


HEAVY = {"spacy", "sklearn", "scipy", "numpy", "pandas", "rich", "jieba", "holidays"}


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from extract.cli import app\n"
        "try: app(['extract', '--help'], prog_name='duban')\n"
        "except SystemExit: pass\n"
        f"sys.exit(' '.join({HEAVY} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no resource usage there")
def test_help_within_a_third_of_a_second():
    import resource

    def cpu() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    took = []
    for _ in range(3):
        before = cpu()
        assert finish(cold("--help"))[0] == 0
        took.append(cpu() - before)
    # processor time: what other processes do meanwhile is none of its business
    assert min(took) < 0.3


# --- options


def test_no_date_is_none():
    assert options.parse_date("") is None


def test_date_error_says_what_was_written():
    with pytest.raises(UsageError) as caught:
        options.parse_date("3.5")
    assert caught.value.details == {"value": "3.5"}


def test_stdout_of_a_pipe_is_utf8_wherever_it_runs():
    env = os.environ | {"PYTHONIOENCODING": "gb18030"}
    code, out, _ = finish(cold("text", SAMPLE, env=env))
    assert (code, out) == (0, SPEECH)


def test_standard_input_is_read_as_a_file_is():
    data = b"\xef\xbb\xbf" + "要抓好。\r\n".encode()
    assert duban("text", documents.STDIN, stdin=data).stdout == "要抓好。\n"
