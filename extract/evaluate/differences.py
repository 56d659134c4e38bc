"""Gold and predicted records of a document in, their differences out, one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

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

_LISTS = ("owners", "deadlines", "recurrences", "metrics")
_ORDER = {"missed": 0, "spurious": 1, "span": 2, "field": 3}


@dataclass(frozen=True, slots=True)
class Error:
    """One difference between gold and prediction.

    Attributes
    ----------
    kind : str
        ``missed`` and ``spurious`` tasks, ``span`` for one with other bounds,
        ``field`` for one that says something else.
    field : str
        The field in which they differ, or ``""``.
    gold, pred : object
        What either side says; None where there is no task on that side. Lists hold
        only what the other side lacks.
    text : str
        The sentence: the gold one if there is one.
    start : int
        Where it starts in the document.
    """

    kind: Literal["missed", "spurious", "span", "field"]
    field: str
    gold: Any
    pred: Any
    text: str
    start: int


def errors(gold: Sequence[Record], pred: Sequence[Record]) -> list[Error]:
    """List every difference between gold and prediction of one document.

    Returns
    -------
    list of Error
        In text order. Inherited owners make no claim about the sentence and are not
        compared.
    """
    pairs = pair(gold, pred)
    paired_gold = {i for i, _ in pairs}
    paired_pred = {j for _, j in pairs}
    found = [
        Error("missed", "", record["text"], None, record["text"], record["start"])
        for i, record in enumerate(gold)
        if i not in paired_gold
    ]
    found += [
        Error("spurious", "", None, record["text"], record["text"], record["start"])
        for j, record in enumerate(pred)
        if j not in paired_pred
    ]
    for i, j in pairs:
        found += _differences(gold[i], pred[j])
    return sorted(found, key=lambda error: (error.start, _ORDER[error.kind]))


def _differences(gold: Record, pred: Record) -> Iterator[Error]:
    text, start = gold["text"], gold["start"]
    if not same_words(gold, pred):
        yield Error("span", "", text, pred["text"], text, start)
    for name in (*PLAIN, "number", *MARKS):
        if value_of(gold, name) != value_of(pred, name):
            yield Error("field", name, gold.get(name), pred.get(name), text, start)
    for name in _LISTS:
        wanted, said = Counter(_values(gold, name)), Counter(_values(pred, name))
        if wanted != said:
            lacking = list((wanted - said).elements())
            yield Error(
                "field", name, lacking, list((said - wanted).elements()), text, start
            )


def _values(record: Record, name: str) -> Sequence[Any]:
    return owner_roles(record) if name == "owners" else texts(record, name)
