"""An item's state: set, kept in the log, compared with what a person saw."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, exists
from sqlalchemy.orm import aliased

from extract.errors import DubanError
from extract.review.record import Record
from extract.review.tables import ACCEPTED, Change, Item

STATE = (
    "record",
    "verdict",
    "annotator_id",
    "review",
    "reviewer_id",
    "remark",
    "ruling",
    "gone",
)
"""Columns of an item that a step of the log keeps and undoing restores."""


class Conflict(DubanError):
    """Somebody else changed an item first: nothing was written.

    Attributes
    ----------
    key : str
        Id of the item.
    seen : dict or None
        The item as it is now, once somebody has looked it up.
    """

    def __init__(self, item: Item, given: int) -> None:
        person = item.reviewer or item.annotator
        name = person.name if person else ""
        super().__init__("E712", name=name, found=item.version, given=given)
        self.key = item.id
        self.seen: dict[str, Any] | None = None


def fill(item: Item, record: Record) -> None:
    """Set an item's record, and the columns that are searched and sorted by."""
    item.record = record
    item.start = record["start"]
    item.kind = record["kind"]
    item.actionable = record["actionable"]
    item.missing = " ".join(record["missing"])
    item.owners = "\n".join(dict.fromkeys(owner["text"] for owner in record["owners"]))
    item.text = record["text"]


def standing(query: Select[Any]) -> Select[Any]:
    """Without changes that undo one, and without those that are undone."""
    later = aliased(Change)
    undone = exists().where(later.undoes == Change.id)
    return query.where(Change.undoes.is_(None)).where(~undone)


def effective(item: Item) -> tuple[bool, Record]:
    """Whether an item is a task in the end, and its record: a ruling goes before."""
    if item.ruling is not None:
        return bool(item.ruling["task"]), item.ruling["record"]
    return item.verdict == ACCEPTED and not item.gone, item.record


def state_of(item: Item) -> dict[str, Any]:
    """The columns of `STATE` with their values."""
    return {name: getattr(item, name) for name in STATE}
