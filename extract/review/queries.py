"""Questions to the database: documents with their progress, one document whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true
from sqlalchemy.orm import Session, joinedload

from extract.errors import DubanError
from extract.review.record import changed
from extract.review.tables import (
    ACCEPTED,
    APPROVED,
    MACHINE,
    OPEN,
    REJECTED,
    RETURNED,
    SETTLED,
    Annotator,
    Document,
    Item,
)

PAGE = 50
"""Rows of a page."""
RULED = (APPROVED, SETTLED)
"""What a reviewer can have said of an item that ends a dispute about it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a document is.

    Attributes
    ----------
    id : int
    doc, title : str
    date : str
        ISO, or ``""``.
    tasks, accepted, rejected, approved, returned : int
        Numbers of items; the last two are the reviewer's, a settled one is approved.
    disputed, settled : int
        On how many the annotators disagree, and how many of these a reviewer decided.
    finished : str
        Who finished it, or ``""``.
    version : int
        Counts the changes of anything in it.
    """

    id: int
    doc: str
    title: str
    date: str
    tasks: int
    accepted: int
    rejected: int
    approved: int
    returned: int
    disputed: int
    settled: int
    finished: str
    version: int

    @property
    def judged(self) -> int:
        """Items with an annotator's verdict."""
        return self.accepted + self.rejected


def documents(session: Session, search: str = "", page: int = 0) -> list[Progress]:
    """One page of documents with their progress, in the order they came."""
    chosen = _documents(search).order_by(Document.id)
    rows = session.scalars(
        chosen.options(joinedload(Document.finisher)).limit(PAGE).offset(page * PAGE)
    ).all()
    return _progress(session, rows)


def count_documents(session: Session, search: str = "") -> int:
    """Number of documents that a search finds."""
    return (
        session.scalar(select(func.count()).select_from(_documents(search).subquery()))
        or 0
    )


def progress(session: Session, document: int) -> Progress:
    """Progress of one document; E713 if it is not there."""
    row = session.get(Document, document)
    if row is None:
        raise DubanError("E713", key=document)
    return _progress(session, [row])[0]


def total(session: Session) -> dict[str, int]:
    """Numbers over all documents: documents, tasks, judged, approved."""
    tasks, judged, approved = session.execute(
        select(
            func.count(),
            func.sum(case((Item.verdict != OPEN, 1), else_=0)),
            func.sum(case((Item.review.in_(RULED), 1), else_=0)),
        ).where(~Item.gone)
    ).one()
    return {
        "documents": count_documents(session),
        "tasks": tasks,
        "judged": judged or 0,
        "approved": approved or 0,
    }


def annotators(session: Session) -> list[str]:
    """Names of everybody who worked on this database."""
    query = select(Annotator.name).where(Annotator.name != MACHINE)
    return list(session.scalars(query.order_by(Annotator.name)))


def plain(item: Item) -> dict[str, Any]:
    """An item as the page and other programs get it."""
    return {
        "id": item.id,
        "version": item.version,
        "source": item.source,
        "confidence": item.confidence,
        "record": item.record,
        "machine": item.machine,
        "edited": changed(item.machine, item.record) if item.machine else [],
        "verdict": item.verdict,
        "annotator": item.annotator.name if item.annotator else "",
        "review": item.review,
        "reviewer": item.reviewer.name if item.reviewer else "",
        "remark": item.remark,
        "ruling": item.ruling,
        "disputed": item.disputed,
        "lapsed": item.lapsed,
        "gone": item.gone,
    }


def whole(session: Session, document: int) -> dict[str, Any]:
    """A document with its text, its headings and all its items."""
    here = progress(session, document)
    row = session.get_one(Document, document)
    people = (joinedload(Item.annotator), joinedload(Item.reviewer))
    items = session.scalars(
        select(Item)
        .where(Item.document_id == document, ~Item.gone)
        .order_by(Item.start)
        .options(*people)
    )
    return {
        "document": dataclasses.asdict(here),
        "text": row.text,
        "outline": row.outline,
        "items": [plain(item) for item in items],
    }


def disputed_documents(session: Session, open_only: bool = False) -> list[Progress]:
    """Documents on which annotators disagree, or in which something is unsettled."""
    undecided = Item.disputed > 0
    if open_only:
        undecided &= Item.review.not_in(RULED)
    query = select(Item.document_id).where(undecided)
    rows = session.scalars(
        select(Document)
        .where(Document.id.in_(query))
        .order_by(Document.id)
        .options(joinedload(Document.finisher))
    ).all()
    return _progress(session, rows)


def neighbours(session: Session, document: int) -> tuple[int | None, int | None]:
    """Ids of the documents before and after one."""
    before = select(func.max(Document.id)).where(Document.id < document)
    after = select(func.min(Document.id)).where(Document.id > document)
    return session.scalar(before), session.scalar(after)


def _documents(search: str) -> Select[Any]:
    query = select(Document)
    if search:
        found = [
            holds(c, search) for c in (Document.title, Document.doc, Document.text)
        ]
        query = query.where(or_(*found))
    return query


def _progress(session: Session, rows: Sequence[Document]) -> list[Progress]:
    def number(condition: ColumnElement[bool], gone: bool = False) -> Any:
        counts = condition if gone else condition & ~Item.gone
        return func.sum(case((counts, 1), else_=0))

    disputed = Item.disputed > 0

    counts = {
        row[0]: tuple(value or 0 for value in row[1:])
        for row in session.execute(
            select(
                Item.document_id,
                number(true()),
                number(Item.verdict == ACCEPTED),
                number(Item.verdict == REJECTED),
                number(Item.review.in_(RULED)),
                number(Item.review == RETURNED),
                # one person may have merged away what another one disputes
                number(disputed, gone=True),
                number(disputed & Item.review.in_(RULED), gone=True),
            )
            .where(Item.document_id.in_([row.id for row in rows]))
            .group_by(Item.document_id)
        )
    }
    return [_standing(row, counts.get(row.id, (0,) * 7)) for row in rows]


def _standing(row: Document, counts: tuple[int, ...]) -> Progress:
    tasks, accepted, rejected, approved, returned, disputed, settled = counts
    return Progress(
        id=row.id,
        doc=row.doc,
        title=row.title,
        date=row.date.isoformat() if row.date else "",
        tasks=tasks,
        accepted=accepted,
        rejected=rejected,
        approved=approved,
        returned=returned,
        disputed=disputed,
        settled=settled,
        finished=row.finisher.name if row.finisher else "",
        version=row.version,
    )


def holds(column: Any, words: str) -> ColumnElement[bool]:
    """Whether a column holds words, whatever their case."""
    found: ColumnElement[bool] = column.icontains(words, autoescape=True)
    return found
