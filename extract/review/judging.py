"""One thing a person does in, the changed items and a line in the log out."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select

from extract.errors import DubanError
from extract.review import record as records
from extract.review.logbook import Logbook
from extract.review.people import require_other_eyes
from extract.review.states import fill, standing
from extract.review.tables import (
    ACCEPTED,
    APPROVED,
    OPEN,
    REJECTED,
    RETURNED,
    SETTLED,
    Change,
    Document,
    Item,
    Step,
)
from extract.task import task_id

_LONGEST_REMARK = 500


@dataclass(slots=True)
class Desk(Logbook):
    """What one person may do to the items of a document, within one transaction.

    Every method that changes something takes the version the person saw, writes the
    log and returns the items it touched.
    """

    def accept(
        self, key: str, version: int, fields: Mapping[str, Any] | None = None
    ) -> list[Item]:
        """Say that this is a task and its record right, after changing `fields`."""
        item = self.take(key, version)
        if fields:
            self._write(item, records.checked(fields, item.record, _text(item)))
        return self._judge(item, ACCEPTED)

    def reject(self, key: str, version: int) -> list[Item]:
        """Say that this is no task."""
        return self._judge(self.take(key, version), REJECTED)

    def reopen(self, key: str, version: int) -> list[Item]:
        """Take the verdict back."""
        return self._judge(self.take(key, version), OPEN)

    def edit(self, key: str, version: int, fields: Mapping[str, Any]) -> list[Item]:
        """Change fields of the record; the verdict stays what it is."""
        item = self.take(key, version)
        self._write(item, records.checked(fields, item.record, _text(item)))
        item.annotator_id = self.annotator
        self._withdraw_review(item)
        return self.log(item.document, "edit")

    def add(
        self, document: int, fields: Mapping[str, Any], verdict: str = ACCEPTED
    ) -> list[Item]:
        """Judge a stretch that the machine did not propose: a task that it missed.

        Who adds it judges it; with the verdict ``rejected`` it stays no task, but is
        not asked about again.

        Raises
        ------
        DubanError
            E711 if the fields do not fit, E713 if the document is not there, E714 if
            there is a task of that very span.
        """
        place = self.lock(document)
        record = records.checked(fields, {}, place.text)
        same = select(Item).where(
            Item.document_id == document, Item.start == record["start"], ~Item.gone
        )
        if any(i.record["end"] == record["end"] for i in self.session.scalars(same)):
            raise DubanError("E714")
        item = self._new(place, record, verdict)
        return self.log(place, "add" if verdict == ACCEPTED else "dismiss", item)

    def split(self, key: str, version: int, at: int) -> list[Item]:
        """Part a task in two at an offset of the document; both halves stay open."""
        item = self.take(key, version)
        first, second = records.split(item.record, at, _text(item))
        self._write(item, first)
        self._judged(item, OPEN)
        other = self._new(item.document, second, verdict=OPEN)
        return self.log(item.document, "split", other)

    def merge(self, keys: list[tuple[str, int]]) -> list[Item]:
        """Make one task of several; the first one in the text lives on, open."""
        items = [self.take(key, version) for key, version in dict(keys).items()]
        if len(items) < 2 or len({item.document_id for item in items}) > 1:
            raise DubanError("E715")
        items.sort(key=lambda item: item.start)
        record = records.merged([item.record for item in items], _text(items[0]))
        self._write(items[0], record)
        self._judged(items[0], OPEN)
        for item in items[1:]:
            item.gone = True
        return self.log(items[0].document, "merge")

    def approve(self, key: str, version: int) -> list[Item]:
        """Say, as a reviewer, that the annotator's verdict is right.

        Raises
        ------
        DubanError
            E718 if not as a reviewer, E719 if nobody has judged it, E731 if it is the
            reviewer's own and somebody else could review it.
        """
        return self._reviewed(key, version, APPROVED, "")

    def give_back(self, key: str, version: int, remark: str = "") -> list[Item]:
        """Send an item back to the annotators, with a remark."""
        return self._reviewed(key, version, RETURNED, remark[:_LONGEST_REMARK])

    def undo(self, document: int) -> list[Item]:
        """Take back one's own last change in a document that still stands.

        Raises
        ------
        DubanError
            E716 if there is none.
        Conflict
            If somebody changed the same items since.
        """
        place = self.lock(document)
        change = self.session.scalars(
            standing(select(Change))
            .where(Change.document_id == document)
            .where(Change.annotator_id == self.annotator)
            .where(exists().where(Step.change_id == Change.id))
            .order_by(Change.id.desc())
            .limit(1)
        ).one_or_none()
        if change is None:
            raise DubanError("E716")
        for step in change.steps:
            self.restore(step)
        return self.log(place, "undo", undoes=change.id)

    def finish(self, document: int) -> Document:
        """Say that all tasks of a document are judged and none is missing.

        Raises
        ------
        DubanError
            E717 if some are open.
        """
        place = self.lock(document)
        waiting = select(func.count()).where(
            Item.document_id == document,
            ~Item.gone,
            Item.verdict == OPEN,
            Item.review != SETTLED,
        )
        if count := self.session.scalar(waiting):
            raise DubanError("E717", count=count)
        place.finished_by = self.annotator
        self.entry(place, "finish")
        return place

    def _new(
        self, place: Document, record: records.Record, verdict: str = ACCEPTED
    ) -> Item:
        key = task_id(place.digest, record["start"], record["end"])
        if self.session.get(Item, key):
            key = secrets.token_hex(8)
        item = Item(
            id=key,
            document=place,
            source="",
            machine=None,
            verdict=verdict,
            review=OPEN,
            remark="",
            gone=False,
        )
        if verdict != OPEN:
            item.annotator_id = self.annotator
        self._write(item, record | {"id": key})
        self.touch(item, fresh=True)
        return item

    def _write(self, item: Item, record: records.Record) -> None:
        fill(item, record)

    def _judge(self, item: Item, verdict: str) -> list[Item]:
        self._judged(item, verdict)
        return self.log(item.document, verdict)

    def _judged(self, item: Item, verdict: str) -> None:
        item.verdict = verdict
        item.annotator_id = None if verdict == OPEN else self.annotator
        self._withdraw_review(item)

    def _withdraw_review(self, item: Item) -> None:
        # what was approved is no longer what stands there
        item.review, item.reviewer_id, item.ruling = OPEN, None, None

    def _reviewed(self, key: str, version: int, review: str, remark: str) -> list[Item]:
        if not self.reviewer:
            raise DubanError("E718")
        item = self.take(key, version)
        if item.verdict == OPEN:
            raise DubanError("E719")
        require_other_eyes(self.session, self.annotator, item.annotator_id)
        item.review, item.reviewer_id, item.remark = review, self.annotator, remark
        item.ruling = None
        return self.log(item.document, review)


def _text(item: Item) -> str:
    return item.document.text
