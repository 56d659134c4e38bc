"""The application in, a server on a port out, and documents read meanwhile."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Sequence

import uvicorn
from fastapi import FastAPI

from extract.errors import DubanError

_PATIENCE = 10.0
"""Seconds that a server may take to start."""


def bound(host: str, port: int) -> socket.socket:
    """Listening socket; port 0 takes any that is free.

    Raises
    ------
    DubanError
        E705 if the address cannot be used.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        # asyncio turns Nagle's algorithm off only for sockets that name TCP; with it
        # on, every answer would wait 40 ms for an acknowledgement
        listener = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(128)
        except OSError:
            listener.close()
            raise
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DubanError("E705", host=host, port=port, reason=reason) from error
    return listener


def serve(
    app: FastAPI,
    listener: socket.socket,
    *,
    ready: Callable[[], object] = lambda: None,
    meanwhile: Sequence[Callable[[], object]] = (),
) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    app : FastAPI
    listener : socket
        From `bound`.
    ready : callable
        Called once the server answers.
    meanwhile : sequence of callable
        Work done one after another in the background, then.
    """
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", server_header=False
    )
    server = uvicorn.Server(config)

    def behind() -> None:
        give_up = time.monotonic() + _PATIENCE
        while not server.started and time.monotonic() < give_up:
            time.sleep(0.02)
        ready()
        for work in meanwhile:
            work()

    threading.Thread(target=behind, daemon=True).start()
    server.run(sockets=[listener])
