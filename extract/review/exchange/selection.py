"""The database in, the documents to export out: each with its items and a name."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from extract.review.states import effective
from extract.review.tables import APPROVED, OPEN, REJECTED, SETTLED, Document, Item

_UNFIT = re.compile(r"[^\w.-]+")
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Choice:
    """What to export.

    Attributes
    ----------
    unfinished : bool
        Also documents that nobody finished, with their open items: predictions, not
        gold.
    approved : bool
        Only items that a reviewer approved or settled.
    rejected : bool
        Also items that are no tasks: for a table in which verdicts may change.
    partly : bool
        Also unfinished documents, with their judged items alone: gold of some sentences
        of a document, which can be learned from.
    """

    unfinished: bool = False
    approved: bool = False
    rejected: bool = False
    partly: bool = False

    def takes(self, item: Item) -> bool:
        """Whether an item is a task as far as is known; a ruling knows best."""
        if item.gone or (self.approved and item.review not in (APPROVED, SETTLED)):
            return False
        if item.ruling is not None:
            return effective(item)[0] or self.rejected
        if item.verdict == REJECTED:
            return self.rejected
        return item.verdict != OPEN or self.unfinished


@dataclass(frozen=True, slots=True)
class Chosen:
    """One document to export.

    Attributes
    ----------
    name : str
        File name without suffix, different for each document.
    text, title, doc, digest : str
    date : datetime.date or None
    items : list of Item
        In text order.
    checked : bool
        Somebody finished the document, and no item is open.
    annotators : list of str
        Who judged its items.
    judged : list of (int, int)
        Spans of the items, tasks or not, that somebody judged.
    """

    name: str
    text: str
    title: str
    doc: str
    digest: str
    date: dt.date | None
    items: list[Item]
    checked: bool
    annotators: list[str]
    judged: list[tuple[int, int]]

    def records(self) -> list[dict[str, Any]]:
        """Records of the items, as a reviewer settled them where one did."""
        records = [effective(item)[1] for item in self.items]
        # a ruling may have moved where a task begins
        return sorted(records, key=lambda record: int(record["start"]))


def chosen(session: Session, choice: Choice) -> Iterator[Chosen]:
    """Documents in the order they came."""
    names: set[str] = set()
    query = select(Document).order_by(Document.id).options(undefer(Document.text))
    if not choice.unfinished and not choice.partly:
        query = query.where(Document.finished_by.is_not(None))
    for document in session.scalars(query).all():
        items = session.scalars(
            select(Item)
            .where(Item.document_id == document.id, ~Item.gone)
            .order_by(Item.start, Item.id)
            .options(joinedload(Item.annotator))
        ).all()
        people = {item.annotator.name for item in items if item.annotator}
        judged = [item for item in items if item.verdict != OPEN or item.ruling]
        if not judged and document.finished_by is None and not choice.unfinished:
            continue
        yield Chosen(
            _name(document, names),
            document.text,
            document.title,
            document.doc,
            document.digest,
            document.date,
            [item for item in items if choice.takes(item)],
            document.finished_by is not None
            and all(item.verdict != OPEN or item.ruling for item in items),
            sorted(people),
            [(item.record["start"], item.record["end"]) for item in judged],
        )


def _name(document: Document, taken: set[str]) -> str:
    """File name of a document: that of its file, and of two the second numbered."""
    stem = PurePath(document.doc.replace("\\", "/")).stem
    wanted = _UNFIT.sub("_", stem).strip("._")[:_LONGEST] or document.digest[:12]
    name, number = wanted, 2
    while name.lower() in taken:
        name, number = f"{wanted}-{number}", number + 1
    taken.add(name.lower())
    return name
