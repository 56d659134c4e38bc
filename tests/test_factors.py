"""What a match cannot do without: where it is missing, no regex is asked in vain."""

from __future__ import annotations

import re

import pytest

from extract import markup, rulebook
from extract.factors import Factors


@pytest.mark.parametrize(
    ("pattern", "ways"),
    [
        (r"第\d+页", [{"第", "页"}]),
        (r"[（(]第\d+页|共\d页", [{"第", "页"}, {"共", "页"}]),
        (r"(?:上面|下面)一篇", [{"上面", "一篇"}, {"下面", "一篇"}]),
        (r"逐\d(?:/\d){2}", [{"逐", "/"}]),
        (r"(?:限期)?整改", [{"整改"}]),
        (r"(?P<unit>牵头)(?=单位)", [{"牵头"}]),
        (r"(?<=由)[市县]", [set()]),
        (r"\d{1,3}", [set()]),
        (r"(?i)pdf", [set()]),
        (r"限期整改|整改", [{"整改"}]),
    ],
    ids=[
        "a sequence",
        "either of two",
        "a group",
        "a repeat",
        "an option",
        "a named group",
        "a lookbehind",
        "no literal",
        "either case",
        "one within another",
    ],
)
def test_ways(pattern: str, ways: list[set[str]]) -> None:
    assert [set(way) for way in Factors([re.compile(pattern)]).ways] == ways


def test_what_is_too_much_to_keep_is_left_out() -> None:
    either = "(?:甲方|乙县|丙乡|丁村|戊局)"
    [*ways] = Factors([re.compile(f"{either}{either}月底")]).ways
    assert {frozenset(way) for way in ways} == {
        frozenset((name, "月底")) for name in ("甲方", "乙县", "丙乡", "丁村", "戊局")
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [("详见第3页", True), ("共同推进第二页", True), ("共8条", False), ("", False)],
)
def test_any_pattern_will_do(text: str, expected: bool) -> None:
    patterns = [re.compile(r"第\d页"), re.compile("第二页")]
    assert Factors(patterns).within(text) is expected


def test_a_stretch_of_a_text() -> None:
    factors = Factors([re.compile(r"第\d页")])
    assert factors.within("详见第3页。", 2, 5)
    assert not factors.within("详见第3页。", 3, 6)


CASES = [
    pytest.param(rule.pattern, markup.parse(text)[0], id=f"{rule.id}-{number}")
    for rule in rulebook.load("cleanup").rules + rulebook.load("outline").rules
    for number, text in enumerate(rule.examples)
]


@pytest.mark.parametrize(("pattern", "text"), CASES)
def test_a_text_with_a_match_holds_what_is_needed(
    pattern: re.Pattern[str], text: str
) -> None:
    assert pattern.search(text)
    assert Factors([pattern]).within(text)
