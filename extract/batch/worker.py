"""A process that works off jobs, and this end of the pipe to it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from extract.batch.document import plain
from extract.errors import DubanError

J = TypeVar("J")
Begin = Callable[[int], None]
"""What work calls when it begins a part of its job: an archive has many."""
ALARM = "SIGALRM"
"""Signal by which a process ends itself when nobody else did."""
MEMORY_ERROR = "MemoryError"
"""Reason of a process that found no memory and lived."""

_PATIENCE = 5.0
# how much later than its time a process ends itself
_GRACE = 5.0
_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")


@dataclass(frozen=True, slots=True)
class Ended:
    """Answer for a job whose process could not finish it.

    Attributes
    ----------
    reason : str
        Signal, exit code or `MEMORY_ERROR`; ``""`` if its time was up.
    part : int
        The part of the job it was at, from 0.
    """

    reason: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class Begun:
    """A process came to a part of its job, or as far as to take jobs (None)."""

    part: int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """An error that concerns all jobs."""

    # exceptions with keyword parameters do not survive a pipe
    code: str
    details: dict[str, Any]


class Worker(Generic[J]):
    """A process, this end of its pipe, and the jobs it has not answered.

    Attributes
    ----------
    ready : bool
        Whether it came as far as to take jobs.
    fresh : bool
        Whether it has answered none.
    part : int or None
        The part that it is at; None between two jobs.
    deadline : float or None
        When its time for the part is up, by `time.monotonic`.
    """

    def __init__(self, work: Callable[[J, Begin], Any], limit: float | None) -> None:
        context = _context()
        self.pipe, other = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_labour, args=(other, work, limit), daemon=True
        )
        self.jobs: deque[J] = deque()
        self.ready = False
        self.fresh = True
        self.part: int | None = None
        self.deadline: float | None = None
        with _uninterrupted():
            self.process.start()
            # or its death would not be the end of the pipe
            other.close()

    def give(self, job: J) -> None:
        """Send a job."""
        self.jobs.append(job)
        try:
            self.pipe.send(job)
        except OSError:
            pass  # it died: the next look at the pipe tells

    def begun(self, part: int | None, limit: float | None) -> None:
        """Note that it came to a part, for which it has `limit` seconds."""
        self.ready, self.part, self.deadline = True, part, None
        if limit is not None and part is not None:
            self.deadline = time.monotonic() + limit

    def answered(self) -> J:
        """Note that there is an answer; the job that it is for."""
        self.fresh, self.part, self.deadline = False, None, None
        return self.jobs.popleft()

    def buried(self) -> str:
        """Why the process ended.

        Raises
        ------
        DubanError
            E513 if it never came as far as to take jobs.
        """
        self.process.join(_PATIENCE)
        reason = _cause(self.process.exitcode)
        self.stop()
        if not self.ready:
            # that was no document's fault, and another process would fare alike
            raise DubanError("E513", reason=reason)
        return reason

    def stop(self) -> None:
        """End it, whatever it is at."""
        self.pipe.close()
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


@cache
def _context() -> Any:
    """How processes are started: as copies of one that has loaded all there is to load.

    That one inherits no threads or locks of ours, and loads but once for all of them;
    where systems do not copy processes, each begins anew.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["extract.batch.loaded"])
    return context


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait: a process that starts cannot ignore it yet."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    # it starts with the first process, and would let Ctrl-C through
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def one_thread() -> None:
    """Keep NumPy's libraries to a thread a process, before they are loaded."""
    for name in _THREADS:
        os.environ.setdefault(f"{name}_NUM_THREADS", "1")


def _labour(
    pipe: Connection, work: Callable[[Any, Begin], Any], limit: float | None
) -> None:
    """Work off what comes through the pipe until it closes."""
    # Ctrl-C goes to the whole group; the parent decides
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    one_thread()
    at = 0

    def begin(part: int) -> None:
        nonlocal at
        at = part
        _alarm(0)
        pipe.send(Begun(part))
        # nobody is left to kill this process if the one that asked was killed
        _alarm(limit + _GRACE if limit is not None else 0)

    try:
        pipe.send(Begun(None))
        while True:
            job, at = pipe.recv(), 0
            try:
                pipe.send(_answer(job, work, begin))
            except MemoryError:
                pipe.send(Ended(MEMORY_ERROR, at))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # nobody listens any more


def _answer(job: Any, work: Callable[[Any, Begin], Any], begin: Begin) -> Any:
    try:
        return work(job, begin)
    except DubanError as error:
        return Refused(error.code, plain(error))
    finally:
        _alarm(0)


def _alarm(seconds: float) -> None:
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
