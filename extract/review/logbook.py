"""Items that a change touches in, one entry of the log with their states out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from extract.errors import DubanError
from extract.review.readings import REFRESH, annotated, dispute, reading, readings
from extract.review.states import STATE, Conflict, fill, standing, state_of
from extract.review.tables import APPROVED, SETTLED, Change, Document, Item, Step


@dataclass(slots=True)
class Logbook:
    """One transaction of one person: what it takes, how it was, how it is then.

    Parameters
    ----------
    session : Session
        Of `Database.writing`.
    annotator : int
        Who acts.
    reviewer : bool
        Whether as a reviewer.
    """

    session: Session
    annotator: int
    reviewer: bool = False
    _before: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    _touched: list[Item] = field(default_factory=list)

    def take(self, key: str, version: int, *, gone: bool = False) -> Item:
        """Item that is about to change.

        Parameters
        ----------
        key : str
        version : int
            As the person saw it.
        gone : bool
            Whether it may be one that was merged into another.

        Raises
        ------
        DubanError
            E713 if it is not there.
        Conflict
            If somebody changed it since.
        """
        # the document first: whoever changes it waits here, and nobody for each other
        owner = select(Item.document_id).where(Item.id == key)
        document = self.session.scalar(owner)
        if document is None:
            raise DubanError("E713", key=key)
        self.lock(document)
        item = self.session.get_one(Item, key, with_for_update=True)
        if item.version != version or (item.gone and not gone):
            raise Conflict(item, version)
        self.touch(item)
        return item

    def lock(self, document: int) -> Document:
        """The document, which nobody else changes meanwhile; E713 if not there."""
        place = self.session.get(Document, document, with_for_update=True)
        if place is None:
            raise DubanError("E713", key=document)
        return place

    def touch(self, item: Item, *, fresh: bool = False) -> None:
        """Remember how an item is before it changes; a fresh one was not."""
        self._before[item.id] = None if fresh else state_of(item)
        self._touched.append(item)

    def restore(self, step: Step) -> None:
        """Put an item back to how it was before a step, unless others went on."""
        item = step.item
        last = self.session.scalar(
            standing(select(Step.id).join(Change))
            .where(Step.item_id == item.id)
            .order_by(Step.version.desc())
            .limit(1)
        )
        if last != step.id:
            raise Conflict(item, step.version)
        self.touch(item)
        if step.before is None:
            item.gone = True
            return
        for name in STATE:
            # a step of an older duban knows fewer columns
            setattr(item, name, step.before.get(name))
        fill(item, step.before["record"])

    def log(
        self, place: Document, action: str, *fresh: Item, undoes: int | None = None
    ) -> list[Item]:
        """Write what was done; the items that were touched."""
        self.session.add_all(fresh)
        if action not in (APPROVED, SETTLED, REFRESH):
            place.finished_by = None
        self._count_disputes(action, undoes)
        for item in self._touched:
            if item not in fresh:
                # saying the same once more is a change too: the version must grow
                flag_modified(item, "verdict")
        change = self.entry(place, action, undoes)
        for item in self._touched:
            self.session.add(
                Step(
                    change_id=change.id,
                    item_id=item.id,
                    version=item.version,
                    before=self._before[item.id],
                    after=state_of(item),
                )
            )
        return self._touched

    def entry(self, place: Document, action: str, undoes: int | None = None) -> Change:
        """One line of the log, without steps."""
        place.version = Document.version + 1
        change = Change(
            document_id=place.id,
            annotator_id=self.annotator,
            action=action,
            at=dt.datetime.now(dt.UTC).replace(tzinfo=None),
            undoes=undoes,
        )
        self.session.add(change)
        self.session.flush()
        return change

    def _count_disputes(self, action: str, undoes: int | None) -> None:
        keys: Sequence[str] = [item.id for item in self._touched]
        known = readings(self.session, items=keys, without=undoes)
        for item in self._touched:
            said = known.get(item.id, {})
            if undoes is None and annotated(action):
                now = reading(state_of(item))
                said = {
                    who: each for who, each in said.items() if who != self.annotator
                }
                said |= {self.annotator: now} if now else {}
            item.disputed = dispute(said)
