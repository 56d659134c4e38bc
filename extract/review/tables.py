"""The tables: what the machine proposed, what people made of it, and every step."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

OPEN = "open"
ACCEPTED = "accepted"
REJECTED = "rejected"
APPROVED = "approved"
RETURNED = "returned"
SETTLED = "settled"

MACHINE = "duban"
"""Source of the machine's proposals, and who stands in the log for its refreshing."""


class Table(DeclarativeBase):
    """What all tables have in common for SQLAlchemy."""


class Setting(Table):
    """A value that belongs to the database: the key that signs sessions."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class Annotator(Table):
    """A person, known by name."""

    __tablename__ = "annotators"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class Document(Table):
    """A speech as it was read.

    Attributes
    ----------
    digest : str
        `extract.task.Speech.digest`; the same text is in the database once.
    outline : list of [int, int, int]
        Start, end and depth (1 outermost) of each heading.
    finished_by : int or None
        Who said that every task is judged and none is missing.
    version : int
        Counts the changes of anything in the document.
    reader : str
        Rules and model that the machine read it with, as `extract.batch` names them;
        ``""`` if the machine never read it.
    """

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    doc: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    date: Mapped[dt.date | None]
    text: Mapped[str] = mapped_column(Text, deferred=True)
    outline: Mapped[list[list[int]]] = mapped_column(JSON, deferred=True)
    finished_by: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    version: Mapped[int] = mapped_column(default=1)
    reader: Mapped[str] = mapped_column(String(80), default="")

    items: Mapped[list[Item]] = relationship(order_by="Item.start")
    finisher: Mapped[Annotator | None] = relationship()


class Item(Table):
    """One task: the machine's record, the people's record, and two separate verdicts.

    Attributes
    ----------
    id : str
        `extract.task.task_id` of the span it was born with; it stays when the span
        is changed.
    source : str
        Who proposed it: ``"duban"``, the name of an imported prediction, or ``""``
        for a task added by hand.
    machine : dict or None
        The proposal, which only a newer machine replaces; None if a person added the
        task.
    lapsed : bool
        A newer machine does not propose it any more; a person's work on it stays.
    record : dict
        The record as people left it; equal to `machine` until somebody edits it.
    verdict : str
        The annotator's: ``open``, ``accepted`` or ``rejected``.
    review : str
        The reviewer's: ``open``, ``approved``, ``returned`` or ``settled``.
    ruling : dict or None
        What the reviewer settled where annotators disagree: ``task``, ``record``, and
        whose ``reading`` it is. The annotators' record and verdict stay as they are.
    disputed : int
        In how many things the annotators' own last readings of it differ.
    gone : bool
        Merged into another task, or its adding was undone. Rows are never deleted.
    version : int
        Grows with every change; a change that names another version is refused.
    """

    __tablename__ = "items"
    __table_args__ = (
        Index("items_of_document", "document_id", "start"),
        Index("items_by_confidence", "confidence"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    source: Mapped[str] = mapped_column(String(80))
    machine: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    confidence: Mapped[float | None]
    lapsed: Mapped[bool] = mapped_column(default=False)
    record: Mapped[dict[str, Any]] = mapped_column(JSON)
    start: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    actionable: Mapped[bool]
    missing: Mapped[str] = mapped_column(String(40))
    owners: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(10), default=OPEN)
    annotator_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    review: Mapped[str] = mapped_column(String(10), default=OPEN)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("annotators.id"))
    remark: Mapped[str] = mapped_column(Text, default="")
    ruling: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    disputed: Mapped[int] = mapped_column(default=0)
    gone: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column()

    document: Mapped[Document] = relationship(back_populates="items")
    annotator: Mapped[Annotator | None] = relationship(foreign_keys=[annotator_id])
    reviewer: Mapped[Annotator | None] = relationship(foreign_keys=[reviewer_id])

    # SQLAlchemy puts the version into the WHERE of every UPDATE: of two writers at
    # the same moment one fails instead of both succeeding
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Change(Table):
    """One thing a person did; `undoes` names the change that it takes back."""

    __tablename__ = "changes"
    __table_args__ = (Index("changes_of_annotator", "document_id", "annotator_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id"))
    annotator_id: Mapped[int] = mapped_column(ForeignKey("annotators.id"))
    action: Mapped[str] = mapped_column(String(12))
    at: Mapped[dt.datetime]
    undoes: Mapped[int | None] = mapped_column(ForeignKey("changes.id"))

    steps: Mapped[list[Step]] = relationship(order_by="Step.id")
    annotator: Mapped[Annotator] = relationship()


class Step(Table):
    """What a change did to one item: its state before and after; never changed.

    `before` is None for an item that the change brought into being. `version` is
    the item's after the change.
    """

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("item_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("changes.id"), index=True)
    item_id: Mapped[str] = mapped_column(ForeignKey("items.id"))
    version: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any]] = mapped_column(JSON)

    item: Mapped[Item] = relationship()
