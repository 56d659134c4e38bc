"""What a match of a regex must open with, read off its parse tree.

A necessary condition, never a sufficient one: where no opening stands, the regex
cannot match; where one stands, it must still be asked. The idea is that of the first
sets of a grammar (Aho, Lam, Sethi, Ullman: Compilers, 4.4), taken three characters
deep, with what a lookbehind says of the character before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from extract.characters import (
    ELSEWHERE,
    SINGLE,
    characters,
    foreign,
    known_as,
    op,
    tree_of,
)
from extract.opening import (
    DEPTH,
    Opening,
    closed,
    merged,
    narrowed,
    possible,
    read_on,
    reread,
)

__all__ = ["DEPTH", "ELSEWHERE", "Opening", "first_characters", "openings"]

_LINE_FEED = 10
# ways are put together from so many on, and given up beyond so many
_SEVERAL = 30
_MANY = 4000


class _Unknown(Exception):
    """The regex uses what is not understood here."""


def openings(pattern: re.Pattern[str], depth: int = DEPTH) -> list[Opening] | None:
    """Ways in which a match of a regex may begin.

    Parameters
    ----------
    pattern : re.Pattern
        Any; its negative lookaheads are ignored.
    depth : int, default=3
        How many characters to look at.

    Returns
    -------
    list of Opening or None
        At every match in any text one of them stands; what a lookahead demands
        behind a match that may end early counts as its characters. None if nothing
        is known: the regex may match the empty string, begin with nearly any
        character, or holds what is not understood here.

    Examples
    --------
    >>> [opening] = openings(re.compile("[67]月[上下]旬"))
    >>> ["".join(sorted(map(chr, known))) for known in opening.characters]
    ['67', '月', '上下']
    """
    tree = tree_of(pattern)
    if tree is None:
        return None
    try:
        ways = _Reader(depth).follow([Opening()], tree)
    except _Unknown:
        # fewer characters may still be told where more are too many to list
        return openings(pattern, depth - 1) if depth > 1 else None
    if any(not way.characters or way.characters[0] is None for way in ways):
        return None
    return merged(end for way in ways for end in closed(way, depth))


def first_characters(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Characters of the basic plane that may begin a match; None if not known."""
    ways = openings(pattern, depth=1)
    points = {point for way in ways or () for point in way.characters[0] or ()}
    if ELSEWHERE in points:
        points |= foreign()
    return None if ways is None else frozenset(map(chr, points))


class _Reader:
    """Reads a parse tree from left to right, up to a depth."""

    def __init__(self, depth: int) -> None:
        self.depth = depth

    def follow(
        self, ways: Iterable[Opening], items: Iterable[tuple[Any, Any]]
    ) -> list[Opening]:
        """Openings with a sequence of items read after each."""
        whole: dict[Opening, None] = {}
        rest: dict[Opening, None] = {}
        self.deal(ways, whole, rest)
        for code, argument in items:
            if not rest:
                break
            before, rest = rest, {}
            for way in before:
                self.deal(self.step(way, code, argument), whole, rest)
            if len(rest) > _SEVERAL:
                rest = dict.fromkeys(merged(rest))
            if len(whole) + len(rest) > _MANY:
                raise _Unknown
        return [*whole, *rest]

    def deal(
        self,
        ways: Iterable[Opening],
        whole: dict[Opening, None],
        rest: dict[Opening, None],
    ) -> None:
        """Sort openings into those that are complete and those to read on from."""
        for way in ways:
            (whole if len(way.characters) >= self.depth else rest)[way] = None

    def complete(self, way: Opening) -> bool:
        """Whether nothing further is asked about an opening."""
        return len(way.characters) >= self.depth

    def step(self, way: Opening, code: Any, argument: Any) -> list[Opening]:
        """Openings with one item read after this one."""
        if code in SINGLE:
            return possible(read_on(way, characters(code, argument)))
        if code is op.AT:
            return possible(_at(way, argument))
        if code in (op.ASSERT, op.ASSERT_NOT):
            direction, items = argument
            if direction > 0:
                return [way] if code is op.ASSERT_NOT else self.look(way, items)
            return _behind(way, items, negative=code is op.ASSERT_NOT)
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

    def look(self, way: Opening, items: Any) -> list[Opening]:
        """Openings with a lookahead read, after which reading goes on here."""
        try:
            seen = self.follow([way], items)
        except _Unknown:
            return [way]
        found = dict.fromkeys(reread(end, len(way.characters)) for end in seen)
        # where one of them leaves everything open, the others say nothing
        return [way] if any(not end.ahead for end in found) else list(found)

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


def _at(way: Opening, where: Any) -> Opening:
    """Opening that begins, or goes on, at the start of the text or of a line."""
    starts = {
        op.AT_BEGINNING: frozenset((_LINE_FEED, ELSEWHERE)),
        op.AT_BEGINNING_STRING: frozenset((ELSEWHERE,)),
    }
    return narrowed(way, len(way.characters) - 1, starts.get(where))


def _behind(way: Opening, items: Any, *, negative: bool) -> list[Opening]:
    """Openings with what a lookbehind adds to this one."""
    try:
        ends = _spelt_out(list(items))
    except _Unknown:
        return [way]
    if negative:
        for end in ends:
            way = _not_behind(way, end)
        return possible(way)
    found: dict[Opening, None] = {}
    for end in ends:
        further = way
        for place, (code, argument) in enumerate(end, len(way.characters) - len(end)):
            further = narrowed(further, place, characters(code, argument))
        found.update(dict.fromkeys(possible(further)))
    return list(found)


def _spelt_out(items: list[tuple[Any, Any]]) -> list[list[tuple[Any, Any]]]:
    """What a lookbehind can stand for, character by character.

    Raises
    ------
    _Unknown
    """
    ends: list[list[tuple[Any, Any]]] = [[]]
    for code, argument in items:
        if code in SINGLE:
            ways = [[(code, argument)]]
        elif code is op.BRANCH:
            ways = [end for way in argument[1] for end in _spelt_out(list(way))]
        elif code is op.SUBPATTERN and not (argument[1] or argument[2]):
            ways = _spelt_out(list(argument[3]))
        else:
            raise _Unknown
        ends = [[*end, *way] for end in ends for way in ways]
    return ends


def _not_behind(way: Opening, items: Sequence[tuple[Any, Any]]) -> Opening:
    """Opening that a negative lookbehind allows, if it is about what stands before.

    Understood are ``(?<![^…]..)`` and ``(?<![…]..)`` with what is read already.
    """
    (code, argument), *rest = items
    first = len(way.characters) - len(items)
    # where another character may have been read, nothing is forbidden
    if first != -1 or not all(
        known is not None and _covers(item, known)
        for item, known in zip(rest, way.characters, strict=True)
    ):
        return way
    if code is op.NOT_LITERAL:
        return narrowed(way, first, frozenset((known_as(argument), ELSEWHERE)))
    if code is op.IN and argument[0][0] is op.NEGATE:
        allowed = characters(op.IN, argument[1:])
        return narrowed(way, first, None if allowed is None else allowed | {ELSEWHERE})
    # what `ELSEWHERE` stands for is never known to be one of them
    unlike = (characters(code, argument) or frozenset()) - {ELSEWHERE}
    return way._replace(unlike=way.unlike | unlike)


def _covers(item: tuple[Any, Any], known: frozenset[int]) -> bool:
    """Whether an item of a regex stands for every one of the characters."""
    if item[0] is op.ANY:
        return _LINE_FEED not in known
    stands = characters(*item)
    if stands is None or stands is known:
        return stands is known
    return ELSEWHERE not in known and known <= stands
