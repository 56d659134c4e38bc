"""Openings of many regexes in, tables of bits out: who may begin where.

Every kind of opening owns a bit. Tables tell which bits a pair of first characters, the
character before it and the one behind it leave; what all of them leave is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from extract.characters import ELSEWHERE, LAST, Characters, foreign
from extract.opening import Opening

Masks = npt.NDArray[np.uint64]
"""Rows of bits, one a place or pattern, in as many words as it takes."""
Places = npt.NDArray[np.intp]

KEPT = 64
"""Texts of which it is remembered what is left: as many are worked on together."""

_Kind = tuple[bool, bool, frozenset[int]]
_Way = tuple[Opening, int, np.uint64]
_CELLS = ELSEWHERE + 1
_BITS = 64


class Tables:
    """Bits that what stands at a place leaves, in rows of as many words as it takes.

    Attributes
    ----------
    bits : array of uint64, shape (patterns, words)
        Those that are a pattern's own; none if its openings are not known.
    words : list of (int, int)
        First and last pattern, the latter not included, with bits in each word.
    """

    def __init__(self, known: Sequence[Sequence[Opening] | None]) -> None:
        self.words: list[tuple[int, int]] = []
        kinds = [dict.fromkeys(map(_kind, ways or ())) for ways in known]
        owned = self._dealt(kinds)
        self.bits = np.zeros((len(known), len(self.words)), np.uint64)
        told: list[_Way] = []
        for number, ways in enumerate(known):
            for way in ways or ():
                word, place = owned[number, _kind(way)]
                bit = np.uint64(1) << np.uint64(place)
                self.bits[number, word] |= bit
                told.append((way, word, bit))
        self._pair = _Pairs(told, len(self.words))
        self._before, self._third = _sides(told, len(self.words))

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

    def left(self, points: Places) -> tuple[Places, Masks]:
        """Places at which bits are left, and those bits.

        Parameters
        ----------
        points : array of int
            Of a `sheet`.
        """
        numbers = self._pair.numbers_of(points)
        # most places are ruled out by their pair
        places = (numbers != 0).nonzero()[0]
        masks = self._pair.rows.take(numbers.take(places), axis=0)
        if self._third.told:
            masks &= self._third.take(points.take(places + 3))
        if self._before.told:
            masks &= self._before.take(points.take(places))
        left = any_bit(masks).nonzero()[0]
        return places.take(left), masks.take(left, axis=0)


class _Pairs:
    """Rows of bits by the two characters at a place.

    Characters that no opening tells apart are of one class: a cell for every class of
    first and every class of second characters is few enough for a table.

    Attributes
    ----------
    rows : array of uint64, shape (rows, words)
        The distinct ones; the first has no bits.
    """

    def __init__(self, told: Sequence[_Way], words: int) -> None:
        pairs = [(*way.characters, None)[:2] for way, _, _ in told]
        first, ones = _classes([one for one, _ in pairs])
        second, others = _classes([other for _, other in pairs])
        width = max(second.values()) + 1
        table = np.zeros((max(first.values()) + 1, width, words), np.uint64)
        for (one, other), (_, word, bit) in zip(pairs, told, strict=True):
            table[ones[one][:, np.newaxis], others[other], word] |= bit
        cells = table.reshape(-1, words)
        some = any_bit(cells).nonzero()[0]
        rows, numbers = np.unique(cells[some], axis=0, return_inverse=True)
        self.rows = np.concatenate([np.zeros((1, words), np.uint64), rows])
        self._numbers = np.zeros(len(cells), np.uint16)
        self._numbers[some] = numbers.ravel() + 1
        self._first = _by_character(first) * width
        self._second = _by_character(second)

    def numbers_of(self, points: Places) -> npt.NDArray[np.uint16]:
        """Number of the row of each place; 0 where no bits are left."""
        cells = self._first.take(points[1:-2])
        cells += self._second.take(points[2:-1])
        return self._numbers.take(cells)


class _Rows:
    """A row of words for each character, most of them the same.

    Attributes
    ----------
    told : bool
        Whether any row differs from the others.
    """

    def __init__(self, table: Masks) -> None:
        table[list(foreign())] = table[ELSEWHERE]
        odd = (table != table[0]).any(axis=1).nonzero()[0]
        rows, numbers = np.unique(table[odd], axis=0, return_inverse=True)
        self.told = len(odd) > 0
        self._rows = np.concatenate([table[:1], rows])
        # a quarter of the memory that whole rows take, and most of it stays in cache
        self._numbers = np.zeros(len(table), np.uint16)
        self._numbers[odd] = numbers.ravel() + 1

    def take(self, points: Places) -> Masks:
        """Rows of some characters."""
        return self._rows.take(self._numbers.take(points), axis=0)


def _sides(told: Sequence[_Way], words: int) -> tuple[_Rows, _Rows]:
    """What the character before a place and the one two after it leave."""
    before, third = np.zeros((2, _CELLS, words), np.uint64)
    for way, word, bit in told:
        _leave(before[:, word], way.before, bit)
        if way.unlike:
            before[_points(way.unlike), word] &= ~bit
        _leave(third[:, word], (*way.characters, None, None)[2], bit)
    return _Rows(before), _Rows(third)


def _leave(table: Masks, characters: Characters, bit: np.uint64) -> None:
    """Enter the bit where one of the characters stands; None are all of them."""
    if characters is None:
        table |= bit
    else:
        table[_points(characters)] |= bit


def _classes(
    sets: Iterable[Characters],
) -> tuple[dict[int, int], dict[Characters, Places]]:
    """Class of each character that any of the sets tells, and classes of each set.

    Characters that the same sets hold are of one class; 0 is that of all others.
    """
    distinct = dict.fromkeys(sets)
    held: dict[int, list[int]] = {}
    for number, characters in enumerate(distinct):
        for point in characters or ():
            held.setdefault(point, []).append(number)
    classes: dict[tuple[int, ...], int] = {(): 0}
    of_character = {-1: 0}
    for point, numbers in held.items():
        of_character[point] = classes.setdefault(tuple(numbers), len(classes))
    of_set: dict[Characters, Places] = {}
    for number, characters in enumerate(distinct):
        inside = [
            each
            for holders, each in classes.items()
            if characters is None or number in holders
        ]
        of_set[characters] = np.array(inside, np.intp)
    return of_character, of_set


def _by_character(classes: dict[int, int]) -> Places:
    """Table of the class of every character; foreign ones are as `ELSEWHERE`."""
    table = np.zeros(_CELLS, np.intp)
    for point, number in classes.items():
        table[point] = number
    table[list(foreign())] = table[ELSEWHERE]
    return table


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


def _points(characters: frozenset[int]) -> npt.NDArray[np.uint16]:
    return np.fromiter(characters, np.uint16, len(characters))


def sheet(text: str, start: int, end: int, stop: int) -> Places:
    """A block of a text as code points, with the one before it and two after it.

    Nothing beyond `stop` is seen.
    """
    before = text[start - 1] if start else LAST
    after = text[end : min(end + 2, stop)]
    block = before + text[start:end] + after + LAST * (2 - len(after))
    data = block.encode("utf-16-le", "surrogatepass")
    if len(data) == 2 * len(block):
        return np.frombuffer(data, "<u2").astype(np.intp)
    # characters beyond the basic plane are all one here, and take one place
    data = block.encode("utf-32-le", "surrogatepass")
    codes = np.minimum(np.frombuffer(data, "<u4"), ELSEWHERE)
    points: Places = codes.astype(np.intp)
    return points
