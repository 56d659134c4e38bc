"""Gold and predicted records in, how good each rule is out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from extract.evaluate.calibration import wilson
from extract.evaluate.records import (
    MARKS,
    PLAIN,
    Record,
    owner_roles,
    pair,
    texts,
    value_of,
)
from extract.evaluate.scoring import Document

_LISTS = ("owners", "deadlines", "recurrences", "metrics")
_VALUES = (*PLAIN, "number", *MARKS)
# ids of rules begin with the name of their table
_CUES = "cue."


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """What one rule did for one field.

    Attributes
    ----------
    rule : str
        Id of the rule, or of the model.
    field : str
        ``task`` for a cue that spoke for a task; else the field that it filled.
    filled : int
        How many tasks or values name the rule; inherited owners are left out.
    right : int
        How many of them gold has: tasks that pair, values that stand in a paired task
        on both sides, owners with the same role.
    gold : int
        Instances in gold.
    low, high : float
        Bounds of the 95 % Wilson interval of `precision`.
    """

    rule: str
    field: str
    filled: int
    right: int
    gold: int
    low: float
    high: float

    @property
    def precision(self) -> float:
        """Share of what it filled that is right."""
        return self.right / self.filled

    @property
    def coverage(self) -> float:
        """Share of gold that it got right; several cues may speak for one task."""
        return self.right / self.gold if self.gold else 0.0


def rule_table(docs: Sequence[Document]) -> list[RuleFigures]:
    """Precision and coverage of every rule that the predicted records name.

    Parameters
    ----------
    docs : sequence of (gold, pred)
        The records of each document, on both sides.

    Returns
    -------
    list of RuleFigures
        By field, those that filled most first.
    """
    filled: Counter[tuple[str, str]] = Counter()
    right: Counter[tuple[str, str]] = Counter()
    wanted: Counter[str] = Counter()
    for gold, pred in docs:
        partner = {j: gold[i] for i, j in pair(gold, pred)}
        for record in gold:
            wanted.update(_wanted(record))
        for place, record in enumerate(pred):
            for field, rule, agrees in _claims(record, partner.get(place)):
                filled[field, rule] += 1
                right[field, rule] += agrees
    order = {field: place for place, field in enumerate(("task", *_VALUES, *_LISTS))}
    keys = sorted(filled, key=lambda key: (order[key[0]], -filled[key], key[1]))
    return [
        RuleFigures(
            rule,
            field,
            filled[field, rule],
            right[field, rule],
            wanted[field],
            *wilson(right[field, rule], filled[field, rule]),
        )
        for field, rule in keys
    ]


def _wanted(record: Record) -> Iterator[str]:
    yield "task"
    yield from PLAIN
    yield from (name for name in ("number", *MARKS) if record.get(name))
    for name in _LISTS:
        yield from [name] * len(texts(record, name))


def _claims(record: Record, gold: Record | None) -> Iterator[tuple[str, str, bool]]:
    """Field, rule, and whether gold agrees, for all that the record says."""
    sources = record.get("sources") or {}
    for name in _LISTS:
        stated = _values(gold, name) if gold is not None else Counter()
        parts = [
            part
            for part in record.get(name) or []
            if not isinstance(part, str) and part.get("source") != "inherited"
        ]
        for part, value in zip(parts, _surfaces(parts, name), strict=True):
            if part.get("rule"):
                yield name, part["rule"], stated[value] > 0
            stated[value] -= 1
    for rule in record.get("rules") or []:
        # the record lists the rules of its parts too
        if rule.startswith(_CUES):
            yield "task", rule, gold is not None
    for name in _VALUES:
        if name in sources and record.get(name) not in ("", None):
            agrees = gold is not None and value_of(record, name) == value_of(gold, name)
            yield name, sources[name], agrees


def _values(record: Record, name: str) -> Counter[Any]:
    return Counter(owner_roles(record) if name == "owners" else texts(record, name))


def _surfaces(parts: Sequence[Record], name: str) -> list[Any]:
    record = {name: parts}
    return list(owner_roles(record) if name == "owners" else texts(record, name))
