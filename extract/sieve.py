"""Many regexes over one text: where each could match, found in one pass for all.

`re` spends 5 ns a character and rule on finding that nothing matches, and 20 to 30
on a rule without a fixed beginning: 24 cue rules cost 212 ns a character. Here the
pass costs 12 for all of them together, and the rules are asked at 5 places in a
hundred characters: 45 in all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt

from extract.openings import ELSEWHERE, Characters, Opening, openings

_Masks = npt.NDArray[np.uint64]
_Places = npt.NDArray[np.intp]

# pairs of characters hash into 2**16 cells: 0.5 % of them are taken
_FACTOR = 31321
_CELLS = ELSEWHERE
_BITS = 64
# arrays of a block stay in the processor's cache
_BLOCK = 1 << 16
# beyond so many pairs only the first character is looked at
_PAIRS = 4000


class Sieve:
    """Regexes of which each is asked only where an opening of it stands.

    Parameters
    ----------
    patterns : sequence of re.Pattern
        Any; one without known openings is searched for as ever.

    Notes
    -----
    Every kind of opening owns a bit. Four tables tell which bits a character before,
    a first character, a pair of first characters and a third character leave; their
    conjunction leaves the places. Bits are shared if there are more than 64 kinds,
    which asks more and loses nothing.
    """

    def __init__(self, patterns: Sequence[re.Pattern[str]]) -> None:
        self._patterns = tuple(patterns)
        self._before, self._first, self._pair, self._third = (
            np.zeros(_CELLS + 1, np.uint64) for _ in range(4)
        )
        self._kinds = 0
        known = [openings(pattern) for pattern in patterns]
        self._unknown = {n for n, ways in enumerate(known) if ways is None}
        self._bits = np.array([self._add(ways or ()) for ways in known], np.uint64)

    def matches(
        self, text: str, start: int, stop: int
    ) -> Iterator[tuple[int, re.Match[str]]]:
        """Every match that is not empty, as ``finditer`` of each pattern yields them.

        Parameters
        ----------
        text : str
        start, stop : int
            Bounds as of ``re.Pattern.finditer``.

        Yields
        ------
        (int, re.Match)
            Number of the pattern and its match, pattern by pattern.
        """
        numbers, places = self._candidates(text, start, stop)
        counts = np.arange(len(self._patterns) + 1)
        begins = np.searchsorted(numbers, counts).tolist()
        candidates = places.tolist()
        for number, pattern in enumerate(self._patterns):
            if number in self._unknown:
                for match in pattern.finditer(text, start, stop):
                    if match.end() > match.start():
                        yield number, match
                continue
            reach = start
            ask = pattern.match
            for place in candidates[begins[number] : begins[number + 1]]:
                if place >= reach and (found := ask(text, place, stop)):
                    reach = found.end()
                    yield number, found

    def _candidates(self, text: str, start: int, stop: int) -> tuple[_Places, _Places]:
        """Numbers of patterns and places to ask them at, pattern by pattern."""
        found = [
            self._block(text, block, min(block + _BLOCK, stop), stop)
            for block in range(start, stop, _BLOCK)
        ]
        if len(found) == 1:
            return found[0]
        numbers, places = (
            np.concatenate([np.empty(0, np.intp), *part])
            for part in ([numbers for numbers, _ in found], [p for _, p in found])
        )
        order = np.argsort(numbers, kind="stable")
        return numbers.take(order), places.take(order)

    def _block(
        self, text: str, start: int, end: int, stop: int
    ) -> tuple[_Places, _Places]:
        points = _points(text, start, end, stop)
        first = points[1:-2]
        pairs = first * _FACTOR
        pairs += points[2:-1]
        pairs &= _CELLS
        masks = self._pair.take(pairs)
        masks |= self._first.take(first)
        # for booleans it is twice as fast
        places = np.flatnonzero(masks != 0)
        masks = masks.take(places)
        masks &= self._before.take(points.take(places))
        masks &= self._third.take(points.take(places + 3))
        left = np.flatnonzero(masks != 0)
        places, masks = places.take(left) + start, masks.take(left)
        # one call for all patterns: on short documents the calls are what costs
        numbers, columns = np.nonzero(masks & self._bits[:, np.newaxis])
        return numbers, places.take(columns)

    def _add(self, ways: Sequence[Opening]) -> int:
        """Enter a pattern's openings into the tables; the bits that are its own."""
        rows = [(way.before, *way.characters, *(None,) * 2)[:4] for way in ways]
        # what is known of one kind must not be blurred by the other
        kinds = dict.fromkeys((row[0] is None, row[3] is None) for row in rows)
        bits = {kind: self._bit() for kind in kinds}
        for before, first, second, third in rows:
            bit = bits[before is None, third is None]
            _enter(self._before, before, bit)
            _enter(self._third, third, bit)
            if second is None or not first or len(first) * len(second) > _PAIRS:
                _enter(self._first, first, bit)
            else:
                cells = np.add.outer(_cells(first) * _FACTOR, _cells(second))
                self._pair[(cells & _CELLS).ravel()] |= bit
        return reduce(or_, map(int, bits.values()), 0)

    def _bit(self) -> np.uint64:
        self._kinds += 1
        return np.uint64(1) << np.uint64(self._kinds % _BITS)


def _enter(table: _Masks, characters: Characters, bit: np.uint64) -> None:
    if characters is None:
        table |= bit
    else:
        table[_cells(characters)] |= bit


def _cells(characters: frozenset[int]) -> _Places:
    return np.fromiter(characters, np.intp, len(characters))


def _points(text: str, start: int, end: int, stop: int) -> _Places:
    """Code points of a block, with the one before it and two after it."""
    points = np.full(end - start + 3, ELSEWHERE, np.intp)
    body = text[start : min(end + 2, stop)].encode("utf-32-le", "surrogatepass")
    codes = np.frombuffer(body, np.uint32)
    np.minimum(codes, ELSEWHERE, out=points[1 : 1 + len(codes)])
    if start:
        points[0] = min(ord(text[start - 1]), ELSEWHERE)
    return points
