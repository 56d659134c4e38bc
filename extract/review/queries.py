"""Questions to the database: documents with their progress, tasks, one document."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, func, or_, select
from sqlalchemy.orm import Session, joinedload

from extract.errors import DubanError
from extract.review.record import changed
from extract.review.tables import (
    ACCEPTED,
    APPROVED,
    OPEN,
    REJECTED,
    RETURNED,
    Annotator,
    Document,
    Item,
)

PAGE = 50
"""Rows of a page."""
STATES = (OPEN, ACCEPTED, REJECTED, APPROVED, RETURNED)
ORDERS = ("confidence", "text")


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
        Numbers of items; the last two are the reviewer's.
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
    finished: str
    version: int

    @property
    def judged(self) -> int:
        """Items with an annotator's verdict."""
        return self.accepted + self.rejected


@dataclass(frozen=True, slots=True)
class Filter:
    """What to show of the tasks; empty strings filter nothing.

    Attributes
    ----------
    kind, missing, state : str
        A kind, a missing part, one of `STATES`.
    owner, search : str
        Found anywhere in the bodies, or in the task.
    order : str
        ``confidence``, lowest first, or ``text``.
    """

    kind: str = ""
    owner: str = ""
    missing: str = ""
    state: str = ""
    search: str = ""
    order: str = "confidence"


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
            func.sum(case((Item.review == APPROVED, 1), else_=0)),
        ).where(~Item.gone)
    ).one()
    return {
        "documents": count_documents(session),
        "tasks": tasks,
        "judged": judged or 0,
        "approved": approved or 0,
    }


def tasks(session: Session, wanted: Filter, page: int = 0) -> list[Item]:
    """One page of the tasks of all documents."""
    order = (Item.document_id, Item.start)
    query = _tasks(wanted).options(
        joinedload(Item.document), joinedload(Item.annotator)
    )
    if wanted.order == "confidence":
        query = query.order_by(func.coalesce(Item.confidence, 0.0), *order)
    else:
        query = query.order_by(*order)
    return list(session.scalars(query.limit(PAGE).offset(page * PAGE)))


def count_tasks(session: Session, wanted: Filter) -> int:
    """Number of tasks that a filter leaves."""
    return (
        session.scalar(select(func.count()).select_from(_tasks(wanted).subquery())) or 0
    )


def annotators(session: Session) -> list[str]:
    """Names of everybody who worked on this database."""
    return list(session.scalars(select(Annotator.name).order_by(Annotator.name)))


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


def neighbours(session: Session, document: int) -> tuple[int | None, int | None]:
    """Ids of the documents before and after one."""
    before = select(func.max(Document.id)).where(Document.id < document)
    after = select(func.min(Document.id)).where(Document.id > document)
    return session.scalar(before), session.scalar(after)


def _documents(search: str) -> Select[Any]:
    query = select(Document)
    if search:
        found = [
            _holds(c, search) for c in (Document.title, Document.doc, Document.text)
        ]
        query = query.where(or_(*found))
    return query


def _progress(session: Session, rows: Sequence[Document]) -> list[Progress]:
    def number(condition: ColumnElement[bool]) -> Any:
        return func.sum(case((condition, 1), else_=0))

    counts = {
        row[0]: tuple(value or 0 for value in row[1:])
        for row in session.execute(
            select(
                Item.document_id,
                func.count(),
                number(Item.verdict == ACCEPTED),
                number(Item.verdict == REJECTED),
                number(Item.review == APPROVED),
                number(Item.review == RETURNED),
            )
            .where(Item.document_id.in_([row.id for row in rows]), ~Item.gone)
            .group_by(Item.document_id)
        )
    }
    return [_standing(row, counts.get(row.id, (0, 0, 0, 0, 0))) for row in rows]


def _standing(row: Document, counts: tuple[int, ...]) -> Progress:
    tasks, accepted, rejected, approved, returned = counts
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
        finished=row.finisher.name if row.finisher else "",
        version=row.version,
    )


def _tasks(wanted: Filter) -> Select[Any]:
    query = select(Item).where(~Item.gone)
    if wanted.kind:
        query = query.where(Item.kind == wanted.kind)
    if wanted.missing:
        query = query.where(_holds(Item.missing, wanted.missing))
    if wanted.owner:
        query = query.where(_holds(Item.owners, wanted.owner))
    if wanted.search:
        query = query.where(_holds(Item.text, wanted.search))
    if wanted.state in (OPEN, ACCEPTED, REJECTED):
        query = query.where(Item.verdict == wanted.state)
    elif wanted.state in (APPROVED, RETURNED):
        query = query.where(Item.review == wanted.state)
    elif wanted.state:
        query = query.where(false())
    return query


def _holds(column: Any, words: str) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.icontains(words, autoescape=True)
    return found
