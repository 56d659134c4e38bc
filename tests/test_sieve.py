"""The sieve: whatever it asks or does not ask, the matches are those of `re`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract import joint, markup, rulebook
from extract.beyond import beyond
from extract.characters import LAST, known_as
from extract.followers import Followers
from extract.openings import first_characters, openings
from extract.rule import Opener
from extract.sieve import Share, Sieve

TABLES = [name for name in rulebook.phenomena() if rulebook.load(name).rules]


def plain(
    patterns: list[re.Pattern[str]], text: str, start: int, stop: int
) -> list[tuple[int, tuple[int, int]]]:
    """Number and span of every match that is not empty, asked of `re` alone."""
    return [
        (number, match.span())
        for number, pattern in enumerate(patterns)
        for match in pattern.finditer(text, start, stop)
        if match.end() > match.start()
    ]


def sifted(
    patterns: list[re.Pattern[str]], text: str, start: int, stop: int
) -> list[tuple[int, tuple[int, int]]]:
    return [
        (number, match.span())
        for number, found in Sieve(enumerate(patterns)).found(text, start, stop)
        for match in found
    ]


def examples(name: str) -> list[str]:
    """All examples and counterexamples of a table, one by one and as one text."""
    texts = [
        markup.parse(text)[0]
        for rule in rulebook.load(name).rules
        for text in (*rule.examples, *rule.counterexamples)
    ]
    return [*texts, "\n".join(texts), "".join(texts)]


@pytest.mark.parametrize("name", TABLES)
def test_finds_what_each_rule_of_a_table_finds(name: str) -> None:
    patterns = [rule.pattern for rule in rulebook.load(name).rules]
    texts = examples(name)
    expected = [plain(patterns, text, 0, len(text)) for text in texts]
    assert any(expected)
    sieve = Sieve(enumerate(patterns))
    assert [
        [
            (number, match.span())
            for number, found in sieve.found(text, 0, len(text))
            for match in found
        ]
        for text in texts
    ] == expected


# every construct that is understood, and some that are not
SHAPES = [
    "要",
    "[要将]求",
    "(?<![^，。\n])要",
    "要(?<![^，。\n].)(?!求)",
    "进一步(?<![^，。\n]...)",
    "(?<=[市县])要",
    "要(?<=[市县]要)|将",
    "(?<![市县])要",
    "(?<![^，].)要",
    "[加推](?:(?<=加)强|(?<=推)[进动])",
    r"\d{1,2}月底?前",
    r"\d+(?:\.\d+)?%",
    r"\s*要",
    r"[\s，]要",
    "(?m)^[ \t]*要",
    "^要",
    "要$",
    "(?:市|县){2,3}要",
    "(?:市县?){1,}",
    "(?:要|要求|要求将)+",
    "要.将",
    "[^要]将",
    ".?要",
    "市(?:要)?(?:将)?",
    "(市|县)要\\1",
    "(?i:a)要",
    "𠀀要",
    "要[𠀀𠀁]",
    "(?<=𠀀)要",
    "(?=市)市要",
    "(?=要将|市)[要市].?",
    "要(?=求)",
    "要?(?=将|求)求",
    "要(?=(?:将|求)+县)",
    "(?=.{1,3}县)要",
    r"\d(?<![\d月]\d)",
    r"\d(?<!\d.)月",
    "(?<!市县)要",
    "(?<=市县|推动)要",
    "(?<=(?:市|推)县|加强)要",
    "(?:\\A|(?<=市))要",
    "要*?将",
    "x*",
    "(?!)",
]
TEXTS = st.text(
    alphabet="要将求市县加强推进动，。\n 	5６٣月底前.%aA𠀀𠀁\ud800", max_size=60
)


@given(text=TEXTS, start=st.integers(0, 20), cut=st.integers(0, 20))
def test_finds_what_re_finds(text: str, start: int, cut: int) -> None:
    patterns = [re.compile(shape) for shape in SHAPES]
    start = min(start, len(text))
    stop = max(start, len(text) - cut)
    assert sifted(patterns, text, start, stop) == plain(patterns, text, start, stop)


def test_more_kinds_than_bits() -> None:
    patterns = [re.compile(chr(0x4E00 + number) + "要?") for number in range(200)]
    text = "".join(chr(0x4E00 + number) for number in range(220)) * 2
    assert sifted(patterns, text, 0, len(text)) == plain(patterns, text, 0, len(text))


def test_a_share_deals_out_what_may_begin_where() -> None:
    patterns = [re.compile(shape) for shape in (r"\d(?=[月日])", "人", r"\d月", ".?月")]
    sieve = Sieve(enumerate(patterns))
    share = Share(sieve, range(1, 4), tuple)
    text = "5人3月7日要求9月"
    assert share.openings(text, 0, len(text)) == ([1, 2, 8], [(0,), (1,), (1,)])
    assert sieve.unknown == (3,)


@pytest.mark.parametrize("name", ["deadline", "metric"])
def test_followers_are_all_that_match(name: str) -> None:
    book = rulebook.load(name)
    rules = [rule for rule in book.rules if openings(rule.pattern)]
    followers = Followers(rules, r"\d|[一二三]", r"\d|[年月日]")
    for text in examples(name):
        for place in range(len(text)):
            asked = [rule.id for rule, _ in followers.at(text, place)]
            found = [rule.id for rule in rules if rule.pattern.match(text, place)]
            assert set(found) <= set(asked)
            assert asked == [rule.id for rule in rules if rule.id in asked]


@given(text=TEXTS)
def test_what_stands_behind_a_run(text: str) -> None:
    run = frozenset(map(ord, "56要将"))
    for shape in SHAPES:
        known = beyond(re.compile(shape), run)
        for match in re.compile(shape).finditer(text):
            behind = text[match.start() :].lstrip("56要将")[:1] or LAST
            assert known is None or known_as(ord(behind)) in known


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        (r"[5-6]+(?:年|个?月)", "个年月"),
        ("[56]{1,4}(?=[年月])", "年月"),
        ("(?=[56年]{1,3}年)[56].", "年"),
        (r"[56](?=年|\Z)", "年\uffff"),
        ("6?年|月", "年月"),
        ("5?", None),
        ("[56].", None),
        ("(?i:a)", None),
    ],
)
def test_beyond(regex: str, expected: str | None) -> None:
    assert characters(beyond(re.compile(regex), frozenset(map(ord, "56")))) == expected


def test_some_of_the_patterns() -> None:
    patterns = [re.compile(shape) for shape in ("要求", ".?要", "[市县]")]
    sieve = Sieve(enumerate(patterns))
    for text in ("市要求县", "县要", "市要求县"):
        found = [
            (number, match.span())
            for chosen in (range(1), range(1, 3))
            for number, matches in sieve.found(text, 0, len(text), chosen)
            for match in matches
        ]
        assert found == plain(patterns, text, 0, len(text))


def test_a_match_across_two_blocks() -> None:
    patterns = [re.compile("要加强"), re.compile("(?<=要)加"), re.compile("市")]
    text = "市" + "。" * ((1 << 16) - 2) + "要加强" + "市" * (1 << 16) + "要加强"
    assert sifted(patterns, text, 0, len(text)) == plain(patterns, text, 0, len(text))


@pytest.mark.parametrize("length", [0, 199, 200, 1000])
def test_the_same_is_found_in_short_and_long_texts(length: int) -> None:
    book = rulebook.load("cue")
    text = ("各单位要进一步加强督查，务必在6月底前完成改造。" * 50)[:length]
    spans = plain([rule.pattern for rule in book.rules], text, 0, length)
    expected = [(book.rules[number].id, span) for number, span in spans]
    for found in (book.found(text), joint.found(text, "cue")):
        assert [(rule.id, m.span()) for rule, each in found for m in each] == expected


def characters(known: frozenset[int] | None) -> str | None:
    return None if known is None else "".join(sorted(map(chr, known)))


@pytest.mark.parametrize(
    ("regex", "expected"),
    [
        ("要求我们", [(None, "要", "求", "我")]),
        ("要", [(None, "要")]),
        ("要?求", [(None, "要", "求"), (None, "求")]),
        ("(?:加强|推[进动])针", [(None, "加", "强", "针"), (None, "推", "动进", "针")]),
        ("市+", [(None, "市"), (None, "市", "市"), (None, "市", "市", "市")]),
        ("市{5}", [(None, "市", "市", "市")]),
        ("要.求", [(None, "要", None, "求")]),
        ("(?<=市)要", [("市", "要")]),
        ("要(?<=[市县]要)", [("县市", "要")]),
        ("[要将](?<=要)", [(None, "要")]),
        # the text may begin there too
        ("(?<![^，])要", [("，\uffff", "要")]),
        ("要求(?<![^，]..)", [("，\uffff", "要", "求")]),
        # a dot is no line feed: what stands before is free then
        ("[\n要](?<![^，].)", [(None, "\n要")]),
        ("(?m)^要", [("\n\uffff", "要")]),
        ("(?<=市)(?<=县)要", []),
        ("(?<=市县|推动)要", [("县", "要"), ("动", "要")]),
        ("(?:\\A|(?<=市))要", [("市", "要"), ("\uffff", "要")]),
        # what a lookahead demands
        ("要(?=求我)", [(None, "要", "求", "我")]),
        ("(?=要求)要[求素]件", [(None, "要", "求", "件")]),
        ("要(?=求|$)", [(None, "要")]),
        ("(?=市)县", []),
        # one character more or less is one way
        ("加强|加快", [(None, "加", "强快")]),
    ],
)
def test_openings(regex: str, expected: list[tuple[str | None, ...]]) -> None:
    ways = openings(re.compile(regex))
    assert ways is not None
    found = [(characters(way.before), *map(characters, way.characters)) for way in ways]
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize(
    "regex",
    ["要?", ".要", "[^要]", "[一-龥]", "(?i:a)", "(?:(要)\\1)*", "(要)?(?(1)求|将)"],
)
def test_openings_that_are_not_known(regex: str) -> None:
    assert openings(re.compile(regex)) is None


def test_case_folding_is_not_understood() -> None:
    assert openings(re.compile("app", re.IGNORECASE)) is None


@pytest.mark.parametrize(
    ("regex", "expected"), [("[要将]|市", {"要", "将", "市"}), ("要?", None)]
)
def test_first_characters(regex: str, expected: set[str] | None) -> None:
    assert first_characters(re.compile(regex)) == expected


@pytest.mark.parametrize("regex", ["[要将]求|市", "要?求", r"\d月", "𠀀|将"])
def test_opener_matches_where_its_regex_does(regex: str) -> None:
    text = "要求将求市求5月𝟝月𠀀要"
    pattern = re.compile(regex)
    opener = Opener(pattern)
    places = range(len(text))
    found = [opener.match(text, place, len(text)) for place in places]
    expected = [pattern.match(text, place) for place in places]
    assert [match and match.span() for match in found] == [
        match and match.span() for match in expected
    ]


def dated_examples() -> list[str]:
    """What each rule of the head that gives a date matches."""
    labels = ("bracket", "signature", "published", "printed")
    return [
        text[mark.start : mark.end]
        for rule in rulebook.load("head").labelled(*labels)
        for text, marks in map(markup.parse, rule.examples)
        for mark in marks
    ]


@pytest.mark.parametrize("matched", dated_examples())
def test_the_gate_of_the_head_lets_every_date_through(matched: str) -> None:
    assert rulebook.load("head").patterns["head.dated"].search(matched)
