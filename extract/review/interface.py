"""What the pages' scripts ask for and send, as JSON."""

from __future__ import annotations

import threading
from typing import Any

from fastapi import APIRouter, Request

from extract.errors import DubanError
from extract.review import disputes, figures, queries, suggest
from extract.review.changes import Done, Reading, act
from extract.review.intake import Intake
from extract.review.labels import LANGUAGES, labels
from extract.review.refresh import begin, outdated, refresh_all
from extract.review.rulings import Ruling, decide
from extract.review.sessions import Store, Who, language_of
from extract.review.tables import MACHINE, Document

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
def intake(request: Request, database: Store) -> dict[str, int]:
    """How far the reading of documents has come, and how many an older machine read."""
    state: Intake = request.app.state.intake
    with database.reading() as session:
        old = len(outdated(session))
    failed = len(state.failures)
    return {"total": state.total, "done": state.done, "failed": failed, "outdated": old}


@router.post("/session")
def settle(request: Request, database: Store, given: dict[str, str]) -> dict[str, str]:
    """Set name, role, language or theme of this session."""
    session = request.session
    if "name" in given:
        name = given["name"].strip()
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise DubanError("E720")
        if name == MACHINE:
            raise DubanError("E734", name=name)
        session["id"], session["name"] = database.annotator(name), name
    for key, allowed in _CHOICES.items():
        if key in given and given[key] in allowed:
            session[key] = given[key]
    return {key: str(session.get(key, "")) for key in ("name", *_CHOICES)}


@router.get("/documents/{document}")
def whole(request: Request, database: Store, document: int) -> dict[str, Any]:
    """A document with its text, its headings and all its items."""
    with database.reading() as session:
        found = queries.whole(session, document)
    if request.app.state.proposals:
        request.app.state.proposals.add_to(found)
    return found


@router.get("/documents/{document}/disputes")
def disputed(database: Store, document: int) -> dict[str, Any]:
    """A document with its text and what its annotators disagree on."""
    with database.reading() as session:
        return disputes.whole(session, document)


@router.post("/rulings")
def rule(database: Store, given: Ruling, who: Who) -> dict[str, Any]:
    """Settle a dispute."""
    return decide(database, who, given)


@router.get("/agreement")
def agreement(database: Store, document: int | None = None) -> dict[str, Any]:
    """How far the annotators agree, in one document or in all."""
    with database.reading() as session:
        return figures.agreement(session, document)


@router.post("/refresh")
def read_again(request: Request, database: Store, who: Who) -> dict[str, int]:
    """Begin to read outdated documents again; `intake` tells how far that is."""
    state: Intake = request.app.state.intake
    if state.done >= state.total:
        # counted before it begins: the page asks at once how much is left
        waiting = begin(database, state)
        again = (database, waiting, state)
        threading.Thread(target=refresh_all, args=again, daemon=True).start()
    return intake(request, database)


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
