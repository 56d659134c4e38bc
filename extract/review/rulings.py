"""A reviewer's choice between readings in, the ruling on each item out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from extract.errors import DubanError
from extract.review.changes import Person, Seen, seeing
from extract.review.database import Database
from extract.review.disputes import BY_HAND, Dispute, disputes, whole
from extract.review.logbook import Logbook
from extract.review.people import require_no_party
from extract.review.readings import Reading
from extract.review.record import checked
from extract.review.states import Conflict
from extract.review.tables import SETTLED, Item


class Own(BaseModel):
    """What a reviewer writes themselves of an item: a third reading."""

    model_config = ConfigDict(extra="forbid", strict=True)

    task: bool
    fields: dict[str, Any] = {}


class Ruling(BaseModel):
    """How a dispute is settled.

    `items` are all of its items as the reviewer saw them, `reading` whose reading is
    right: an annotator's id, ``machine``, or ``own`` with what `own` says of each item.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    document: int
    items: Annotated[list[Seen], Field(min_length=1, max_length=50)]
    reading: Annotated[str, Field(pattern=f"^(machine|{BY_HAND}|[0-9]{{1,12}})$")]
    own: Annotated[dict[str, Own], Field(max_length=50)] = {}


def decide(database: Database, who: Person, given: Ruling) -> dict[str, Any]:
    """Settle a dispute, all or nothing; its document with what is left to settle.

    Raises
    ------
    Conflict
        With the item as it is now in `seen`.
    DubanError
        What `settle` raises.
    """
    with seeing(database), database.writing() as session:
        book = Logbook(session, who.id, who.reviewer)
        book.lock(given.document)
        found = disputes(session, given.document)
        for item in settle(book, given, found):
            # the id is set, the person is still the one of before
            session.expire(item, ["reviewer"])
        session.flush()
        return whole(session, given.document, found)


def settle(book: Logbook, given: Ruling, among: Sequence[Dispute]) -> list[Item]:
    """Decide a dispute; the annotators' own readings stay what they are.

    Parameters
    ----------
    book : Logbook
        The reviewer's.
    given : Ruling
    among : sequence of Dispute
        All of its document.

    Returns
    -------
    list of Item
        Those that were ruled on.

    Raises
    ------
    DubanError
        E718 if not as a reviewer, E732 by somebody whose reading is disputed, E711 if
        a reading does not fit the text, E725 for one nobody has, E733 if there is no
        dispute of exactly these items.
    Conflict
        If an item was changed since.
    """
    if not book.reviewer:
        raise DubanError("E718")
    place = book.lock(given.document)
    named = {each.id for each in given.items}
    about = [each for each in among if {item.id for item in each.items} == named]
    if not about:
        raise DubanError("E733")
    [found] = about
    require_no_party(book.session, book.annotator, found.readings)
    chosen = _chosen(found, given, place.text)
    for seen in given.items:
        if seen.id in chosen:
            item = book.take(seen.id, seen.version, gone=True)
            _rule(item, chosen[seen.id], given.reading, book.annotator)
        else:
            _require_unchanged(found.items, seen)
    return book.log(place, SETTLED)


def _chosen(found: Dispute, given: Ruling, text: str) -> Mapping[str, Reading]:
    if given.reading != BY_HAND:
        return found.reading_of(given.reading)
    records = {item.id: item.record for item in found.items}
    if set(given.own) != set(records):
        raise DubanError("E725", reason="own")
    return {
        key: Reading(own.task, checked(own.fields, records[key], text))
        for key, own in given.own.items()
    }


def _rule(item: Item, chosen: Reading, by: str, reviewer: int) -> None:
    item.ruling = {"task": chosen.task, "record": chosen.record, "reading": by}
    item.review, item.reviewer_id, item.remark = SETTLED, reviewer, ""
    if chosen.task:
        # another reading had merged it away
        item.gone = False


def _require_unchanged(items: Sequence[Item], seen: Seen) -> None:
    [item] = [item for item in items if item.id == seen.id]
    if item.version != seen.version:
        raise Conflict(item, seen.version)
