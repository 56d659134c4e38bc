"""Items of a regex in, the characters that each may stand for out."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

try:
    # the tree that `re` compiles from; the standard library has no public name for it
    from re import _constants as op  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
except ImportError:  # pragma: no cover - then no regex has known openings
    op = parser = None

__all__ = [
    "ELSEWHERE", "LAST", "SINGLE", "Characters", "characters", "foreign", "known_as",
    "op", "tree_of",
]  # fmt: skip

Characters = frozenset[int] | None
"""Code points, or None for any."""

LAST = chr(0xFFFF)
"""Nothing is known of a character from this one on."""
ELSEWHERE = ord(LAST)
"""Stands for what lies outside the text or the basic plane, and for `foreign`."""
SINGLE = (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY) if op else ()
"""Items that stand for one character."""

_DIGITS = frozenset(map(ord, "0123456789０１２３４５６７８９"))
_LARGE = 400


@lru_cache(maxsize=1_000)
def tree_of(pattern: re.Pattern[str]) -> Any:
    """Items of a regex, not to be changed; None if they cannot be told.

    Many questions are asked of a rule's regex, and reading it takes longer than most.
    """
    if parser is None or pattern.flags & re.IGNORECASE:
        return None
    return parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)


def characters(code: Any, argument: Any) -> Characters:
    """Characters that one item stands for; None if they are too many to list."""
    if code is op.LITERAL:
        return _one(argument)
    if code is not op.IN:
        return None
    found: set[int] = set()
    for kind, value in argument:
        if kind is op.LITERAL:
            found.add(known_as(value))
        elif kind is op.RANGE and value[1] - value[0] < _LARGE:
            found.update(known_as(point) for point in range(value[0], value[1] + 1))
        elif kind is op.CATEGORY and value in (op.CATEGORY_DIGIT, op.CATEGORY_SPACE):
            members = _category(r"\d" if value is op.CATEGORY_DIGIT else r"\s")
            if len(argument) == 1:
                return members  # one and the same object is hashed once
            found |= members
        else:
            return None
    return frozenset(found)


def known_as(point: int) -> int:
    """What stands for a code point."""
    return ELSEWHERE if point in foreign() else min(point, ELSEWHERE)


@cache
def _one(point: int) -> frozenset[int]:
    return frozenset((known_as(point),))


@cache
def _category(escape: str) -> frozenset[int]:
    members = frozenset(map(ord, re.findall(escape, _basic_plane())))
    return members - foreign() | {ELSEWHERE}


@cache
def foreign() -> frozenset[int]:
    r"""Digits of other scripts, which ``\d`` allows and no text here holds."""
    digits = re.findall(r"\d", _basic_plane())
    return frozenset(map(ord, digits)) - _DIGITS


@cache
def _basic_plane() -> str:
    return "".join(map(chr, range(ELSEWHERE)))
