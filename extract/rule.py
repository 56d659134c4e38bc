"""One rule and what it found; several rules where they meet.

Hits that overlap are settled here (`disjoint`), and rules that are asked at one place
are ruled out by the character that stands there (`Opener`).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from extract.characters import LAST
from extract.openings import first_characters

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


def hits(found: Iterable[tuple[Rule, Iterable[re.Match[str]]]]) -> list[Hit]:
    """Matches of each of some rules as hits."""
    return [
        Hit(match.start(), match.end(), rule, match)
        for rule, matches in found
        for match in matches
    ]


Asks = Sequence[tuple[Rule, Callable[..., "re.Match[str] | None"]]]
"""Rules that may match at a place, and their ``re.Pattern.match``."""


def any_matches(asks: Asks, text: str, place: int) -> bool:
    """Whether any of some rules matches at a place."""
    for _, ask in asks:
        if ask(text, place):
            return True
    return False


def asked_within(
    text: str,
    places: Sequence[int],
    asked: Sequence[Asks],
    windows: Iterable[tuple[int, int]],
) -> Iterator[Hit]:
    """Matches that lie within stretches of a text.

    Parameters
    ----------
    text : str
    places : sequence of int
        Where rules may match, in order.
    asked : sequence of Asks
        Which, at each of the places.
    windows : iterable of (int, int)
        Bounds as of ``re.Pattern.finditer``, in order and disjoint.

    Yields
    ------
    Hit
        Those that ``finditer`` of each rule would yield in each stretch.
    """
    reach: dict[str, int] = {}
    last = 0
    for start, end in windows:
        first = bisect_left(places, start, last)
        last = bisect_left(places, end, first)
        for number in range(first, last):
            place = places[number]
            for rule, ask in asked[number]:
                if place >= reach.get(rule.id, 0) and (match := ask(text, place, end)):
                    reach[rule.id] = match.end()
                    yield Hit(place, match.end(), rule, match)


def disjoint(hits: list[Hit]) -> list[Hit]:
    """Choose non-overlapping hits; see `Rulebook.find`. Linear but for the sort.

    Hits of equal length and place keep the order in which they came (table order),
    a veto before all of them.
    """
    taken: list[Hit] = []
    first = 0
    reach = -1
    # only hits of one cluster can overlap, and a cluster is as short as a phrase
    for hit in sorted(hits, key=itemgetter(0)):
        if hit[0] >= reach:
            if len(taken) - first > 1:
                taken[first:] = _best(taken[first:])
            first = len(taken)
            reach = hit[1]
        elif hit[1] > reach:
            reach = hit[1]
        taken.append(hit)
    taken[first:] = _best(taken[first:])
    return [hit for hit in taken if hit[2].label != VETO]


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

    Asking it first spares asking each rule; it does not say which one matched. What
    can begin none of them is passed over by its first character.
    """
    chosen = tuple(rules)
    bodies = [_GROUP_NAME.sub("(?:", rule.pattern.pattern) for rule in chosen]
    union = "|".join(f"(?:{body})" for body in bodies) or r"(?!)"
    first: set[str] = set()
    for rule in chosen:
        characters = first_characters(rule.pattern)
        if characters is None or LAST in characters:
            return re.compile(union)
        first |= characters
    known = f"(?=[{re.escape(''.join(sorted(first)))}])" if first else ""
    return re.compile(f"{known}(?:{union})")


def preferring(
    name: str, rules: Iterable[Rule], union: re.Pattern[str]
) -> re.Pattern[str]:
    """A regex that tries some rules, then a `Rulebook.union` of others.

    A match of the former has `name` for its ``lastgroup``.
    """
    return re.compile(f"(?P<{name}>{gate(rules).pattern})|{union.pattern}")


class Opener:
    """A regex asked at one place: the first character there answers most questions.

    That takes a tenth of the time in which a regex of many alternatives tries them.

    Attributes
    ----------
    may : mapping of str to bool
        Whether a match may begin with a character; for loops that cannot afford a
        call to be told no.
    """

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._match = pattern.match
        self.may = _May(pattern)

    def match(self, text: str, start: int, end: int) -> re.Match[str] | None:
        """What ``re.Pattern.match`` gives, but nothing at the text's end."""
        may = start < len(text) and self.may[text[start]]
        return self._match(text, start, end) if may else None


class _May(dict[str, bool]):
    """Filled as characters come, for lookups that need no call."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        super().__init__()
        self._first = first_characters(pattern)

    def __missing__(self, character: str) -> bool:
        unknown = self._first is None or character >= LAST
        may = self[character] = unknown or character in (self._first or ())
        return may
