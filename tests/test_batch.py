"""Batches: same rows as one by one, nothing lost or done twice, whatever happens."""

from __future__ import annotations

import csv
import ctypes
import datetime as dt
import inspect
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

import extract
from extract import batch, cli, readers, writers
from extract.batch import records
from extract.batch.document import Job, Settings, key_of, process, versions
from extract.batch.duplicates import BINS, SHINGLE, similar, sketch
from extract.batch.inbox import Inbox
from extract.batch.pool import Pool
from extract.batch.store import Store
from extract.batch.worker import Ended
from extract.errors import DubanError, UsageError
from extract.writers import workbook
from tests import synthetic

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "docs" / "sample" / "speech.txt"
SPEECH = SAMPLE.read_text(encoding="utf-8")
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="processes seen in /proc")
# seconds, for what takes one: machines can be busy
PATIENCE = 600.0
STARTED: list[subprocess.Popen[bytes]] = []
BODIES = ("市应急局", "市水利局", "县农业农村局", "各区政府", "市教育局", "市卫健委")
WORK = ("排查危旧房屋", "清理河道垃圾", "新建村级水厂", "开展岗前培训", "修订应急预案")


def speech(number: int) -> str:
    """A made-up speech, no two alike."""
    lines = [f"在第{number}次调度会上的讲话", f"（2026年{number % 12 + 1}月5日）"]
    for place in range(6):
        body = BODIES[(number + place) % len(BODIES)]
        work = WORK[(number * place + place) % len(WORK)]
        amount = 7 * number + place
        lines.append(f"{body}要在{place + 6}月底前{work}{amount}处，每月报送进展。")
    return "\n".join(lines) + "\n"


def fill(folder: Path, count: int, length: int = 1) -> Path:
    """So many documents of so many speeches each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        place = folder / f"第{number % 3}组"
        place.mkdir(exist_ok=True)
        text = "".join(speech(number + 1000 * part) for part in range(length))
        (place / f"{number:03}.txt").write_text(text, encoding="utf-8")
    return folder


def slow(path: Path) -> Path:
    """A long text, which takes a process half a minute."""
    text = "".join(speech(number) for number in range(40_000))
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    """Four speeches, one of them twice, and a file without text."""
    place = fill(tmp_path / "in", 3)
    (place / "z.txt").write_text(speech(1), encoding="gb18030")
    (place / "empty.txt").write_bytes(b"")
    return place


def one_by_one(folder: Path, **options) -> list[extract.Task]:
    """What ``duban extract`` finds in the documents that can be read."""
    tasks = []
    for path in readers.documents([folder]):
        try:
            tasks += extract.tasks_of(extract.read(path, **options))
        except DubanError:
            continue
    return tasks


def table(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def contents(output: Path) -> dict[str, bytes]:
    """Every file of an output folder but the register and the lock."""
    return {
        str(path.relative_to(output)): path.read_bytes()
        for path in sorted(output.rglob("*"))
        if path.is_file() and ".duban" not in path.parts
    }


def command(*args: str | Path) -> subprocess.Popen[bytes]:
    """Start ``duban batch`` in a process group of its own."""
    # these tests may run in the background, where shells have Ctrl-C ignored
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    code += "from extract.cli import main; main()"
    words = [sys.executable, "-c", code, "batch", *map(str, args)]
    running = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    STARTED.append(running)
    return running


@pytest.fixture(autouse=True)
def nothing_goes_on():
    """End what a test that fails leaves running."""
    yield
    for running in STARTED:
        with suppress(ProcessLookupError):
            os.killpg(running.pid, signal.SIGKILL)
        with running:
            running.wait()
    STARTED.clear()


def wait_for(condition, seconds: float = PATIENCE):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
    return found


def alive(group: int) -> bool:
    """Whether any process of a group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def kept(output: Path) -> list[Path]:
    return sorted((output / "records").rglob("*.jsonl"))


# --- the merged files


def test_rows_are_those_of_one_by_one(folder, tmp_path):
    output, day = tmp_path / "out", dt.date(2025, 1, 2)
    formats = ("csv", "xlsx", "jsonl", "parquet")
    done = batch.run(folder, output, jobs=2, date=day, merged=formats)
    tasks = one_by_one(folder, date=day)
    assert done.tasks == len(tasks) > 0
    for suffix in (".csv", ".jsonl"):
        writers.write(tasks, tmp_path / f"wanted{suffix}")
    assert {
        suffix: (output / f"tasks{suffix}").read_bytes()
        for suffix in (".csv", ".jsonl")
    } == {
        suffix: (tmp_path / f"wanted{suffix}").read_bytes()
        for suffix in (".csv", ".jsonl")
    }
    writers.write(tasks, tmp_path / "wanted.xlsx")
    wanted, found = (
        [[[cell.value for cell in row] for row in sheet] for sheet in load_workbook(p)]
        for p in (tmp_path / "wanted.xlsx", output / "tasks.xlsx")
    )
    assert found[:2] == wanted[:2]
    assert [row[:2] for row in found[2][1:]] == [[str(folder / "empty.txt"), "E103"]]
    pq = pytest.importorskip("pyarrow.parquet")
    rows = pq.read_table(output / "tasks.parquet").to_pylist()
    assert [records.plain(row) for row in rows] == [task.to_dict() for task in tasks]


def test_tables_beside_the_tasks(folder, tmp_path):
    output = tmp_path / "out"
    done = batch.run(folder, output, jobs=1, lang="en")
    twin = folder / "第1组" / "001.txt"
    assert table(output / "duplicates.csv") == [
        ["document", "duplicate of", "resemblance", "kind"],
        [str(twin), str(folder / "z.txt"), "1.00", "same"],
    ]
    assert table(output / "failures.csv") == [
        ["document", "code", "reason"],
        [
            str(folder / "empty.txt"),
            "E103",
            f"[E103] {folder / 'empty.txt'}: the file is empty",
        ],
    ]
    assert table(output / "removed.csv") == [["document"]]
    tasks = one_by_one(folder)
    assert json.loads((output / "summary.json").read_text()) == {
        "documents": 5,
        "characters": sum(len(speech(number)) for number in (0, 1, 2, 1)),
        "tasks": len(tasks),
        "actionable": sum(task.actionable for task in tasks),
        "failures": 1,
        "removed": 0,
        "duplicates": 1,
        "near_duplicates": 0,
    }
    assert (done.skipped, done.worked, done.duplicates) == (0, done.characters, 1)


def test_near_duplicates_are_named(tmp_path):
    place = fill(tmp_path / "in", 2)
    long = "".join(speech(number) for number in range(40, 60))
    (place / "a.txt").write_text(long, encoding="utf-8")
    (place / "b.txt").write_text(
        long.replace("每月报送进展。", "每月报送进展。\n", 3) + "散会。",
        encoding="utf-8",
    )
    batch.run(place, tmp_path / "out", jobs=1)
    [(doc, other, share, kind)] = table(tmp_path / "out" / "duplicates.csv")[1:]
    assert (doc, other, kind) == (
        str(place / "b.txt"),
        str(place / "a.txt"),
        "高度相似",
    )
    assert float(share) >= 0.95


def test_rows_beyond_the_limit_of_excel_are_refused(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    output = tmp_path / "out"
    with pytest.raises(DubanError) as caught:
        batch.run(folder, output, jobs=1, merged=("xlsx", "csv"))
    assert (caught.value.code, caught.value.details["limit"]) == ("E504", 3)
    # the other file is there, and no half workbook
    assert len(table(output / "tasks.csv")) == len(one_by_one(folder)) + 1
    assert [path.name for path in output.glob("*xlsx*")] == []


@pytest.mark.parametrize(
    "task", [synthetic.task(synthetic.LED), *extract.tasks(SPEECH)]
)
def test_records_come_back(task):
    record = json.loads(json.dumps(task.to_dict()))
    assert records.task_of(record) == task
    assert records.plain(records.typed(record)) == task.to_dict()


def test_arrow_schema_has_the_keys_of_a_record():
    pytest.importorskip("pyarrow")
    wanted = json.loads((ROOT / "docs" / "task.schema.json").read_text("utf-8"))
    assert set(records.schema().names) == set(wanted["properties"])


# --- again


def test_only_what_is_new_changed_or_failed_is_done_again(folder, tmp_path):
    output = tmp_path / "out"
    batch.run(folder, output, jobs=1)
    before = {path: path.stat().st_mtime_ns for path in kept(output)}
    changed, gone, lost = (folder / f"第{n}组" / f"00{n}.txt" for n in range(3))
    changed.write_text(speech(11), encoding="utf-8")
    gone.unlink()
    (output / "records" / lost.relative_to(folder)).with_suffix(".txt.jsonl").unlink()
    (folder / "new.txt").write_text(speech(12), encoding="utf-8")
    (folder / "empty.txt").write_text(speech(13), encoding="utf-8")
    steps: list[batch.Progress] = []
    done = batch.run(folder, output, jobs=1, listen=steps.append)
    redone = {step.path for step in steps if not step.skipped}
    assert redone == {
        str(path) for path in (changed, lost, folder / "new.txt", folder / "empty.txt")
    }
    untouched = output / "records" / "z.txt.jsonl"
    assert untouched.stat().st_mtime_ns == before[untouched]
    assert table(output / "removed.csv")[1:] == [[str(gone.relative_to(folder))]]
    assert (done.removed, done.failures, done.skipped, len(steps)) == (1, 0, 1, 5)
    # nothing of what is gone, everything of what is there
    writers.write(one_by_one(folder), tmp_path / "wanted.csv")
    assert (output / "tasks.csv").read_bytes() == (tmp_path / "wanted.csv").read_bytes()


def test_what_fails_after_it_was_read_leaves_no_rows(folder, tmp_path):
    output = tmp_path / "out"
    batch.run(folder, output, jobs=1)
    (folder / "z.txt").write_bytes(b"")
    done = batch.run(folder, output, jobs=1)
    assert (done.failures, done.duplicates) == (2, 0)
    writers.write(one_by_one(folder), tmp_path / "wanted.csv")
    assert (output / "tasks.csv").read_bytes() == (tmp_path / "wanted.csv").read_bytes()


SETTINGS = Settings(dt.date(2026, 3, 5), "jieba", "v1")


@pytest.mark.parametrize(
    ("content", "doc", "settings"),
    [
        ("other", "a.txt", SETTINGS),
        ("content", "b.txt", SETTINGS),
        ("content", "a.txt", replace(SETTINGS, date=None)),
        ("content", "a.txt", replace(SETTINGS, segmenter="char")),
        ("content", "a.txt", replace(SETTINGS, versions="v2")),
    ],
    ids=["content", "name", "date", "segmenter", "versions"],
)
def test_key_tells_apart(content, doc, settings):
    known = key_of("content", "a.txt", SETTINGS)
    assert key_of("content", "a.txt", replace(SETTINGS)) == known
    assert key_of(content, doc, settings) != known


@pytest.mark.parametrize("place", ["rules/cue.toml", "models/judge.npz"])
def test_versions_follow_rules_and_models(tmp_path, place):
    for name in ("extract", "rules", "models"):
        shutil.copytree(ROOT / name, tmp_path / name)
    code = "from extract.batch.document import versions; print(versions())"

    def told() -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    before = told()
    with open(tmp_path / place, "ab") as stream:
        stream.write(b"\n")
    after = told()
    assert len(before) == len(after) == 64
    assert before != after


def test_known_content_is_not_worked_on(folder):
    settings = Settings(None, "jieba", versions())
    path = str(folder / "z.txt")
    first = process(settings, Job(path))
    again = process(settings, Job(path, first.key))
    assert (again.key, again.unchanged, again.lines) == (first.key, True, b"")


@POSIX
def test_killed_three_times_and_resumed_gives_the_same_bytes(tmp_path):
    # long enough that a busy machine does not finish before it is killed
    place, output = fill(tmp_path / "in", 120, 40), tmp_path / "out"
    options = (place, "-o", output, "--jobs", "2", "--merged", "csv,xlsx,jsonl")
    marks: dict[Path, int] = {}
    for share in (5, 25, 45):
        running = command(*options)
        wait_for(lambda share=share: len(kept(output)) >= share)
        running.kill()
        running.communicate()
        # what was kept before is as it was: it is not done a second time
        assert {path: path.stat().st_mtime_ns for path in marks} == marks
        found = kept(output)
        assert len(found) < 120
        # the register may lack the file that was being put into place
        marks = {path: path.stat().st_mtime_ns for path in found}
        marks.pop(max(marks, key=marks.__getitem__))
    last = command(*options)
    assert (last.wait(PATIENCE), last.communicate()[0]) == (0, b"")
    assert {path: path.stat().st_mtime_ns for path in marks} == marks
    undisturbed = tmp_path / "undisturbed"
    batch.run(place, undisturbed, jobs=2, merged=("csv", "xlsx", "jsonl"))
    assert contents(output) == contents(undisturbed)
    assert len(kept(output)) == 120


@POSIX
def test_ctrl_c_keeps_what_is_done(tmp_path):
    place, output = fill(tmp_path / "in", 60), tmp_path / "out"
    # one that is not done before the signal comes, however busy the machine
    endless = slow(place / "a.txt")
    running = command(place, "-o", output, "--jobs", "2")
    wait_for(lambda: len(kept(output)) >= 3)
    # as a terminal does: to the whole group
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out, err) == (130, b"", b"")
    wait_for(lambda: not alive(running.pid))
    assert list(output.rglob("*.part")) == []
    before = len(kept(output))
    endless.unlink()
    steps: list[batch.Progress] = []
    batch.run(place, output, jobs=1, listen=steps.append)
    # the register may lack the one that was being put into place
    assert Counter(step.skipped for step in steps)[True] >= before - 1 > 0


@POSIX
@pytest.mark.parametrize("later", [0.0, 0.1, 0.2, 0.4, 0.8])
def test_ctrl_c_while_processes_start_is_quiet(tmp_path, later):
    place, output = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    slow(place / "a.txt")
    running = command(place, "-o", output, "--jobs", "2")
    wait_for(lambda: (output / ".duban" / "pid").exists())
    time.sleep(later)
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out, err) == (130, b"", b"")


# --- two at a time


@POSIX
def test_second_batch_is_refused_and_the_lock_of_the_dead_is_not(tmp_path):
    code = (
        "import sys, time; from pathlib import Path\n"
        "from extract.batch.store import Store\n"
        "with Store(Path(sys.argv[1])): print('in', flush=True); time.sleep(600)"
    )
    words = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"in\n"
        with pytest.raises(DubanError) as caught, Store(tmp_path):
            pass
        assert (caught.value.code, caught.value.details) == (
            "E502",
            {"path": tmp_path, "pid": str(other.pid)},
        )
        other.kill()
        other.wait()
        with Store(tmp_path) as store:
            assert store.register.figures().documents == 0


def test_damaged_register_is_named(tmp_path):
    (tmp_path / ".duban").mkdir()
    (tmp_path / ".duban" / "register.db").write_bytes(b"no database" * 100)
    with pytest.raises(DubanError) as caught, Store(tmp_path):
        pass
    assert caught.value.code == "E507"
    # and it is nobody's any more
    (tmp_path / ".duban" / "register.db").unlink()
    with Store(tmp_path) as store:
        assert list(store.records()) == []


# --- processes


def answer(job: int, begin) -> int:
    """Work for the pool; the greater numbers bring trouble."""
    begin(0)
    begin(job % 3)
    if job == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    if job == 17:
        os._exit(3)
    if job == 19:
        raise DubanError("E302", path="judge.npz", reason=ValueError("odd"))
    if job == 23:
        ctypes.string_at(0)
    if job == 29:
        raise MemoryError
    if job == 31:
        time.sleep(3600)
    return job * job


@POSIX
@pytest.mark.parametrize("count", [1, 2])
def test_process_that_dies_costs_its_job_only(count):
    jobs = [1, 2, 13, 3, 17, 23, 29, 31, 4, 5]
    with Pool(count, answer, limit=1) as pool:
        found = dict(pool.answers(jobs))
    assert found == {
        1: 1, 2: 4, 13: Ended("SIGKILL", 1), 3: 9, 17: Ended("exit code 3", 2),
        23: Ended("SIGSEGV", 2), 29: Ended("MemoryError", 2), 31: Ended("", 1),
        4: 16, 5: 25,
    }  # fmt: skip
    assert multiprocessing.active_children() == []


@POSIX
@pytest.mark.parametrize("count", [1, 2])
def test_job_may_be_changed_and_done_again(count):
    asked: list[tuple[int, Ended]] = []

    def again(job: int, ended: Ended) -> int | None:
        asked.append((job, ended))
        return {13: 17, 17: 6}.get(job)

    with Pool(count, answer, limit=1) as pool:
        found = sorted(pool.answers([1, 13, 31], again), key=lambda pair: pair[0])
    assert found == [(1, 1), (6, 36), (31, Ended("", 1))]
    assert sorted(asked) == [
        (13, Ended("SIGKILL", 1)),
        (17, Ended("exit code 3", 2)),
        (31, Ended("", 1)),
    ]


@POSIX
def test_process_that_hangs_ends_though_its_parent_is_killed(tmp_path):
    code = (
        "from extract.batch.pool import Pool\nfrom tests.test_batch import answer\n"
        "if __name__ == '__main__':\n"
        "    with Pool(1, answer, limit=1) as pool:\n"
        "        for found in pool.answers([1, 31]): print(found, flush=True)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    with subprocess.Popen(
        [sys.executable, script],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as running:
        assert running.stdout.readline() == b"(1, 1)\n"
        running.kill()
        running.wait()
        wait_for(lambda: not alive(running.pid))


def test_error_that_concerns_all_ends_the_work():
    with pytest.raises(DubanError) as caught, Pool(1, answer) as pool:
        list(pool.answers([1, 19, 2]))
    assert (caught.value.code, caught.value.details["reason"]) == ("E302", "odd")
    assert multiprocessing.active_children() == []


def test_processes_that_cannot_start_are_no_documents_fault(tmp_path):
    script = tmp_path / "script.py"
    script.write_text("from extract import batch\nbatch.run('in', 'out', jobs=1)\n")
    fill(tmp_path / "in", 1)
    done = subprocess.run([sys.executable, script], cwd=tmp_path, capture_output=True)
    assert "[E513]" in done.stderr.decode().splitlines()[-1]


def test_jobs_are_taken_as_they_are_needed():
    taken = []

    def jobs():
        for number in range(100, 120):
            taken.append(number)
            yield number

    with Pool(1, answer) as pool:
        answers = pool.answers(jobs())
        next(answers)
        assert len(taken) <= 4
        assert len(list(answers)) == 19


def processor_time(process: int) -> float:
    """Seconds that a process has worked."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@LINUX
def test_killed_worker_is_a_failure_of_its_document(tmp_path):
    place, output = fill(tmp_path / "in", 2), tmp_path / "out"
    lost = slow(place / "第0组" / "001.txt")
    steps: list[batch.Progress] = []

    def listen(step: batch.Progress) -> None:
        if not steps:
            worker = multiprocessing.active_children()[0]
            start = processor_time(worker.pid)
            wait_for(lambda: processor_time(worker.pid) > start + 0.5)
            worker.kill()
        steps.append(step)

    done = batch.run(place, output, jobs=1, listen=listen)
    reason = DubanError("E501", path=lost, reason="SIGKILL").message()
    assert table(output / "failures.csv")[1:] == [[str(lost), "E501", reason]]
    assert (done.failures, len(steps), len(kept(output))) == (1, 3, 2)
    assert [step.path for step in steps if step.errors] == [str(lost)]
    lost.write_text(SPEECH, encoding="utf-8")
    again = batch.run(place, output, jobs=1)
    assert (again.failures, again.skipped) == (0, 2)


@LINUX
def test_lack_of_memory_is_a_failure_of_its_document(tmp_path):
    import resource

    place, output = fill(tmp_path / "in", 6), tmp_path / "out"
    lost = slow(place / "第1组" / "large.txt")
    steps: list[batch.Progress] = []

    def listen(step: batch.Progress) -> None:
        if not steps:
            [worker] = multiprocessing.active_children()
            pages = int(Path(f"/proc/{worker.pid}/statm").read_text().split()[0])
            most = pages * os.sysconf("SC_PAGE_SIZE") + lost.stat().st_size // 2
            resource.prlimit(worker.pid, resource.RLIMIT_AS, (most, most))
        steps.append(step)

    done = batch.run(place, output, jobs=1, listen=listen)
    reason = DubanError("E515", path=lost).message()
    assert table(output / "failures.csv")[1:] == [[str(lost), "E515", reason]]
    assert (done.failures, len(steps), len(kept(output))) == (1, 7, 6)


@POSIX
@pytest.mark.parametrize("jobs", [1, 2])
def test_document_without_end_is_a_failure(tmp_path, jobs):
    place, output = fill(tmp_path / "in", 6), tmp_path / "out"
    late = slow(place / "第1组" / "late.txt")
    done = batch.run(place, output, jobs=jobs, limit=2, merged=("jsonl",))
    reason = DubanError("E514", path=late, seconds=2).message()
    assert table(output / "failures.csv")[1:] == [[str(late), "E514", reason]]
    assert (done.documents, done.failures) == (7, 1)
    late.unlink()
    writers.write(one_by_one(place), tmp_path / "wanted.jsonl")
    wanted = (tmp_path / "wanted.jsonl").read_bytes()
    assert (output / "tasks.jsonl").read_bytes() == wanted
    assert multiprocessing.active_children() == []


@POSIX
def test_document_without_end_is_not_waited_for_each_time(tmp_path):
    place, output = fill(tmp_path / "in", 1), tmp_path / "out"
    late = slow(place / "late.txt")
    done: list[batch.Progress] = []
    with batch.Batch(place, output, jobs=1, limit=2) as work:
        first = work.round(work.documents())
        (place / "new.txt").write_text(SPEECH, encoding="utf-8")
        again = work.round(work.documents(), done.append)
        late.write_text(SPEECH, encoding="utf-8")
        last = work.round(work.documents())
    assert [step.path for step in done if not step.skipped] == [str(place / "new.txt")]
    assert (first.failures, again.failures, last.failures) == (1, 1, 0)
    assert (first.documents, again.documents, last.documents) == (2, 3, 3)


@POSIX
def test_document_without_end_in_an_archive_costs_no_other(tmp_path):
    place, output = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    late = slow(tmp_path / "late.txt")
    with zipfile.ZipFile(place / "x.zip", "w") as archive:
        archive.writestr("a.txt", speech(1))
        archive.write(late, "b.txt")
        archive.writestr("c.txt", "")
        archive.write(late, "d.txt")
        archive.writestr("e.txt", speech(2))
    batch.run(place, output, jobs=1, limit=2, merged=("jsonl",))
    assert [row[:2] for row in table(output / "failures.csv")[1:]] == [
        [str(place / "x.zip" / "b.txt"), "E514"],
        [str(place / "x.zip" / "c.txt"), "E103"],
        [str(place / "x.zip" / "d.txt"), "E514"],
    ]
    tasks = [
        task
        for name, number in (("a", 1), ("e", 2))
        for task in extract.tasks(
            speech(number), doc=str(place / "x.zip" / f"{name}.txt")
        )
    ]
    writers.write(tasks, tmp_path / "wanted.jsonl")
    wanted = (tmp_path / "wanted.jsonl").read_bytes()
    assert (output / "tasks.jsonl").read_bytes() == wanted


@POSIX
def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    running = command(fill(tmp_path / "in", 60), "-o", tmp_path / "out", "--jobs", "2")
    wait_for(lambda: kept(tmp_path / "out"))
    running.kill()
    running.communicate()
    wait_for(lambda: not alive(running.pid))


# --- watching


@pytest.mark.parametrize(
    ("looks", "wanted"),
    [
        ([{}, {}], [False, False]),
        ([{"a": 1}, {"a": 1}, {"a": 1}], [False, True, False]),
        ([{"a": 1}, {"a": 2}, {"a": 3}, {"a": 3}], [False, False, False, True]),
        ([{"a": 1}, {"a": 1}, {}], [False, True, True]),
        ([{"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}], [False, True, False, True]),
        ([{"a": 1}, {"a": 1, "b": 1}, {"a": 1, "b": 1}], [False, True, True]),
        # the one that grows does not keep the other waiting
        ([{"a": 1, "b": 1}, {"a": 2, "b": 1}], [False, True]),
    ],
)
def test_inbox_takes_what_stopped_growing(tmp_path, looks, wanted):
    inbox, found = Inbox(), []
    for look in looks:
        for path in tmp_path.iterdir():
            path.unlink()
        for name, size in look.items():
            (tmp_path / name).write_bytes(b"x" * size)
            os.utime(tmp_path / name, (0, 0))
        found.append(inbox.look([str(tmp_path / name) for name in look]))
    assert found == wanted


def test_what_grows_is_left_as_it_is(folder, tmp_path):
    output = tmp_path / "out"
    grown, coming = folder / "z.txt", folder / "coming.txt"
    with batch.Batch(folder, output, jobs=1) as work:
        work.round(work.documents())
        before = (output / "tasks.jsonl", (output / "records" / "z.txt.jsonl"))
        record = before[1].read_bytes()
        grown.write_text(speech(1)[:60], encoding="utf-8")
        coming.write_text(speech(2)[:60], encoding="utf-8")
        done = work.round(work.documents(), hold={str(grown), str(coming)})
    assert (done.documents, done.removed, done.failures) == (5, 0, 1)
    assert before[1].read_bytes() == record


@POSIX
def test_watching_takes_what_comes(tmp_path):
    place, output = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    running = command(place, "-o", output, "--watch", "--jobs", "1")
    wait_for(lambda: (output / ".duban" / "register.db").exists())
    fill(place, 2)
    wait_for(lambda: len(kept(output)) == 2)
    (place / "late.txt").write_text(speech(5), encoding="utf-8")
    wait_for(lambda: len(kept(output)) == 3)
    wanted = tmp_path / "wanted.csv"
    writers.write(one_by_one(place), wanted)
    wait_for(lambda: (output / "tasks.csv").read_bytes() == wanted.read_bytes())
    os.killpg(running.pid, signal.SIGINT)
    out, err = running.communicate(timeout=PATIENCE)
    assert (running.returncode, out, b"Traceback" in err) == (0, b"", False)


# --- names


@pytest.mark.parametrize(
    "name",
    ["[red]讲话[1].txt", "讲" * 80 + ".txt", "a b'c\".txt", "+1.txt"],
)
def test_names_are_no_obstacle(tmp_path, name):
    place, output = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    (place / name).write_text(SPEECH, encoding="utf-8")
    first = batch.run(place, output, jobs=1, merged=("jsonl",))
    again = batch.run(place, output, jobs=1, merged=("jsonl",))
    assert (first.failures, again.skipped, len(kept(output))) == (0, 1, 1)
    lines = (output / "tasks.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["doc"] for line in lines} == {str(place / name)}


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
def test_name_that_is_no_text(tmp_path):
    place, output = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    name = os.fsencode(place) + b"/\xbd\xb2\xbb\xb0.txt"
    for path in (name, os.fsencode(place) + b"/\xbd\xb2.txt"):
        with open(path, "wb") as stream:
            stream.write(SPEECH.encode())
    formats = ("csv", "jsonl", "xlsx", "parquet")
    done = batch.run(place, output, jobs=1, merged=formats)
    assert (done.documents, done.failures, done.duplicates) == (2, 0, 1)
    assert len(table(output / "duplicates.csv")) == 2


def test_archive_is_several_documents(tmp_path):
    place, output = tmp_path / "in", tmp_path / "out"
    place.mkdir()
    with zipfile.ZipFile(place / "x.zip", "w") as archive:
        for name, text in (("a.txt", speech(1)), ("b.txt", ""), ("c.txt", speech(2))):
            archive.writestr(name, text)
    (place / "y.txt").write_text(speech(2), encoding="utf-8")
    done = batch.run(place, output, jobs=1, merged=("jsonl",))
    assert (done.documents, done.failures, done.duplicates) == (4, 1, 1)
    inside = {name: str(place / "x.zip" / f"{name}.txt") for name in "abc"}
    assert table(output / "failures.csv")[1][:2] == [inside["b"], "E103"]
    assert table(output / "duplicates.csv")[1][:2] == [
        str(place / "y.txt"),
        inside["c"],
    ]
    tasks = [
        task
        for doc, text in (
            (inside["a"], speech(1)),
            (inside["c"], speech(2)),
            (str(place / "y.txt"), speech(2)),
        )
        for task in extract.tasks(text, doc=doc)
    ]
    writers.write(tasks, tmp_path / "wanted.jsonl")
    wanted = (tmp_path / "wanted.jsonl").read_bytes()
    assert (output / "tasks.jsonl").read_bytes() == wanted


def test_output_below_the_documents_is_not_read(folder):
    output = folder / "out"
    batch.run(folder, output, jobs=1)
    (output / "note.txt").write_text(SPEECH, encoding="utf-8")
    assert batch.run(folder, output, jobs=1).documents == 5


# --- duplicates


def resemblance(one: str, other: str) -> float:
    """Share of common shingles, counted."""
    first, second = (
        {text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)}
        for text in ("".join(one.split()), "".join(other.split()))
    )
    return len(first & second) / len(first | second)


LONG = "".join(speech(number) for number in range(30))


@pytest.mark.parametrize("cut", [0, 100, 400, 1000, 1800, 2600])
def test_sketches_estimate_the_resemblance(cut):
    import numpy as np

    other = LONG[cut:] + speech(77) * (cut > 0)
    one, two = (np.frombuffer(sketch(text), dtype="<u4") for text in (LONG, other))
    # four standard errors
    assert (one == two).mean() == pytest.approx(resemblance(LONG, other), abs=0.1)


@pytest.mark.parametrize("text", ["督", "督办", "督办台账\n", "督办台账一览表"])
def test_sketch_reads_letters_only(text):
    assert len(sketch(text)) == 4 * BINS
    assert sketch(f" {text}\u3000\n") == sketch(text)
    assert sketch(text + "。") != sketch(text)


def test_blank_text_has_no_sketch():
    assert sketch(" \n\u3000") == b""


def test_similar_names_the_closest_before():
    import numpy as np

    texts = [
        LONG,
        speech(3),
        LONG + speech(91),
        "".join(speech(n) for n in range(60, 90)),
    ]
    texts += [LONG + speech(92), speech(4) * 2]
    rows = np.stack([np.frombuffer(sketch(text), dtype="<u4") for text in texts])
    found = [(later, earlier) for later, earlier, share in similar(rows)]
    assert found == [(2, 0), (4, 0)]


def test_similar_is_not_slowed_by_a_template():
    import numpy as np

    rows = np.tile(np.frombuffer(sketch(LONG), dtype="<u4"), (20_000, 1))
    start = time.process_time()
    found = list(similar(rows))
    assert time.process_time() - start < 20
    assert found == [(row, 0, 1.0) for row in range(1, len(rows))]


# --- the command


def duban(*args: str | Path):
    return CliRunner().invoke(cli.app, ["batch", *map(str, args)], prog_name="duban")


def test_command_says_what_was_done(folder, tmp_path):
    output = tmp_path / "out"
    done = duban(folder, "-o", output, "--jobs", "1", "--merged", "csv, jsonl")
    tasks = one_by_one(folder)
    ready = sum(task.actionable for task in tasks)
    size = sum(len(speech(number)) for number in (0, 1, 2, 1))
    lines = done.stderr.splitlines()
    assert (done.exit_code, done.stdout) == (1, "")
    assert lines[:3] == [
        f"[E103] {folder / 'empty.txt'}：文件是空的",
        f"{output}：文档 5 份，任务 {len(tasks)} 项，可督办 {ready} 项",
        "失败 1，重复 1，近似 0，移走 0，未变而跳过 0",
    ]
    assert lines[3].startswith(f"本次处理 {size} 字，用时 ")
    assert lines[4:] == [str(output / "tasks.csv"), str(output / "tasks.jsonl")]


def test_limit_of_the_command_is_that_of_the_library():
    limit = inspect.signature(cli.batch).parameters["limit"].default
    assert limit == batch.LIMIT


def test_log_tells_rate_and_time_left(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules["extract.cli.batch"], "_EVERY", 0.0)
    done = duban(fill(tmp_path / "in", 3), "-o", tmp_path / "out", "--jobs", "1")
    lines = done.stderr.splitlines()[:-4]
    pattern = r"已处理 (\d)/3，每秒 [\d,]+ 字，约剩 (\d+:\d\d:\d\d)"
    found = [re.fullmatch(pattern, line).groups() for line in lines]
    assert [place for place, _ in found] == ["1", "2", "3"]
    assert found[-1][1] == "0:00:00"


@POSIX
def test_bar_on_a_terminal_tells_rate_and_time_left(tmp_path):
    import pty

    near, far = pty.openpty()
    code = "from extract.cli import main; main()"
    words = ["batch", fill(tmp_path / "in", 12, 40), "-o", tmp_path / "out"]
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100", "DUBAN_LANG": "zh"},
        stderr=far,
    ) as running:
        os.close(far)
        shown = b""
        # a terminal whose other side is closed is an error to Linux
        with suppress(OSError):
            while part := os.read(near, 4096):
                shown += part
    os.close(near)
    assert running.returncode == 0
    bar = re.compile(r"━+\S* +(?:\x1b\S+)?\d+/12.* 字/秒.*\d:\d\d:\d\d")
    assert bar.search(shown.decode())


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["{in}", "-o", "{out}", "--merged", "pdf"], "E505"),
        (["{in}", "-o", "{in}"], "E506"),
        (["{in}", "-o", "{in}/.."], "E506"),
        (["{in}/z.txt", "-o", "{out}"], "E509"),
        (["{in}/gone", "-o", "{out}"], "E509"),
        (["{in}", "-o", "{out}", "--limit", "-1"], "E516"),
        (["{in}", "-o", "{out}", "--limit", "nan"], "E516"),
        (["{in}", "-o", "{out}", "--date", "x"], "E201"),
        (["{in}", "-o", "{out}", "--segmenter", "x"], "E204"),
        (["{in}", "-o", "{out}", "--lang", "x"], "E206"),
    ],
)
def test_wrong_usage(folder, tmp_path, words, code):
    places = {"in": folder, "out": tmp_path / "out"}
    done = duban(*[word.format(**places) for word in words])
    assert (done.exit_code, done.stderr[:6]) == (2, f"[{code}]")
    assert not (tmp_path / "out").exists()


def test_folder_without_documents(tmp_path):
    (tmp_path / "in").mkdir()
    done = duban(tmp_path / "in", "-o", tmp_path / "out")
    assert (done.exit_code, done.stderr[:6]) == (1, "[E102]")


def test_options_of_the_library_are_checked_too(folder, tmp_path):
    with pytest.raises(UsageError) as caught:
        batch.run(folder, tmp_path / "out", merged=["docx"])
    assert caught.value.details == {
        "value": "docx",
        "known": "csv, xlsx, jsonl, parquet",
    }
