"""Many regexes over one text: where each could match, found in one pass for all.

`re` spends 5 ns a character and rule on finding that nothing matches, and 20 to 30
on a rule without a fixed beginning: 24 cue rules cost 212 ns a character. Here the
pass costs 10 for all of them together, and the rules are asked at 5 places in a
hundred characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, count
from operator import ne
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from extract.masks import KEPT, Masks, Places, Sheet, Tables, any_bit, read, sheet
from extract.openings import openings

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_Ask = Callable[..., re.Match[str] | None]
_Asks = tuple[tuple[_Key, _Ask], ...]
# arrays of a block stay in the processor's cache
_BLOCK = 1 << 16


class Sieve(Generic[_Key]):
    """Regexes of which each is asked only where an opening of it stands.

    Parameters
    ----------
    patterns : iterable of (key, re.Pattern)
        Any, each with what to call it; one without known openings is searched for
        as ever.
    followers : iterable of (key, re.Pattern)
        Patterns to ask only where one of the others may begin; see `openings`.

    Attributes
    ----------
    unknown : tuple of key
        Patterns without known openings.

    Notes
    -----
    The tables of `extract.masks` leave the places at which a pattern may begin.
    """

    def __init__(
        self,
        patterns: Iterable[tuple[_Key, re.Pattern[str]]],
        followers: Iterable[tuple[_Key, re.Pattern[str]]] = (),
    ) -> None:
        self._patterns = tuple(patterns)
        every = (*self._patterns, *followers)
        ways = [openings(pattern) for _, pattern in every]
        unknown = [number for number, known in enumerate(ways) if known is None]
        self._unknown = frozenset(unknown)
        self.unknown = tuple([every[number][0] for number in unknown])
        self._tables = Tables(ways)
        first = [n for n in range(len(self._patterns)) if n not in self._unknown]
        # most places are ruled out by whether a pair or a character leaves any bit
        self._leading = np.bitwise_or.reduce(self._tables.bits[first], axis=0)
        self._loose = self._tables.loose & self._leading
        self._some_first = self._tables.first.some(self._loose)
        self._some_pair = self._tables.pair.some(self._leading)
        self._remembered = lru_cache(KEPT)(self._places)
        asks = [(key, pattern.match) for key, pattern in every]
        self._asked = _ByRow(self._tables.bits, asks)

    def matches(
        self, text: str, start: int, stop: int, only: range | None = None
    ) -> Iterator[tuple[_Key, re.Match[str]]]:
        """Every match that is not empty, as ``finditer`` of each pattern yields them.

        Parameters
        ----------
        text : str
        start, stop : int
            Bounds as of ``re.Pattern.finditer``.
        only : range, optional
            Numbers of the patterns to ask; all of them by default. What is found out
            about the others is remembered for the last `KEPT` texts.

        Yields
        ------
        (key, re.Match)
            Key of the pattern and its match, pattern by pattern.
        """
        short = stop - start <= _BLOCK
        places = (self._remembered if short else self._places)(text, start, stop)
        for number in only or range(len(self._patterns)):
            key, pattern = self._patterns[number]
            if number in self._unknown:
                for match in pattern.finditer(text, start, stop):
                    if match.end() > match.start():
                        yield key, match
                continue
            reach = start
            ask = pattern.match
            for place in places[number]:
                if place >= reach and (found := ask(text, place, stop)):
                    reach = found.end()
                    yield key, found

    def openings(
        self, text: str, start: int, stop: int
    ) -> Iterator[tuple[int, _Asks[_Key]]]:
        """Places where matches may begin, for asking patterns there and only there.

        Parameters
        ----------
        text : str
        start, stop : int
            Bounds of the text that is looked at.

        Yields
        ------
        (int, tuple of (key, function))
            A place, and the patterns to ask there (``re.Pattern.match``), followers
            last; patterns without known openings are always among them.
        """
        for places, masks in self._blocks(text, start, stop):
            asked = map(self._asked.__getitem__, _rows(masks))
            yield from zip(places.tolist(), asked, strict=True)

    def _places(self, text: str, start: int, stop: int) -> list[list[int]]:
        """Places to ask each pattern at."""
        found: list[list[int]] = [[] for _ in self._patterns]
        ends = np.arange(len(found) + 1)
        for places, masks in self._blocks(text, start, stop):
            # calls for all patterns: on short documents the calls are what costs
            cells = self._wanted(masks).ravel().nonzero()[0]
            bounds = np.searchsorted(cells, ends * len(places)).tolist()
            asked = places.take(cells % max(len(places), 1)).tolist()
            for number in compress(count(), map(ne, bounds, bounds[1:])):
                found[number] += asked[bounds[number] : bounds[number + 1]]
        return found

    def _wanted(self, masks: Masks) -> npt.NDArray[np.bool_]:
        """Whether each pattern is to be asked at each place."""
        wanted = np.empty((len(self._patterns), len(masks)), np.bool_)
        for word, (first, last) in enumerate(self._tables.words):
            bits = self._tables.bits[first:last, word, np.newaxis]
            rows = wanted[first:last]
            np.not_equal(masks[:, word] & bits[: len(rows)], 0, out=rows)
        return wanted

    def _blocks(
        self, text: str, start: int, stop: int
    ) -> Iterator[tuple[Places, Masks]]:
        """Places of each block at which bits are left, and those bits."""
        for block in range(start, stop, _BLOCK):
            end = min(block + _BLOCK, stop)
            whole = block == 0 and end == len(text)
            block_sheet = read(text) if whole else sheet(text, block, end, stop)
            places, masks = self._left(block_sheet)
            yield places + block, masks

    def _left(self, sheet: Sheet) -> tuple[Places, Masks]:
        points, cells = sheet
        tables = self._tables
        some = self._some_pair.take(cells)
        if self._loose.any():
            np.logical_or(some, self._some_first.take(points[1:-2]), out=some)
        places = some.nonzero()[0]
        masks = tables.pair.take(cells.take(places)) | tables.loose
        masks &= tables.first.take(points.take(places + 1))
        if tables.before.told:
            masks &= tables.before.take(points.take(places))
        if tables.third.told:
            masks &= tables.third.take(points.take(places + 3))
        left = any_bit(masks & self._leading).nonzero()[0]
        return places.take(left), masks.take(left, axis=0)


class _ByRow(dict[bytes, tuple[_Value, ...]], Generic[_Value]):
    """What is given for each pattern, by the bits left; worked out once for each."""

    def __init__(self, bits: Masks, values: Sequence[_Value]) -> None:
        super().__init__()
        self._bits = bits
        self._values = values

    def __missing__(self, row: bytes) -> tuple[_Value, ...]:
        left = any_bit(self._bits & np.frombuffer(row, np.uint64)).nonzero()[0].tolist()
        found = self[row] = tuple([self._values[number] for number in left])
        return found


def _rows(masks: Masks) -> list[bytes]:
    rows: list[bytes] = masks.view((np.void, masks.strides[0])).ravel().tolist()
    return rows
