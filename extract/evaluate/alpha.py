"""Values that annotators gave to the same things in, agreement beyond chance out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

_RESAMPLES = 500
_SEED = 7
# a 95 % interval: this share of the resampled values lies below its bounds
_BOUNDS = (0.025, 0.975)

Unit = Sequence[Hashable]
"""Values that annotators gave to one thing; who gave none is left out."""


@dataclass(frozen=True, slots=True)
class Alpha:
    """Agreement beyond chance of all annotators on one question.

    Attributes
    ----------
    alpha : float or None
        1.0 is perfect, 0.0 what chance gives, below 0 is systematic disagreement.
        None where all values are the same or no unit has two: then nothing shows
        whether the annotators can tell the values apart.
    low, high : float or None
        Bounds of its 95 % interval, by resampling documents.
    units : int
        Units with at least two values.
    """

    alpha: float | None
    low: float | None
    high: float | None
    units: int


def krippendorff_alpha(units: Iterable[Unit]) -> float | None:
    """Krippendorff's alpha for nominal data, any number of annotators and gaps.

    Parameters
    ----------
    units : iterable of sequences of hashable
        For each unit the values that it was given; a missing value is left out. Units
        with fewer than two values say nothing and do not count.

    Returns
    -------
    float or None
        None without any variation among the values, where alpha is 0 / 0.

    Notes
    -----
    Section C of Klaus Krippendorff, "Computing Krippendorff's Alpha-Reliability"
    (2011), https://repository.upenn.edu/asc_papers/43.
    """
    return alpha_of([list(units)]).alpha


def alpha_of(documents: Sequence[Iterable[Unit]]) -> Alpha:
    """Alpha of the units of all documents, with its interval over documents.

    Parameters
    ----------
    documents : sequence of iterables of units
        As for `krippendorff_alpha`, one iterable a document.
    """
    pairable = [[unit for unit in units if len(unit) > 1] for units in documents]
    values = {value for units in pairable for unit in units for value in unit}
    places = {value: place for place, value in enumerate(sorted(values, key=repr))}
    tables = np.zeros((len(pairable), len(places), len(places)))
    for table, units in zip(tables, pairable, strict=True):
        for unit in units:
            for (a, b), times in Counter(permutations(unit, 2)).items():
                table[places[a], places[b]] += times / (len(unit) - 1)
    alpha = _alpha(tables.sum(axis=0))
    low, high = (alpha, alpha) if len(tables) < 2 else _interval(tables)
    return Alpha(alpha, low, high, sum(map(len, pairable)))


def _alpha(coincidences: np.ndarray[Any, np.dtype[np.float64]]) -> float | None:
    """Alpha of a table of coincidences, shape (values, values)."""
    margins = coincidences.sum(axis=1)
    total = float(margins.sum())
    expected = total**2 - float((margins**2).sum())
    if not expected:
        return None
    observed = total - float(np.trace(coincidences))
    return 1 - (total - 1) * observed / expected


def _interval(
    tables: np.ndarray[Any, np.dtype[np.float64]],
) -> tuple[float | None, float | None]:
    # documents, not units: the sentences of one document resemble each other
    size = len(tables)
    draws = np.random.default_rng(_SEED).multinomial(
        size, np.full(size, 1 / size), size=_RESAMPLES
    )
    resampled = (_alpha(np.tensordot(draw, tables, axes=1)) for draw in draws)
    found = [alpha for alpha in resampled if alpha is not None]
    if not found:
        return None, None
    low, high = np.quantile(found, _BOUNDS)
    return float(low), float(high)
