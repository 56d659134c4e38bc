"""Literal text that a match of a regex cannot do without, read off its parse tree.

Python finds a string in a text ten times as fast as `re` finds that nothing matches.
The idea is that of required factors (Cox: Regular Expression Matching with a Trigram
Index, 2012), without the index.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from extract.characters import op, tree_of

Way = frozenset[str]
"""Strings that all occur in a match."""

_FEW = 16
_NOTHING: tuple[Way, ...] = (frozenset(),)


class Factors:
    r"""What a text must hold for a regex to match anywhere in it.

    Parameters
    ----------
    patterns : sequence of re.Pattern
        Any; of one that needs no literal, nothing is known.

    Attributes
    ----------
    ways : tuple of frozenset of str
        Every match of every pattern holds all strings of one of them.

    Examples
    --------
    >>> factors = Factors([re.compile(r"第\d+页|共\d+页")])
    >>> factors.within("详见第3页"), factors.within("第3条")
    (True, False)
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self.ways = _fewest([way for each in patterns for way in _ways_of(each)])

    def within(self, text: str, start: int = 0, end: int | None = None) -> bool:
        """Whether any of the patterns may match; without it, none does."""
        for way in self.ways:
            for literal in way:
                if text.find(literal, start, end) < 0:
                    break
            else:
                return True
        return False


def _fewest(ways: Iterable[Way]) -> tuple[Way, ...]:
    """Ways without those of texts that hold all of another way too."""
    kept: list[Way] = []
    for way in ways:
        if not any(_implied(other, way) for other in kept):
            kept = [other for other in kept if not _implied(way, other)]
            kept.append(way)
    return tuple(kept)


def _implied(way: Way, given: Way) -> bool:
    """Whether a text that holds one way holds this one."""
    return all(any(literal in longer for longer in given) for literal in way)


def _ways_of(pattern: re.Pattern[str]) -> tuple[Way, ...]:
    tree = tree_of(pattern)
    return _NOTHING if tree is None else _sequence(tree)


def _sequence(items: Iterable[tuple[Any, Any]]) -> tuple[Way, ...]:
    """Ways of what stands one after the other: all of it is needed."""
    ways = _NOTHING
    literal = ""
    for code, argument in [*items, (None, None)]:
        if code is op.LITERAL:
            literal += chr(argument)
            continue
        before, literal = (frozenset((literal,) if literal else ()),), ""
        for further in (before, _item(code, argument)):
            # what is left out was needed too: less is known, and nothing wrong
            if len(ways) * len(further) > _FEW:
                further = (frozenset.intersection(*further),)
            ways = tuple([way | more for way in ways for more in further])
    return ways


def _item(code: Any, argument: Any) -> tuple[Way, ...]:
    if code is op.SUBPATTERN and not argument[1]:
        return _sequence(argument[3])
    if code is op.BRANCH:
        return tuple([way for branch in argument[1] for way in _sequence(branch)])
    if code in (op.MAX_REPEAT, op.MIN_REPEAT) and argument[0] > 0:
        return _sequence(argument[2])
    return _NOTHING
