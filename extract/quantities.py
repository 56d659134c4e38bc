"""Text in; every number with its unit, and the clause it stands in, out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from re import Match, Pattern
from typing import NamedTuple

from extract.followers import Followers
from extract.joint import share
from extract.rule import VETO, Asks, Rule, any_matches, gate
from extract.rulebook import load
from extract.sieve import Share

KINDS = ("rate", "amount", "count", "span", "share", "bare", "ratio")
"""Labels of the rules that know a number with its unit."""

_TRIGGER = "trigger"
# verbs are looked up in the clause and no further than this many characters away
REACH = 60
# cues that touch the quantity begin at most this many characters before it
_TOUCH = 36
_TOUCHING_REACH = 16
# a quantity of these kinds counts only where a cue of that label touches it
_TOUCHING = {"span": "limit", "bare": "reach", "share": "shrink", "ratio": "proportion"}


class Quantity(NamedTuple):
    """A number with its unit, and the clause it stands in."""

    match: Match[str]
    rule: Rule
    start: int
    end: int
    left: int
    near: int
    right: int


class _Opening(NamedTuple):
    """What to ask at a place."""

    triggers: Asks
    vetoes: Asks


class Vetoes(NamedTuple):
    """Where vetoes may begin, in order, and which."""

    places: list[int]
    asked: list[Asks]


@dataclass(frozen=True, slots=True)
class _Table:
    """The table's rules by what they do."""

    share: Share[_Opening]
    units: Followers
    breaks: Pattern[str]
    last_break: Pattern[str]
    touching: dict[str, Pattern[str]]


@cache
def _table() -> _Table:
    book = load("metric")
    breaks = book["metric.break"].pattern
    return _Table(
        share=share("metric", _opening),
        units=Followers(
            book.labelled(*KINDS),
            f"{book.parts['digit']}|{book.parts['numeral']}|[.．]",
        ),
        breaks=breaks,
        # a greedy dot gives back from the right
        last_break=re.compile(f"(?s:.*){breaks.pattern}"),
        touching={
            kind: gate(book.labelled(label)) for kind, label in _TOUCHING.items()
        },
    )


def _opening(rules: Sequence[Rule]) -> _Opening:
    asks = {
        label: tuple([(r, r.pattern.match) for r in rules if r.label == label])
        for label in (_TRIGGER, VETO)
    }
    return _Opening(asks[_TRIGGER], asks[VETO])


def read(text: str) -> tuple[list[Quantity], Vetoes]:
    """Numbers with units, and where a veto may begin.

    Parameters
    ----------
    text : str
        A whole document's view, or any part of it that holds whole clauses.

    Returns
    -------
    list of Quantity
        In order and disjoint; those of a kind that needs a cue in front have one.
    Vetoes
        Of the table.
    """
    table = _table()
    quantities: list[Quantity] = []
    done = 0
    places, asked = table.share.openings(text, 0, len(text))
    for place, (triggers, _) in zip(places, asked, strict=True):
        if place < done or not any_matches(triggers, text, place):
            continue
        best: tuple[Match[str], Rule] | None = None
        for rule, ask in table.units.at(text, place):
            if (match := ask(text, place)) and (
                best is None or match.end() > best[0].end()
            ):
                best = match, rule
        if best:
            done = best[0].end()
            if _touched(text, *best, table):
                quantities.append(_placed(text, *best, table))
    return quantities, Vetoes(places, [each.vetoes for each in asked])


def _placed(text: str, match: Match[str], rule: Rule, table: _Table) -> Quantity:
    """A quantity with the bounds of its clause."""
    start, end = match.span()
    left, right = max(0, start - REACH), min(len(text), end + REACH)
    if before := table.last_break.match(text, left, start):
        left = before.end()
    if after := table.breaks.search(text, end, right):
        right = after.start()
    return Quantity(match, rule, start, end, left, max(left, start - _TOUCH), right)


def _touched(text: str, match: Match[str], rule: Rule, table: _Table) -> bool:
    """Whether a quantity that needs a cue directly in front of it has one."""
    touching = table.touching.get(rule.label)
    if touching is None:
        return True
    start = match.start()
    if touching.search(text, max(0, start - _TOUCHING_REACH), start):
        return True
    # 一半以上 asks by itself, 三年以内 may be a deadline
    return rule.label == "share" and bool(match["bound"])
