"""A duty bracket or duty line in; labels, role words and separators out.

Which names stand between them, and what they do, is `zones`' question.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from functools import cache

from extract import rulebook
from extract.openings import first_characters
from extract.rule import Rule, gate

Token = tuple[int, int, Rule]
"""Start, end and rule."""

Span = tuple[int, int]

_COLON = "："
_LABELS = ("lead", "responsible", "cooperating", "supervising", "time", "other")
_UNKNOWN = ("unknown",)
_WORDS = ("role", "jointly", "over", "separator")
# what may stand in a bracket that is part of a name
_INNER = ("separator", "over")
_LONGEST_LABEL = 17
OPENING, CLOSING = frozenset("（〔[(〈"), frozenset("）〕])〉")
_BRACKETS = re.compile("[" + re.escape("".join(sorted(OPENING | CLOSING))) + "]")


def tokens(zone: str, first: int, last: int) -> Iterator[Token]:
    """What parts names or says what they do.

    Parameters
    ----------
    zone : str
    first, last : int
        The stretch of it to look at.

    Yields
    ------
    (int, int, Rule)
        Start, end and rule of a token, in order. Names that hold a separator of their
        own (各市、县人民政府) are tokens too; they are asked for where a name may
        begin, all else where its first character allows it.
    """
    book = rulebook.load("duty")
    labels = deque(_labels(zone, first, last, book) if _COLON in zone else ())
    nested = _nested(zone, first, last)
    named = book["duty.shared-head"]
    ready = named.pattern.match
    words, search = book.union(*_WORDS).match, _gated(*_WORDS)
    begins, place = True, first
    hit = search(zone, first, last)
    while place < last:
        while labels and labels[0][0] < place:
            labels.popleft()
        if begins and (match := ready(zone, place, last)):
            yield *match.span(), named
            begins, place = False, match.end()
            continue
        if hit and hit.start() < place:
            hit = search(zone, place, last)
        if labels and (hit is None or hit.start() >= labels[0][0]):
            yield (token := labels.popleft())
            begins, place = True, token[1]
            continue
        if hit is None or not (match := words(zone, hit.start(), last)):
            return
        rule = book.rule_of(match)
        start, place = match.span()
        begins = not (nested and rule.label in _INNER and _within(start, nested))
        if begins:
            yield start, place, rule


def _labels(
    zone: str, first: int, last: int, book: rulebook.Rulebook
) -> Iterator[Token]:
    """Labels; each ends with a colon, most zones have none."""
    known, any_ = (book.opener(*labels) for labels in (_LABELS, _UNKNOWN))
    colon = zone.find(_COLON, first, last)
    while colon >= 0:
        starts = range(max(first, colon - _LONGEST_LABEL), colon)
        # 省水利厅配合单位：is a name and a label, not a label that nobody knows
        asked = (
            opener.match(zone, start, colon + 1)
            for opener in (known, any_)
            for start in starts
            if opener.may[zone[start]]
        )
        ended = (match for match in asked if match and match.end() == colon + 1)
        if match := next(ended, None):
            yield *match.span(), book.rule_of(match)
        first = colon + 1
        colon = zone.find(_COLON, first, last)


@cache
def _gated(*labels: str) -> Callable[..., re.Match[str] | None]:
    """Search for what the rules of these labels match, behind a test of one character.

    It tells where, not which rule.
    """
    book = rulebook.load("duty")
    pattern = gate(book.labelled(*labels))
    first = first_characters(pattern)
    test = "(?=[" + re.escape("".join(sorted(first))) + "])" if first else ""
    return re.compile(f"{test}(?:{pattern.pattern})").search


def _nested(text: str, start: int, end: int) -> list[Span]:
    """Spans of brackets within a zone: （市、区） is part of a name."""
    spans: list[Span] = []
    opened: list[int] = []
    for bracket in _BRACKETS.finditer(text, start, end):
        if bracket[0] in OPENING:
            opened.append(bracket.start())
        elif opened:
            spans.append((opened.pop(), bracket.end()))
    return spans


def _within(place: int, spans: list[Span]) -> bool:
    return any(start <= place < end for start, end in spans)
