"""Jobs in, answers out, from several processes; one that ends costs only its job."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Generic, TypeVar

from extract.batch.worker import ALARM, Begin, Begun, Ended, Refused, Worker
from extract.errors import DubanError

J = TypeVar("J")
A = TypeVar("A")

# a second job waits in the pipe: no process idles while its answer is written
_AHEAD = 2


class Pool(Generic[J, A]):
    """Processes that start with the first job and stay until the block ends.

    They end with the process that made them, even when that is killed.

    Parameters
    ----------
    count : int
        How many processes at most.
    work : callable
        ``work(job, begin)`` gives the answer, and calls ``begin(part)`` before each
        part of it; importable by its name, as are jobs and answers (see `pickle`).
    limit : float, optional
        Seconds for a part, from which on its process is killed. What is done before
        the first part begins, as loading a model, has no limit.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[J, Begin], A],
        limit: float | None = None,
    ) -> None:
        self._count = count
        self._work = work
        self._limit = limit
        self._workers: list[Worker[J]] = []

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

    def answers(
        self,
        jobs: Iterable[J],
        again: Callable[[J, Ended], J | None] = lambda job, ended: None,
    ) -> Iterator[tuple[J, A | Ended]]:
        """Answers in the order in which they come.

        Jobs are taken as they are needed. `Ended` answers the job that a process was
        at when a signal, the lack of memory or the limit ended it; another takes its
        place.

        Parameters
        ----------
        jobs : iterable
        again : callable, optional
            Asked before `Ended` is given: a job to do in place of the one that was
            lost, or None.

        Raises
        ------
        DubanError
            What `work` raised; E513 if a process does not even start.
        """
        waiting, source = deque[J](), iter(jobs)
        self._feed(waiting, source)
        while busy := [worker for worker in self._workers if worker.jobs]:
            ready = wait([worker.pipe for worker in busy], _patience(busy))
            for worker in busy:
                if worker.pipe in ready:
                    found = self._heard(worker, waiting)
                elif worker.deadline and worker.deadline <= time.monotonic():
                    found = self._lost(worker, waiting, late=True)
                else:
                    continue
                if found and isinstance(found[1], Ended):
                    job = again(found[0], found[1])
                    if job is not None:
                        waiting.appendleft(job)
                        found = None
                if found:
                    yield found
            self._feed(waiting, source)

    def _heard(
        self, worker: Worker[J], waiting: deque[J]
    ) -> tuple[J, A | Ended] | None:
        try:
            answer = worker.pipe.recv()
        except (EOFError, OSError):
            return self._lost(worker, waiting, late=False)
        if isinstance(answer, Begun):
            worker.begun(answer.part, self._limit)
            return None
        if isinstance(answer, Refused):
            raise DubanError(answer.code, **answer.details)
        return worker.answered(), answer

    def _lost(
        self, worker: Worker[J], waiting: deque[J], *, late: bool
    ) -> tuple[J, Ended] | None:
        """End a worker; the job it was at, and the others back to those waiting."""
        self._workers.remove(worker)
        if late:
            worker.stop()
        reason = "" if late else worker.buried()
        # its own alarm may come first where this process is slow
        ended = Ended("" if reason == ALARM else reason, worker.part or 0)
        # one that died between two jobs was at none of them; but a job at which every
        # new process dies must not go round for ever
        idle = worker.part is None and not worker.fresh
        job = None if idle else worker.jobs.popleft()
        waiting.extendleft(reversed(worker.jobs))
        return None if job is None else (job, ended)

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
                    self._workers.append(Worker(self._work, self._limit))
                self._workers[place].give(job)


def _patience(busy: Iterable[Worker[Any]]) -> float | None:
    """Seconds to the first deadline."""
    deadlines = [worker.deadline for worker in busy if worker.deadline]
    return max(min(deadlines) - time.monotonic(), 0.0) if deadlines else None
