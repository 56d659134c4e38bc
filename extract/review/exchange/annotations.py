"""Gold folders of several annotators in, their readings in the database out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from extract.evaluate.annotators import gold_by_name
from extract.evaluate.records import pair
from extract.readers import read
from extract.review import suggest
from extract.review.database import Database
from extract.review.exchange.surfaces import place_of
from extract.review.intake import add_speech
from extract.review.judging import Desk
from extract.review.readings import Reading, differing, readings
from extract.review.record import Record, checked
from extract.review.tables import Document, Item

_PLAIN: Mapping[str, Any] = {
    "number": "",
    "section": "",
    "item": "",
    "heading": False,
    "kind": "",
    "actionable": False,
}


def import_annotations(
    database: Database, places: Sequence[str | Path], *, segmenter: str = "jieba"
) -> dict[str, int]:
    """Put what several annotators made of the same texts into the database.

    The machine reads every text too. A task that an annotator's gold does not hold is
    one that this annotator rejects. What an annotator of that name has said in the
    database already and the folder says too is not said again: rulings stay.

    Parameters
    ----------
    database : Database
    places : sequence of str or Path
        As for `extract.evaluate.annotators.shared_documents`, whose errors are raised;
        the annotators are called by the names of their folders.
    segmenter : str
        A name in `extract.words.NAMES`.

    Returns
    -------
    dict of str to int
        Ids of the documents that at least two annotators have, by name.

    Raises
    ------
    DubanError
        E726 for a field whose words the text does not hold, E711 for one that does not
        fit; then nothing of that document is written.
    """
    people = [database.annotator(name) for name in _names(places)]
    found: dict[str, int] = {}
    for name, versions in gold_by_name(places).items():
        given = {
            person: version.records
            for person, version in zip(people, versions, strict=True)
            if version is not None
        }
        [first, *others] = [version for version in versions if version is not None]
        if others:
            speech = read(first.path, date=first.date)
            found[name] = add_speech(database, speech, segmenter=segmenter)
            _annotate(database, found[name], given)
    return found


def _names(places: Sequence[str | Path]) -> list[str]:
    """A name for each annotator: of the folder, or the whole path if these repeat."""
    short = [Path(place).resolve().stem for place in places]
    return [
        (name if short.count(name) == 1 else str(place))[-80:]
        for name, place in zip(short, places, strict=True)
    ]


def _annotate(
    database: Database, document: int, given: Mapping[int, Sequence[Record]]
) -> None:
    with database.writing() as session:
        place = session.get_one(Document, document)
        for person, records in given.items():
            _accept(session, place, person, records)
        # last, because nobody can reject what is not there yet
        for person in given:
            said = readings(session, document=document)
            for item in _present(session, document):
                if person not in said.get(item.id, {}):
                    Desk(session, person).reject(item.id, item.version)


def _accept(
    session: Session, place: Document, person: int, records: Sequence[Record]
) -> None:
    said = readings(session, document=place.id)
    items = _present(session, place.id)
    own = {item.id: said.get(item.id, {}).get(person) for item in items}
    known = [_known(item, own[item.id]) for item in items]
    pairs = {j: items[i] for i, j in pair(known, records)}
    for number, record in enumerate(records):
        item = pairs.get(number)
        given = _fields(record, item, place.text, place.date)
        desk = Desk(session, person)
        if item is None:
            desk.add(place.id, given)
            continue
        now = Reading(True, checked(given, item.record, place.text))
        before = own[item.id]
        if before is None or differing([before, now]):
            desk.accept(item.id, item.version, given)
    met = {item.id for item in pairs.values()}
    for item in items:
        before = own[item.id]
        if item.id not in met and (before is None or before.task):
            Desk(session, person).reject(item.id, item.version)


def _present(session: Session, document: int) -> list[Item]:
    session.flush()
    query = select(Item).where(Item.document_id == document, ~Item.gone)
    return list(session.scalars(query.order_by(Item.start, Item.id)))


def _known(item: Item, own: Reading | None) -> Record:
    return own.record if own else item.record


def _fields(
    gold: Record, item: Item | None, text: str, date: dt.date | None
) -> dict[str, Any]:
    """Fields of a record: of surfaces without offsets the ones in or near the task."""
    span = (gold["start"], gold["end"])
    machine = item.machine if item and item.machine else {}
    fields: dict[str, Any] = {"start": span[0], "end": span[1]}
    fields |= {name: gold.get(name) or blank for name, blank in _PLAIN.items()}
    fields["owners"] = [_owner(owner, span, text) for owner in gold.get("owners", [])]
    for name in ("deadlines", "recurrences", "metrics"):
        known = {part["text"]: part for part in machine.get(name, [])}
        fields[name] = [
            _part(name, part, known, span, text, date) for part in gold.get(name, [])
        ]
    return fields


def _owner(owner: Record, span: tuple[int, int], text: str) -> Record:
    start, end = place_of(owner["text"], span, text)
    source = "explicit" if span[0] <= start < span[1] else "duty"
    role = owner.get("role", "responsible")
    return {"start": start, "end": end, "role": role, "source": source}


def _part(
    name: str,
    given: Any,
    known: Mapping[str, Record],
    span: tuple[int, int],
    text: str,
    date: dt.date | None,
) -> Record:
    surface = given if isinstance(given, str) else given["text"]
    stated = {} if isinstance(given, str) else dict(given)
    start, end = place_of(surface, span, text)
    if surface in known:
        values = known[surface]
    elif len(stated) > 1:
        values = {}
    else:
        values = suggest.part(text, start, end, date, name)
    return {**values, **stated, "start": start, "end": end}
