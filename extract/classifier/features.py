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
    blocks : list of (columns, starts, present, scale)
        ``columns[starts[i]:starts[i + 1]]`` are the features of row ``present[i]``,
        all of weight ``scale[present[i]]``; ``scale`` has shape (count,).
    """

    count: int
    blocks: list[Block]

    def times(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Product with a matrix of shape (2 ** BITS, k), shape (count, k)."""
        total = np.zeros((self.count, matrix.shape[1]), dtype=np.float32)
        for columns, starts, present, scale in self.blocks:
            if len(columns):
                # `clip` spares the bounds check: columns are BITS wide by birth
                values = np.take(matrix, columns, axis=0, mode="clip")
                sums = np.add.reduceat(values, starts, axis=0)
                total[present] += sums * scale[present, None]
        return total

    def triplets(self) -> tuple[Ints, Ints, npt.NDArray[np.float32]]:
        """Rows, columns and weights of all features, for a sparse matrix."""
        rows, columns, weights = [], [], []
        for block, starts, present, scale in self.blocks:
            row = np.repeat(present, np.diff(starts, append=len(block)))
            rows.append(row)
            columns.append(block)
            weights.append(scale[row])
        return np.concatenate(rows), np.concatenate(columns), np.concatenate(weights)


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
    return _column(value, _SALTS[salt])


def _column(value: Hashes, salt: Hashes | np.uint64) -> Ints:
    with np.errstate(over="ignore"):
        value ^= salt
        value *= _MIX
        value ^= value >> np.uint64(29)
        value *= _BASE
    return (value >> np.uint64(64 - BITS)).astype(np.int64)


def _block(rows: Ints, columns: Ints, scale: npt.NDArray[np.float32]) -> Block:
    """Block of features whose rows ascend."""
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    return columns, starts, rows[starts], scale


def _grams(prefix: Hashes, inverse: Hashes, spans: Ints) -> Iterator[Block]:
    lengths = spans[:, 1] - spans[:, 0]
    counts = sum(np.maximum(lengths - order + 1, 0) for order in ORDERS)
    # long sentences would drown the rest: unit-length rows, roughly
    scale = (2.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    for order in ORDERS:
        present = np.flatnonzero(lengths >= order)
        if not len(present):
            continue
        with np.errstate(over="ignore"):
            value = prefix[order:] - prefix[:-order]
            value *= inverse[: len(value)]
        # every n-gram of the text is hashed in place, those in candidates are kept
        there = lengths[present] - order + 1
        starts = np.cumsum(there) - there
        place = np.arange(there.sum()) + np.repeat(spans[present, 0] - starts, there)
        yield _column(value, _SALTS["gram"])[place], starts, present, scale


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
    yield _block(row, single, scale)
    yield _block(pairs, pair, scale)


def _edges(prefix: Hashes, inverse: Hashes, spans: Ints) -> Iterator[Block]:
    """How a candidate opens and closes, and how its neighbours open."""
    lengths = spans[:, 1] - spans[:, 0]
    every = np.arange(len(spans))
    rows, starts, orders, salts = [], [], [], []
    for order in (1, 2, 3, 4, 6):
        long = lengths >= order
        looks = [("head", 0, spans[:, 0]), ("tail", 0, spans[:, 1] - order)]
        if order in (2, 3):
            looks += [("before", -1, spans[:, 0]), ("after", 1, spans[:, 0])]
        for salt, shift, start in looks:
            near = every + shift
            there = (near >= 0) & (near < len(spans))
            there[there] = long[near[there]]
            rows.append(every[there])
            starts.append(start[near[there]])
            orders.append(np.full(len(rows[-1]), order))
            salts.append(np.full(len(rows[-1]), _SALTS[salt]))
    row, start = np.concatenate(rows), np.concatenate(starts)
    end = start + np.concatenate(orders)
    with np.errstate(over="ignore"):
        value = (prefix[end] - prefix[start]) * inverse[start]
    column = _column(value, np.concatenate(salts))
    sort = np.argsort(row, kind="stable")
    scale = np.full(len(spans), 0.3, dtype=np.float32)
    yield _block(row[sort], column[sort], scale)


def _facts(facts: Sequence[Sequence[int]]) -> Block:
    counts = np.fromiter(map(len, facts), np.int64, len(facts))
    present = np.flatnonzero(counts)
    starts = (np.cumsum(counts) - counts)[present]
    columns = np.fromiter(chain.from_iterable(facts), np.int64, counts.sum())
    return columns, starts, present, np.full(len(facts), 0.4, dtype=np.float32)


@lru_cache(maxsize=200_000)
def named(fact: str) -> int:
    """Column of a fact, any string; facts share the columns with the text."""
    digest = hashlib.blake2b(fact.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> (64 - BITS)
