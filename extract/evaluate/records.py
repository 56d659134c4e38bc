"""What two records of a task are compared by: spans, words, enumerators, values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from extract import rulebook

Record = Mapping[str, Any]

MIN_OVERLAP = 0.5
"""Tasks pair from this share of common characters on (intersection over union)."""
PLAIN = ("kind", "actionable")
"""Fields compared as they are."""
MARKS = ("item", "section")
"""Fields compared by their enumerators, without punctuation."""


def pair(gold: Sequence[Record], pred: Sequence[Record]) -> list[tuple[int, int]]:
    """Pair tasks one to one, those that overlap most first.

    Parameters
    ----------
    gold, pred : sequence of records
        With ``start`` and ``end``; in any order.

    Returns
    -------
    list of (int, int)
        Indices into `gold` and `pred`, best overlap first. Of equal overlaps the one
        later in `gold`, then later in `pred`, wins.
    """
    candidates = sorted(_overlaps(gold, pred), reverse=True)
    taken_gold: set[int] = set()
    taken_pred: set[int] = set()
    pairs: list[tuple[int, int]] = []
    for _, i, j in candidates:
        if i not in taken_gold and j not in taken_pred:
            taken_gold.add(i)
            taken_pred.add(j)
            pairs.append((i, j))
    return pairs


def _overlaps(
    gold: Sequence[Record], pred: Sequence[Record]
) -> Iterator[tuple[float, int, int]]:
    """Sweep over both sides by start, so that only overlapping spans meet."""
    by_start = sorted(range(len(pred)), key=lambda j: int(pred[j]["start"]))
    coming = iter(by_start)
    following = next(coming, None)
    alive: list[int] = []
    for i in sorted(range(len(gold)), key=lambda i: int(gold[i]["start"])):
        start, end = gold[i]["start"], gold[i]["end"]
        while following is not None and pred[following]["start"] < end:
            alive.append(following)
            following = next(coming, None)
        alive = [j for j in alive if pred[j]["end"] > start]
        for j in alive:
            common = min(end, pred[j]["end"]) - max(start, pred[j]["start"])
            union = max(end, pred[j]["end"]) - min(start, pred[j]["start"])
            if common > 0 and common / union >= MIN_OVERLAP:
                yield common / union, i, j


def same_words(gold: Record, pred: Record) -> bool:
    """Whether two tasks agree but for enumerators and punctuation at their ends."""
    return _trimmed(gold["text"]) == _trimmed(pred["text"])


def _trimmed(text: str) -> str:
    for rule in rulebook.load("evaluate").labelled("trim"):
        text = rule.pattern.sub("", text)
    return text


def value_of(record: Record, name: str) -> Any:
    """Value of a plain field or an enumerator as it is compared: 一、 equals 一."""
    value = record.get(name)
    if name in PLAIN:
        return bool(value) if name == "actionable" else value
    return rulebook.load("evaluate")["evaluate.mark"].pattern.sub("", value or "")


def texts(record: Record, name: str) -> list[str]:
    """Surfaces of a list field, strings or objects; inherited owners left out."""
    return [
        (part if isinstance(part, str) else part["text"]).strip()
        for part in record.get(name) or []
        # an inherited owner is no claim about what this sentence says
        if isinstance(part, str) or part.get("source") != "inherited"
    ]


def owner_roles(record: Record) -> list[tuple[str, str]]:
    """(surface, role) of each owner that the text states for the task."""
    return [
        (owner["text"].strip(), owner.get("role", "responsible"))
        for owner in record.get("owners") or []
        if owner.get("source") != "inherited"
    ]
