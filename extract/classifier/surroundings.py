"""First-stage scores in, features of the second stage out: a candidate among others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from extract.classifier.hashing import Ints

Floats = npt.NDArray[np.float64]

# neighbours that the second stage looks at, in candidates before and after
WINDOW = 3
# the one before, the one after, the one before that, …
_AROUND = np.array([s * d for d in range(1, WINDOW + 1) for s in (-1, 1)])
# scores that it sees of them: task, actionable and heading
_SEEN = 3


def surroundings(
    first: Floats, series: Ints | None = None, sizes: Sequence[int] | None = None
) -> Floats:
    """Second-stage features: own, neighbours' and the document's first-stage scores.

    Parameters
    ----------
    first : ndarray of float, shape (n, len(FIRST))
    series : ndarray of int, shape (n,), optional
        See `Sample.series`.
    sizes : sequence of int, optional
        How many candidates each document has; without it they are one document's.

    Returns
    -------
    ndarray of float, shape (n, len(FIRST) + 2 * WINDOW * 3 + 9)
    """
    near = np.tanh(first[:, :_SEEN] / 2.0)
    counts = np.array([len(near)] if sizes is None else sizes)
    document = np.repeat(np.arange(len(counts)), counts)
    mean = _means(near, document, counts)
    return np.hstack(
        [first, _around(near, document), mean, near * mean, _others(near, series)]
    )


def _around(near: Floats, document: Ints) -> Floats:
    """Scores of those before and after; 0 where the document has none."""
    count, heads = near.shape
    # the documents stand apart, so that nobody sees the next one
    places = np.arange(count) + WINDOW * (document + 1)
    padded = np.zeros((places[-1] + 1 + WINDOW, heads))
    padded[places] = near
    around: Floats = padded.take(places[:, None] + _AROUND, axis=0)
    return around.reshape(count, -1)


def _means(near: Floats, document: Ints, counts: Ints) -> Floats:
    """Mean over each candidate's document."""
    sums = [np.bincount(document, column) for column in near.T]
    means: Floats = (np.stack(sums, axis=1) / counts[:, None]).take(document, axis=0)
    return means


def _others(near: Floats, series: Ints | None) -> Floats:
    """Mean over the other members of a candidate's enumeration; 0 where none is."""
    means = np.zeros_like(near)
    if series is None:
        return means
    members = np.flatnonzero(series >= 0)
    if not len(members):
        return means
    of, own = series[members], near[members]
    sums = np.stack([np.bincount(of, column)[of] for column in own.T], axis=1)
    others = (np.bincount(of)[of] - 1)[:, None]
    # who is alone has nobody's sum to divide
    means[members] = (sums - own) * (others > 0) / np.maximum(others, 1)
    return means
