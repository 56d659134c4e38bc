"""A database in, the web application out: pages, and the one way to change it."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware

import extract
from extract.errors import DubanError
from extract.review import guard, interface, pages, sessions
from extract.review.database import Database
from extract.review.intake import Intake
from extract.review.states import Conflict

if TYPE_CHECKING:
    # it brings the whole pipeline, and the first page should come at once
    from extract.review.proposals import Proposals

_STATIC = Path(__file__).with_name("static")
_YEAR = 365 * 24 * 3600
_STATUS = {
    **dict.fromkeys(("E710", "E712", "E733"), 409),
    **dict.fromkeys(("E718", "E731", "E732"), 403),
    "E713": 404,
}


def application(
    database: Database,
    *,
    intake: Intake | None = None,
    proposals: Proposals | None = None,
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
    proposals : Proposals, optional
        Order of asking; without it documents come in the order they were read, and
        only what the machine takes for tasks is judged.
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
    app.state.proposals = proposals
    app.state.lang = lang
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.include_router(pages.router)
    app.include_router(interface.router)
    _answer_errors(app)
    # the last one added comes first
    app.middleware("http")(sessions.gate(token))
    app.add_middleware(
        SessionMiddleware,
        secret_key=database.secret,
        # cookies know no ports: two databases on one machine must not share one
        session_cookie=f"duban-{database.digest}",
        # strict would lose who comes by a link in a mail; changes need a token anyway
        same_site="lax",
        max_age=_YEAR,
    )
    app.add_middleware(guard.Guard, host=host, token=token)
    return app


def fresh_token() -> str:
    """A token nobody guesses."""
    return secrets.token_urlsafe(18)


def _answer_errors(app: FastAPI) -> None:
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
