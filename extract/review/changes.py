"""The one request that changes something in, the changed items out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from extract.errors import DubanError
from extract.review import queries
from extract.review.database import Database
from extract.review.judging import Desk
from extract.review.states import Conflict
from extract.review.tables import ACCEPTED, REJECTED, Item

Action = Literal[
    "accept", "reject", "reopen", "edit", "add", "split", "merge", "approve",
    "return", "undo", "finish", "dismiss",
]  # fmt: skip
Key = Annotated[str, Field(min_length=16, max_length=16, pattern="^[0-9a-f]+$")]


@dataclass(frozen=True, slots=True)
class Person:
    """Who works in a session, and whether as a reviewer."""

    id: int
    name: str
    reviewer: bool


class Seen(BaseModel):
    """An item as a person saw it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Key
    version: Annotated[int, Field(ge=1)]


class Done(BaseModel):
    """What a person did to which items of a document.

    `fields` are changed fields of the record; `at` is where a task is split.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    action: Action
    document: int
    items: Annotated[list[Seen], Field(max_length=50)] = []
    fields: dict[str, Any] = {}
    at: int = 0
    remark: Annotated[str, Field(max_length=500)] = ""


class Reading(BaseModel):
    """A stretch of a document that a person marked, and what for."""

    model_config = ConfigDict(extra="forbid", strict=True)

    document: int
    start: int
    end: int
    field: str = ""


def act(database: Database, who: Person, done: Done) -> dict[str, Any]:
    """Do it, all or nothing.

    Parameters
    ----------
    database : Database
    who : Person
    done : Done

    Returns
    -------
    dict
        ``items`` that changed and the ``document``'s progress.

    Raises
    ------
    Conflict
        With the item as it is now in `seen`.
    DubanError
        What `Desk` raises.
    """
    with seeing(database), database.writing() as session:
        items = _act(Desk(session, who.id, who.reviewer), done)
        changed = [queries.plain(item) for item in items]
        session.flush()
        document = queries.progress(session, done.document)
        return {"items": changed, "document": dataclasses.asdict(document)}


@contextmanager
def seeing(database: Database) -> Iterator[None]:
    """Whatever is refused with a `Conflict` shows the item as it is now."""
    try:
        yield
    except Conflict as error:
        with database.reading() as session:
            now = session.get_one(Item, error.key)
            error.seen = queries.plain(now)
        raise


def _act(desk: Desk, done: Done) -> list[Item]:
    if done.action in ("add", "dismiss"):
        verdict = ACCEPTED if done.action == "add" else REJECTED
        return desk.add(done.document, done.fields, verdict)
    if done.action == "undo":
        return desk.undo(done.document)
    if done.action == "finish":
        desk.finish(done.document)
        return []
    seen = [(item.id, item.version) for item in done.items]
    if done.action == "merge":
        return desk.merge(seen)
    if len(seen) != 1:
        raise DubanError("E725", reason="items")
    [(key, version)] = seen
    match done.action:
        case "accept":
            return desk.accept(key, version, done.fields)
        case "reject":
            return desk.reject(key, version)
        case "reopen":
            return desk.reopen(key, version)
        case "edit":
            return desk.edit(key, version, done.fields)
        case "split":
            return desk.split(key, version, done.at)
        case "approve":
            return desk.approve(key, version)
        case _:
            return desk.give_back(key, version, done.remark)
