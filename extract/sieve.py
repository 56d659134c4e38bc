"""Many regexes over one text: where each could match, found in one pass for all.

`re` spends 5 ns a character and rule on finding that nothing matches, and 20 to 30
on a rule without a fixed beginning: 24 cue rules cost 212 ns a character. Here the
pass costs 10 for all tables together, and the rules are asked at 10 places in a
hundred characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Generic, TypeVar

import numpy as np

from extract.masks import KEPT, Masks, Places, Tables, any_bit, sheet
from extract.openings import openings

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Row = int | tuple[int, ...]
_Asks = tuple[tuple[int, Callable[..., re.Match[str] | None]], ...]
# arrays of a block stay in the processor's cache
_BLOCK = 1 << 16


class Sieve(Generic[_Key]):
    """Regexes of which each is asked only where an opening of it stands.

    Parameters
    ----------
    patterns : iterable of (key, re.Pattern)
        Any, each with what to call it; one without known openings is searched for
        as ever.

    Attributes
    ----------
    unknown : tuple of key
        Patterns without known openings.

    Notes
    -----
    The tables of `extract.masks` leave the places at which a pattern may begin.
    """

    def __init__(self, patterns: Iterable[tuple[_Key, re.Pattern[str]]]) -> None:
        self.patterns = tuple(patterns)
        ways = [openings(pattern) for _, pattern in self.patterns]
        unknown = [number for number, known in enumerate(ways) if known is None]
        self._unknown = frozenset(unknown)
        self.unknown = tuple([self.patterns[number][0] for number in unknown])
        self.tables = Tables(ways)
        self._remembered = lru_cache(KEPT)(self._whole)
        self._shares: dict[range, Share[_Asks]] = {}

    def found(
        self, text: str, start: int, stop: int, only: range | None = None
    ) -> list[tuple[_Key, list[re.Match[str]]]]:
        """Matches of each pattern that are not empty, as its ``finditer`` finds them.

        Parameters
        ----------
        text : str
        start, stop : int
            Bounds as of ``re.Pattern.finditer``.
        only : range, optional
            Numbers of the patterns to ask; all of them by default. What is found out
            about the others is remembered for the last `KEPT` texts.

        Returns
        -------
        list of (key, list of re.Match)
            Key of each pattern and its matches.
        """
        chosen = only or range(len(self.patterns))
        found: list[list[re.Match[str]]] = [[] for _ in chosen]
        reach = [start] * len(chosen)
        share = self._shares.get(chosen) or self._shared(chosen)
        places, asked = share.openings(text, start, stop)
        for place, asks in zip(places, asked, strict=True):
            for number, ask in asks:
                if place >= reach[number] and (match := ask(text, place, stop)):
                    reach[number] = match.end()
                    found[number].append(match)
        for number in self._unknown.intersection(chosen):
            every = self.patterns[number][1].finditer(text, start, stop)
            own = [match for match in every if match.end() > match.start()]
            found[number - chosen[0]] = own
        keys = [self.patterns[number][0] for number in chosen]
        return list(zip(keys, found, strict=True))

    def _shared(self, chosen: range) -> Share[_Asks]:
        """What to ask where of some of the patterns, by their numbers among these."""
        asks = [self.patterns[number][1].match for number in chosen]
        share = Share(self, chosen, lambda own: tuple([(n, asks[n]) for n in own]))
        self._shares[chosen] = share
        return share

    def blocks(
        self, text: str, start: int, stop: int
    ) -> Iterator[tuple[Places, Masks]]:
        """Places at which bits are left, and those bits, block by block."""
        if start == 0 and stop == len(text) <= _BLOCK:
            yield self._remembered(text)
            return
        for block in range(start, stop, _BLOCK):
            end = min(block + _BLOCK, stop)
            places, masks = self.tables.left(sheet(text, block, end, stop))
            yield places + block, masks

    def _whole(self, text: str) -> tuple[Places, Masks]:
        """What is left of a short text, remembered for the table laid over it next."""
        return self.tables.left(sheet(text, 0, len(text), len(text)))


class Share(Generic[_Value]):
    """Some of a sieve's patterns, of which it is known together where to ask them.

    Parameters
    ----------
    sieve : Sieve
    numbers : range
        Which of its patterns.
    deal : callable
        What is made, once for each combination, of the patterns to ask at a place:
        their numbers, counted from the first of `numbers`.
    """

    def __init__(
        self,
        sieve: Sieve[_Key],
        numbers: range,
        deal: Callable[[list[int]], _Value],
    ) -> None:
        bits = sieve.tables.bits[numbers.start : numbers.stop]
        words = np.bitwise_or.reduce(bits, axis=0).nonzero()[0].tolist() or [0]
        self._words = slice(words[0], words[-1] + 1)
        self._every = np.bitwise_or.reduce(bits[:, self._words], axis=0)
        self._dealt = _ByRow(bits[:, self._words], deal)
        self._blocks = sieve.blocks

    def openings(
        self, text: str, start: int, stop: int
    ) -> tuple[list[int], list[_Value]]:
        """Places where matches may begin, for asking patterns there and only there.

        Parameters
        ----------
        text : str
        start, stop : int
            Bounds of the text that is looked at.

        Returns
        -------
        list of int, list of object
            Places in order, and what was made of the patterns to ask at each.
        """
        found: list[int] = []
        dealt: list[_Value] = []
        for places, masks in self._blocks(text, start, stop):
            own = masks[:, self._words] & self._every
            left = any_bit(own).nonzero()[0]
            found += places.take(left).tolist()
            dealt += map(self._dealt.__getitem__, _rows(own.take(left, axis=0)))
        return found, dealt


class _ByRow(dict[_Row, _Value], Generic[_Value]):
    """What is made of the bits left; worked out once for each combination."""

    def __init__(self, bits: Masks, deal: Callable[[list[int]], _Value]) -> None:
        super().__init__()
        self._bits = bits
        self._deal = deal

    def __missing__(self, row: _Row) -> _Value:
        left = any_bit(self._bits & np.array(row, np.uint64)).nonzero()[0]
        found = self[row] = self._deal(left.tolist())
        return found


def _rows(masks: Masks) -> Iterable[_Row]:
    """Rows as keys: most tables need one word."""
    words: list[list[int]] = masks.T.tolist()
    return words[0] if len(words) == 1 else zip(*words, strict=True)
