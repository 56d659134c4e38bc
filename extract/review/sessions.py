"""A request in, who it comes from out: database, language, person; who may come in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response

from extract.errors import DubanError
from extract.review import guard
from extract.review.changes import Person
from extract.review.database import Database
from extract.review.labels import LANGUAGES

Next = Callable[[Request], Awaitable[Response]]
_OPEN_PATHS = ("/static/", "/favicon.ico")


def database_of(request: Request) -> Database:
    """Database of the application."""
    found: Database = request.app.state.database
    return found


def language_of(request: Request) -> str:
    """Language that a person chose, else the application's."""
    lang = request.session.get("lang", request.app.state.lang)
    return lang if lang in LANGUAGES else LANGUAGES[0]


def person_of(request: Request) -> Person:
    """Who works in this session; E720 before a name is given."""
    number, name = request.session.get("id"), request.session.get("name")
    if not isinstance(number, int) or not isinstance(name, str):
        raise DubanError("E720")
    return Person(number, name, request.session.get("role") == "reviewer")


Store = Annotated[Database, Depends(database_of)]
Who = Annotated[Person, Depends(person_of)]


def gate(token: str) -> Callable[[Request, Next], Awaitable[Response]]:
    """Middleware that lets in who has shown the token and comes from our pages.

    Parameters
    ----------
    token : str
        ``""`` asks for none.
    """

    async def pass_gate(request: Request, following: Next) -> Response:
        if request.url.path.startswith(_OPEN_PATHS):
            return await following(request)
        shown = request.query_params.get("token", "")
        if not guard.admit(request.session, shown, token):
            return guard.plain_refusal(DubanError("E721"), 401)
        if shown and request.method == "GET":
            # the address bar, the history and a screenshot need not show it
            return RedirectResponse(request.url.path, 303)
        if not guard.same_site(request):
            return guard.refuse(DubanError("E722"), 403)
        return await following(request)

    return pass_gate
