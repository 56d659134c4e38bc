"""One way in which a match may begin, and what further reading makes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from extract.characters import Characters

DEPTH = 3
"""So many characters of a match are looked at."""


class Opening(NamedTuple):
    """One way in which a match may begin.

    Attributes
    ----------
    before : frozenset of int or None
        Code points one of which stands left of the match; `ELSEWHERE` among them if
        the match may also begin the text. None: whatever stands there.
    characters : tuple of (frozenset of int or None)
        Code points that may be the match's first, second, … character, at most
        `DEPTH` of them; fewer if the match may end there.
    ahead : tuple of (frozenset of int or None)
        Code points that a lookahead demands of the characters after these.
    unlike : frozenset of int
        Code points none of which stands left of the match.
    """

    before: Characters = None
    characters: tuple[Characters, ...] = ()
    ahead: tuple[Characters, ...] = ()
    unlike: frozenset[int] = frozenset()


def possible(way: Opening) -> list[Opening]:
    """An opening, if any text can begin like that."""
    known = (way.before, *way.characters, *way.ahead)
    return [] if frozenset() in known else [way]


def read_on(way: Opening, known: Characters) -> Opening:
    """Opening with one more character, of which a lookahead may have told more."""
    if way.ahead:
        known = _both(way.ahead[0], known)
    characters = (*way.characters, known)
    return Opening(way.before, characters, way.ahead[1:], way.unlike)


def reread(way: Opening, length: int) -> Opening:
    """Opening of which only so many characters are read, the others seen ahead."""
    ahead = (*way.characters[length:], *way.ahead)
    while ahead and ahead[-1] is None:
        ahead = ahead[:-1]
    return Opening(way.before, way.characters[:length], ahead, way.unlike)


def closed(way: Opening, depth: int) -> list[Opening]:
    """An opening with all that is known in its first fields, if anything is like it."""
    characters = (*way.characters, *way.ahead)[:depth]
    if way.before is None:
        return [Opening(None, characters, unlike=way.unlike)]
    return possible(Opening(way.before - way.unlike, characters))


def merged(ways: Iterable[Opening]) -> list[Opening]:
    """Openings of which those that differ in one character only are put together."""
    found = list(dict.fromkeys(ways))
    for place in reversed(range(DEPTH)):
        alike: dict[tuple[Any, ...], list[frozenset[int]]] = {}
        merged = []
        for way in found:
            before, known, ahead, unlike = way
            if len(known) <= place or (points := known[place]) is None:
                merged.append(way)
            else:
                key = before, ahead, unlike, known[:place], known[place + 1 :]
                alike.setdefault(key, []).append(points)
        for (before, ahead, unlike, left, right), each in alike.items():
            points = each[0] if len(each) == 1 else frozenset().union(*each)
            merged.append(Opening(before, (*left, points, *right), ahead, unlike))
        found = merged
    return found


def narrowed(way: Opening, place: int, known: Characters) -> Opening:
    """Opening of which one place, -1 being the one before, is known better."""
    if known is None or place < -1:
        return way
    if place == -1:
        return way._replace(before=_both(way.before, known))
    characters = list(way.characters)
    characters[place] = _both(characters[place], known)
    return way._replace(characters=tuple(characters))


def _both(one: Characters, other: Characters) -> Characters:
    if one is None or other is None:
        return other if one is None else one
    return one & other
