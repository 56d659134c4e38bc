"""Spark gives the records of the local run, byte for byte, however often it runs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import extract
from extract import batch, readers, writers
from extract.errors import DubanError, ReadError, UsageError
from extract.writers import lines

ROOT = Path(__file__).resolve().parents[1]
UNLABELLED = ROOT.parent / "shared" / "corpus" / "unlabelled"
SPEECH = (ROOT / "docs" / "sample" / "speech.txt").read_text(encoding="utf-8")
ORDER = "各区政府要于3月31日前将实施方案报市住建局。"

pytest.importorskip("pyspark", reason="pip install 'duban[spark]'")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("Spark needs Java 17 or later", allow_module_level=True)

from extract import spark  # noqa: E402

pytestmark = [
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully:FutureWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def session():
    running = spark.session("local[2]")
    running.sparkContext.setLogLevel("ERROR")
    yield running
    running.stop()


def local(paths: list[Path], **options) -> dict[str, bytes]:
    """Lines of JSON by document, as ``duban batch`` keeps them."""
    found = {}
    for path in paths:
        try:
            tasks = extract.tasks_of(extract.read(path, **options))
        except ReadError:
            continue
        if tasks:
            found[str(path)] = lines.encoded(tasks)
    return found


def remote(tasks) -> dict[str, bytes]:
    """The same of a table of tasks, its rows in whatever order."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in tasks.collect():
        record = spark.record(row)
        line = json.dumps(record, ensure_ascii=False) + "\n"
        found[record["doc"]].append((row["row"], line))
    return {
        doc: "".join(line for _, line in sorted(rows)).encode()
        for doc, rows in found.items()
    }


def stored(session, output: Path, name: str):
    return session.read.parquet(str(output / name))


def files(output: Path) -> dict[str, int]:
    return {
        str(path.relative_to(output)): path.stat().st_mtime_ns
        for path in sorted(output.rglob("*.parquet"))
    }


@pytest.fixture
def documents(session):
    """Four documents by name; None for one that cannot be read."""

    def frame(**texts: str | None):
        return session.createDataFrame(list(texts.items()), "doc string, text string")

    return frame


def test_folder_gives_the_local_records(session, tmp_path):
    place = tmp_path / "讲话 50%"
    shutil.copytree(ROOT / "corpus" / "train", place / "a")
    (place / "a" / ".hidden.txt").write_text(SPEECH, encoding="utf-8")
    (place / "b.txt").write_bytes(SPEECH.encode("gb18030"))
    (place / "empty.txt").write_bytes(b"")
    found = spark.outcomes(spark.read_folder(session, str(place))).cache()
    wanted = local(readers.documents([place]))
    assert len(wanted) > 20
    assert remote(spark.tasks(found)) == wanted
    [failed] = spark.failures(found).collect()
    path = str(place / "empty.txt")
    assert failed.asDict() == {
        "document": spark.partition_of(path),
        "doc": path,
        "code": "E103",
        "reason_zh": ReadError("E103", path=path).message("zh"),
        "reason_en": ReadError("E103", path=path).message("en"),
    }


def make_mixed(place: Path) -> Path:
    """A folder of everything: documents, what is none, and what cannot be read."""
    place.mkdir(parents=True)
    (place / "a.txt").write_text(SPEECH, encoding="utf-8")
    (place / "B.TXT").write_text(ORDER, encoding="utf-8")
    contents = {
        "空.txt": b"", "图.jpg": b"\xff\xd8\xff\xe0" * 9, "x.exe": b"MZ" * 99,
        "旧.ceb": b"Founder CEB" * 9, "片.pptx": b"PK" * 9, "压.rar": b"Rar!" * 9,
        "坏.docx": zipped(a=ORDER)[:40], "包.zip": zipped(a=SPEECH, b=""),
        ".x.txt": ORDER.encode(), "~$a.txt": ORDER.encode(), "_c.txt": ORDER.encode(),
        "__MACOSX.txt": ORDER.encode(), "_空.txt": b"", "z.COPYING_": b"",
    }  # fmt: skip
    for name, content in contents.items():
        (place / name).write_bytes(content)
    for name in (".git", "_旧", "~$x", "__MACOSX", "下/下"):
        (place / name).mkdir(parents=True)
        (place / name / "d.md").write_text(ORDER, encoding="utf-8")
    writers.write(extract.tasks(SPEECH), place / "台账.xlsx")
    writers.write(extract.tasks(SPEECH), place / "下" / "台账.XLSX")
    return place


def batch_of(place: Path, output: Path) -> tuple[dict[str, bytes], list[list[str]]]:
    """Records by document and rows of failures of ``duban batch``."""
    batch.run(place, output, jobs=1, merged=("jsonl",))
    records: dict[str, bytes] = defaultdict(bytes)
    for line in (output / "tasks.jsonl").read_bytes().splitlines(keepends=True):
        records[json.loads(line)["doc"]] += line
    with open(output / "failures.csv", encoding="utf-8-sig", newline="") as stream:
        return dict(records), sorted(list(csv.reader(stream))[1:])


def failed(outcomes) -> list[list[str]]:
    rows = spark.failures(outcomes).collect()
    return sorted([row["doc"], row["code"], row["reason_zh"]] for row in rows)


def mounted(session, name: str, place: Path) -> str:
    """Address of a folder in a file system that is not the executors' own."""
    settings = session.sparkContext._jsc.hadoopConfiguration()
    settings.set(f"fs.viewfs.mounttable.{name}.link./in", place.as_uri())
    return f"viewfs://{name}/in"


def test_folder_of_everything_fares_as_in_a_batch(session, tmp_path):
    place = make_mixed(tmp_path / "in 50%")
    (place / "circle").symlink_to(place)
    (place / "gone.txt").symlink_to(place / "nowhere.txt")
    (place / "link.txt").symlink_to(place / "a.txt")
    found = spark.outcomes(spark.read_folder(session, str(place))).cache()
    records, failures = batch_of(place, tmp_path / "out")
    assert {code for _, code, _ in failures} == {"E101", "E103", "E109", "E121"}
    assert failed(found) == failures
    assert remote(spark.tasks(found)) == records


@pytest.mark.parametrize("scheme", ["file", "viewfs"])
def test_folder_by_address_fares_as_in_a_batch(session, tmp_path, scheme):
    place = make_mixed(tmp_path / "in 50%")
    address = f"file://{place}"
    if scheme == "viewfs":
        address = mounted(session, "town", place)
    found = spark.outcomes(spark.read_folder(session, address)).cache()
    records, failures = batch_of(place, tmp_path / "out")
    assert failed(found) == [
        [part.replace(str(place), address) for part in row] for row in failures
    ]
    assert remote(spark.tasks(found)) == {
        doc.replace(str(place), address): text.replace(
            str(place).encode(), address.encode()
        )
        for doc, text in records.items()
    }


@pytest.mark.parametrize("scheme", ["", "viewfs"])
def test_file_that_is_too_large_is_not_opened(session, tmp_path, scheme):
    place = tmp_path / "in"
    place.mkdir()
    (place / "a.txt").write_text(ORDER, encoding="utf-8")
    with open(place / "large.txt", "wb") as stream:
        # beyond what Spark can carry in a row; takes no room on the disk
        stream.truncate(3 * 2**30)
    address = mounted(session, "large", place) if scheme else str(place)
    found = spark.outcomes(spark.read_folder(session, address)).cache()
    [(doc, code, reason)] = batch_of(place, tmp_path / "out")[1]
    assert code == "E106"
    assert failed(found) == [
        [part.replace(str(place), address) for part in (doc, code, reason)]
    ]
    assert list(remote(spark.tasks(found))) == [f"{address}/a.txt"]


@pytest.mark.parametrize("scheme", ["", "viewfs"])
@pytest.mark.parametrize(
    ("name", "code"), [("", "E102"), ("/x.jpg", "E509"), ("/gone", "E509")]
)
def test_folder_that_is_none_or_empty(session, tmp_path, scheme, name, code):
    (tmp_path / "x.jpg").write_bytes(b"x")
    address = mounted(session, "none", tmp_path) if scheme else str(tmp_path)
    with pytest.raises(DubanError) as caught:
        spark.read_folder(session, address + name)
    assert caught.value.code == code


@pytest.mark.skipif(not UNLABELLED.is_dir(), reason="no ../shared here")
def test_large_folder_gives_the_local_records(session):
    tasks = spark.extract(spark.read_folder(session, str(UNLABELLED)))
    wanted = local(readers.documents([UNLABELLED]))
    found = remote(tasks)
    assert found.keys() == wanted.keys()
    assert [doc for doc in wanted if found[doc] != wanted[doc]] == []


@pytest.mark.parametrize(
    ("column", "default", "due"),
    [
        (None, None, None),
        (None, dt.date(2026, 3, 5), "2026-03-31"),
        (dt.date(2025, 1, 2), None, "2025-03-31"),
        (dt.date(2025, 1, 2), dt.date(2026, 3, 5), "2025-03-31"),
        ("2024-01-02", None, "2024-03-31"),
    ],
)
def test_reference_date(session, column, default, due):
    kind = "string" if isinstance(column, str) else "date"
    frame = session.createDataFrame(
        [("a.txt", ORDER, column)], f"doc string, text string, date {kind}"
    )
    [row] = spark.extract(frame, date=default).collect()
    assert spark.record(row)["deadlines"][0]["due"] == due
    [task] = extract.tasks(ORDER, doc="a.txt", date=column or default)
    assert spark.record(row) == task.to_dict()


def test_text_goes_before_content(session):
    rows = [
        ("a.txt", ORDER, None),
        ("b.txt", None, ORDER.encode("gb18030")),
        ("c.txt", None, None),
        ("d.txt", "", bytearray(b"\x00\x01\x02" * 50)),
    ]
    frame = session.createDataFrame(rows, "doc string, text string, content binary")
    found = spark.outcomes(frame).orderBy("doc").collect()
    with pytest.raises(ReadError) as binary:
        readers.read_bytes(b"\x00\x01\x02" * 50, "d.txt")
    assert [(row["doc"], len(row["tasks"]), row["code"]) for row in found] == [
        ("a.txt", 1, ""),
        ("b.txt", 1, ""),
        ("c.txt", 0, "E103"),
        ("d.txt", 0, binary.value.code),
    ]
    assert found[0]["digest"] == found[1]["digest"] == readers.from_text(ORDER).digest
    assert [row["characters"] for row in found] == [len(ORDER), len(ORDER), 0, 0]


def zipped(**texts: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in texts.items():
            archive.writestr(f"{name}.txt", text)
    return content.getvalue()


def test_archive_is_several_documents_in_one_partition(session, tmp_path):
    content = zipped(a=SPEECH, b="", c=ORDER)
    frame = session.createDataFrame([("x.zip", content)], "doc string, content binary")
    done = spark.write(spark.outcomes(frame), str(tmp_path))
    wanted = {
        f"x.zip/{name}.txt": lines.encoded(extract.tasks(text, doc=f"x.zip/{name}.txt"))
        for name, text in (("a", SPEECH), ("c", ORDER))
    }
    assert remote(stored(session, tmp_path, "tasks")) == wanted
    assert done == spark.Written(3, sum(map(count, wanted.values())), 1)
    [failed] = stored(session, tmp_path, "failures").collect()
    place = spark.partition_of("x.zip")
    assert (failed["doc"], failed["document"]) == ("x.zip/b.txt", place)
    # the archive lost one document, and the other is mended
    content = zipped(a=SPEECH, b="今天天气很好。")
    frame = session.createDataFrame([("x.zip", content)], "doc string, content binary")
    assert spark.write(spark.outcomes(frame), str(tmp_path)).failures == 0
    found = remote(stored(session, tmp_path, "tasks"))
    assert found == {"x.zip/a.txt": wanted["x.zip/a.txt"]}
    assert files(tmp_path / "failures") == {}


@pytest.mark.parametrize("columns", ["doc string, body string", "text string"])
def test_columns_that_are_missing_are_named(session, columns):
    frame = session.createDataFrame([], columns)
    with pytest.raises(UsageError) as caught:
        spark.extract(frame)
    assert (caught.value.code, caught.value.details["columns"]) == (
        "E512",
        ", ".join(frame.columns),
    )


def test_runs_again_leave_the_same_tables(session, documents, tmp_path):
    frame = documents(a=SPEECH, b=ORDER, c=None)
    first = spark.write(spark.outcomes(frame), str(tmp_path))
    before = remote(stored(session, tmp_path, "tasks"))
    again = spark.write(spark.outcomes(frame), str(tmp_path))
    assert again == first == spark.Written(3, sum(map(count, before.values())), 1)
    assert remote(stored(session, tmp_path, "tasks")) == before
    assert [row["doc"] for row in stored(session, tmp_path, "failures").collect()] == [
        "c"
    ]


def count(lines: bytes) -> int:
    return len(lines.splitlines())


def test_only_partitions_of_the_run_are_replaced(session, documents, tmp_path):
    output = str(tmp_path)
    spark.write(spark.outcomes(documents(a=SPEECH, b=ORDER, c=None)), output)
    kept = {
        path: time
        for path, time in files(tmp_path).items()
        if spark.partition_of("a") in path
    }
    # b fails now, c can be read now, a is not part of this run
    spark.write(spark.outcomes(documents(b=None, c=ORDER)), output)
    assert len(kept) == 1
    assert {path: files(tmp_path).get(path) for path in kept} == kept
    assert sorted(remote(stored(session, tmp_path, "tasks"))) == ["a", "c"]
    assert [row["doc"] for row in stored(session, tmp_path, "failures").collect()] == [
        "b"
    ]


def test_document_that_lost_its_tasks_leaves_no_rows(session, documents, tmp_path):
    spark.write(spark.outcomes(documents(a=SPEECH, b=ORDER)), str(tmp_path))
    done = spark.write(spark.outcomes(documents(b="今天天气很好。")), str(tmp_path))
    assert done == spark.Written(1, 0, 0)
    assert list(remote(stored(session, tmp_path, "tasks"))) == ["a"]


def test_partition_holds_one_document(session, documents, tmp_path):
    spark.write(spark.outcomes(documents(a=SPEECH, b=ORDER)), str(tmp_path))
    places = sorted(path.name for path in (tmp_path / "tasks").glob("document=*"))
    wanted = sorted(f"document={spark.partition_of(name)}" for name in "ab")
    assert places == wanted
    rows = stored(session, tmp_path, "tasks").select("document", "doc").distinct()
    assert sorted(map(tuple, rows.collect())) == sorted(
        (spark.partition_of(name), name) for name in "ab"
    )


def test_each_process_loads_rules_and_model_once(session):
    frame = session.createDataFrame(
        [(f"{number}.txt", ORDER) for number in range(40)], "doc string, text string"
    ).repartition(8)
    for _ in range(2):  # two jobs, in the same workers
        assert spark.extract(frame).count() == 40

    def probe(frames: Iterator) -> Iterator:
        import pandas as pd

        from extract import pipeline

        for frame in frames:
            found = pipeline.load.cache_info()
            row = (os.getpid(), found.misses, found.hits, len(frame))
            yield pd.DataFrame(
                [row], columns=["process", "misses", "hits", "documents"]
            )

    layout = "process long, misses long, hits long, documents long"
    rows = frame.mapInPandas(probe, layout).collect()
    assert {row["misses"] for row in rows} == {1}
    assert min(row["hits"] for row in rows) > 1
    # a busy machine starts more than two, never one a partition
    assert len({row["process"] for row in rows}) < 8


def test_command(tmp_path):
    place = tmp_path / "in"
    place.mkdir()
    (place / "a.txt").write_text(SPEECH, encoding="utf-8")
    (place / "b.txt").write_bytes(b"")
    code = "from extract.cli import main; main()"
    words = ["spark", place, tmp_path / "out", "--master", "local[1]"]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, words), "--lang", "en"],
        capture_output=True,
        text=True,
    )
    tasks = extract.tasks_of(extract.read(place / "a.txt"))
    last = done.stderr.splitlines()[-1]
    wanted = f"{tmp_path / 'out'}: 2 documents, {len(tasks)} tasks, 1 failed"
    assert (done.returncode, done.stdout, last) == (1, "", wanted)
    assert len(list((tmp_path / "out" / "tasks").rglob("*.parquet"))) == 1


@pytest.mark.parametrize(
    ("name", "content", "code", "status"),
    [
        ("gone.parquet", None, "E108", 1),
        ("bad.parquet", "no parquet", "E517", 1),
        ("odd.jsonl", '{"text": "x"}', "E512", 2),
        ("gone", None, "E509", 2),
    ],
)
def test_source_that_cannot_be_read(tmp_path, name, content, code, status):
    if content:
        (tmp_path / name).write_text(content, encoding="utf-8")
    code_run = "from extract.cli import main; main()"
    words = ["spark", tmp_path / name, tmp_path / "out", "--master", "local[1]"]
    done = subprocess.run(
        [sys.executable, "-c", code_run, *map(str, words)],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.splitlines()[-1].startswith(f"[{code}] ")
    assert "Traceback (most" not in done.stderr


def test_spark_without_java_says_so(tmp_path):
    code = (
        "from extract import spark\n"
        "from extract.errors import DubanError\n"
        "try: spark.session('local[1]')\n"
        "except DubanError as error: print(error.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": str(tmp_path), "JAVA_HOME": str(tmp_path), "HOME": str(tmp_path)}
        | {key: os.environ[key] for key in ("PYTHONPATH",) if key in os.environ},
        capture_output=True,
        text=True,
    )
    assert done.stdout == f"{DubanError('E511', reason='').code}\n"
