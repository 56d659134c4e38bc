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

Block = tuple["Ints", "Ints", npt.NDArray[np.float32]]
Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

BITS = 17
ORDERS = (1, 2, 3, 4)

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_SALTS = {
    name: np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))
    for name in ("gram", "word", "bigram", "head", "tail", "before", "after")
}


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
    """

    text: str
    spans: Ints
    words: Ints
    facts: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of one document's candidates, in blocks of one kind each.

    Attributes
    ----------
    count : int
        Number of candidates.
    blocks : list of (rows, columns, scale)
        ``rows`` and ``columns`` are of one length, rows ascend; ``scale`` holds the
        weight that a block's features have in each row, shape (count,).
    """

    count: int
    blocks: list[Block]

    def times(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Product with a matrix of shape (2 ** BITS, k), shape (count, k)."""
        total = np.zeros((self.count, matrix.shape[1]), dtype=np.float32)
        for rows, columns, scale in self.blocks:
            if len(rows):
                starts = np.flatnonzero(np.diff(rows, prepend=-1))
                present = rows[starts]
                # `clip` spares the bounds check: columns are BITS wide by birth
                values = np.take(matrix, columns, axis=0, mode="clip")
                sums = np.add.reduceat(values, starts, axis=0)
                total[present] += sums * scale[present, None]
        return total


def featurise(sample: Sample) -> Features:
    """Hash a document's candidates; linear in the text."""
    codes = np.frombuffer(
        sample.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32
    ).astype(np.uint64)
    prefix, powers = _prefix(codes)
    blocks = [
        *_grams(prefix, powers, sample.spans),
        *_word_features(prefix, powers, sample),
        *_edges(prefix, powers, sample.spans),
        _facts(sample.facts),
    ]
    return Features(len(sample.spans), blocks)


def _prefix(codes: Hashes) -> tuple[Hashes, Hashes]:
    """Prefix hashes P with P[j] - P[i] = sum of codes[k] * B^k, and powers B^-k."""
    n = len(codes)
    with np.errstate(over="ignore"):
        powers = np.ones(n + 1, dtype=np.uint64)
        inverse = np.ones(n + 1, dtype=np.uint64)
        if n:
            np.multiply.accumulate(np.full(n, _BASE), out=powers[1:])
            np.multiply.accumulate(np.full(n, _INVERSE), out=inverse[1:])
        prefix = np.zeros(n + 1, dtype=np.uint64)
        np.cumsum((codes + np.uint64(1)) * powers[:n], out=prefix[1:])
    return prefix, inverse


def _range_hash(
    prefix: Hashes, inverse: Hashes, starts: Ints, ends: Ints, salt: str
) -> Ints:
    """Column of each stretch ``[starts, ends)`` of the text."""
    with np.errstate(over="ignore"):
        value = (prefix[ends] - prefix[starts]) * inverse[starts]
        value = (value ^ _SALTS[salt]) * _MIX
        value ^= value >> np.uint64(29)
        value *= _BASE
    return (value >> np.uint64(64 - BITS)).astype(np.int64)


def _within(spans: Ints, order: int) -> tuple[Ints, Ints]:
    """Every start of an n-gram inside the spans, and the row it belongs to."""
    counts = np.maximum(spans[:, 1] - spans[:, 0] - order + 1, 0)
    rows = np.repeat(np.arange(len(spans)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, spans[rows, 0] + offsets


def _grams(prefix: Hashes, inverse: Hashes, spans: Ints) -> Iterator[Block]:
    lengths = spans[:, 1] - spans[:, 0]
    counts = sum(np.maximum(lengths - order + 1, 0) for order in ORDERS)
    # long sentences would drown the rest: unit-length rows, roughly
    scale = (2.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    for order in ORDERS:
        row, start = _within(spans, order)
        column = _range_hash(prefix, inverse, start, start + order, "gram")
        yield row, column, scale


def _word_features(prefix: Hashes, inverse: Hashes, sample: Sample) -> Iterator[Block]:
    words, spans = sample.words, sample.spans
    if not len(words) or not len(spans):
        return
    row = np.searchsorted(spans[:, 0], words[:, 0], side="right") - 1
    inside = (row >= 0) & (words[:, 1] <= spans[np.maximum(row, 0), 1])
    words, row = words[inside], row[inside]
    single = _range_hash(prefix, inverse, words[:, 0], words[:, 1], "word")
    follows = (row[1:] == row[:-1]) & (words[1:, 0] == words[:-1, 1])
    pair = _range_hash(
        prefix, inverse, words[:-1, 0][follows], words[1:, 1][follows], "bigram"
    )
    pairs = row[:-1][follows]
    counts = np.bincount(row, minlength=len(spans))
    counts += np.bincount(pairs, minlength=len(spans))
    scale = (1.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    yield row, single, scale
    yield pairs, pair, scale


def _edges(prefix: Hashes, inverse: Hashes, spans: Ints) -> Iterator[Block]:
    """How a candidate opens and closes, and how its neighbours open."""
    lengths = spans[:, 1] - spans[:, 0]
    scale = np.full(len(spans), 0.3, dtype=np.float32)
    for order in (1, 2, 3, 4, 6):
        row = np.nonzero(lengths >= order)[0]
        ends = (("head", spans[row, 0]), ("tail", spans[row, 1] - order))
        for salt, start in ends:
            column = _range_hash(prefix, inverse, start, start + order, salt)
            yield row, column, scale
        if order not in (2, 3):
            continue
        for salt, shift in (("before", -1), ("after", 1)):
            near = row + shift
            there = (near >= 0) & (near < len(spans))
            there[there] = lengths[near[there]] >= order
            start = spans[near[there], 0]
            column = _range_hash(prefix, inverse, start, start + order, salt)
            yield row[there], column, scale


def _facts(facts: Sequence[Sequence[int]]) -> Block:
    counts = np.fromiter(map(len, facts), np.int64, len(facts))
    rows = np.repeat(np.arange(len(facts)), counts)
    columns = np.fromiter(chain.from_iterable(facts), np.int64, len(rows))
    return rows, columns, np.full(len(facts), 0.4, dtype=np.float32)


@lru_cache(maxsize=200_000)
def named(fact: str) -> int:
    """Column of a fact, any string; facts share the columns with the text."""
    digest = hashlib.blake2b(fact.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> (64 - BITS)
