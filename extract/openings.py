"""What a match of a regex must open with, read off its parse tree.

A necessary condition, never a sufficient one: where no opening stands, the regex
cannot match; where one stands, it must still be asked. The idea is that of the first
sets of a grammar (Aho, Lam, Sethi, Ullman: Compilers, 4.4), taken three characters
deep, with what a lookbehind says of the character before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

try:
    # the tree that `re` compiles from; the standard library has no public name for it
    from re import _constants as op  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # pragma: no cover - then no regex has known openings
    op = parser = None

Characters = frozenset[int] | None
"""Code points, or None for any."""

DEPTH = 3
LAST = chr(0xFFFF)
"""Nothing is known of a character from this one on."""
ELSEWHERE = ord(LAST)
"""Stands for what is no character of the basic plane, or lies outside the text."""

_LINE_FEED = 10
_LARGE = 400
_MANY = 4000


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
    """

    before: Characters = None
    characters: tuple[Characters, ...] = ()


class _Unknown(Exception):
    """The regex uses what is not understood here."""


def openings(pattern: re.Pattern[str], depth: int = DEPTH) -> list[Opening] | None:
    """Ways in which a match of a regex may begin.

    Parameters
    ----------
    pattern : re.Pattern
        Any; its lookaheads are ignored.
    depth : int, default=3
        How many characters to look at.

    Returns
    -------
    list of Opening or None
        At every match in any text one of them stands. None if nothing is known: the
        regex may match the empty string, begin with nearly any character, or holds
        what is not understood here.

    Examples
    --------
    >>> [opening] = openings(re.compile("[67]月[上下]旬"))
    >>> ["".join(sorted(map(chr, known))) for known in opening.characters]
    ['67', '月', '上下']
    """
    if parser is None or pattern.flags & re.IGNORECASE:
        return None
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    try:
        ways = _Reader(depth).follow([Opening()], tree)
    except _Unknown:
        return None
    if any(not way.characters or way.characters[0] is None for way in ways):
        return None
    return ways


def first_characters(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Characters of the basic plane that may begin a match; None if not known."""
    ways = openings(pattern, depth=1)
    points = {point for way in ways or () for point in way.characters[0] or ()}
    return None if ways is None else frozenset(map(chr, points))


class _Reader:
    """Reads a parse tree from left to right, up to a depth."""

    def __init__(self, depth: int) -> None:
        self.depth = depth

    def follow(
        self, ways: list[Opening], items: Iterable[tuple[Any, Any]]
    ) -> list[Opening]:
        """Openings with a sequence of items read after each."""
        for code, argument in items:
            if all(map(self.complete, ways)):
                break
            further: dict[Opening, None] = {}
            for way in ways:
                if self.complete(way):
                    further[way] = None
                else:
                    further.update(dict.fromkeys(self.step(way, code, argument)))
            ways = [way for way in further if _possible(way)]
            if len(ways) > _MANY:
                raise _Unknown
        return ways

    def complete(self, way: Opening) -> bool:
        """Whether nothing further is asked about an opening."""
        return len(way.characters) >= self.depth

    def step(self, way: Opening, code: Any, argument: Any) -> list[Opening]:
        """Openings with one item read after this one."""
        if code in (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY):
            known = _characters(code, argument)
            return [Opening(way.before, (*way.characters, known))]
        if code is op.AT:
            return [_at_line_start(way) if argument is op.AT_BEGINNING else way]
        if code in (op.ASSERT, op.ASSERT_NOT):
            direction, items = argument
            if direction > 0:
                return [way]
            return [_behind(way, list(items), negative=code is op.ASSERT_NOT)]
        if code is op.SUBPATTERN:
            _, switched_on, switched_off, items = argument
            if switched_on or switched_off:
                raise _Unknown
            return self.follow([way], items)
        if code is op.BRANCH:
            return [end for way_on in argument[1] for end in self.follow([way], way_on)]
        if code in (op.MAX_REPEAT, op.MIN_REPEAT):
            return self.repeat(way, *argument)
        raise _Unknown

    def repeat(self, way: Opening, least: int, most: int, items: Any) -> list[Opening]:
        """Openings with an item read a number of times."""
        ends = [way] if least == 0 else []
        ways = [way]
        # further rounds than there are characters to know change nothing
        for times in range(1, min(most, max(least, self.depth)) + 1):
            ways = self.follow(ways, items)
            known = all(map(self.complete, ways))
            if times >= least or known:
                ends += ways
            if known:
                break
        return ends


def _possible(way: Opening) -> bool:
    """Whether any text can begin like that."""
    return (way.before is None or bool(way.before)) and all(
        known is None or known for known in way.characters
    )


def _characters(code: Any, argument: Any) -> Characters:
    """Characters that one item stands for; None if they are too many."""
    if code is op.LITERAL:
        return _one(argument)
    if code is not op.IN:
        return None
    found: set[int] = set()
    for kind, value in argument:
        if kind is op.LITERAL:
            found.add(_known(value))
        elif kind is op.RANGE and value[1] - value[0] < _LARGE:
            found.update(_known(point) for point in range(value[0], value[1] + 1))
        elif kind is op.CATEGORY and value in (op.CATEGORY_DIGIT, op.CATEGORY_SPACE):
            members = _category(
                "isdecimal" if value is op.CATEGORY_DIGIT else "isspace"
            )
            if len(argument) == 1:
                return members  # one and the same object is hashed once
            found |= members
        else:
            return None
    return frozenset(found)


def _known(point: int) -> int:
    return min(point, ELSEWHERE)


@cache
def _one(point: int) -> frozenset[int]:
    return frozenset((_known(point),))


@cache
def _category(test: str) -> frozenset[int]:
    members = {point for point in range(ELSEWHERE) if getattr(chr(point), test)()}
    return frozenset(members | {ELSEWHERE})


def _at_line_start(way: Opening) -> Opening:
    return _narrowed(way, len(way.characters) - 1, frozenset((_LINE_FEED, ELSEWHERE)))


def _behind(way: Opening, items: Sequence[Any], *, negative: bool) -> Opening:
    """Opening with what a lookbehind adds to it."""
    single = (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY)
    if any(code not in single for code, _ in items):
        return way
    first = len(way.characters) - len(items)
    if negative:
        return _not_behind(way, first, items)
    for place, (code, argument) in enumerate(items, first):
        way = _narrowed(way, place, _characters(code, argument))
    return way


def _not_behind(way: Opening, first: int, items: Sequence[Any]) -> Opening:
    """Opening that a negative lookbehind allows; understood is ``(?<![^…]..)``."""
    (code, argument), *rest = items
    dots = all(kind is op.ANY for kind, _ in rest)
    # a dot that could stand for a line feed would not match: then nothing is forbidden
    passed = way.characters[: len(rest)]
    sure = all(known is not None and _LINE_FEED not in known for known in passed)
    if first != -1 or not dots or not sure:
        return way
    if code is op.NOT_LITERAL:
        return _narrowed(way, first, frozenset((_known(argument), ELSEWHERE)))
    if code is op.IN and argument[0][0] is op.NEGATE:
        allowed = _characters(op.IN, argument[1:])
        return _narrowed(way, first, None if allowed is None else allowed | {ELSEWHERE})
    return way


def _narrowed(way: Opening, place: int, known: Characters) -> Opening:
    """Opening of which one place, -1 being the one before, is known better."""
    if known is None or place < -1:
        return way
    if place == -1:
        return Opening(_both(way.before, known), way.characters)
    characters = list(way.characters)
    characters[place] = _both(characters[place], known)
    return Opening(way.before, tuple(characters))


def _both(one: Characters, other: frozenset[int]) -> frozenset[int]:
    return other if one is None else one & other
