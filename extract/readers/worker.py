"""Bytes of a file in, its `Draft` out, read in a process that can be ended.

PDFium has no time limit, and a file of a few hundred bytes can keep it busy for days
(forms that contain each other). What runs in C cannot be interrupted, and what breaks
there takes its process along. So it runs in a process of its own, which serves one
file after another and is started anew when it had to be ended.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import struct
import subprocess
import sys
import threading
from importlib import import_module
from typing import IO, Any

from extract.errors import ReadError
from extract.readers.draft import Draft, Place

__all__ = ["read", "serve"]

SECONDS = 60.0
"""Longest time for one file, and as much again for every so many bytes:"""
BYTES = 4 * 2**20

_GRACE = 5

_LENGTH = struct.Struct("<Q")


class _Reader:
    """The process, and the one lock on it; started when the first file comes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def answer(self, module: str, data: bytes) -> dict[str, Any] | None:
        """What the process says of a file; None if it had to be ended or ended."""
        with self._lock:
            process = self._started()
            watch = threading.Timer(_limit(data), process.kill)
            watch.daemon = True
            watch.start()
            try:
                assert process.stdin and process.stdout
                _send(process.stdin, module.encode())
                _send(process.stdin, data)
                return dict(json.loads(_receive(process.stdout)))
            except (OSError, EOFError, ValueError):
                self._ended()
                return None
            except BaseException:
                # an interrupted run must not find half an answer next time
                self._ended()
                raise
            finally:
                watch.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        process = self._process
        # a forked process must not talk to the reader of its parent
        if process and self._owner == os.getpid() and process.poll() is None:
            return process
        self._ended()
        # the folder a command runs in may hold anything: -P keeps it off the path
        paths = [path for path in sys.path if path]
        code = f"import sys; sys.path[:] = {paths!r}; "
        code += "from extract.readers.worker import serve; serve()"
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._owner = os.getpid()
        return self._process

    def _ended(self) -> None:
        if self._process and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None

    def close(self) -> None:
        """End the process; it would end by itself when its input closes."""
        self._ended()


_READER = _Reader()
atexit.register(_READER.close)


def read(module: str, data: bytes) -> Draft:
    """Read a file in the other process.

    Parameters
    ----------
    module : str
        The module of `extract.readers` that reads its format.
    data : bytes
        The whole file.

    Returns
    -------
    Draft

    Raises
    ------
    ReadError
        What the module raises; E121 if it broke, E134 if the process took too long or
        broke with it.
    """
    answer = _READER.answer(module, data)
    if answer is None:
        raise ReadError("E134", path="", seconds=round(SECONDS))
    if "code" in answer:
        raise ReadError(answer["code"], **answer["details"])
    places = tuple((start, Place(*place)) for start, *place in answer["places"])
    return Draft(answer["text"], places)


def serve() -> None:
    """Answer on standard output what comes in on standard input, until it ends."""
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            module, data = _receive(incoming).decode(), _receive(incoming)
        except (EOFError, KeyboardInterrupt):
            return
        # nobody is left to end this process if the one that asked was killed
        if hasattr(signal, "alarm"):
            signal.alarm(int(_limit(data)) + _GRACE)
        _send(outgoing, json.dumps(_answer(module, data)).encode())
        if hasattr(signal, "alarm"):
            signal.alarm(0)


def _limit(data: bytes) -> float:
    return SECONDS * (1 + len(data) / BYTES)


def _answer(module: str, data: bytes) -> dict[str, Any]:
    try:
        draft = import_module(f"extract.readers.{module}").read(data)
    except ReadError as error:
        details = {
            name: value if isinstance(value, int | float) else str(value)
            for name, value in error.details.items()
        }
        return {"code": error.code, "details": details}
    except Exception:
        # what a broken file sets off inside a library is not for us to list
        return {"code": "E121", "details": {"path": "", "part": module}}
    places = [
        (start, place.kind, place.number, place.sheet) for start, place in draft.places
    ]
    return {"text": draft.text, "places": places}


def _send(stream: IO[bytes], content: bytes) -> None:
    stream.write(_LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return content
