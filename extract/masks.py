"""Openings of many regexes in, tables of bits out: who may begin where.

Every kind of opening owns a bit. Tables tell which bits a character before a place, a
first character, a pair of first characters and a third character leave; what all of
them leave is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from extract.characters import ELSEWHERE, LAST, Characters, foreign
from extract.opening import Opening

Masks = npt.NDArray[np.uint64]
"""Rows of bits, one a place or pattern, in as many words as it takes."""
Places = npt.NDArray[np.intp]

KEPT = 64
"""Texts that are remembered as numbers: as many are worked on together."""

_Kind = tuple[bool, bool, frozenset[int]]
# pairs of characters hash into 2**16 cells
_FACTOR = np.uint16(31321)
_CELLS = ELSEWHERE + 1
_BITS = 64
# beyond so many pairs only the first character is looked at
_PAIRS = 4000
_FOLDED = np.arange(_CELLS, dtype=np.uint16)
_FOLDED[list(foreign())] = ELSEWHERE


class Rows:
    """A row of words for each of 65536 cells, most of them the same.

    Attributes
    ----------
    told : bool
        Whether any row differs from the others.
    """

    def __init__(self, table: Masks) -> None:
        odd = (table != table[0]).any(axis=1).nonzero()[0]
        rows, numbers = np.unique(table[odd], axis=0, return_inverse=True)
        self.told = len(odd) > 0
        self._rows = np.concatenate([table[:1], rows])
        # a quarter of the memory that whole rows take, and most of it stays in cache
        self._numbers = np.zeros(len(table), np.uint16)
        self._numbers[odd] = numbers.ravel() + 1

    def take(self, cells: Places) -> Masks:
        """Rows of some cells."""
        return self._rows.take(self._numbers.take(cells), axis=0)

    def some(self, bits: Masks) -> npt.NDArray[np.bool_]:
        """Whether each cell's row has any of the bits."""
        found = any_bit(self._rows & bits) != 0
        marked: npt.NDArray[np.bool_] = found[self._numbers]
        return marked


class Tables:
    """Bits that what stands at a place leaves, in rows of as many words as it takes.

    Attributes
    ----------
    before, first, third : Rows
        By the character before a place, the one at it, the one two after it.
    pair : Rows
        By the cell of the two characters that stand there.
    loose : array of uint64, shape (words,)
        Bits that a pair says nothing about.
    bits : array of uint64, shape (patterns, words)
        Those that are a pattern's own; all if its openings are not known.
    words : list of (int, int)
        First and last pattern, the latter not included, with bits in each word.
    """

    def __init__(self, known: Sequence[Sequence[Opening] | None]) -> None:
        self.words: list[tuple[int, int]] = []
        places = self._dealt([dict.fromkeys(map(_kind, ways or ())) for ways in known])
        tables = np.zeros((4, _CELLS, len(self.words)), np.uint64)
        self.bits = np.zeros((len(known), len(self.words)), np.uint64)
        self.loose = np.zeros(len(self.words), np.uint64)
        for number, ways in enumerate(known):
            if ways is None:
                self.bits[number] = ~np.uint64(0)
            for way in ways or ():
                word, place = places[number, _kind(way)]
                bit = np.uint64(1) << np.uint64(place)
                self.bits[number, word] |= bit
                if not _enter(way, bit, *tables[:, :, word]):
                    self.loose[word] |= bit
        self.before, self.first, self.pair, self.third = map(Rows, tables)

    def _dealt(
        self, kinds: Sequence[Iterable[_Kind]]
    ) -> dict[tuple[int, _Kind], tuple[int, int]]:
        """Word and bit for each kind of each pattern, those of one in one word."""
        places: dict[tuple[int, _Kind], tuple[int, int]] = {}
        first = used = 0
        for number, own in enumerate(map(list, kinds)):
            if used + len(own) > _BITS:
                self.words.append((first, number))
                first, used = number, 0
            for place, kind in enumerate(own, used):
                places[number, kind] = len(self.words), place
            used += len(own)
        self.words.append((first, len(kinds)))
        return places


def _enter(
    way: Opening,
    bit: np.uint64,
    before: Masks,
    first: Masks,
    pair: Masks,
    third: Masks,
) -> bool:
    """Leave a bit in the tables wherever the opening may stand; if by pairs too."""
    one, two, three = (*way.characters, None, None)[:3]
    _leave(before, way.before, bit)
    if way.unlike:
        before[_cells(way.unlike)] &= ~bit
    _leave(third, three, bit)
    _leave(first, one, bit)
    if two is None or not one or len(one) * len(two) > _PAIRS:
        return False
    pairs = _FACTOR * _cells(one)[:, np.newaxis] + _cells(two)
    pair[pairs.ravel()] |= bit
    return True


def _kind(way: Opening) -> _Kind:
    """Which openings may share a bit: what one knows another must not blur."""
    third_known = len(way.characters) > 2 and way.characters[2] is not None
    return way.before is None, third_known, way.unlike


def any_bit(masks: Masks) -> Masks:
    """Bits of all words of each row; for few words quicker than a reduction."""
    found = masks[:, 0]
    for word in range(1, masks.shape[1]):
        found = found | masks[:, word]
    return found


def _leave(table: Masks, characters: Characters, bit: np.uint64) -> None:
    """Enter the bit where one of the characters stands; None are all of them."""
    if characters is None:
        table |= bit
    else:
        table[_cells(characters)] |= bit


def _cells(characters: frozenset[int]) -> npt.NDArray[np.uint16]:
    return np.fromiter(characters, np.uint16, len(characters))


class Sheet(NamedTuple):
    """A block of text as numbers.

    Attributes
    ----------
    points : array of int
        Code points, with the one before the block and two after it.
    cells : array of int
        Cell of the pair that begins at each place of the block.
    """

    points: Places
    cells: Places


def sheet(text: str, start: int, end: int, stop: int) -> Sheet:
    """A block of a text as numbers; nothing beyond `stop` is seen."""
    before = text[start - 1] if start else LAST
    after = text[end : min(end + 2, stop)]
    block = before + text[start:end] + after + LAST * (2 - len(after))
    data = block.encode("utf-16-le", "surrogatepass")
    if len(data) == 2 * len(block):
        codes = np.frombuffer(data, "<u2")
    else:
        # characters beyond the basic plane are all one here, and take one place
        data = block.encode("utf-32-le", "surrogatepass")
        codes = np.minimum(np.frombuffer(data, "<u4"), ELSEWHERE)
    points = _FOLDED.take(codes)
    cells = _FACTOR * points[1:-2] + points[2:-1]
    return Sheet(points.astype(np.intp), cells.astype(np.intp))


@lru_cache(maxsize=KEPT)
def read(text: str) -> Sheet:
    """A whole short text as numbers, remembered for the table laid over it next."""
    return sheet(text, 0, len(text), len(text))
