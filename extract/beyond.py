"""What stands behind a run of characters that a match begins with: read off the regex.

Nearly all that begins with a number is told by what stands behind it: a rule for
percentages need not be asked where 年 follows the digits. Like `extract.openings` a
necessary condition, never a sufficient one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from extract.characters import ELSEWHERE, SINGLE, Characters, characters, op, tree_of

_NONE: frozenset[int] = frozenset()


class _Reading(NamedTuple):
    """What a piece of a regex allows for the first character beyond the run.

    Attributes
    ----------
    found : Characters
        Those that the piece itself may read.
    through : Characters
        Those that may follow where all that the piece reads belongs to the run.
    """

    found: Characters
    through: Characters


_UNKNOWN = _Reading(None, None)
_PASSED = _Reading(_NONE, None)


def beyond(pattern: re.Pattern[str], run: frozenset[int]) -> Characters:
    r"""Characters of which one is the first, from a match's start on, not of a run.

    Parameters
    ----------
    pattern : re.Pattern
        Any; its negative lookaheads are ignored.
    run : frozenset of int
        Characters that belong to the run.

    Returns
    -------
    frozenset of int or None
        Code points, `ELSEWHERE` among them if the text may end there; None for any.

    Examples
    --------
    >>> digits = frozenset(map(ord, "0123456789"))
    >>> known = beyond(re.compile(r"\d+(?:年|个?月)"), digits)
    >>> sorted(map(chr, known or ()))
    ['个', '年', '月', '\uffff']
    """
    tree = tree_of(pattern)
    if tree is None:
        return None
    read = _sequence(tree, run)
    return _either(read.found, read.through)


def _sequence(items: Iterable[tuple[Any, Any]], run: frozenset[int]) -> _Reading:
    """What pieces allow that stand one behind the other."""
    found: Characters = _NONE
    through: Characters = None
    for code, argument in items:
        read = _item(code, argument, run)
        found = _either(found, _both(read.found, through))
        through = _both(read.through, through)
        if not through and through is not None:
            break
    return _Reading(found, through)


def _item(code: Any, argument: Any, run: frozenset[int]) -> _Reading:
    if code in SINGLE:
        known = characters(code, argument)
        if known is None:
            return _UNKNOWN
        return _Reading(known - run, None if known & run else _NONE)
    if code is op.AT:
        ends = argument is op.AT_END_STRING
        return _Reading(_NONE, frozenset((ELSEWHERE,))) if ends else _PASSED
    if code is op.ASSERT and argument[0] > 0:
        # what is seen ahead begins in the run as well, and is read again after it
        seen = _sequence(argument[1], run)
        return _Reading(_NONE, _either(seen.found, seen.through))
    if code in (op.ASSERT, op.ASSERT_NOT):
        return _PASSED
    if code is op.SUBPATTERN and not (argument[1] or argument[2]):
        return _sequence(argument[3], run)
    if code is op.BRANCH:
        reads = [_sequence(way, run) for way in argument[1]]
        return _Reading(
            _any_of([read.found for read in reads]),
            _any_of([read.through for read in reads]),
        )
    if code in (op.MAX_REPEAT, op.MIN_REPEAT):
        least, _, items = argument
        read = _sequence(items, run)
        return read if least else _Reading(read.found, None)
    return _UNKNOWN


def _either(one: Characters, other: Characters) -> Characters:
    return None if one is None or other is None else one | other


def _any_of(sets: Iterable[Characters]) -> Characters:
    known: Characters = _NONE
    for each in sets:
        known = _either(known, each)
    return known


def _both(one: Characters, other: Characters) -> Characters:
    if one is None or other is None:
        return other if one is None else one
    return one & other
