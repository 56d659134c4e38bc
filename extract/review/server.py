"""A database in, the web application out: pages, and the one way to change it."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware

import extract
from extract.errors import DubanError
from extract.review import guard, queries, suggest
from extract.review.changes import Done, Person, Reading, act
from extract.review.database import Database
from extract.review.intake import Intake
from extract.review.labels import LANGUAGES, labels
from extract.review.states import Conflict
from extract.review.tables import Document
from extract.task import KINDS, ROLES

_HERE = Path(__file__).parent
_YEAR = 365 * 24 * 3600
_LONGEST_NAME = 80
_STATUS = {"E712": 409, "E710": 409, "E713": 404, "E718": 403}
_OPEN_PATHS = ("/static/", "/favicon.ico")

Next = Callable[[Request], Awaitable[Response]]


def application(
    database: Database,
    *,
    intake: Intake | None = None,
    host: str = "127.0.0.1",
    token: str = "",
    lang: str = "zh",
) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    database : Database
    intake : Intake, optional
        Documents that are still being read.
    host : str
        Address that the server is bound to.
    token : str
        See `extract.review.guard.Guard`.
    lang : {"zh", "en"}
        Language until a person chooses another one.
    """
    app = FastAPI(
        title="duban review",
        version=extract.__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    app.state.database = database
    app.state.intake = intake or Intake()
    app.state.lang = lang
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    _pages(app)
    _interface(app)
    _errors(app)

    @app.middleware("http")
    async def known_session(request: Request, following: Next) -> Response:
        """Let in who has shown the token and, for changes, comes from our pages."""
        if request.url.path.startswith(_OPEN_PATHS):
            return await following(request)
        if not guard.admit(
            request.session, request.query_params.get("token", ""), token
        ):
            return guard.plain_refusal(DubanError("E721"), 401)
        if "token" in request.query_params and request.method == "GET":
            # the address bar, the history and a screenshot need not show it
            return RedirectResponse(request.url.path, 303)
        if not guard.same_site(request):
            return guard.refuse(DubanError("E722"), 403)
        return await following(request)

    app.add_middleware(
        SessionMiddleware,
        secret_key=database.secret,
        # cookies know no ports: two databases on one machine must not share one
        session_cookie=f"duban-{database.digest}",
        same_site="strict",
        max_age=_YEAR,
    )
    app.add_middleware(guard.Guard, host=host, token=token)
    return app


def fresh_token() -> str:
    """A token nobody guesses."""
    return secrets.token_urlsafe(18)


def _language(request: Request) -> str:
    lang = request.session.get("lang", request.app.state.lang)
    return lang if lang in LANGUAGES else "zh"


def _person(request: Request) -> Person:
    """Who works in this session; E720 before a name is given."""
    number, name = request.session.get("id"), request.session.get("name")
    if not isinstance(number, int) or not isinstance(name, str):
        raise DubanError("E720")
    return Person(number, name, request.session.get("role") == "reviewer")


Who = Annotated[Person, Depends(_person)]


def _pages(app: FastAPI) -> None:
    templates = Jinja2Templates(directory=_HERE / "templates")
    templates.env.trim_blocks = templates.env.lstrip_blocks = True
    database: Database = app.state.database

    def shown(request: Request, name: str, **values: Any) -> Response:
        session, lang = request.session, _language(request)
        words = labels(lang)
        return templates.TemplateResponse(
            request,
            name,
            {
                "t": words,
                "lang": lang,
                "theme": session.get("theme", ""),
                "csrf": guard.csrf(session),
                "name": session.get("name", ""),
                "role": session.get("role", "annotator"),
                "kinds": KINDS,
                "roles": ROLES,
                "version": extract.__version__,
            }
            | values,
        )

    @app.get("/")
    def documents(request: Request, q: str = "", page: PageNumber = 0) -> Response:
        with database.reading() as session:
            return shown(
                request,
                "documents.html",
                rows=queries.documents(session, q, page),
                count=queries.count_documents(session, q),
                total=queries.total(session),
                people=queries.annotators(session),
                intake=app.state.intake,
                q=q,
                page=page,
                size=queries.PAGE,
            )

    @app.get("/tasks")
    def tasks(request: Request, wanted: Wanted, page: PageNumber = 0) -> Response:
        with database.reading() as session:
            return shown(
                request,
                "tasks.html",
                rows=queries.tasks(session, wanted, page),
                count=queries.count_tasks(session, wanted),
                wanted=wanted,
                states=queries.STATES,
                page=page,
                size=queries.PAGE,
            )

    @app.get("/documents/{document}")
    def desk(request: Request, document: int) -> Response:
        with database.reading() as session:
            before, after = queries.neighbours(session, document)
            return shown(
                request,
                "desk.html",
                document=queries.progress(session, document),
                before=before,
                after=after,
            )


PageNumber = Annotated[int, Query(ge=0, le=100_000)]
_Word = Annotated[str, Query(max_length=200)]


def _wanted(
    kind: _Word = "",
    owner: _Word = "",
    missing: _Word = "",
    state: _Word = "",
    search: _Word = "",
    order: _Word = "confidence",
) -> queries.Filter:
    return queries.Filter(kind, owner, missing, state, search, order)


Wanted = Annotated[queries.Filter, Depends(_wanted)]


def _interface(app: FastAPI) -> None:
    database: Database = app.state.database

    @app.get("/api/labels")
    def wording(request: Request) -> dict[str, str]:
        return labels(_language(request))

    @app.get("/api/intake")
    def intake() -> dict[str, int]:
        state: Intake = app.state.intake
        return {
            "total": state.total,
            "done": state.done,
            "failed": len(state.failures),
        }

    @app.post("/api/session")
    def settle(request: Request, given: dict[str, str]) -> dict[str, str]:
        """Set name, role, language or theme of this session."""
        session = request.session
        if "name" in given:
            name = given["name"].strip()
            if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
                raise DubanError("E720")
            session["id"], session["name"] = database.annotator(name), name
        choices = {
            "role": ("annotator", "reviewer"),
            "lang": LANGUAGES,
            "theme": ("", "light", "dark"),
        }
        for key, allowed in choices.items():
            if key in given and given[key] in allowed:
                session[key] = given[key]
        return {key: str(session.get(key, "")) for key in ("name", *choices)}

    @app.get("/api/documents/{document}")
    def whole(document: int) -> dict[str, Any]:
        with database.reading() as session:
            return queries.whole(session, document)

    @app.post("/api/read")
    def read(given: Reading, who: Who) -> dict[str, Any]:
        """What the machine reads in a stretch that a person marked."""
        with database.reading() as session:
            place = session.get(Document, given.document)
            if place is None:
                raise DubanError("E713", key=given.document)
            text, date = place.text, place.date
        if given.field:
            return suggest.part(text, given.start, given.end, date, given.field)
        return suggest.parts(text, given.start, given.end, date)

    @app.post("/api/changes")
    def change(given: Done, who: Who) -> dict[str, Any]:
        return act(database, who, given)


def _errors(app: FastAPI) -> None:
    @app.exception_handler(Conflict)
    def conflict(request: Request, error: Conflict) -> Response:
        return guard.refuse(error, 409, item=error.seen)

    @app.exception_handler(DubanError)
    def refused(request: Request, error: DubanError) -> Response:
        status = _STATUS.get(error.code, 400)
        if request.url.path.startswith("/api/"):
            return guard.refuse(error, status)
        return guard.plain_refusal(error, status)

    @app.exception_handler(RequestValidationError)
    def senseless(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        reason = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        return guard.refuse(DubanError("E725", reason=reason), 422)

    @app.exception_handler(HTTPException)
    def absent(request: Request, error: HTTPException) -> Response:
        return JSONResponse({"detail": error.detail}, error.status_code)
