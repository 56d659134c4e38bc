"""One rule and what it found; several rules where they meet.

Hits that overlap are settled here (`disjoint`), and rules that are asked at one place
are ruled out by the character that stands there (`Opener`, `Gated`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from extract.openings import LAST, first_characters

VETO = "veto"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table.

    Attributes
    ----------
    id : str
        ``<file stem>.<slug>``; names the test case, the evidence and the table row.
    label : str
        What a match means to the pipe that reads the table; ``"veto"`` suppresses
        every match it overlaps.
    pattern : re.Pattern
        Compiled from `match` (a regex with ``{part}``) or `phrases` (literal).
    value : str
        Free for the pipe: a function in ``dates.py``, a role, a weight; may be "".
    examples, counterexamples : tuple of str
        Marked texts; they are the rule's own tests.
    retired : str
        Why the rule no longer fires, or "".
    """

    id: str
    label: str
    pattern: re.Pattern[str]
    value: str
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]
    since: str
    retired: str
    note: str


class Hit(NamedTuple):
    """A rule's match in a text: half-open offsets into the text that was searched."""

    start: int
    end: int
    rule: Rule
    match: re.Match[str]


def disjoint(hits: list[Hit]) -> list[Hit]:
    """Choose non-overlapping hits; see `Rulebook.find`. Linear but for the sort.

    Hits of equal length and place keep the order in which they came (table order),
    a veto before all of them.
    """
    taken: list[Hit] = []
    cluster: list[Hit] = []
    reach = -1
    # only hits of one cluster can overlap, and a cluster is as short as a phrase
    for hit in sorted(hits, key=itemgetter(0)):
        start, end, _, _ = hit
        if start >= reach:
            taken += cluster if len(cluster) < 2 else _best(cluster)
            cluster = [hit]
            reach = end
        else:
            cluster.append(hit)
            if end > reach:
                reach = end
    taken += cluster if len(cluster) < 2 else _best(cluster)
    return [hit for hit in taken if hit.rule.label != VETO]


def _best(cluster: list[Hit]) -> list[Hit]:
    ranked = sorted(
        cluster,
        key=lambda hit: (hit.start - hit.end, hit.rule.label != VETO, hit.start),
    )
    taken: list[Hit] = []
    for hit in ranked:
        if all(hit.end <= other.start or other.end <= hit.start for other in taken):
            taken.append(hit)
    return sorted(taken, key=lambda hit: hit.start)


_GROUP_NAME = re.compile(r"\(\?P<\w+>")


def gate(rules: Iterable[Rule]) -> re.Pattern[str]:
    """One regex that matches where any of the rules does, without their groups.

    Asking it first spares asking each rule; it does not say which one matched.
    """
    bodies = [_GROUP_NAME.sub("(?:", rule.pattern.pattern) for rule in rules]
    return re.compile("|".join(f"(?:{body})" for body in bodies) or r"(?!)")


class Opener:
    """A regex asked at one place: the first character there answers most questions.

    That takes a tenth of the time in which a regex of many alternatives tries them.
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._match = pattern.match
        self._first = first_characters(pattern)

    def match(self, text: str, start: int, end: int) -> re.Match[str] | None:
        """What ``re.Pattern.match`` gives, for a stretch that is not empty."""
        if self._first is not None and (first := text[start]) not in self._first:
            if first < LAST:
                return None
        return self._match(text, start, end)


class Gated:
    """Many rules asked at one place.

    Most are ruled out by the character that stands there: which are left is worked
    out once for each character.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = [(first_characters(rule.pattern), rule) for rule in rules]
        self._left: dict[str, list[tuple[Rule, Callable[..., Any]]]] = {}

    def at(self, text: str, place: int) -> Iterator[tuple[Rule, re.Match[str]]]:
        """Rules that match at a place, in order, with their matches."""
        character = text[place : place + 1]
        left = self._left.get(character)
        if left is None:
            left = self._left[character] = [
                (rule, rule.pattern.match)
                for first, rule in self._rules
                if first is None or character in first or character >= LAST
            ]
        for rule, ask in left:
            if match := ask(text, place):
                yield rule, match
