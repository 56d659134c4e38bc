"""A document's candidates in, hashed features out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from extract.classifier.blocks import NOTHING, Block, Bundled, Features
from extract.classifier.hashing import Hashes, Ints, salt

ORDERS = (1, 2, 3)

# looks at a candidate's neighbourhood: name, neighbour, from which end, characters
_LOOKS = [
    *[("head", 0, 0, order) for order in (1, 2, 3, 4, 6)],
    *[("tail", 0, 1, order) for order in (1, 2, 3, 4, 6)],
    *[("before", -1, 0, order) for order in (2, 3)],
    *[("after", 1, 0, order) for order in (2, 3)],
]


_WORD, _PAIR = salt("word"), salt("bigram")
_LOOK_SALTS = np.array([salt(name) for name, *_ in _LOOKS], dtype=np.uint64)
_LOOK_NEAR = np.array([1 + shift for _, shift, *_ in _LOOKS])
_LOOK_ENDS = np.array([end for *_, end, _ in _LOOKS])
_LOOK_ORDERS = np.array([order for *_, order in _LOOKS])


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts of candidates, in bundles that many of them share.

    Attributes
    ----------
    bundles : sequence of sequence of int
        Facts that come together, as columns that `named` gave them.
    rows : ndarray of int, shape (n, k)
        The bundles of each candidate, by their places.
    """

    bundles: Sequence[Sequence[int]]
    rows: Ints


NO_FACTS = Facts((), np.zeros((0, 0), dtype=np.int64))


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
    facts : Facts
        What each candidate itself tells.
    context : Facts
        Where each candidate stands (the document's genre, the headings above), for
        the first head alone. The other heads would learn by it how strict the
        annotator of a document was.
    series : ndarray of int, shape (n,), optional
        Which enumeration (一是…；二是…) each candidate is a member of, from 0; -1 for
        none. What one member is, the others probably are too.
    """

    text: str
    spans: Ints
    words: Ints
    facts: Facts = NO_FACTS
    context: Facts = NO_FACTS
    series: Ints | None = None


def featurise(sample: Sample) -> Features:
    """Hash a document's candidates; linear in the text."""
    spans = sample.spans
    if not len(spans):
        return Features(0, [], [])
    hashes = Hashes(sample.text)
    blocks: list[Block | Bundled] = [
        *_grams(hashes, spans),
        _looks(hashes, spans),
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
    columns = np.full((len(ORDERS), len(hashes.prefix) - 1), NOTHING, dtype=np.int64)
    for order, column in zip(ORDERS, columns, strict=True):
        column[: 1 - order or None] = hashes.of_length(order)
        for cut in range(1, order):
            # an n-gram that begins here would reach beyond the candidate
            column[ends - cut] = NOTHING
    # each candidate and what stands between it and the next
    bounds = np.stack([starts, ends], axis=1).ravel()
    rows = np.full(len(bounds), -1, dtype=np.int64)
    rows[::2] = present
    # long sentences would drown the rest: unit-length rows, roughly
    scale = (2.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)[rows]
    first, last = bounds[0], -1 if bounds[-1] == columns.shape[1] else None
    yield Block(columns[:, first:].T, bounds[:last] - first, rows[:last], scale[:last])


def _words(hashes: Hashes, words: Ints, spans: Ints) -> Iterator[Block]:
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
    starts = np.flatnonzero(np.diff(row, prepend=-1))
    counts = np.bincount(row) + np.bincount(row[pairs], minlength=row[-1] + 1)
    rows = row[starts]
    yield Block(columns, starts, rows, (1.0 / np.sqrt(counts[rows])).astype(np.float32))


def _looks(hashes: Hashes, spans: Ints) -> Block:
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
    return Block(columns.reshape(-1, 1), every * len(_LOOKS), every, scale)


def _facts(facts: Facts) -> Iterator[Bundled]:
    if not facts.bundles:
        return
    # no bundle is empty, or `reduceat` would give it the next one's sum
    bundles = [bundle or (NOTHING,) for bundle in facts.bundles]
    sizes = np.fromiter(map(len, bundles), np.int64, len(bundles))
    columns = np.fromiter(chain.from_iterable(bundles), np.int64, sizes.sum())
    yield Bundled(columns[:, None], np.cumsum(sizes) - sizes, facts.rows)
