"""Documents or predictions in, rows of the database out; what is there stays."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from extract.errors import DubanError, ReadError
from extract.review.database import Database
from extract.review.record import Record, missing
from extract.review.states import fill
from extract.review.tables import MACHINE, OPEN, Document, Item
from extract.task import Speech, task_id

_DEPTHS = {"part": 1, "section": 1, "subsection": 2}
_DEEP = 3


@dataclass(slots=True)
class Intake:
    """How far the reading of documents has come.

    Attributes
    ----------
    total, done : int
        Files to read and files read.
    failures : list of DubanError
        Documents that could not be read.
    documents : list of int
        Ids of those that could.
    """

    total: int = 0
    done: int = 0
    failures: list[DubanError] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)


def take_in(
    database: Database,
    paths: Iterable[str],
    progress: Intake,
    *,
    date: dt.date | None = None,
    segmenter: str = "jieba",
) -> None:
    """Read documents, find their tasks and put both into the database.

    Parameters
    ----------
    database : Database
    paths : iterable of str
        Files, folders, globs.
    progress : Intake
        Brought up to date after every file.
    date : datetime.date, optional
        Reference date for all of them.
    segmenter : str
        A name in `extract.words.NAMES`.
    """
    from extract import readers

    files: list[str] = []
    for path in paths:
        try:
            files += [str(document) for document in readers.documents([path])]
        except ReadError as error:
            progress.failures.append(error)
    progress.total = len(files)
    for file in files:
        for speech in readers.read_all(file, date=date):
            try:
                if isinstance(speech, ReadError):
                    raise speech
                number = add_speech(database, speech, segmenter=segmenter)
                progress.documents.append(number)
            except DubanError as error:
                progress.failures.append(error)
            except Exception as error:  # one odd document must not cost the others
                reason = f"{type(error).__name__}: {error}"
                progress.failures.append(ReadError("E111", path=file, reason=reason))
        progress.done += 1


def add_speech(database: Database, speech: Speech, *, segmenter: str = "jieba") -> int:
    """Put a document with the machine's tasks into the database, unless it is there.

    One that came without the machine's tasks, with an import, gets them now.

    Parameters
    ----------
    database : Database
    speech : Speech
    segmenter : str
        A name in `extract.words.NAMES`.

    Returns
    -------
    int
        Id of the document.
    """
    from extract.review.refresh import reader

    query = select(Document.id, Document.reader)
    with database.reading() as session:
        known = session.execute(query.where(Document.digest == speech.digest)).first()
    if known is not None and known.reader:
        return int(known.id)
    tasks, outline = analysed(speech, segmenter)
    return add_document(database, speech, tasks, outline=outline, reader=reader())


def analysed(
    speech: Speech, segmenter: str
) -> tuple[list[dict[str, Any]], list[list[int]]]:
    """Records of the machine's tasks, and start, end and depth of each heading."""
    from extract import harvest, pipeline

    doc = pipeline.analyse(speech, segmenter=segmenter)
    return [task.to_dict() for task in harvest.tasks(doc)], _outline(doc)


def add_document(
    database: Database,
    speech: Speech,
    tasks: Iterable[Mapping[str, Any]],
    *,
    outline: list[list[int]] | None = None,
    source: str = MACHINE,
    reader: str = "",
) -> int:
    """Put a document and proposed tasks into the database.

    Parameters
    ----------
    database : Database
    speech : Speech
    tasks : iterable of mapping
        Records as in ``docs/record.md``.
    outline : list of [int, int, int], optional
        Start, end and depth of each heading.
    source : str
        Who proposes the tasks.
    reader : str
        Rules and model that propose them, ``""`` for an import.

    Returns
    -------
    int
        Id of the document. If it was there, tasks whose span is not proposed yet
        are added to it.
    """
    with database.writing() as session:
        query = select(Document).where(Document.digest == speech.digest)
        document = session.scalars(query).one_or_none()
        if document is None:
            document = Document(
                digest=speech.digest,
                doc=speech.doc,
                title=speech.title,
                date=speech.date,
                text=speech.text,
                outline=outline or [],
            )
            session.add(document)
        if reader:
            document.reader, document.outline = reader, outline or []
        told = [r for item in document.items for r in (item.record, item.machine) if r]
        spans = {(record["start"], record["end"]) for record in told}
        keys = {item.id for item in document.items}
        for task in tasks:
            if (task["start"], task["end"]) not in spans:
                document.items.append(item_of(document, task, source, keys))
                document.finished_by = None
        session.flush()
        return document.id


def item_of(
    document: Document, task: Mapping[str, Any], source: str, taken: Container[str]
) -> Item:
    """A fresh, open item of a proposed task; `taken` are ids it must not have."""
    key = task_id(document.digest, task["start"], task["end"])
    # an item may have been moved away from the stretch that it was born with
    record = proposal(task, secrets.token_hex(8) if key in taken else key)
    item = Item(
        id=record["id"],
        source=source,
        machine=record,
        confidence=task.get("confidence"),
        verdict=OPEN,
        review=OPEN,
        remark="",
        gone=False,
    )
    fill(item, record)
    return item


def proposal(task: Mapping[str, Any], key: str) -> Record:
    """Record of an item, made of a task as the machine or an import has it."""
    # the file's name is the document's, not the task's
    record = {name: value for name, value in task.items() if name != "doc"}
    return record | {"missing": missing(record), "id": key}


def _outline(analysed: Any) -> list[list[int]]:
    view = analysed._.view
    return [
        [*view.source(line.start, line.end), _DEPTHS.get(line.sort, _DEEP)]
        for line in analysed._.lines
        if line.kind == "heading"
    ]
