"""The pages: documents, tasks of all documents, the desk of one document."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates

import extract
from extract.review import guard, listing, people, queries, refresh
from extract.review.labels import labels
from extract.review.sessions import Store, language_of
from extract.task import KINDS, ROLES

router = APIRouter()
_TEMPLATES = Jinja2Templates(directory=Path(__file__).with_name("templates"))
_TEMPLATES.env.trim_blocks = _TEMPLATES.env.lstrip_blocks = True

PageNumber = Annotated[int, Query(ge=0, le=100_000)]
Words = Annotated[str, Query(max_length=200)]


def wanted(
    kind: Words = "",
    owner: Words = "",
    missing: Words = "",
    state: Words = "",
    search: Words = "",
    order: Words = "confidence",
) -> listing.Filter:
    """Filter that an address names."""
    return listing.Filter(kind, owner, missing, state, search, order)


@router.get("/")
def documents(
    request: Request, database: Store, q: Words = "", page: PageNumber = 0
) -> Response:
    """Documents with their progress."""
    with database.reading() as session:
        return _shown(
            request,
            "documents.html",
            rows=queries.documents(session, q, page),
            count=queries.count_documents(session, q),
            total=queries.total(session),
            people=queries.annotators(session),
            intake=request.app.state.intake,
            lapsed=refresh.count_lapsed(session),
            q=q,
            page=page,
            size=queries.PAGE,
        )


@router.get("/tasks")
def tasks(
    request: Request,
    database: Store,
    chosen: Annotated[listing.Filter, Depends(wanted)],
    page: PageNumber = 0,
) -> Response:
    """Tasks of all documents, filtered and sorted."""
    with database.reading() as session:
        return _shown(
            request,
            "tasks.html",
            rows=listing.tasks(session, chosen, page),
            count=listing.count_tasks(session, chosen),
            wanted=chosen,
            states=listing.STATES,
            orders=listing.ORDERS,
            page=page,
            size=queries.PAGE,
        )


@router.get("/next")
def following(
    request: Request, after: Annotated[int | None, Query(ge=0)] = None
) -> Response:
    """The document to judge next, where an order of asking was wanted."""
    proposals = request.app.state.proposals
    found = proposals.following(after) if proposals else None
    return RedirectResponse(f"/documents/{found}" if found else "/", 303)


@router.get("/documents/{document}")
def desk(request: Request, database: Store, document: int) -> Response:
    """The desk of a document; its content comes as JSON."""
    with database.reading() as session:
        before, after = queries.neighbours(session, document)
        return _shown(
            request,
            "desk.html",
            document=queries.progress(session, document),
            others=people.others(session, [request.session.get("id", 0)]),
            states=listing.STATES,
            before=before,
            after=after,
            asking=request.app.state.proposals is not None,
        )


@router.get("/disputes")
def disputes(request: Request, database: Store) -> Response:
    """Documents on which annotators disagree, with how many are settled."""
    with database.reading() as session:
        rows = queries.disputed_documents(session)
        return _shown(
            request,
            "disputes.html",
            rows=rows,
            disputed=sum(row.disputed for row in rows),
            settled=sum(row.settled for row in rows),
        )


@router.get("/documents/{document}/disputes")
def adjudicate(request: Request, database: Store, document: int) -> Response:
    """The disputes of a document, reading beside reading; they come as JSON."""
    with database.reading() as session:
        waiting = queries.disputed_documents(session, open_only=True)
        numbers = [row.id for row in waiting]
        return _shown(
            request,
            "adjudicate.html",
            document=queries.progress(session, document),
            before=max((n for n in numbers if n < document), default=None),
            after=min((n for n in numbers if n > document), default=None),
        )


def _shown(request: Request, name: str, **values: Any) -> Response:
    session, lang = request.session, language_of(request)
    known = {
        "t": labels(lang),
        "lang": lang,
        "theme": session.get("theme", ""),
        "csrf": guard.csrf(session),
        "name": session.get("name", ""),
        "role": session.get("role", "annotator"),
        "kinds": KINDS,
        "roles": ROLES,
        "version": extract.__version__,
    }
    return _TEMPLATES.TemplateResponse(request, name, known | values)
