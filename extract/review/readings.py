"""The log in, what every annotator last said of an item out, and where they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from extract.review.record import Record
from extract.review.states import standing
from extract.review.tables import (
    ACCEPTED,
    APPROVED,
    MACHINE,
    OPEN,
    RETURNED,
    SETTLED,
    Annotator,
    Change,
    Step,
)

TASK, SPAN = "task", "span"
PLAIN = ("kind", "actionable", "heading", "number", "section", "item")
LISTS: Mapping[str, tuple[str, ...]] = {
    "owners": ("text", "role"),
    "deadlines": ("text", "type", "from", "due"),
    "recurrences": ("text", "unit", "every", "times", "day"),
    "metrics": ("text", "value", "unit", "relation"),
}
"""Parts of a record with what of them is compared: not where they stand."""
THINGS = (TASK, SPAN, *PLAIN, *LISTS)
"""What readings may differ in."""
REFRESH = "refresh"
_NOT_ANNOTATED = (APPROVED, RETURNED, SETTLED, REFRESH, "finish")


@dataclass(frozen=True, slots=True)
class Reading:
    """What one annotator last said of an item.

    Attributes
    ----------
    task : bool
        Whether it is a task at all.
    record : dict
        The record as it was then.
    """

    task: bool
    record: Record


Readings = dict[str, dict[int, Reading]]
"""Readings by item and annotator."""


def readings(
    session: Session,
    *,
    document: int | None = None,
    items: Sequence[str] = (),
    without: int | None = None,
) -> Readings:
    """What each annotator last said of the items of a document, or of named ones.

    An item that an annotator only saw, or opened again, has no reading of theirs;
    what was undone was not said. One merged into another task is read as no task of
    its own.

    Parameters
    ----------
    session : Session
    document : int, optional
    items : sequence of str
        Ids; needed without a `document`.
    without : int, optional
        A change that is about to be undone.
    """
    query = (
        standing(select(Step.item_id, Change.annotator_id, Step.after))
        .join(Change, Step.change_id == Change.id)
        .join(Annotator, Change.annotator_id == Annotator.id)
        .where(Change.action.not_in(_NOT_ANNOTATED), Annotator.name != MACHINE)
        .order_by(Step.id)
    )
    if document is not None:
        query = query.where(Change.document_id == document)
    else:
        query = query.where(Step.item_id.in_(items))
    if without is not None:
        query = query.where(Change.id != without)
    last: dict[str, dict[int, Mapping[str, Any]]] = {}
    for item, annotator, state in session.execute(query):
        last.setdefault(item, {})[annotator] = state
    found = {
        item: {who: said for who, state in states.items() if (said := reading(state))}
        for item, states in last.items()
    }
    return {item: said for item, said in found.items() if said}


def reading(state: Mapping[str, Any]) -> Reading | None:
    """Reading that a state of an item is; None while it is open."""
    if state["verdict"] == OPEN and not state["gone"]:
        return None
    task = state["verdict"] == ACCEPTED and not state["gone"]
    return Reading(task, state["record"])


def annotated(action: str) -> bool:
    """Whether a change of that name says what an annotator reads."""
    return action not in _NOT_ANNOTATED


def differing(said: Iterable[Reading]) -> list[str]:
    """Those of `THINGS` in which readings differ; of no tasks nothing is compared."""
    given = list(said)
    found = [] if len({each.task for each in given}) < 2 else [TASK]
    records = [each.record for each in given if each.task]
    for name in THINGS[1:]:
        if any(value_of(each, name) != value_of(records[0], name) for each in records):
            found.append(name)
    return found


def value_of(record: Mapping[str, Any], name: str) -> Any:
    """What a record says of a thing, so that equal sayings are equal values."""
    if name == SPAN:
        return record["start"], record["end"]
    if name in PLAIN:
        return record[name]
    # an inherited owner is no claim about the sentence, and the order is none either
    parts = [part for part in record[name] if part.get("source") != "inherited"]
    return sorted(tuple(str(part.get(key)) for key in LISTS[name]) for part in parts)


def dispute(said: Mapping[int, Reading]) -> int:
    """In how many things the readings of one item differ."""
    return len(differing(said.values())) if len(said) > 1 else 0
