"""A document's candidates in, hashed features out.

The text features are hashes of stretches of the document, computed for all
candidates at once from one polynomial prefix hash (Karp & Rabin 1987): no n-gram is
ever built as a string.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Block = tuple[Ints, Ints, Ints, npt.NDArray[np.float32]]
Salt = npt.NDArray[np.uint64] | np.uint64

BITS = 16
ORDERS = (1, 2, 3)

NOTHING = 0
"""The column of no feature: its weights are zero."""

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_SHIFT = np.uint64(64 - BITS)
# looks at a candidate's neighbourhood: name, neighbour, from which end, characters
_LOOKS = [
    *[("head", 0, 0, order) for order in (1, 2, 3, 4, 6)],
    *[("tail", 0, 1, order) for order in (1, 2, 3, 4, 6)],
    *[("before", -1, 0, order) for order in (2, 3)],
    *[("after", 1, 0, order) for order in (2, 3)],
]


def _salt(name: str) -> np.uint64:
    return np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))


_WORD, _PAIR = _salt("word"), _salt("bigram")
_LOOK_SALTS = np.array([_salt(name) for name, *_ in _LOOKS], dtype=np.uint64)
_LOOK_NEAR = np.array([1 + shift for _, shift, *_ in _LOOKS])
_LOOK_ENDS = np.array([end for *_, end, _ in _LOOKS])
_LOOK_ORDERS = np.array([order for *_, order in _LOOKS])


@dataclass(frozen=True, slots=True)
class Sample:
    """What the classifier is told of one document.

    Attributes
    ----------
    text : str
        The view's text.
    spans : ndarray of int, shape (n, 2)
        The candidates' own words, in order, disjoint.
    words : ndarray of int, shape (m, 2)
        The segmenter's words as spans of the text; empty for no words.
    facts : sequence of sequence of int
        Facts of each candidate, as columns that `named` gave them.
    context : sequence of sequence of int
        Facts of where each candidate stands (the document's genre, the headings
        above), for the first head alone; empty for none. The other heads would learn
        by them how strict the annotator of a document was.
    series : ndarray of int, shape (n,), optional
        Which enumeration (一是…；二是…) each candidate is a member of, from 0; -1 for
        none. What one member is, the others probably are too.
    """

    text: str
    spans: Ints
    words: Ints
    facts: Sequence[Sequence[int]]
    context: Sequence[Sequence[int]] = ()
    series: Ints | None = None


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of one document's candidates, in blocks of one kind each.

    Attributes
    ----------
    count : int
        Number of candidates.
    blocks : list of (columns, starts, present, scale)
        Row ``present[i]`` has the features ``columns[starts[i]:starts[i + 1]]``, an
        array of shape (m, k), all of weight ``scale[present[i]]``; ``scale`` has
        shape (count,). Where there is no feature stands `NOTHING`.
    context : list of (columns, starts, present, scale)
        The same, of features that only the first head reads.
    """

    count: int
    blocks: list[Block]
    context: list[Block]

    def times(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Product with a matrix of shape (2 ** BITS, k), shape (count, k).

        Row `NOTHING` of the matrix must be zero.
        """
        total = np.zeros((self.count, matrix.shape[1]), dtype=np.float32)
        for columns, starts, present, scale in self.blocks:
            if not len(columns):
                continue
            # what stands side by side is summed first: `reduceat` costs most
            values = _rows(matrix, columns[:, 0])
            for place in range(1, columns.shape[1]):
                values += _rows(matrix, columns[:, place])
            sums = np.add.reduceat(values, starts, axis=0)
            total[present] += sums * scale[present, None]
        for columns, starts, present, scale in self.context:
            values = matrix[:, 0].take(columns, mode="clip").sum(axis=1)
            total[present, 0] += np.add.reduceat(values, starts) * scale[present]
        return total


def triplets(
    blocks: Sequence[Block],
) -> tuple[Ints, Ints, npt.NDArray[np.float32]]:
    """Rows, columns and weights of features in blocks, for a sparse matrix."""
    rows = [np.zeros(0, dtype=np.int64)]
    columns = [np.zeros(0, dtype=np.int64)]
    weights = [np.zeros(0, dtype=np.float32)]
    for block, starts, present, scale in blocks:
        row = np.repeat(present, np.diff(starts, append=len(block)))
        there = block != NOTHING
        row = np.broadcast_to(row[:, None], block.shape)[there]
        rows.append(row)
        columns.append(block[there])
        weights.append(scale[row])
    return np.concatenate(rows), np.concatenate(columns), np.concatenate(weights)


def _rows(matrix: npt.NDArray[np.float32], columns: Ints) -> npt.NDArray[np.float32]:
    # `clip` spares the bounds check: columns are BITS wide by birth
    return matrix.take(columns, axis=0, mode="clip")


def featurise(sample: Sample) -> Features:
    """Hash a document's candidates; linear in the text."""
    spans = sample.spans
    if not len(spans):
        return Features(0, [], [])
    codes = np.frombuffer(
        sample.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32
    )
    # unsigned arithmetic modulo 2 ** 64 is what the hash is made of
    with np.errstate(over="ignore"):
        hashes = _Hashes(codes)
        blocks = [
            _grams(hashes, spans),
            _looks(hashes, spans),
            _facts(sample.facts),
        ]
        # words help to tell tasks from the rest; the other heads only memorise by them
        context = [*_words(hashes, sample.words, spans)]
    if any(sample.context):
        context.append(_facts(sample.context))
    return Features(len(spans), blocks, context)


class _Hashes:
    """Hash of any stretch of a text, from prefix sums.

    With P[j] - P[i] = sum of (code[k] + 1) * B^k over the stretch, times B^-i it no
    longer depends on where the stretch stands; the top bits of an odd multiple of it
    are the column (multiply-shift hashing, Dietzfelbinger et al. 1997).
    """

    def __init__(self, codes: npt.NDArray[np.uint32]) -> None:
        count = len(codes)
        powers = np.full(count, _BASE, dtype=np.uint64)
        powers[:1] = 1
        np.multiply.accumulate(powers, out=powers)
        self.mixed = np.full(count + 1, _INVERSE, dtype=np.uint64)
        self.mixed[0] = _MIX
        np.multiply.accumulate(self.mixed, out=self.mixed)
        powers *= codes.astype(np.uint64) + np.uint64(1)
        self.prefix = np.zeros(count + 1, dtype=np.uint64)
        np.cumsum(powers, out=self.prefix[1:])

    def of_length(self, order: int) -> Ints:
        """Columns of all stretches of that length, by where they begin."""
        value = self.prefix[order:] - self.prefix[:-order]
        value *= self.mixed[: len(value)]
        value >>= _SHIFT
        return value.view(np.int64)

    def of(self, starts: Ints, ends: Ints, salt: Salt) -> Ints:
        """Columns of the stretches ``[starts, ends)``, any shape."""
        value = self.prefix[ends]
        value -= self.prefix[starts]
        value *= self.mixed[starts]
        value += salt
        value >>= _SHIFT
        return value.view(np.int64)


def _grams(hashes: _Hashes, spans: Ints) -> Block:
    lengths = spans[:, 1] - spans[:, 0]
    counts = sum(np.maximum(lengths - order + 1, 0) for order in ORDERS)
    # long sentences would drown the rest: unit-length rows, roughly
    scale = (2.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    present = np.flatnonzero(lengths)
    there = lengths[present]
    starts = np.cumsum(there) - there
    place = np.arange(there.sum()) + np.repeat(spans[present, 0] - starts, there)
    left = np.repeat(spans[present, 1], there) - place
    columns = np.full((len(place), len(ORDERS)), NOTHING, dtype=np.int64)
    for order, column in zip(ORDERS, columns.T, strict=True):
        inside = left >= order
        # every n-gram of the text is hashed, those in candidates are kept
        column[inside] = hashes.of_length(order)[place[inside]]
    return columns, starts, present, scale


def _words(hashes: _Hashes, words: Ints, spans: Ints) -> Iterator[Block]:
    """Words, each beside the pair it makes with the next."""
    if not len(words):
        return
    row = np.searchsorted(spans[:, 0], words[:, 0], side="right") - 1
    inside = (row >= 0) & (words[:, 1] <= spans[np.maximum(row, 0), 1])
    words, row = words[inside], row[inside]
    if not len(words):
        return
    columns = np.full((len(words), 2), NOTHING, dtype=np.int64)
    columns[:, 0] = hashes.of(words[:, 0], words[:, 1], _WORD)
    follows = (row[1:] == row[:-1]) & (words[1:, 0] == words[:-1, 1])
    pairs = np.flatnonzero(follows)
    columns[pairs, 1] = hashes.of(words[pairs, 0], words[pairs + 1, 1], _PAIR)
    counts = np.bincount(row, minlength=len(spans))
    counts += np.bincount(row[pairs], minlength=len(spans))
    scale = (1.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    yield columns, starts, row[starts], scale


def _looks(hashes: _Hashes, spans: Ints) -> Block:
    """How a candidate opens and closes, and how its neighbours open."""
    count = len(spans)
    # a row of nothing before the first and after the last
    padded = np.zeros((count + 2, 2), dtype=np.int64)
    padded[1:-1] = spans
    every = np.arange(count)
    near = every[:, None] + _LOOK_NEAR
    there = (padded[:, 1] - padded[:, 0])[near] >= _LOOK_ORDERS
    starts = (padded[near, _LOOK_ENDS] - _LOOK_ENDS * _LOOK_ORDERS) * there
    columns = hashes.of(starts, starts + _LOOK_ORDERS * there, _LOOK_SALTS)
    columns *= there
    scale = np.full(count, 0.3, dtype=np.float32)
    return columns.reshape(-1, 1), every * len(_LOOKS), every, scale


def _facts(facts: Sequence[Sequence[int]]) -> Block:
    counts = np.fromiter(map(len, facts), np.int64, len(facts))
    present = np.flatnonzero(counts)
    starts = (np.cumsum(counts) - counts)[present]
    columns = np.fromiter(chain.from_iterable(facts), np.int64, counts.sum())
    scale = np.full(len(facts), 0.4, dtype=np.float32)
    return columns[:, None], starts, present, scale


def pairs(strings: Sequence[str], name: str) -> list[list[int]]:
    """Columns of the character pairs of each string, as facts called `name`."""
    joined = "".join(strings)
    if len(joined) < 2:
        return [[] for _ in strings]
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    starts = np.arange(len(joined) - 1)
    with np.errstate(over="ignore"):
        columns = _Hashes(codes).of(starts, starts + 2, _salt(name)).tolist()
    # the pairs that two neighbouring strings would make are left out
    found, start = [], 0
    for string in strings:
        found.append(columns[start : start + max(len(string) - 1, 0)])
        start += len(string)
    return found


@lru_cache(maxsize=200_000)
def named(fact: str) -> int:
    """Column of a fact, any string; facts share the columns with the text."""
    digest = hashlib.blake2b(fact.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> (64 - BITS)
