"""A folder worked off, round after round: files in, records, tables, a summary out."""

from __future__ import annotations

import datetime as dt
import functools
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

from extract.batch import merge, tables
from extract.batch.document import (
    DIED,
    LATE,
    MEMORY,
    Job,
    Outcome,
    Report,
    Settings,
    process,
    versions,
)
from extract.batch.inbox import stamp
from extract.batch.merge import Page
from extract.batch.pool import Pool
from extract.batch.store import Store
from extract.batch.worker import MEMORY_ERROR, Begin, Ended
from extract.errors import DubanError, UsageError

Listener = Callable[["Progress"], None]
LIMIT = 600.0
"""Seconds for a document: the longest text that is read takes one or two minutes."""

# an archive is begun anew for each of its documents that a process ended at
_CHANCES = 4


class Options(TypedDict, total=False):
    """Keyword parameters of `Batch`."""

    date: dt.date | None
    jobs: int | None
    limit: float
    segmenter: str
    merged: Sequence[str]
    lang: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: files done of `total`, and what the last of them brought."""

    done: int
    total: int
    path: str
    characters: int
    tasks: int
    skipped: bool
    errors: tuple[DubanError, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What there is after a run, and what the run did.

    Attributes
    ----------
    documents, characters, tasks, actionable, failures : int
        Over all documents that are there.
    removed : int
        Files that were there in an earlier run and are no more.
    duplicates, near_duplicates : int
        Documents with the same, or nearly the same text as one before them.
    skipped : int
        Files whose records were there already.
    worked : int
        Characters that this run worked through.
    seconds : float
        How long it took, reading to merging.
    written : tuple of Path
        The merged files.
    """

    documents: int
    characters: int
    tasks: int
    actionable: int
    failures: int
    removed: int
    duplicates: int
    near_duplicates: int
    skipped: int
    worked: int
    seconds: float
    written: tuple[Path, ...]

    @property
    def rate(self) -> float:
        """Characters a second of this run."""
        return self.worked / self.seconds if self.seconds else 0.0


def processes() -> int:
    """How many processes can work at a time here."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Batch:
    """One folder, its output folder and the processes that work on it.

    Parameters
    ----------
    folder : Path
        Searched for documents as `extract.readers.documents` does.
    output : Path
        Made if it is not there; not the folder itself and none above it.
    date : datetime.date, optional
        Reference date for all documents.
    jobs : int, optional
        How many processes; by default as many as there are processors.
    limit : float
        Seconds for a document, after which its process is killed and it has failed
        (E514); 0 for none.
    segmenter : str
        A name in `extract.words.NAMES`.
    merged : sequence of str
        Names in `FORMATS`: what is written of all documents together.
    lang : str
        ``"zh"`` or ``"en"``: headings, values and reasons in the tables.

    Raises
    ------
    UsageError
        E505 unknown format, E506 an output folder that holds the documents, E509 not
        a folder, E516 a limit below 0.
    DubanError
        E503 pyarrow is not installed; on entry, as `Store`.
    """

    def __init__(
        self,
        folder: str | Path,
        output: str | Path,
        *,
        date: dt.date | None = None,
        jobs: int | None = None,
        limit: float = LIMIT,
        segmenter: str = "jieba",
        merged: Sequence[str] = ("csv",),
        lang: str = "zh",
    ) -> None:
        self.folder, output = Path(folder), Path(output)
        if not self.folder.is_dir():
            raise UsageError("E509", path=folder)
        self._outside = os.path.realpath(output)
        within = os.path.realpath(self.folder)
        if os.path.commonpath([within, self._outside]) == self._outside:
            raise UsageError("E506", path=output)
        if not limit >= 0:
            raise UsageError("E516", value=limit)
        self._limit = limit
        # files that cost a process, and what they looked like
        self._given_up: dict[str, tuple[int, int] | None] = {}
        self._formats = tuple(dict.fromkeys(merged))
        merge.check(self._formats)
        self._lang = lang
        self._store = Store(output)
        settings = Settings(date, segmenter, versions())
        # the same processes work on documents and on pages of the merged files
        self._pool: Pool[Any, Any] = Pool(
            jobs or processes(), functools.partial(_serve, settings), limit or None
        )

    def __enter__(self) -> Batch:
        self._store.__enter__()
        self._pool.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.__exit__(None, None, None)
        self._store.__exit__(*error)

    def documents(self) -> list[str]:
        """Documents of the folder, in order; none of the output folder."""
        from extract import readers

        inside = self._outside + os.sep
        return [
            str(path)
            for path in readers.documents([self.folder])
            if not os.path.realpath(path).startswith(inside)
        ]

    def round(
        self,
        paths: Sequence[str],
        listen: Listener | None = None,
        *,
        hold: Collection[str] = (),
    ) -> Summary:
        """Work on what is new, changed or failed before, then write the tables.

        What cost a process in an earlier round is left as it is while it is the same:
        a folder that is watched would wait for it again with each file that comes.

        Parameters
        ----------
        paths : sequence of str
            All documents that are there.
        listen : callable, optional
            Called after each of them.
        hold : collection of str
            Those to leave as they are this time.

        Raises
        ------
        DubanError
            E203, E504, or what would fail every document alike; what was done by then
            is kept.
        """
        start = time.monotonic()
        skipped = worked = 0
        given_up = [p for p, look in self._given_up.items() if stamp(p) == look]
        for step in self._steps(paths, {*hold, *given_up}.intersection(paths)):
            skipped += step.skipped
            worked += step.characters
            if listen:
                listen(step)
        same, near = tables.write(self._store, self._lang)
        written = merge.write(self._store, self._formats, self._lang, self._pool)
        figures = self._store.register.figures()
        return Summary(
            documents=figures.documents,
            characters=figures.characters,
            tasks=figures.tasks,
            actionable=figures.actionable,
            failures=figures.failures,
            removed=figures.removed,
            duplicates=same,
            near_duplicates=near,
            skipped=skipped,
            worked=worked,
            seconds=time.monotonic() - start,
            written=tuple(written),
        )

    def _steps(self, paths: Sequence[str], hold: Collection[str]) -> Iterator[Progress]:
        self._store.register.begin()
        answers = self._pool.answers(self._jobs(paths, hold), self._again)
        for done, (job, answer) in enumerate(answers, 1):
            outcome = self._outcome(job, answer)
            if not outcome.unchanged:
                self._store.keep(self._name(job.path), outcome)
            if any(report.code in (DIED, LATE, MEMORY) for report in outcome.reports):
                self._given_up[job.path] = stamp(job.path)
            yield Progress(
                done=done,
                total=len(paths) - len(hold),
                path=job.path,
                characters=sum(report.characters for report in outcome.reports),
                tasks=sum(report.tasks for report in outcome.reports),
                skipped=outcome.unchanged,
                errors=tuple(
                    DubanError(report.code, **report.details)
                    for report in outcome.reports
                    if report.code
                ),
            )

    def _jobs(self, paths: Sequence[str], hold: Collection[str]) -> Iterator[Job]:
        for place, path in enumerate(paths):
            known = self._store.see(self._name(path), place)
            if path not in hold:
                yield Job(path, known)

    def _name(self, path: str) -> str:
        return os.path.relpath(path, self.folder)

    def _again(self, job: Job, ended: Ended) -> Job | None:
        """The same file without the document that a process ended at."""
        if ended.part in [part for part, *_ in job.lost] or len(job.lost) == _CHANCES:
            return None
        code, details = self._reason(ended)
        return replace(job, lost=(*job.lost, (ended.part, code, details)))

    def _outcome(self, job: Job, answer: Outcome | Ended) -> Outcome:
        if isinstance(answer, Outcome):
            return answer
        code, details = self._reason(answer)
        report = Report(job.path, code=code, details={**details, "path": job.path})
        return Outcome("", reports=(report,))

    def _reason(self, ended: Ended) -> tuple[str, dict[str, Any]]:
        """Code and details, the path left to be filled in."""
        if ended.reason == MEMORY_ERROR:
            return MEMORY, {"path": ""}
        if ended.reason:
            return DIED, {"path": "", "reason": ended.reason}
        return LATE, {"path": "", "seconds": self._limit}


def _serve(settings: Settings, job: Job | Page, begin: Begin) -> Outcome | bytes:
    return merge.page(job) if isinstance(job, Page) else process(settings, job, begin)
