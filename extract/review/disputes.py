"""Readings of a document in, what annotators disagree on out, place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from extract.errors import DubanError
from extract.review import queries
from extract.review.queries import RULED
from extract.review.readings import (
    THINGS,
    Reading,
    Readings,
    differing,
    readings,
)
from extract.review.tables import MACHINE, Annotator, Document, Item

BY_MACHINE = "machine"
BY_HAND = "own"


@dataclass(frozen=True, slots=True)
class Dispute:
    """Items of which two people say different things, with those that overlap them.

    Attributes
    ----------
    items : tuple of Item
        In text order: where one person splits a task that another one leaves whole,
        all of them.
    readings : mapping of int to mapping of str to Reading
        By annotator, what they said of which items.
    """

    items: tuple[Item, ...]
    readings: Mapping[int, Mapping[str, Reading]]

    @property
    def settled(self) -> bool:
        """Whether a reviewer has decided it."""
        return all(item.review in RULED for item in self.items if item.disputed)

    def differing(self) -> list[str]:
        """Those of `THINGS` in which the people differ."""
        found = {
            name
            for item in self.items
            for name in differing(
                said[item.id] for said in self.readings.values() if item.id in said
            )
        }
        return [name for name in THINGS if name in found]

    def reading_of(self, by: str) -> dict[str, Reading]:
        """What settling it in favour of a reading makes of each item.

        Parameters
        ----------
        by : str
            An annotator's id, or `BY_MACHINE`.

        Returns
        -------
        dict of str to Reading
            By item. What that reading's own tasks overlap is no task; items it says
            nothing of are left out.

        Raises
        ------
        DubanError
            E725 if nobody of that id has a reading.
        """
        if by == BY_MACHINE:
            return {item.id: _machine(item) for item in self.items}
        said = self.readings.get(int(by)) if by.isdigit() else None
        if said is None:
            raise DubanError("E725", reason=f"reading: {by}")
        spans = [_span(each.record) for each in said.values() if each.task]
        silent = {
            item.id: Reading(False, item.record)
            for item in self.items
            if item.id not in said
            and any(_overlap(_span(item.record), span) for span in spans)
        }
        return {**said, **silent}


def disputes(session: Session, document: int) -> list[Dispute]:
    """Everything that annotators of a document disagree on, settled or not.

    Parameters
    ----------
    session : Session
    document : int

    Returns
    -------
    list of Dispute
        In text order.
    """
    said = readings(session, document=document)
    people = (joinedload(Item.annotator), joinedload(Item.reviewer))
    items = session.scalars(
        select(Item)
        .where(Item.document_id == document)
        .order_by(Item.start, Item.id)
        .options(*people)
    )
    found = []
    for group in groups(list(items), said):
        if any(item.disputed for item in group):
            by_person: dict[int, dict[str, Reading]] = {}
            for item in group:
                for who, each in said.get(item.id, {}).items():
                    by_person.setdefault(who, {})[item.id] = each
            found.append(Dispute(group, dict(sorted(by_person.items()))))
    return found


def whole(
    session: Session, document: int, found: Sequence[Dispute] | None = None
) -> dict[str, Any]:
    """A document with its text and its disputes, as the page gets it.

    Parameters
    ----------
    session : Session
    document : int
    found : sequence of Dispute, optional
        Its disputes, if they are known.
    """
    here = queries.progress(session, document)
    row = session.get_one(Document, document)
    names = {person.id: person.name for person in session.scalars(select(Annotator))}
    found = disputes(session, document) if found is None else found
    disputed = [item for each in found for item in each.items if item.disputed]
    return {
        "document": {"id": here.id, "title": here.title, "version": here.version},
        "text": row.text,
        "outline": row.outline,
        "total": len(disputed),
        "settled": sum(item.review in RULED for item in disputed),
        "disputes": [_plain(each, names) for each in found],
    }


def _plain(found: Dispute, names: Mapping[int, str]) -> dict[str, Any]:
    offered = [(str(who), names[who]) for who in found.readings]
    if any(item.machine for item in found.items):
        offered.append((BY_MACHINE, MACHINE))
    return {
        "items": [queries.plain(item) for item in found.items],
        "settled": found.settled,
        "differing": found.differing(),
        "readings": [
            {
                "by": by,
                "name": name,
                "items": {
                    key: {"task": each.task, "record": each.record}
                    for key, each in found.reading_of(by).items()
                },
            }
            for by, name in offered
        ],
    }


def groups(items: Sequence[Item], said: Readings) -> Iterator[tuple[Item, ...]]:
    """Items whose spans, as anybody who annotated them reads them, overlap."""
    spans = {
        item.id: [
            _span(each.record) for each in said.get(item.id, {}).values() if each.task
        ]
        or ([] if item.gone else [_span(item.record)])
        for item in items
    }
    group: list[Item] = []
    end = 0
    present = [item for item in items if spans[item.id]]
    for item in sorted(present, key=lambda item: min(spans[item.id])):
        if group and min(spans[item.id])[0] >= end:
            yield tuple(group)
            group = []
        group.append(item)
        end = max(end, *(stop for _, stop in spans[item.id]))
    if group:
        yield tuple(group)


def _machine(item: Item) -> Reading:
    if item.machine is None or item.lapsed:
        return Reading(False, item.record)
    return Reading(True, item.machine)


def _span(record: Mapping[str, Any]) -> tuple[int, int]:
    return record["start"], record["end"]


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
