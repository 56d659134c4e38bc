"""One file of a batch in, its records as JSON Lines and what became of it out."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from extract import resources
from extract.batch.duplicates import sketch
from extract.batch.inbox import stamp
from extract.errors import DubanError, ReadError
from extract.task import Speech, Task

LATE = "E514"
"""Code of a document that took longer than its limit."""
DIED = "E501"
"""Code of a document whose process died."""
MEMORY = "E515"
"""Code of a document for which the memory did not do."""
_SKIPPED = "E111"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the records of a document depend on, beside its content.

    Attributes
    ----------
    date : datetime.date or None
        Reference date for all documents; None takes each document's own.
    segmenter : str
        A name in `extract.words.NAMES`.
    versions : str
        `versions()` of the rules, models and program at work.
    """

    date: dt.date | None
    segmenter: str
    versions: str


@dataclass(frozen=True, slots=True)
class Job:
    """A file to work on.

    Attributes
    ----------
    path : str
        Its path as given.
    known : str
        Key of the records that are kept of it, or ``""``.
    lost : tuple of (int, str, dict)
        Documents of it, counted from 0, that are not to be tried: a process ended at
        them. Code and details of the error that stands for each.
    """

    path: str
    known: str = ""
    lost: tuple[tuple[int, str, dict[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one document: its figures, or the error it failed with.

    Attributes
    ----------
    doc : str
        Its name in the records.
    digest : str
        `Speech.digest`, ``""`` if it could not be read.
    characters, tasks, actionable : int
        Length of its text, number of its tasks and of those to supervise.
    sketch : bytes
        See `extract.batch.duplicates.sketch`.
    code : str
        Key of `extract.errors.MESSAGES`, ``""`` if all went well.
    details : dict
        Values for the message's placeholders.
    """

    doc: str
    digest: str = ""
    characters: int = 0
    tasks: int = 0
    actionable: int = 0
    sketch: bytes = b""
    code: str = ""
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Records and reports of one file; an archive holds several documents.

    With `unchanged` the records kept under `key` are still right and nothing was done.
    """

    key: str
    lines: bytes = b""
    reports: tuple[Report, ...] = ()
    unchanged: bool = False


def versions() -> str:
    """Hexadecimal SHA-256 over duban's version, every rule table and every model."""
    from extract import __version__

    total = hashlib.sha256(__version__.encode())
    for name, pattern in (("rules", "*.toml"), ("models", "*")):
        for path in sorted(resources.folder(name).glob(pattern)):
            total.update(f"{name}/{path.name}".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def key_of(content: str, doc: str, settings: Settings) -> str:
    """Key of a file's records: equal keys, equal records.

    Parameters
    ----------
    content : str
        Hexadecimal SHA-256 of the file.
    doc : str
        Its path as given: the records name it.
    settings : Settings
    """
    day = settings.date.isoformat() if settings.date else ""
    parts = [content, doc, day, settings.segmenter, settings.versions]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def process(
    settings: Settings, job: Job, begin: Callable[[int], None] = lambda part: None
) -> Outcome:
    """Work on one file, unless its records are known already.

    Parameters
    ----------
    settings : Settings
    job : Job
    begin : callable, optional
        Called with the number of each document in the file before it is read.

    Returns
    -------
    Outcome
        Documents that cannot be read are reports with a code.

    Raises
    ------
    DubanError
        What would fail every document alike: a missing model, a broken rule table.
    """
    from extract import readers

    before = stamp(job.path)
    try:
        key = key_of(_content(job.path), job.path, settings)
    except OSError:
        # the reader finds the same, and words it
        key = ""
    if key and key == job.known:
        return Outcome(key, unchanged=True)
    prepare(settings.segmenter)
    lost = {part: ReadError(code, **details) for part, code, details in job.lost}
    speeches = readers.read_all(job.path, date=settings.date, lost=lost)
    found = list(results(speeches, job.path, settings.segmenter, begin))
    if key and stamp(job.path) != before:
        # the key may be that of another content than the records
        changed = Report(job.path, code="E508", details={"path": job.path})
        return Outcome("", reports=(changed,))
    lines = b"".join(lines for lines, _ in found)
    return Outcome(key, lines, tuple(report for _, report in found))


def work(speech: Speech, segmenter: str) -> tuple[bytes, Report]:
    """Records of one document as JSON Lines, and its figures."""
    from extract.pipeline import records
    from extract.writers.lines import encoded

    tasks: list[Task] = records(speech, segmenter=segmenter)
    report = Report(
        doc=speech.doc,
        digest=speech.digest,
        characters=len(speech.text),
        tasks=len(tasks),
        actionable=sum(task.actionable for task in tasks),
        sketch=sketch(speech.text),
    )
    return encoded(tasks), report


def failure(doc: str, error: Exception) -> Report:
    """Report of a document that failed.

    Raises
    ------
    DubanError
        The error itself if it would fail every document alike.
    """
    if isinstance(error, ReadError):
        return Report(doc, code=error.code, details=plain(error))
    if isinstance(error, DubanError):
        raise error
    if isinstance(error, MemoryError):
        return Report(doc, code=MEMORY, details={"path": doc})
    # one odd document must not cost the others
    reason = f"{type(error).__name__}: {error}"
    return Report(doc, code=_SKIPPED, details={"path": doc, "reason": reason})


def plain(error: DubanError) -> dict[str, Any]:
    """Details of an error as values that JSON holds and its message can show."""
    return {
        name: value if isinstance(value, int | float | str) else str(value)
        for name, value in error.details.items()
    }


def results(
    speeches: Iterable[Speech | ReadError],
    doc: str,
    segmenter: str,
    begin: Callable[[int], None] = lambda part: None,
) -> Iterator[tuple[bytes, Report]]:
    """Records and report of every document of a file, as it is read.

    Parameters
    ----------
    speeches : iterable of Speech or ReadError
        As `extract.readers.read_all` gives them.
    doc : str
        The file, to name what fails before there is a document.
    segmenter : str
        A name in `extract.words.NAMES`.
    begin : callable, optional
        Called with the number of each document before it is read.
    """
    try:
        begin(0)
        for part, speech in enumerate(speeches, 1):
            yield _result(speech, doc, segmenter)
            begin(part)
    except DubanError:
        raise
    except Exception as error:
        yield b"", failure(doc, error)


def _result(
    speech: Speech | ReadError, doc: str, segmenter: str
) -> tuple[bytes, Report]:
    if isinstance(speech, ReadError):
        return b"", failure(str(speech.details.get("path", doc)), speech)
    try:
        return work(speech, segmenter)
    except Exception as error:
        return b"", failure(speech.doc, error)


@cache
def prepare(segmenter: str) -> None:
    """Load rules and model: that takes seconds, and is no document's fault."""
    from extract import readers

    work(readers.from_text("1"), segmenter)


def _content(path: str) -> str:
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
