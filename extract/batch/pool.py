"""Jobs in, answers out, from several processes; one that dies costs only its job."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Generic, TypeVar

from extract.batch.document import plain
from extract.errors import DubanError

J = TypeVar("J")
A = TypeVar("A")

# a second job waits in the pipe: no process idles while its answer is written
_AHEAD = 2
_PATIENCE = 5.0
_READY = "ready"
_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")


@dataclass(frozen=True, slots=True)
class Died:
    """Answer for the job on which a process died: its signal or exit code."""

    reason: str


@dataclass(frozen=True, slots=True)
class _Refused:
    # exceptions with keyword parameters do not survive a pipe
    code: str
    details: dict[str, Any]


class _Worker(Generic[J]):
    """A process, this end of its pipe, and the jobs it has not answered.

    Attributes
    ----------
    ready : bool
        Whether it came as far as to take jobs.
    """

    def __init__(self, work: Callable[[J], Any]) -> None:
        # the same start on every system, and no threads or locks are inherited
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process: BaseProcess = context.Process(
            target=_labour, args=(other, work), daemon=True
        )
        self.jobs: deque[J] = deque()
        self.ready = False
        self.process.start()
        # or its death would not be the end of the pipe
        other.close()

    def give(self, job: J) -> None:
        self.jobs.append(job)
        try:
            self.pipe.send(job)
        except OSError:
            pass  # it died: the next look at the pipe tells

    def buried(self) -> Died:
        self.process.join(_PATIENCE)
        died = Died(_cause(self.process.exitcode))
        self.stop()
        if not self.ready:
            # that was no document's fault, and another process would fare alike
            raise DubanError("E513", reason=died.reason)
        return died

    def stop(self) -> None:
        self.pipe.close()
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


class Pool(Generic[J, A]):
    """Processes that start with the first job and stay until the block ends.

    They end with the process that made them, even when that is killed.

    Parameters
    ----------
    count : int
        How many processes at most.
    work : callable
        ``work(job)`` gives the answer; importable by its name, as are jobs and answers
        (see `pickle`).
    """

    def __init__(self, count: int, work: Callable[[J], A]) -> None:
        self._count = count
        self._work = work
        self._workers: list[_Worker[J]] = []

    def __enter__(self) -> Pool[J, A]:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.stop()
        self._workers.clear()

    def answers(self, jobs: Iterable[J]) -> Iterator[tuple[J, A | Died]]:
        """Answers in the order in which they come.

        Jobs are taken as they are needed. `Died` answers the job that a process was
        at when a signal or the lack of memory ended it; another takes its place.

        Raises
        ------
        DubanError
            What `work` raised; E513 if a process does not even start.
        """
        waiting, source = deque[J](), iter(jobs)
        self._feed(waiting, source)
        while busy := [worker for worker in self._workers if worker.jobs]:
            ready = wait([worker.pipe for worker in busy])
            for worker in busy:
                if worker.pipe in ready and (found := self._answer(worker, waiting)):
                    yield found
            self._feed(waiting, source)

    def _answer(
        self, worker: _Worker[J], waiting: deque[J]
    ) -> tuple[J, A | Died] | None:
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            job = worker.jobs.popleft()
            waiting.extend(worker.jobs)
            self._workers.remove(worker)
            return job, worker.buried()
        if not worker.ready:
            worker.ready = True
            return None
        if isinstance(answer, _Refused):
            raise DubanError(answer.code, **answer.details)
        return worker.jobs.popleft(), answer

    def _feed(self, waiting: deque[J], source: Iterator[J]) -> None:
        # one each before a second each, so that the last jobs are shared out
        for depth in range(1, _AHEAD + 1):
            for place in range(self._count):
                if place < len(self._workers) and (
                    len(self._workers[place].jobs) >= depth
                ):
                    continue
                job = waiting.popleft() if waiting else next(source, None)
                if job is None:
                    return
                if place == len(self._workers):
                    self._workers.append(_Worker(self._work))
                self._workers[place].give(job)


def _labour(pipe: Connection, work: Callable[[Any], Any]) -> None:
    """Work off what comes through the pipe until it closes."""
    # Ctrl-C goes to the whole group; the parent decides
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in _THREADS:
        os.environ.setdefault(f"{name}_NUM_THREADS", "1")
    try:
        pipe.send(_READY)
        while True:
            job = pipe.recv()
            try:
                answer = work(job)
            except DubanError as error:
                answer = _Refused(error.code, plain(error))
            pipe.send(answer)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # nobody listens any more


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"signal {-code}"
    return f"exit code {code}"
