"""Requests in; refused or let through: host, size, token, same site, headers."""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Iterable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from extract.errors import DubanError

BODY_LIMIT = 1_000_000
"""Bytes that a request's body may have."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content Security Policy: nothing inline, nothing from elsewhere."""
_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}
_READS = ("GET", "HEAD")


class Guard:
    """ASGI middleware that every request passes first.

    Parameters
    ----------
    app : ASGI application
    host : str
        Address that the server is bound to.
    token : str
        What a session must have shown once; ``""`` asks for none, which only a
        loopback address may.

    Raises
    ------
    ValueError
        For another address without a token.
    """

    def __init__(self, app: ASGIApp, *, host: str, token: str = "") -> None:
        if host not in LOOPBACK and not token:
            raise ValueError("an address that others can reach needs a token")
        self.app = app
        self.host = host
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse the request with an error, or hand it on."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        send = _with_headers(send, scope["path"])
        headers = Headers(scope=scope)
        if not known_host(headers.get("host", ""), self.host):
            await refuse(DubanError("E724"), 421)(scope, receive, send)
            return
        if scope["method"] not in _READS:
            body = await _body(headers, receive)
            if body is None:
                error = DubanError("E723", limit=BODY_LIMIT)
                await refuse(error, 413)(scope, receive, send)
                return
            receive = _replayed(body, receive)
        await self.app(scope, receive, send)


def known_host(header: str, bound: str) -> bool:
    """Whether a Host header names this server.

    A page of another site can make a browser send requests here by letting its own
    name point to this address (DNS rebinding): the name in the header is still its
    own. An address in figures cannot be rebound.
    """
    name = header.rsplit(":", 1)[0] if not header.endswith("]") else header
    name = name.strip("[]").lower()
    if name in LOOPBACK or name == bound.lower():
        return True
    if bound in LOOPBACK:
        return False
    if _is_address(name):
        return True
    return name in (socket.gethostname().lower(), socket.getfqdn().lower())


def admit(session: MutableMapping[str, Any], shown: str, token: str) -> bool:
    """Whether a session has shown the token, now or before."""
    if not token:
        return True
    if shown and hmac.compare_digest(shown.encode(), token.encode()):
        session["token"] = token
    return hmac.compare_digest(str(session.get("token", "")).encode(), token.encode())


def csrf(session: MutableMapping[str, Any]) -> str:
    """The session's own secret, which its pages send back with every change."""
    if "csrf" not in session:
        session["csrf"] = secrets.token_urlsafe(24)
    return str(session["csrf"])


def same_site(request: Request) -> bool:
    """Whether a request that changes something comes from a page of ours."""
    if request.method in _READS:
        return True
    given = request.headers.get("x-csrf-token", "")
    held = str(request.session.get("csrf", ""))
    origin = request.headers.get("origin")
    own = (
        origin is None or origin == f"{request.url.scheme}://{request.headers['host']}"
    )
    return bool(held) and own and hmac.compare_digest(given.encode(), held.encode())


def refuse(error: DubanError, status: int, **more: Any) -> Response:
    """The error as JSON, in both languages."""
    return JSONResponse(
        {"code": error.code, "zh": error.message("zh"), "en": error.message("en")}
        | more,
        status,
    )


def plain_refusal(error: DubanError, status: int) -> Response:
    """The error as text, for somebody who looks at it in a browser."""
    return PlainTextResponse(f"{error.message('zh')}\n{error.message('en')}\n", status)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def _body(headers: Headers, receive: Receive) -> bytes | None:
    """Body of a request, None if it is too large."""
    stated = headers.get("content-length", "0")
    if not stated.isdigit() or int(stated) > BODY_LIMIT:
        return None
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_LIMIT:
            return None
        more = message.get("more_body", False)
    return b"".join(parts)


def _replayed(body: bytes, receive: Receive) -> Receive:
    messages: Iterable[Message] = iter(
        [{"type": "http.request", "body": body, "more_body": False}]
    )

    async def replay() -> Message:
        for message in messages:
            return message
        return await receive()

    return replay


def _with_headers(send: Send, path: str) -> Send:
    async def headed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            if not path.startswith("/static/"):
                headers["cache-control"] = "no-store"
        await send(message)

    return headed
