"""Pairs of records in, scores with intervals out."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from extract.errors import DubanError
from extract.evaluate.records import (
    MARKS,
    PLAIN,
    Record,
    owner_roles,
    pair,
    same_words,
    texts,
    value_of,
)

Document = tuple[Sequence[Record], Sequence[Record]]

_RESAMPLES = 500
_SEED = 7
# a 95 % interval: this share of the resampled values lies below its bounds
_LOW, _HIGH = 0.025, 0.975


@dataclass(frozen=True, slots=True)
class Score:
    """How well one field was found.

    Attributes
    ----------
    precision, recall, f1 : float
        1.0 where there was nothing to find and nothing was found.
    low, high : float
        Bounds of the 95 % interval of F1, by resampling documents; both are F1 itself
        if there is only one document.
    n_gold : int
        Instances in gold.
    n_pred : int
        Instances predicted.
    """

    precision: float
    recall: float
    f1: float
    low: float
    high: float
    n_gold: int
    n_pred: int


@dataclass(frozen=True, slots=True)
class Count:
    """Hits, and instances on either side."""

    hits: int = 0
    gold: int = 0
    pred: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(
            self.hits + other.hits, self.gold + other.gold, self.pred + other.pred
        )

    def rates(self) -> tuple[float, float, float]:
        """Precision, recall and F1; 1.0 where there was nothing to find."""
        precision = self.hits / self.pred if self.pred else float(not self.gold)
        recall = self.hits / self.gold if self.gold else float(not self.pred)
        both = precision + recall
        return precision, recall, 2 * precision * recall / both if both else 0.0


def score(docs: Iterable[Document]) -> dict[str, Score]:
    """Score predictions against gold, field by field.

    Parameters
    ----------
    docs : iterable of (gold, pred)
        The records of each document, on both sides.

    Returns
    -------
    dict of str to Score
        ``task`` (pairs), ``task_strict`` (pairs with the same words), ``ledger``
        (``task`` among those that can be supervised); ``kind``, ``actionable``,
        ``item`` and ``section`` over pairs; ``number``, ``owners``, ``owner_roles``,
        ``deadlines``, ``recurrences`` and ``metrics`` over all tasks, where a value
        counts if it stands in a paired task on both sides (``~``: if one contains
        the other). ``due`` only if gold resolves deadlines: of the deadlines found,
        those with the right day.
    """
    return summed([count(gold, pred) for gold, pred in docs])


def summed(counts: Sequence[Mapping[str, Count]]) -> dict[str, Score]:
    """Scores of the counts of several documents, one mapping a document."""
    names = list(dict.fromkeys(name for one in counts for name in one))
    spread = _resampled(counts, names)
    scores: dict[str, Score] = {}
    for name in names:
        total = sum((one.get(name, Count()) for one in counts), Count())
        precision, recall, f1 = total.rates()
        low, high = _bounds(spread[name]) if spread[name] else (f1, f1)
        scores[name] = Score(precision, recall, f1, low, high, total.gold, total.pred)
    return scores


def _resampled(
    counts: Sequence[Mapping[str, Count]], names: Iterable[str]
) -> dict[str, list[float]]:
    # documents, not tasks: the tasks of one document resemble each other
    size = len(counts)
    chance = random.Random(_SEED)
    draws = [
        Counter(chance.randrange(size) for _ in range(size))
        for _ in range(_RESAMPLES if size > 1 else 0)
    ]
    spread: dict[str, list[float]] = {name: [] for name in names}
    for name, values in spread.items():
        columns = [one.get(name) for one in counts]
        for draw in draws:
            hits = gold = pred = 0
            for place, times in draw.items():
                if column := columns[place]:
                    hits += times * column.hits
                    gold += times * column.gold
                    pred += times * column.pred
            values.append(Count(hits, gold, pred).rates()[2])
        values.sort()
    return spread


def _bounds(values: Sequence[float]) -> tuple[float, float]:
    return values[int(_LOW * len(values))], values[int(_HIGH * len(values)) - 1]


def count(gold: Sequence[Record], pred: Sequence[Record]) -> dict[str, Count]:
    """Hits and instances of one document by field, as `score` sums them."""
    pairs = [(gold[i], pred[j]) for i, j in pair(gold, pred)]
    for_ledger = [record for record in gold if record["actionable"]]
    in_ledger = [record for record in pred if record.get("actionable")]
    tasks = len(gold), len(pred)
    counts = {
        "task": Count(len(pairs), *tasks),
        "task_strict": Count(sum(same_words(g, p) for g, p in pairs), *tasks),
        "ledger": Count(
            len(pair(for_ledger, in_ledger)), len(for_ledger), len(in_ledger)
        ),
    }
    for name in (*PLAIN, *MARKS):
        hits = sum(value_of(g, name) == value_of(p, name) for g, p in pairs)
        counts[name] = Count(hits, len(pairs), len(pairs))
    counts["number"] = Count(
        sum(
            bool(g.get("number")) and value_of(g, "number") == value_of(p, "number")
            for g, p in pairs
        ),
        sum(bool(record.get("number")) for record in gold),
        sum(bool(record.get("number")) for record in pred),
    )
    counts |= _list_counts(gold, pred, pairs)
    if due := _due_count(pairs):
        counts["due"] = due
    return counts


def _list_counts(
    gold: Sequence[Record],
    pred: Sequence[Record],
    pairs: Sequence[tuple[Record, Record]],
) -> dict[str, Count]:
    views: dict[str, Callable[[Record], list[Any]]] = {
        "owners": lambda record: texts(record, "owners"),
        "owner_roles": owner_roles,
        "deadlines": lambda record: texts(record, "deadlines"),
        "recurrences": lambda record: texts(record, "recurrences"),
        "metrics": lambda record: texts(record, "metrics"),
    }
    counts: dict[str, Count] = {}
    for name, view in views.items():
        sizes = sum(len(view(g)) for g in gold), sum(len(view(p)) for p in pred)
        values = [(view(g), view(p)) for g, p in pairs]
        exact = sum((Counter(g) & Counter(p)).total() for g, p in values)
        counts[name] = Count(exact, *sizes)
        if name != "owner_roles":
            counts[f"{name}~"] = Count(sum(_partial(g, p) for g, p in values), *sizes)
    return counts


def _partial(gold: Iterable[str], pred: Iterable[str]) -> int:
    """One-to-one matches where one string contains the other; equal ones first."""
    left = list(pred)
    hits = 0
    for wanted in gold:
        equal = wanted if wanted in left else None
        near = (other for other in left if wanted in other or other in wanted)
        match = equal if equal is not None else next(near, None)
        if match is not None:
            left.remove(match)
            hits += 1
    return hits


def _due_count(pairs: Iterable[tuple[Record, Record]]) -> Count | None:
    right = found = 0
    resolved = False
    for gold, pred in pairs:
        days = [
            (part["text"].strip(), part.get("due"))
            for part in pred.get("deadlines") or []
            if isinstance(part, Mapping)
        ]
        for part in gold.get("deadlines") or []:
            if not isinstance(part, Mapping) or "due" not in part:
                continue
            resolved = True
            text = part["text"].strip()
            said = [day for other, day in days if other == text]
            if said:
                found += 1
                right += part["due"] in said
    return Count(right, found, found) if resolved else None


def check_floors(scores: Mapping[str, Score], floors: Mapping[str, float]) -> None:
    """Refuse scores that fall below their floors.

    Parameters
    ----------
    scores : mapping of str to Score
        From `score`.
    floors : mapping of str to float
        Lowest F1 that is accepted, by field; a field that was not scored fails.

    Raises
    ------
    DubanError
        E403, naming every field below its floor.
    """
    below: list[str] = []
    for name, floor in floors.items():
        if name not in scores:
            below.append(f"{name} ? < {floor:.3f}")
        # a floor is a score rounded to three digits
        elif round(scores[name].f1, 3) < floor:
            below.append(f"{name} {scores[name].f1:.3f} < {floor:.3f}")
    if below:
        raise DubanError("E403", reason=", ".join(below))
