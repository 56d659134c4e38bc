"""Candidates of one or several documents in, hashed features out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from extract.classifier.blocks import ABREAST, NOTHING, Block, Bundled, Features
from extract.classifier.hashing import Hashes, Ints, columns, salt
from extract.classifier.samples import Facts, Sample

Looks = npt.NDArray[Any]

ORDERS = (1, 2, 3)

# characters of a candidate's edge that are looked at together, and which of these looks
# its neighbours take at its opening
_EDGES = np.array([1, 2, 3, 4, 6])
_NEAR = slice(1, 3)
# where the looks stand, in threes: the last one is of nothing
_HEADS, _TAILS, _BEFORE, _AFTER = slice(5), slice(5, 10), slice(10, 12), slice(12, 14)
_LOOKS = [*["head"] * 5, *["tail"] * 5, *["before"] * 2, *["after"] * 2, ""]
_LOOK_SALTS = np.array([salt(name) for name in _LOOKS])
_WORD, _PAIR = salt("word"), salt("bigram")


def featurise(sample: Sample) -> Features:
    """Hash candidates; linear in the text."""
    spans = sample.spans
    if not len(spans):
        return Features(0, [], [])
    hashes = Hashes(sample.text)
    blocks: list[Block | Bundled] = [
        *_grams(hashes, spans),
        _looks(hashes, spans, sample.sizes),
        *_facts(sample.facts),
    ]
    # words help to tell tasks from the rest; the other heads only memorise by them
    context: list[Block | Bundled] = [
        *_words(hashes, sample.words, spans),
        *_facts(sample.context),
    ]
    return Features(len(spans), blocks, context)


def _grams(hashes: Hashes, spans: Ints) -> Iterator[Block]:
    """The n-grams that begin at each character of the text, candidate or not."""
    lengths = spans[:, 1] - spans[:, 0]
    counts = sum(np.maximum(lengths - order + 1, 0) for order in ORDERS)
    present = np.flatnonzero(lengths)
    if not len(present):
        return
    starts, ends = spans[present].T
    found = np.empty((len(ORDERS), len(hashes.prefix) - 1), dtype=np.int64)
    for order, column in zip(ORDERS, found, strict=True):
        hashes.of_length(order, column[: 1 - order or None])
        column[len(column) - order + 1 :] = NOTHING
        for cut in range(1, order):
            # an n-gram that begins here would reach beyond the candidate
            column[ends - cut] = NOTHING
    # each candidate and what stands between it and the next
    bounds = np.stack([starts, ends], axis=1).ravel()
    rows = np.full(len(bounds), -1, dtype=np.int64)
    rows[::2] = present
    # long sentences would drown the rest: unit-length rows, roughly
    scale = (2.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)[rows]
    first, last = bounds[0], -1 if bounds[-1] == found.shape[1] else None
    yield Block(found[:, first:].T, bounds[:last] - first, rows[:last], scale[:last])


def _words(hashes: Hashes, words: Ints, spans: Ints) -> Iterator[Block]:
    """Words, each beside the pair it makes with the next."""
    if not len(words):
        return
    row = np.searchsorted(spans[:, 0], words[:, 0], side="right") - 1
    inside = (row >= 0) & (words[:, 1] <= spans[np.maximum(row, 0), 1])
    words, row = words[inside], row[inside]
    if not len(words):
        return
    found = np.full((len(words), 2), NOTHING, dtype=np.int64)
    found[:, 0] = hashes.of(words[:, 0], words[:, 1], _WORD)
    follows = (row[1:] == row[:-1]) & (words[1:, 0] == words[:-1, 1])
    pairs = np.flatnonzero(follows)
    found[pairs, 1] = hashes.of(words[pairs, 0], words[pairs + 1, 1], _PAIR)
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    counts = np.bincount(row) + np.bincount(row[pairs], minlength=row[-1] + 1)
    rows = row[starts]
    yield Block(found, starts, rows, (1.0 / np.sqrt(counts[rows])).astype(np.float32))


def _looks(hashes: Hashes, spans: Ints, sizes: Sequence[int]) -> Block:
    """How a candidate opens and closes, and how its neighbours open."""
    starts, ends = spans[:, :1], spans[:, 1:]
    there = ends - starts >= _EDGES
    many = _EDGES * there
    heads, tails = (
        hashes.values(starts, starts + many),
        hashes.values(ends - many, ends),
    )
    looks = columns(_abreast(heads, tails), _LOOK_SALTS)
    seen = _abreast(there, there)
    # nobody looks into another document
    firsts = np.cumsum(sizes)[:-1]
    seen[firsts, _BEFORE] = seen[firsts - 1, _AFTER] = False
    looks *= seen
    rows = np.arange(len(spans))
    pieces = rows * (len(_LOOKS) // ABREAST)
    scale = np.full(len(spans), 0.3, dtype=np.float32)
    return Block(looks.reshape(-1, ABREAST), pieces, rows, scale)


def _abreast(heads: Looks, tails: Looks) -> Looks:
    """What is known of the candidates' edges, beside each who looks at them."""
    looks: Looks = np.zeros((len(heads), len(_LOOKS)), dtype=heads.dtype)
    looks[:, _HEADS], looks[:, _TAILS] = heads, tails
    looks[1:, _BEFORE], looks[:-1, _AFTER] = heads[:-1, _NEAR], heads[1:, _NEAR]
    return looks


def _facts(facts: Facts) -> Iterator[Bundled]:
    if not facts.bundles:
        return
    bundles = facts.bundles
    sizes = np.fromiter(map(len, bundles), np.int64, len(bundles))
    if not sizes.all():
        # no bundle is empty, or `reduceat` would give it the next one's sum
        bundles = [bundle or (NOTHING,) for bundle in bundles]
        sizes = np.maximum(sizes, 1)
    held = np.fromiter(chain.from_iterable(bundles), np.int64, sizes.sum())
    yield Bundled(held[:, None], np.cumsum(sizes) - sizes, facts.rows)
