"""Probabilities and what came true in, a calibration curve out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """What was given a probability from `low` to `high`.

    Attributes
    ----------
    low, high : float
        Bounds, the upper one exclusive but for 1.
    n : int
        At least 1: empty bins are left out.
    mean : float
        Mean probability.
    share : float
        Share of gold tasks.
    share_low, share_high : float
        Bounds of its 95 % Wilson interval.
    """

    low: float
    high: float
    n: int
    mean: float
    share: float
    share_low: float
    share_high: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far a probability may be taken at its word.

    Attributes
    ----------
    source : {"candidates", "tasks"}
        What the bins hold: every judged sentence, or only the tasks that were found.
    bins : sequence of Bin
        Ascending.
    n : int
    brier : float
        Mean squared difference of probability and truth (Brier 1950); 0.0 for none.
    ece : float
        Expected calibration error: mean of ``|share - mean|`` over the bins, weighted
        by their size (Naeini et al. 2015); 0.0 for none.
    """

    source: Literal["candidates", "tasks"]
    bins: Sequence[Bin]
    n: int
    brier: float
    ece: float


def calibration(
    judged: Sequence[tuple[float, bool]],
    source: Literal["candidates", "tasks"] = "candidates",
) -> Calibration:
    """Calibration in ten bins of equal width.

    Parameters
    ----------
    judged : sequence of (float, bool)
        Probability, 0 to 1, and whether gold has the task.
    source : {"candidates", "tasks"}
        What was judged.
    """
    cells: dict[int, list[tuple[float, bool]]] = {}
    for probability, true in judged:
        place = min(int(probability * _BINS), _BINS - 1)
        cells.setdefault(place, []).append((probability, true))
    bins = [_bin(place, cells[place]) for place in sorted(cells)]
    n = len(judged)
    return Calibration(
        source,
        bins,
        n,
        brier=sum((p - true) ** 2 for p, true in judged) / n if n else 0.0,
        ece=sum(b.n * abs(b.share - b.mean) for b in bins) / n if n else 0.0,
    )


def _bin(place: int, cell: Sequence[tuple[float, bool]]) -> Bin:
    n, true = len(cell), sum(true for _, true in cell)
    low, high = wilson(true, n)
    mean = sum(probability for probability, _ in cell) / n
    return Bin(place / _BINS, (place + 1) / _BINS, n, mean, true / n, low, high)


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Bounds of the 95 % interval of a share after Wilson (1927); `n` is at least 1."""
    # scipy.stats takes a second to import and only a report needs it
    from scipy.stats import binomtest

    interval = binomtest(hits, n).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)
