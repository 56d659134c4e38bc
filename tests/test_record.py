"""The record keeps its contract: keys, order, types, spans."""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from synthetic import LED, SPEECH, TASKS, task

import extract
from extract.task import KINDS, ROLES, Place, Speech, Task
from extract.writers.columns import COLUMNS

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = json.loads((ROOT / "docs/task.schema.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/record.md").read_text(encoding="utf-8")
EXAMPLE = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
VALIDATOR = Draft202012Validator(
    SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
)
KEYS = [
    "doc", "id", "title", "date", "start", "end", "text", "number", "heading",
    "section", "item", "path", "kind", "actionable", "confidence", "owners",
    "deadlines", "recurrences", "metrics", "missing", "vague", "rules", "sources",
    "place",
]  # fmt: skip
SAMPLES = sorted((ROOT / "corpus" / "heldout").glob("*.txt"))[:3]


def faults(record: dict) -> list[str]:
    return [error.message for error in VALIDATOR.iter_errors(record)]


def misplaced(record: dict, text: str) -> list[dict]:
    """Parts whose span does not hold their surface."""
    parts = [record]
    for key in ("owners", "deadlines", "recurrences", "metrics"):
        parts += record[key]
    return [part for part in parts if text[part["start"] : part["end"]] != part["text"]]


def test_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("task", TASKS, ids=range(len(TASKS)))
def test_record_fits_schema(task: Task) -> None:
    record = json.loads(json.dumps(task.to_dict(), ensure_ascii=False))
    assert faults(record) == []
    assert list(record) == KEYS
    assert misplaced(record, SPEECH.text) == []


def test_example_of_the_documentation_fits_schema() -> None:
    assert faults(EXAMPLE) == []
    assert list(EXAMPLE) == KEYS
    assert misplaced(EXAMPLE, " " * EXAMPLE["start"] + EXAMPLE["text"]) == []


def test_documentation_names_every_key() -> None:
    table = PAGE[PAGE.index("## Keys") : PAGE.index("### `owners`")]
    cells = re.findall(r"^\| (`[^|]+`) \|", table, re.MULTILINE)
    assert [key for cell in cells for key in re.findall(r"`(\w+)`", cell)] == KEYS


def test_documentation_names_every_column() -> None:
    table = PAGE[PAGE.index("## Columns") :]
    rows = re.findall(r"^\| (\S+) \| ([^|]+) \| `(\w+)` \|", table, re.MULTILINE)
    assert rows == [(column.zh, column.en, column.key) for column in COLUMNS]


def test_schema_knows_the_kinds_and_roles_of_the_code() -> None:
    roles = SCHEMA["$defs"]["owner"]["properties"]["role"]["enum"]
    assert (SCHEMA["properties"]["kind"]["enum"], roles) == (list(KINDS), list(ROLES))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("kind", "任务"),
        ("date", "2026年3月5日"),
        ("start", -1),
        ("confidence", 1.2),
        ("missing", ["due"]),
        ("id", "0B9E"),
        ("owners", [{"text": "市应急局"}]),
    ],
)
def test_schema_refuses(key: str, value: object) -> None:
    assert faults(EXAMPLE | {key: value}) != []


@pytest.mark.parametrize(
    "key", [key for key in KEYS if key not in ("sources", "place")]
)
def test_schema_demands_every_key(key: str) -> None:
    record = {name: value for name, value in EXAMPLE.items() if name != key}
    assert faults(record) == [f"'{key}' is a required property"]


@pytest.mark.skipif(
    find_spec("extract.pipeline") is None, reason="the pipeline is not written yet"
)
@pytest.mark.skipif(not SAMPLES, reason="no sample speeches in corpus/heldout")
@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_pipeline_output_fits_schema(path: Path) -> None:
    import extract

    speech = extract.read(path)
    records = [task.to_dict() for task in extract.tasks_of(speech)]
    assert records != []
    assert [faults(record) for record in records] == [[] for _ in records]
    assert [misplaced(record, speech.text) for record in records] == [
        [] for _ in records
    ]


PAGES = Speech("一二三四五六", places=((0, Place("page", 1)), (2, Place("page", 2))))
ROWS = Speech("一二三四", places=((1, Place("row", 7, "一季度")),))


@pytest.mark.parametrize(
    ("speech", "offset", "place", "page"),
    [
        (PAGES, 0, Place("page", 1), 1),
        (PAGES, 1, Place("page", 1), 1),
        (PAGES, 2, Place("page", 2), 2),
        (PAGES, 5, Place("page", 2), 2),
        (ROWS, 0, None, None),
        (ROWS, 3, Place("row", 7, "一季度"), None),
        (Speech("一二"), 1, None, None),
    ],
)
def test_place_of_an_offset(
    speech: Speech, offset: int, place: Place | None, page: int | None
) -> None:
    assert (speech.place_of(offset), speech.page_of(offset)) == (place, page)


def test_place_in_the_record() -> None:
    record = json.loads(json.dumps(task(LED, place=Place("row", 7, "表")).to_dict()))
    assert record["place"] == {"kind": "row", "number": 7, "sheet": "表"}
    assert faults(record) == []


def test_harvest_knows_the_place() -> None:
    text = "市住建局要在6月底前完成改造。\n市财政局要在7月底前拨付资金。\n"
    first, second = Place("page", 1), Place("page", 2)
    speech = Speech(text, places=((0, first), (text.index("市财"), second)))
    assert [found.place for found in extract.tasks_of(speech)] == [first, second]
