"""A filter in, the tasks of all documents that it leaves out, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, false, func, select
from sqlalchemy.orm import Session, joinedload

from extract.review.queries import PAGE, RULED, holds
from extract.review.tables import (
    ACCEPTED,
    APPROVED,
    OPEN,
    REJECTED,
    RETURNED,
    SETTLED,
    Item,
)

DISPUTED, LAPSED = "disputed", "lapsed"
STATES = (OPEN, ACCEPTED, REJECTED, APPROVED, RETURNED, SETTLED, DISPUTED, LAPSED)
ORDERS = ("confidence", "disagreement", "text")


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
        One of `ORDERS`: ``confidence``, lowest first; ``disagreement``, the most
        disputed first; ``text``.
    """

    kind: str = ""
    owner: str = ""
    missing: str = ""
    state: str = ""
    search: str = ""
    order: str = "confidence"


def tasks(session: Session, wanted: Filter, page: int = 0) -> list[Item]:
    """One page of the tasks of all documents."""
    order = (Item.document_id, Item.start)
    query = _tasks(wanted).options(
        joinedload(Item.document), joinedload(Item.annotator)
    )
    certain = func.coalesce(Item.confidence, 0.0)
    before = {
        "confidence": (certain,),
        "disagreement": (Item.disputed.desc(), certain),
    }.get(wanted.order, ())
    query = query.order_by(*before, *order)
    return list(session.scalars(query.limit(PAGE).offset(page * PAGE)))


def count_tasks(session: Session, wanted: Filter) -> int:
    """Number of tasks that a filter leaves."""
    return (
        session.scalar(select(func.count()).select_from(_tasks(wanted).subquery())) or 0
    )


def _tasks(wanted: Filter) -> Select[Any]:
    query = select(Item).where(~Item.gone)
    if wanted.kind:
        query = query.where(Item.kind == wanted.kind)
    if wanted.missing:
        query = query.where(holds(Item.missing, wanted.missing))
    if wanted.owner:
        query = query.where(holds(Item.owners, wanted.owner))
    if wanted.search:
        query = query.where(holds(Item.text, wanted.search))
    if wanted.state in (OPEN, ACCEPTED, REJECTED):
        query = query.where(Item.verdict == wanted.state)
    elif wanted.state in (APPROVED, RETURNED, SETTLED):
        query = query.where(Item.review == wanted.state)
    elif wanted.state == DISPUTED:
        query = query.where(Item.disputed > 0, Item.review.not_in(RULED))
    elif wanted.state == LAPSED:
        query = query.where(Item.lapsed)
    elif wanted.state:
        query = query.where(false())
    return query
