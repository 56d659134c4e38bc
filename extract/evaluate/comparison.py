"""Counts of two runs in, what got better and what got worse out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from extract.errors import UsageError
from extract.evaluate.scoring import Count, Score, summed

DOCUMENTS = "documents"
"""Key of the counts by document among the fields of a scores file."""

_RESAMPLES = 2000
_SEED = 7

Counts = Mapping[str, Mapping[str, Count]]
Verdict = Literal["better", "worse", "same", "unclear"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """What an earlier run left behind.

    Attributes
    ----------
    scores : mapping of str to Score
    counts : mapping of str to mapping of str to Count
        By document and field; empty in files that hold scores alone.
    """

    scores: Mapping[str, Score]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Change:
    """F1 of one field then and now.

    Attributes
    ----------
    field : str
    before, now : float
    low, high : float or None
        Bounds of the 95 % interval of ``now - before``; None if only the intervals of
        the two scores could be compared.
    p : float or None
        Two-sided, of the hypothesis that nothing changed; None likewise.
    verdict : {"better", "worse", "same", "unclear"}
        ``unclear`` where the difference may be chance.
    """

    field: str
    before: float
    now: float
    low: float | None
    high: float | None
    p: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs side by side.

    Attributes
    ----------
    method : {"bootstrap", "intervals"}
        Paired bootstrap over common documents, or whether two intervals overlap.
    documents : int
        How many documents were paired; 0 by intervals.
    changes : sequence of Change
        Fields of both runs, in order.
    """

    method: Literal["bootstrap", "intervals"]
    documents: int
    changes: Sequence[Change]


def dump(scores: Mapping[str, Score], counts: Counts) -> str:
    """JSON of ``duban evaluate --json``: scores by field, then any counts there are."""
    content: dict[str, Any] = {name: asdict(one) for name, one in scores.items()}
    if counts:
        content[DOCUMENTS] = {
            document: {
                name: [one.hits, one.gold, one.pred] for name, one in fields.items()
            }
            for document, fields in counts.items()
        }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_earlier(path: Path) -> Earlier:
    """Read what `dump` wrote; counts by document may be absent.

    Raises
    ------
    UsageError
        E215 if the file cannot be read or is nothing of the kind.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        documents = content.pop(DOCUMENTS, {})
        scores = {name: Score(**fields) for name, fields in content.items()}
        counts = {
            document: {name: _count(triple) for name, triple in fields.items()}
            for document, fields in documents.items()
        }
        if not scores:
            raise ValueError("no scores")
        for one in scores.values():
            float(one.f1), float(one.low), float(one.high)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise UsageError("E215", path=path, reason=error) from error
    return Earlier(scores, counts)


def _count(triple: Sequence[int]) -> Count:
    hits, gold, pred = (int(number) for number in triple)
    if not 0 <= hits <= min(gold, pred):
        raise ValueError(f"{hits} of {gold} and {pred}")
    return Count(hits, gold, pred)


def compare(
    earlier: Earlier, scores: Mapping[str, Score], counts: Counts
) -> Comparison:
    """Compare two runs field by field.

    Parameters
    ----------
    earlier : Earlier
    scores, counts
        Of this run, as in `Report`.

    Returns
    -------
    Comparison
        By the paired bootstrap (Efron & Tibshirani 1993; Koehn 2004 for scores of
        text) if both runs hold counts of two documents or more in common, over these;
        else by the intervals of the two scores, which is the coarser test.
    """
    common = [name for name in counts if name in earlier.counts]
    if len(common) < 2:
        fields = [name for name in scores if name in earlier.scores]
        return Comparison(
            "intervals",
            0,
            [_apart(name, earlier.scores[name], scores[name]) for name in fields],
        )
    then = [earlier.counts[name] for name in common]
    now = [counts[name] for name in common]
    before = {name for one in then for name in one}
    fields = [name for name in summed(now) if name in before]
    chance = np.random.default_rng(_SEED)
    size = len(common)
    # row: how often a resample draws each document
    weights = chance.multinomial(size, np.full(size, 1 / size), size=_RESAMPLES)
    changes = [_paired(name, then, now, weights) for name in fields]
    return Comparison("bootstrap", size, changes)


def _paired(
    name: str,
    then: Sequence[Mapping[str, Count]],
    now: Sequence[Mapping[str, Count]],
    weights: NDArray[np.int64],
) -> Change:
    old, new = _table(name, then), _table(name, now)
    whole = np.ones((1, len(old)), dtype=np.int64)
    before, after = float(_f1(whole @ old)[0]), float(_f1(whole @ new)[0])
    spread = _f1(weights @ new) - _f1(weights @ old)
    low, high = (float(bound) for bound in np.quantile(spread, (0.025, 0.975)))
    # one is added so that no p is 0 after finitely many resamples
    down, up = (int((spread <= 0).sum()) + 1, int((spread >= 0).sum()) + 1)
    p = min(1.0, 2 * min(down, up) / (len(spread) + 1))
    verdict: Verdict = "unclear"
    if not spread.any():
        verdict = "same"
    elif low > 0 or high < 0:
        verdict = "better" if low > 0 else "worse"
    return Change(name, before, after, low, high, p, verdict)


def _table(name: str, documents: Sequence[Mapping[str, Count]]) -> NDArray[np.int64]:
    counts = [document.get(name, Count()) for document in documents]
    return np.array([[one.hits, one.gold, one.pred] for one in counts], dtype=np.int64)


def _f1(totals: NDArray[np.int64]) -> NDArray[np.float64]:
    """F1 of each row of hits, gold and predicted; 1 where there was nothing to find."""
    sizes = totals[:, 1] + totals[:, 2]
    ratio: NDArray[np.float64] = np.where(
        sizes > 0, 2 * totals[:, 0] / np.maximum(sizes, 1), 1.0
    )
    return ratio


def _apart(name: str, then: Score, now: Score) -> Change:
    verdict: Verdict = "unclear"
    # an interval of no width comes from a single document and claims nothing
    wide = then.low < then.high and now.low < now.high
    if then == now:
        verdict = "same"
    elif wide and now.low > then.high:
        verdict = "better"
    elif wide and now.high < then.low:
        verdict = "worse"
    return Change(name, then.f1, now.f1, None, None, None, verdict)
