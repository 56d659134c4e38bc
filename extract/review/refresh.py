"""Documents that older rules read in, newer proposals out; what people said stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from extract.errors import DubanError, ReadError
from extract.review.database import Database
from extract.review.intake import Intake, analysed, item_of, proposal
from extract.review.logbook import Logbook
from extract.review.readings import REFRESH, dispute, readings
from extract.review.record import changed
from extract.review.states import fill
from extract.review.tables import MACHINE, OPEN, Document, Item
from extract.task import Speech

Task = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What reading a document again came to.

    Attributes
    ----------
    replaced : int
        Proposals nobody had touched that say something else now.
    added : int
        New proposals.
    withdrawn : int
        Proposals nobody had touched that are not made any more: gone.
    lapsed : int
        Judged or edited items that are not proposed any more: they stay, marked so.
    """

    replaced: int = 0
    added: int = 0
    withdrawn: int = 0
    lapsed: int = 0


@cache
def reader() -> str:
    """What the machine is that reads now: its rules and its model, as one word."""
    from extract.batch.document import versions

    return versions()


def outdated(session: Session) -> list[int]:
    """Ids of the documents that another machine read than the one here."""
    query = select(Document.id, Document.reader).where(Document.reader != "")
    found = session.execute(query.order_by(Document.id)).all()
    return [number for number, name in found if name != reader()]


def count_lapsed(session: Session) -> int:
    """Number of items with people's work that the machine proposes no more."""
    query = select(func.count()).where(Item.lapsed, ~Item.gone)
    return session.scalar(query) or 0


def begin(database: Database, progress: Intake) -> list[int]:
    """Ids of the outdated documents, which `progress` counts as to be read now."""
    with database.reading() as session:
        waiting = outdated(session)
    progress.total += len(waiting)
    return waiting


def refresh_all(
    database: Database,
    documents: Iterable[int],
    progress: Intake,
    *,
    segmenter: str = "jieba",
) -> None:
    """Read documents again, one after the other.

    Parameters
    ----------
    database : Database
    documents : iterable of int
        From `begin`.
    progress : Intake
        Brought up to date after every document.
    segmenter : str
        A name in `extract.words.NAMES`.
    """
    for document in documents:
        try:
            refresh(database, document, segmenter=segmenter)
        except DubanError as error:
            progress.failures.append(error)
        except Exception as error:  # one odd document must not cost the others
            reason = f"{type(error).__name__}: {error}"
            progress.failures.append(ReadError("E111", path=document, reason=reason))
        progress.done += 1


def refresh(
    database: Database, document: int, *, segmenter: str = "jieba"
) -> Refreshed:
    """Read a document again, from its text in the database.

    Parameters
    ----------
    database : Database
    document : int
    segmenter : str
        A name in `extract.words.NAMES`.

    Returns
    -------
    Refreshed

    Raises
    ------
    DubanError
        E713 if the document is not there, E710 if others are at work in it.
    """
    with database.reading() as session:
        row = session.get(Document, document)
        if row is None:
            raise DubanError("E713", key=document)
        speech = Speech(row.text, row.doc, row.title, row.date)
    tasks, outline = analysed(speech, segmenter)
    machine = database.annotator(MACHINE)
    with database.writing() as session:
        book = Logbook(session, machine)
        place = book.lock(document)
        place.outline, place.reader = outline, reader()
        return _replace(book, place, tasks)


def _replace(book: Logbook, place: Document, tasks: Sequence[Task]) -> Refreshed:
    items = sorted(place.items, key=lambda item: item.gone)
    pairs = list(_pairs(items, tasks))
    replaced = sum(_renew(book, item, tasks[number]) for item, number in pairs)
    met = {item.id for item, _ in pairs}
    left = [i for i in items if i.id not in met and i.source == MACHINE]
    lapsed = [item for item in left if not item.lapsed]
    withdrawn = [item for item in lapsed if _untouched(item)]
    for item in lapsed:
        _lapse(book, item)
    fresh = set(range(len(tasks))) - {number for _, number in pairs}
    keys = {item.id for item in items}
    for number in sorted(fresh):
        place.items.append(item_of(place, tasks[number], MACHINE, keys))
    said = readings(book.session, document=place.id)
    for item in items:
        # logs of before there was such a count hold disputes too
        _set(book, item, disputed=dispute(said.get(item.id, {})))
    if fresh or replaced:
        place.finished_by = None
    book.log(place, REFRESH)
    kept = [item for item in lapsed if not item.gone]
    return Refreshed(replaced, len(fresh), len(withdrawn), len(kept))


def _pairs(items: Sequence[Item], tasks: Sequence[Task]) -> Iterator[tuple[Item, int]]:
    """Items with the task that each is now: the same stretch, else most of it."""
    # numpy: only who reads again waits for it
    from extract.evaluate.records import pair

    rest = dict(enumerate(tasks))
    left = list(items)
    for spans in (_proposed, _standing):
        at = {spans(item): item for item in reversed(left)}
        for number, task in list(rest.items()):
            item = at.pop((task["start"], task["end"]), None)
            if item is not None:
                yield item, number
                del rest[number]
                left.remove(item)
    near = [item for item in left if item.source == MACHINE and not item.gone]
    numbers = list(rest)
    for one, other in pair([i.record for i in near], list(rest.values())):
        yield near[one], numbers[other]


def _proposed(item: Item) -> tuple[int, int] | None:
    record = item.machine if item.source == MACHINE else None
    return (record["start"], record["end"]) if record else None


def _standing(item: Item) -> tuple[int, int] | None:
    return None if item.gone else (item.start, item.record["end"])


def _renew(book: Logbook, item: Item, task: Task) -> bool:
    """Give an item its new proposal; whether it says something else now."""
    if item.source not in (MACHINE, ""):
        return False
    record = proposal(task, item.id)
    back = item.lapsed and item.gone
    if not (_untouched(item) or (back and item.verdict == OPEN)):
        values = {"machine": record, "confidence": task.get("confidence")}
        _set(book, item, lapsed=False, **values)
        return False
    if record == item.machine and not back:
        return False
    news = back or bool(changed(item.record, record))
    book.touch(item)
    item.machine, item.confidence = record, task.get("confidence")
    item.lapsed = item.gone = False
    fill(item, record)
    return news


def _lapse(book: Logbook, item: Item) -> None:
    if _untouched(item):
        book.touch(item)
        item.lapsed = item.gone = True
    else:
        _set(book, item, lapsed=True)


def _set(book: Logbook, item: Item, **values: Any) -> None:
    # not through the object: that would count as a change of what people see of it,
    # and the next verdict and undoing would meet a conflict with the machine
    book.session.execute(
        update(Item).where(Item.id == item.id).values(**values),
        execution_options={"synchronize_session": False},
    )


def _untouched(item: Item) -> bool:
    same = item.verdict == OPEN and item.review == OPEN and not item.gone
    return same and item.record == item.machine
