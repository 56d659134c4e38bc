"""Deadlines and recurrences as the pipes find them: tests/examples, line by line."""

from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import pytest

import extract.pipeline
from extract.layers import Mark
from extract.markup import parse
from extract.pipes import deadlines, recurrences
from extract.pipes.recurrences import Cadence
from extract.task import Speech

EXAMPLES = Path(__file__).parent / "examples"


def lines(name: str) -> list[object]:
    """One test case a list item; its id is file and line."""
    file = EXAMPLES / f"{name}.md"
    rows = file.read_text(encoding="utf-8").splitlines()
    date = next(row for row in rows if row.startswith("date: ")).removeprefix("date: ")
    return [
        pytest.param(row.removeprefix("- "), date, id=f"{file.name}:{number}")
        for number, row in enumerate(rows, 1)
        if row.startswith("- ")
    ]


def when(mark: Mark) -> str:
    """A deadline as the examples write it."""
    if mark.label in ("event", "open"):
        return mark.label
    start, due = (day.isoformat() if day else "" for day in mark.value)
    if mark.rule == "deadline.not-beyond":
        return "event"
    return f"{start}..{due}" if start else due or "?"


def cadence(value: Cadence) -> str:
    """A recurrence as the examples write it."""
    every = f"*{value.every}" if value.every else ""
    times = f":{value.times}" if value.times else ""
    return value.unit + every + (f"/{value.day}" if value.day else times)


@pytest.mark.parametrize(("line", "date"), lines("deadline"))
def test_deadline_example(line: str, date: str) -> None:
    text, marks = parse(line)
    found = deadlines.find(text, dt.date.fromisoformat(date))
    assert [(mark.start, mark.end, when(mark)) for mark in found] == [
        (mark.start, mark.end, mark.value) for mark in marks if mark.role == "deadline"
    ]


@pytest.mark.parametrize(("line", "date"), lines("recurrence"))
def test_recurrence_example(line: str, date: str) -> None:
    text, marks = parse(line)
    expected = [mark for mark in marks if mark.role == "recurrence"]
    found = recurrences.find(text)
    assert [(mark.start, mark.end) for mark in found] == [
        (mark.start, mark.end) for mark in expected
    ]
    # a count of once is what a cadence says anyway: examples leave it out
    assert [cadence(mark.value).removesuffix(":1") for mark in found] == [
        mark.value for mark in expected
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("6月底前完成。", [(None, None)]),
        ("年内完成。", [(None, None)]),
        ("三年内完成。", [(None, None)]),
        ("春节前完成。", [(None, None)]),
        ("2026年6月底前完成，8月底前验收。", ["2026-06-30", "2026-08-31"]),
        ("2026年6月底前完成。8月底前验收。", ["2026-06-30", None]),
        ("到“十五五”末翻一番。", ["2030-12-31"]),
    ],
)
def test_without_reference_date(text: str, values: list[object]) -> None:
    expected = [
        value
        if isinstance(value, tuple)
        else (None, dt.date.fromisoformat(str(value)) if value else None)
        for value in values
    ]
    assert [mark.value for mark in deadlines.find(text, None)] == expected


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("2月底前完成清欠。", "2027-02-28"),
        ("要在2月底前清欠。", "2027-02-28"),
        ("2月底前的情况。", "2026-02-28"),
    ],
)
def test_past_month_rolls_forward_only_if_the_sentence_does(
    text: str, due: str
) -> None:
    [mark] = deadlines.find(text, dt.date(2026, 3, 5))
    assert mark.value == (None, dt.date.fromisoformat(due))


def days(text: str, date: dt.date | None, title: str = "") -> list[str | None]:
    """Due days of a whole document, by the headings above them."""
    found = extract.pipeline.analyse(
        Speech(text, title=title, date=date), judged=False
    )._.deadlines
    return [mark.value[1].isoformat() if mark.value[1] else None for mark in found]


DECEMBER = dt.date(2025, 12, 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("二、2026年重点任务\n全年建成泵站3座，6月底前开工。", "2026-12-31 2026-06-30"),
        ("二、2026年重点任务\n（一）水利\n全年建成泵站3座。", "2026-12-31"),
        # the next section is about this year again
        ("二、2026年任务\n三、当前工作\n12月底前全部清零。", "2025-12-31"),
        # a review names its year too, but tells no work
        ("一、2024年工作回顾\n二、重点任务\n12月底前全部清零。", "2025-12-31"),
        # of the years to come only: a plan is not printed after its year
        ("二、2023年重点任务\n12月底前全部清零。", "2025-12-31"),
        # 今年 is the year of the speaker, whatever stands above
        ("二、2026年重点任务\n今年要建成泵站3座。", "2025-12-31"),
    ],
)
def test_year_of_a_heading_governs_what_is_below(text: str, expected: str) -> None:
    assert days(text, DECEMBER) == expected.split()


def test_year_of_the_title_governs_all() -> None:
    text = "全县2026年重点工作清单\n\n6月底前开工，全年完成3座。\n"
    title = "全县2026年重点工作清单"
    assert days(text, None, title) == ["2026-06-30", "2026-12-31"]
    assert days(text, DECEMBER, title) == ["2026-06-30", "2026-12-31"]


def test_past_months_stay_in_the_year_of_the_plan() -> None:
    text = "一、2026年重点任务\n2月底前完成清欠，春节前完成慰问。\n"
    # but the holiday to come is the next one
    assert days(text, dt.date(2026, 3, 5)) == ["2026-02-28", "2027-02-05"]


@pytest.mark.parametrize(
    "text",
    [
        "新发现的困难户10日内落实帮扶。",
        "经验收合格后，承建单位应在30日内移交资料。",
        "当场答不了的7个工作日内书面回复。",
        "开学两周内交教学计划。",
        "自受理之日起15日内办结。",
    ],
)
def test_counted_from_something_else_has_no_day(text: str) -> None:
    assert [m.value for m in deadlines.find(text, dt.date(2026, 3, 5))] == [
        (None, None)
    ]


def test_a_step_that_rolls_forward_takes_the_next_ones_along() -> None:
    text = "要抓前期，一季度完成可研批复，6月底前达到条件。"
    found = deadlines.find(text, DECEMBER)
    assert [mark.value[1].isoformat() for mark in found] == ["2026-03-31", "2026-06-30"]


@pytest.mark.parametrize("find", [deadlines.find, recurrences.find])
def test_empty_text(find: object) -> None:
    assert find("") == []  # type: ignore[operator]


@pytest.mark.parametrize(
    "piece",
    [
        "每月25日前报送，6月底前完成；",
        "年" * 40,
        "1" * 40,
        "《",
        "2026年",
        "月底前",
        "\n",
    ],
    ids=["mixed", "years", "digits", "titles", "dates", "ends", "lines"],
)
@pytest.mark.parametrize("module", [deadlines, recurrences], ids=["dead", "recur"])
def test_time_is_linear(module: object, piece: str) -> None:
    find = module.find  # type: ignore[attr-defined]

    def seconds(times: int) -> float:
        best = 9.0
        # what is remembered of a text must not help with the next
        for more in range(3):
            text = piece * (times + more)
            begin = time.process_time()
            find(text)
            best = min(best, time.process_time() - begin)
        return best

    seconds(10)  # compiles the table
    size = 40_000 // len(piece)
    # eight times the text; quadratic would take 64 times as long
    assert seconds(size) < 24 * seconds(size // 8) + 0.02


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "1.各乡镇要建立排查台账。各村要每户上门核对。（2026年4月底前完成）\n"
            "2.各乡镇要公开办理结果。",
            ["2026-04-30", "2026-04-30", None],
            id="behind the last stop: the item's",
        ),
        pytest.param(
            "1.各乡镇要建立排查台账。各村要每户上门核对（2026年4月底前完成）。",
            [None, "2026-04-30"],
            id="inside the sentence: its own",
        ),
        pytest.param(
            "1.各乡镇要建立排查台账。各村要每户上门核对。（见附件1）",
            [None, None],
            id="no time",
        ),
    ],
)
def test_bracket_of_a_time_alone(text: str, expected: list[str | None]) -> None:
    found = [
        next((d.due.isoformat() for d in task.deadlines if d.due), None)
        for task in extract.tasks(text)
    ]
    assert found == expected


@pytest.mark.parametrize("year", ["2027", "二〇二七", "二○二七", "２０２７", "2 0 2 7"])
def test_year_of_a_heading_in_every_writing(year: str) -> None:
    text = f"工作通知\n一、{year}年工作安排\n各县区要在6月底前完成30个小区改造。"
    found = [d.due for task in extract.tasks(text) for d in task.deadlines]
    assert found == [dt.date(2027, 6, 30)]
