"""What the classifier is told of a document, or of several at once."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from itertools import chain

import numpy as np

from extract.classifier.hashing import Ints


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
    """What the classifier is told of one document, or of several that were `joined`.

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
    counts : tuple of int, optional
        How many candidates each of several documents has, of those that have any:
        only within a document are they neighbours. None for one document.
    """

    text: str
    spans: Ints
    words: Ints
    facts: Facts = NO_FACTS
    context: Facts = NO_FACTS
    series: Ints | None = None
    counts: tuple[int, ...] | None = None

    @property
    def sizes(self) -> tuple[int, ...]:
        """How many candidates each document has."""
        return (len(self.spans),) if self.counts is None else self.counts


def joined(samples: Sequence[Sample]) -> Sample:
    """One sample of several documents, each of as many bundles and with a series.

    A short document takes as many of NumPy's calls as a long one; joined, they share
    them.
    """
    if len(samples) == 1:
        return samples[0]
    texts = [one.text for one in samples]
    before = _before(texts)
    return Sample(
        "".join(texts),
        _moved([one.spans for one in samples], before),
        _moved([one.words for one in samples], before),
        _facts([one.facts for one in samples]),
        _facts([one.context for one in samples]),
        _series([one.series for one in samples if one.series is not None]),
        tuple([size for one in samples for size in one.sizes if size]),
    )


def _before(things: Sequence[Sized]) -> Ints:
    """How much stands before each of things if they stand one after another."""
    sizes = np.fromiter(map(len, things), np.int64, len(things))
    before: Ints = np.cumsum(sizes) - sizes
    return before


def _moved(places: Sequence[Ints], by: Ints) -> Ints:
    """Pairs or other rows of places, those of each document moved by so much."""
    moved = np.concatenate(places)
    moved += np.repeat(by, list(map(len, places)))[:, None]
    return moved


def _facts(facts: Sequence[Facts]) -> Facts:
    bundles = [one.bundles for one in facts]
    rows = _moved([one.rows for one in facts], _before(bundles))
    return Facts(list(chain.from_iterable(bundles)), rows)


def _series(series: Sequence[Ints]) -> Ints:
    """Enumerations of all documents, none of two under one number."""
    numbers = np.concatenate(series)
    # a document has no more enumerations than candidates
    apart = numbers + np.repeat(_before(series), list(map(len, series)))
    return np.where(numbers < 0, numbers, apart)
