"""Rules asked where another has matched: what stands there rules most of them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from extract.beyond import beyond
from extract.characters import ELSEWHERE, LAST, Characters, known_as
from extract.opening import Opening
from extract.openings import first_characters, openings
from extract.rule import Asks, Rule


class Followers:
    """Rules of which few can match at any place.

    Looked at are the character before the place, the one there, and the first behind
    each run of characters that begins there: the unit of a number, say.

    Parameters
    ----------
    rules : sequence of Rule
        In the order in which they are asked.
    runs : str
        Regexes; the characters of a run are those that may begin a match of one.
    """

    def __init__(self, rules: Sequence[Rule], *runs: str) -> None:
        patterns = [rule.pattern for rule in rules]
        ways = [openings(pattern) or [Opening(None, (None,))] for pattern in patterns]
        before = [_any_of([way.before for way in each]) for each in ways]
        first = [_any_of([way.characters[0] for way in each]) for each in ways]
        self._before, self._first = _Allowing(before), _Allowing(first)
        self._runs = [_run(members, patterns) for members in runs]
        self._asks = _Chosen([(rule, rule.pattern.match) for rule in rules])

    def at(self, text: str, place: int) -> Asks:
        """Rules to ask at a place, with their ``re.Pattern.match``."""
        bits = self._first[text[place]]
        bits &= self._before[text[place - 1] if place else LAST]
        for run, behind in self._runs:
            found = run(text, place)
            bits &= behind[(found and found[1]) or LAST]
        return self._asks[bits]


def _run(
    members: str, patterns: Iterable[re.Pattern[str]]
) -> tuple[Callable[..., re.Match[str] | None], _Allowing]:
    """Regex of a run and the character behind it, and what that one allows."""
    first = first_characters(re.compile(members)) or frozenset()
    points = frozenset(map(known_as, map(ord, first))) - {ELSEWHERE}
    known = re.escape("".join(sorted(map(chr, points))))
    run = re.compile((f"[{known}]*+" if known else "") + "(?s:(.))?")
    return run.match, _Allowing([beyond(pattern, points) for pattern in patterns])


class _Allowing(dict[str, int]):
    """Bits of the rules that a character allows, filled as characters come."""

    def __init__(self, allowed: Sequence[Characters]) -> None:
        super().__init__()
        self._allowed = allowed

    def __missing__(self, character: str) -> int:
        point = known_as(ord(character))
        bits = self[character] = sum(
            1 << number
            for number, known in enumerate(self._allowed)
            if known is None or point in known
        )
        return bits


class _Chosen(dict[int, Asks]):
    """Rules by their bits, filled as combinations come."""

    def __init__(self, asks: Asks) -> None:
        super().__init__()
        self._every = asks

    def __missing__(self, bits: int) -> Asks:
        chosen = self[bits] = tuple(
            [ask for number, ask in enumerate(self._every) if bits >> number & 1]
        )
        return chosen


def _any_of(sets: Iterable[Characters]) -> Characters:
    """All characters of some sets; None if anything is allowed."""
    found: set[int] = set()
    for known in sets:
        if known is None:
            return None
        found |= known
    return frozenset(found)
