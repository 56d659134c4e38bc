"""What the pages' scripts ask for and send, as JSON."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from extract.errors import DubanError
from extract.review import queries, suggest
from extract.review.changes import Done, Reading, act
from extract.review.intake import Intake
from extract.review.labels import LANGUAGES, labels
from extract.review.sessions import Store, Who, language_of
from extract.review.tables import Document

router = APIRouter(prefix="/api")
_LONGEST_NAME = 80
_CHOICES = {
    "role": ("annotator", "reviewer"),
    "lang": LANGUAGES,
    "theme": ("", "light", "dark"),
}


@router.get("/labels")
def wording(request: Request) -> dict[str, str]:
    """Labels in the session's language."""
    return labels(language_of(request))


@router.get("/intake")
def intake(request: Request) -> dict[str, int]:
    """How far the reading of documents has come."""
    state: Intake = request.app.state.intake
    failed = len(state.failures)
    return {"total": state.total, "done": state.done, "failed": failed}


@router.post("/session")
def settle(request: Request, database: Store, given: dict[str, str]) -> dict[str, str]:
    """Set name, role, language or theme of this session."""
    session = request.session
    if "name" in given:
        name = given["name"].strip()
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise DubanError("E720")
        session["id"], session["name"] = database.annotator(name), name
    for key, allowed in _CHOICES.items():
        if key in given and given[key] in allowed:
            session[key] = given[key]
    return {key: str(session.get(key, "")) for key in ("name", *_CHOICES)}


@router.get("/documents/{document}")
def whole(database: Store, document: int) -> dict[str, Any]:
    """A document with its text, its headings and all its items."""
    with database.reading() as session:
        return queries.whole(session, document)


@router.post("/read")
def read(database: Store, given: Reading, who: Who) -> dict[str, Any]:
    """What the machine reads in a stretch that a person marked."""
    with database.reading() as session:
        place = session.get(Document, given.document)
        if place is None:
            raise DubanError("E713", key=given.document)
        text, date = place.text, place.date
    if given.field:
        return suggest.part(text, given.start, given.end, date, given.field)
    return suggest.parts(text, given.start, given.end, date)


@router.post("/changes")
def change(database: Store, given: Done, who: Who) -> dict[str, Any]:
    """Do what a person did."""
    return act(database, who, given)
