"""The conventions of DESIGN.md, one by one: groups of a phrase in, days out."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.dates import METHODS, Span, resolve
from extract.festivals import HOLIDAYS, after_workdays
from extract.periods import add_months
from extract.rulebook import load

THURSDAY = dt.date(2026, 3, 5)


def due(method: str, date: dt.date | None = THURSDAY, **groups: str) -> str | None:
    """Due day in ISO form; options of `resolve` go by their own tests."""
    span = resolve(method, groups, date)
    assert span is not None
    return span.due.isoformat() if span.due else None


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        # the end of a period is its last day
        ({"month": "6", "end": "底"}, "2026-06-30"),
        ({"year": "2028", "month": "2", "end": "底"}, "2028-02-29"),
        ({"loose_month": "月", "end": "底"}, "2026-03-31"),
        ({"quarter": "三", "end": "末"}, "2026-09-30"),
        ({"loose_quarter": "季度", "end": "末"}, "2026-03-31"),
        ({"end": "底"}, "2026-12-31"),
        ({"year": "二○二七", "end": "底"}, "2027-12-31"),
        # thirds of a month
        ({"month": "6", "early": "上"}, "2026-06-10"),
        ({"month": "6", "mid": "中"}, "2026-06-20"),
        ({"month": "6", "late": "下"}, "2026-06-30"),
        # bare periods
        ({"month": "十二"}, "2026-12-31"),
        ({"quarter": "2"}, "2026-06-30"),
        ({"first_half": "上"}, "2026-06-30"),
        ({"second_half": "下"}, "2026-12-31"),
        ({"this_year": "今"}, "2026-12-31"),
        ({"next_year": "明", "quarter": "一"}, "2027-03-31"),
        ({"later_year": "后"}, "2028-12-31"),
        ({"year": "2030"}, "2030-12-31"),
        ({"year": "2 030"}, "2030-12-31"),
        ({"this_month": "本"}, "2026-03-31"),
        ({"next_month": "下", "day": "10"}, "2026-04-10"),
        ({"next_month": "下"}, "2026-04-30"),
        ({"day": "25"}, "2026-03-25"),
        # the year of another event is not known
        ({"some_year": "次", "month": "3"}, None),
    ],
)
def test_calendar(groups: dict[str, str], expected: str | None) -> None:
    assert due("calendar", **groups) == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        # before a whole day includes it
        ({"month": "3", "day": "31"}, "2026-03-31"),
        ({"month": "6", "end": "底"}, "2026-06-30"),
        ({"end": "底"}, "2026-12-31"),
        # before a longer period excludes it
        ({"month": "8"}, "2026-07-31"),
        ({"year": "2018"}, "2017-12-31"),
        ({"quarter": "三"}, "2026-06-30"),
        ({"month": "3", "mid": "中"}, "2026-03-10"),
        ({"month": "1"}, "2025-12-31"),
    ],
)
def test_before(groups: dict[str, str], expected: str) -> None:
    assert due("calendar", before="前", **groups) == expected


@pytest.mark.parametrize(
    ("groups", "forward", "expected"),
    [
        ({"month": "2", "end": "底"}, False, "2026-02-28"),
        ({"month": "2", "end": "底"}, True, "2027-02-28"),
        ({"month": "3", "end": "底"}, True, "2026-03-31"),
        ({"year": "2026", "month": "2"}, True, "2026-02-28"),
        ({"this_year": "今", "month": "2"}, True, "2026-02-28"),
        # a day alone moves on by a month
        ({"day": "3"}, True, "2026-04-03"),
        ({"day": "3"}, False, "2026-03-03"),
    ],
)
def test_past_days_roll_forward_only_if_asked(
    groups: dict[str, str], forward: bool, expected: str
) -> None:
    span = resolve("calendar", groups, THURSDAY, forward=forward)
    assert span == Span(None, dt.date.fromisoformat(expected))


def test_year_stated_earlier_in_the_sentence() -> None:
    groups = {"month": "5", "end": "底"}
    span = resolve("calendar", groups, None, year=2020, forward=True)
    assert span == Span(None, dt.date(2020, 5, 31))


@pytest.mark.parametrize(
    "groups",
    [
        {"month": "2", "day": "30"},
        {"year": "2026", "month": "2", "day": "29"},
        {"month": "13"},
        {"month": "4", "day": "31"},
    ],
)
def test_impossible_days_are_no_dates(groups: dict[str, str]) -> None:
    assert resolve("calendar", groups, THURSDAY) is None


@pytest.mark.parametrize(
    ("method", "groups"),
    [
        ("calendar", {"month": "6", "end": "底"}),
        ("calendar", {"this_year": "今"}),
        ("calendar", {"next_year": "明", "quarter": "一"}),
        ("calendar", {"loose_month": "月", "end": "底"}),
        ("calendar", {"this_year": "今", "loose_quarter": "季度"}),
        ("span", {"month": "7", "month_b": "9"}),
        ("within", {"count": "三", "years": "年"}),
        ("week", {"this_week": "本", "weekday": "五"}),
        ("days", {"tomorrow": "明"}),
        ("holiday", {"spring": "春节"}),
        ("century", {"this_century": "本", "end": "末"}),
    ],
)
def test_without_reference_relative_phrases_stay_empty(
    method: str, groups: dict[str, str]
) -> None:
    assert resolve(method, groups, None) == Span(None, None)


@pytest.mark.parametrize(
    ("groups", "start", "end"),
    [
        ({"month": "7", "month_b": "9"}, "2026-07-01", "2026-09-30"),
        (
            {"month": "5", "day": "1", "month_b": "10", "day_b": "31"},
            "2026-05-01",
            "2026-10-31",
        ),
        ({"month": "5", "day": "1", "day_b": "20"}, "2026-05-01", "2026-05-20"),
        ({"year": "2017", "year_b": "2018"}, "2017-01-01", "2018-12-31"),
        ({"month": "11", "month_b": "3"}, "2026-11-01", "2027-03-31"),
        (
            {"month": "11", "next_year_b": "次", "month_b": "3"},
            "2026-11-01",
            "2027-03-31",
        ),
        (
            {
                "year": "2022",
                "month": "6",
                "year_b": "2025",
                "end_b": "底",
                "before": "前",
            },
            "2022-06-01",
            "2025-12-31",
        ),
        ({"month": "3", "late": "下", "month_b": "5"}, "2026-03-21", "2026-05-31"),
    ],
)
def test_range(groups: dict[str, str], start: str, end: str) -> None:
    expected = Span(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert resolve("span", groups, THURSDAY) == expected


def test_range_that_runs_backwards_is_not_resolved() -> None:
    groups = {"year": "2020", "year_b": "2018"}
    assert resolve("span", groups, THURSDAY) == Span(None, None)


def test_range_in_the_year_of_something_else_is_not_resolved() -> None:
    groups = {"some_year": "当", "month": "8", "month_b": "9"}
    assert resolve("span", groups, THURSDAY) == Span(None, None)


def test_since_has_a_beginning_and_no_end() -> None:
    groups = {"year": "2017", "month": "7", "day": "1"}
    assert resolve("since", groups, None) == Span(dt.date(2017, 7, 1), None)


@pytest.mark.parametrize(
    ("plan", "first", "last"),
    [
        ("一", 1953, 1957),
        ("二", 1958, 1962),
        ("三", 1966, 1970),
        ("七", 1986, 1990),
        ("十", 2001, 2005),
        ("十一", 2006, 2010),
        ("十四", 2021, 2025),
        ("十五", 2026, 2030),
    ],
)
def test_five_year_plan(plan: str, first: int, last: int) -> None:
    closing = dt.date(last, 12, 31)
    assert [
        resolve("plan", {"plan": plan}, None),
        resolve("plan", {"plan": plan, "end": "末"}, None),
    ] == [Span(dt.date(first, 1, 1), closing), Span(None, closing)]


@pytest.mark.parametrize(
    ("date", "groups", "expected"),
    [
        (dt.date(1986, 2, 7), {"this_century": "本", "end": "末"}, "2000-12-31"),
        (THURSDAY, {"this_century": "本", "end": "末"}, "2100-12-31"),
        (THURSDAY, {"this_century": "本", "mid": "中叶"}, None),
        (None, {"century": "21", "end": "末"}, "2100-12-31"),
    ],
)
def test_century(
    date: dt.date | None, groups: dict[str, str], expected: str | None
) -> None:
    assert due("century", date, **groups) == expected


@pytest.mark.parametrize(
    ("date", "groups", "expected"),
    [
        (THURSDAY, {"count": "三", "years": "年"}, "2029-03-05"),
        (THURSDAY, {"count": "6", "months": "个月"}, "2026-09-05"),
        (THURSDAY, {"count": "半", "years": "年"}, "2026-09-05"),
        (THURSDAY, {"count": "两", "quarters": "个季度"}, "2026-09-05"),
        (THURSDAY, {"count": "一", "weeks": "周"}, "2026-03-12"),
        (THURSDAY, {"count": "15", "days": "日"}, "2026-03-20"),
        (THURSDAY, {"count": "2", "workdays": "个工作日"}, "2026-03-09"),
        (THURSDAY, {"count": "几", "years": "年"}, None),
        (THURSDAY, {"count": "24", "hours": "小时"}, None),
        (THURSDAY, {"count": "15", "days": "日", "anchored": ""}, None),
        (dt.date(2026, 1, 31), {"count": "1", "months": "个月"}, "2026-02-28"),
        (dt.date(2028, 2, 29), {"count": "1", "years": "年"}, "2029-02-28"),
    ],
)
def test_within(date: dt.date, groups: dict[str, str], expected: str | None) -> None:
    assert due("within", date, **groups) == expected


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        # Spring Festival 2026: off from 15 to 23 February, made up on 14 and 28
        (dt.date(2026, 2, 13), 1, dt.date(2026, 2, 14)),
        (dt.date(2026, 2, 13), 2, dt.date(2026, 2, 24)),
        (dt.date(2026, 2, 27), 1, dt.date(2026, 2, 28)),
        # National Day 2025: off from 1 to 8 October, made up on 28 September
        (dt.date(2025, 9, 27), 1, dt.date(2025, 9, 28)),
        (dt.date(2025, 9, 30), 1, dt.date(2025, 10, 9)),
        # not announced as far as the data goes
        (dt.date(2090, 3, 1), 3, None),
    ],
)
def test_workdays(day: dt.date, count: int, expected: dt.date | None) -> None:
    assert after_workdays(day, count) == expected


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"this_week": "本", "weekday": "五"}, "2026-03-06"),
        ({"this_week": "本"}, "2026-03-08"),
        ({"this_week": "本", "weekday": "日"}, "2026-03-08"),
        ({"next_week": "下", "weekday": "一"}, "2026-03-09"),
        ({"next_week": "下", "before": "前"}, "2026-03-08"),
        ({"weekday": "五", "before": "前"}, "2026-03-06"),
    ],
)
def test_week(groups: dict[str, str], expected: str) -> None:
    assert due("week", **groups) == expected


def test_a_weekday_that_has_passed_rolls_forward() -> None:
    span = resolve("week", {"weekday": "三"}, THURSDAY, forward=True)
    assert span == Span(None, dt.date(2026, 3, 11))


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"national": "国庆"}, "2026-09-30"),
        ({"labour": "五一"}, "2026-04-30"),
        ({"newyear": "元旦"}, "2026-12-31"),
        # the holiday of this year is over: the next one
        ({"spring": "春节"}, "2027-02-05"),
        ({"lantern": "元宵"}, "2027-02-19"),
        ({"tomb": "清明"}, "2026-04-04"),
        ({"dragon": "端午"}, "2026-06-18"),
        ({"autumn": "中秋"}, "2026-09-24"),
        ({"spring": "春节", "year": "2026"}, "2026-02-16"),
        ({"spring": "春节", "next_year": "明"}, "2027-02-05"),
    ],
)
def test_eve_of_a_holiday(groups: dict[str, str], expected: str) -> None:
    assert due("holiday", **groups) == expected


@pytest.mark.parametrize("year", [1990, 2008, 2012, 2026, 2060])
def test_tomb_sweeping_agrees_with_holidays(year: int) -> None:
    from holidays import country_holidays

    days = country_holidays("CN", years=year, observed=False, language="en_US")
    named = [day for day, name in days.items() if "Tomb" in name]
    # before 2008 the day was none off work, and the package leaves it out
    assert named in ([], [HOLIDAYS["tomb"](year)])


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ({"today": "今"}, "2026-03-05"),
        ({"tomorrow": "明"}, "2026-03-06"),
        ({"after_tomorrow": "后"}, "2026-03-07"),
        ({"that_day": "当"}, None),
    ],
)
def test_days(groups: dict[str, str], expected: str | None) -> None:
    assert due("days", **groups) == expected


@pytest.mark.parametrize(
    ("date", "groups", "expected"),
    [
        (THURSDAY, {}, Span(dt.date(2026, 1, 1), dt.date(2027, 12, 31))),
        (THURSDAY, {"tomorrow": "明"}, Span(THURSDAY, dt.date(2026, 3, 6))),
        (None, {}, Span()),
    ],
)
def test_this_and_next(
    date: dt.date | None, groups: dict[str, str], expected: Span
) -> None:
    assert resolve("this_and_next", groups, date) == expected


def test_from_a_day_on_has_no_end() -> None:
    groups = {"tomorrow": "明", "since": "起"}
    assert resolve("days", groups, THURSDAY) == Span(dt.date(2026, 3, 6), None)


def test_that_day_is_the_one_named_before() -> None:
    day = dt.date(2026, 6, 9)
    assert resolve("days", {"that_day": "当"}, THURSDAY, day=day) == Span(None, day)


@pytest.mark.parametrize("groups", [{"whole_year": "全"}, {}])
def test_the_whole_year_is_the_headings(groups: dict[str, str]) -> None:
    span = resolve("calendar", groups, dt.date(2025, 12, 20), year=2026)
    assert span == Span(None, dt.date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (dt.date(2026, 1, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2026, 11, 15), 3, dt.date(2027, 2, 15)),
        (dt.date(2028, 2, 29), 12, dt.date(2029, 2, 28)),
    ],
)
def test_months_are_added_by_the_calendar(
    start: dt.date, months: int, expected: dt.date
) -> None:
    assert add_months(start, months) == expected


def test_events_have_no_day() -> None:
    assert resolve("event", {}, THURSDAY) == Span(None, None)


def test_unknown_method() -> None:
    with pytest.raises(KeyError):
        resolve("someday", {}, THURSDAY)


def test_every_method_is_used_by_the_table() -> None:
    used = {rule.value for rule in load("deadline").rules}
    assert set(METHODS) <= used


NAMES = ["year", "month", "day", "quarter", "year_b", "month_b", "day_b", "count"]
FLAGS = ["end", "before", "early", "first_half", "this_year", "next_month", "years"]


@given(
    method=st.sampled_from(["calendar", "span", "since", "within"]),
    numbers=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 9999).map(str)),
    flags=st.dictionaries(st.sampled_from(FLAGS), st.just("字")),
    date=st.none() | st.dates(),
    forward=st.booleans(),
)
def test_any_groups_give_dates_or_none(
    method: str,
    numbers: dict[str, str],
    flags: dict[str, str],
    date: dt.date | None,
    forward: bool,
) -> None:
    span = resolve(method, {**numbers, **flags}, date, forward=forward)
    if span and span.from_ and span.due:
        assert span.from_ <= span.due
