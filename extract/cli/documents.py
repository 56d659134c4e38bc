"""Documents behind the arguments, one after another; a broken one stops no other."""

from __future__ import annotations

import datetime as dt
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import typer

from extract.cli.options import LANG, say
from extract.errors import DubanError, ReadError

if TYPE_CHECKING:
    from extract.task import Speech, Task

STDIN = "-"


# characters that are worked on at once
_BATCH = 200_000


@dataclass(slots=True)
class Harvest:
    """What a run brought in: tasks, errors by document, number of documents read."""

    tasks: list[Task] = field(default_factory=list)
    failures: list[DubanError] = field(default_factory=list)
    read: int = 0


def tasks_of_all(
    paths: list[str], day: dt.date | None, segmenter: str, output: Path | None
) -> Harvest:
    """Tasks of every document that can be read, and an error for every other.

    Parameters
    ----------
    paths : list of str
        Files, folders, globs, ``-``.
    day : datetime.date or None
        Reference date for all of them.
    segmenter : str
        A name in `extract.words.NAMES`.
    output : Path or None
        Where the ledger will go: never read as a document.
    """
    from extract.cli import screen

    harvest = Harvest()
    documents = _documents(paths, output, harvest.failures)
    waiting: list[Speech] = []
    for document in screen.progress(documents):
        for speech in _read_all(document, day):
            if isinstance(speech, ReadError):
                harvest.failures.append(speech)
            else:
                waiting.append(speech)
        if sum(len(speech.text) for speech in waiting) > _BATCH:
            _take_in(waiting, harvest, segmenter)
            waiting = []
    _take_in(waiting, harvest, segmenter)
    for failure in harvest.failures:
        complain(failure)
    return harvest


def _take_in(speeches: list[Speech], harvest: Harvest, segmenter: str) -> None:
    """Add the tasks of a batch, or of those of it that do not fail."""
    import extract as library

    try:
        found = list(library.pipe(speeches, segmenter=segmenter))
    except DubanError:
        raise  # a missing model fails every document alike
    except Exception as error:  # one odd document must not cost the others
        if len(speeches) == 1:
            harvest.failures.append(_skipped(speeches[0].doc, error))
            return
        for speech in speeches:
            _take_in([speech], harvest, segmenter)
        return
    harvest.tasks += chain.from_iterable(found)
    harvest.read += len(speeches)


def _documents(
    paths: list[str], output: Path | None, failures: list[DubanError]
) -> list[str]:
    from extract import readers

    # a ledger written into the folder it came from is no speech
    taken = {os.path.realpath(output)} if output else set()
    found: list[str] = []
    for path in paths:
        try:
            documents = readers.documents([path])
        except ReadError as error:
            failures.append(error)
            continue
        for document in documents:
            place = os.path.realpath(document)
            if place not in taken:
                taken.add(place)
                found.append(str(document))
    return found


def _read_all(path: str, day: dt.date | None) -> Iterator[Speech | ReadError]:
    """Documents of a file, which may be an archive of many; errors in their place."""
    from extract import readers

    try:
        if path == STDIN:
            yield from readers.read_all(sys.stdin.buffer.read(), STDIN, date=day)
        else:
            yield from readers.read_all(path, date=day)
    except DubanError:
        raise
    except Exception as error:
        yield _skipped(path, error)


def _skipped(path: str, error: Exception) -> ReadError:
    return ReadError("E111", path=path, reason=f"{type(error).__name__}: {error}")


def read_document(path: str, day: dt.date | None) -> Speech:
    """Read one document, or standard input."""
    from extract import readers

    if path == STDIN:
        return readers.read_bytes(sys.stdin.buffer.read(), STDIN, date=day)
    return readers.read(path, date=day)


def stdout() -> TextIO:
    """Stdout: UTF-8 and LF on a pipe wherever this runs, else what the screen shows."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if sys.stdout.isatty():
            sys.stdout.reconfigure(errors="replace")
        else:
            sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    return sys.stdout


def complain(error: DubanError) -> None:
    """Name an error on stderr, in one line."""
    typer.echo(error.message(LANG), err=True)


def report(output: Path, harvest: Harvest) -> None:
    """Say on stderr what was written."""
    line = say(
        "{output}：读了 {read} 份文档，任务 {tasks} 项，其中可督办 {actionable} 项",
        "{output}: {read} documents, {tasks} tasks, {actionable} to supervise",
    ).format(
        output=output,
        read=harvest.read,
        tasks=len(harvest.tasks),
        actionable=sum(task.actionable for task in harvest.tasks),
    )
    typer.echo(line, err=True)
