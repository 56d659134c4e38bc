"""The record: what is read (`Speech`) and what comes out (`Task` and its parts).

All offsets count Unicode code points of `Speech.text` and are half open, so that
``speech.text[task.start:task.end] == task.text``; the same holds for every part.
An empty string, empty tuple or None always means "the text does not say".
"""

from __future__ import annotations

import datetime as dt
import hashlib
from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, Literal

Kind = Literal["action", "target", "oversight", "report", "ban", "conduct"]
Role = Literal["lead", "responsible", "cooperating", "supervising"]

KINDS: tuple[Kind, ...] = (
    "action",
    "target",
    "oversight",
    "report",
    "ban",
    "conduct",
)
ROLES: tuple[Role, ...] = ("lead", "responsible", "cooperating", "supervising")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file a text stands, for somebody who opens the file to look.

    Attributes
    ----------
    kind : {"page", "paragraph", "row"}
        What is counted: pages of a PDF or OFD, paragraphs of a Word document, rows of
        a sheet.
    number : int
        From 1, as the program that opens the file counts.
    sheet : str
        Name of the sheet a row stands in, else ``""``.
    """

    kind: Literal["page", "paragraph", "row"]
    number: int
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Speech:
    """One document as text.

    Attributes
    ----------
    text : str
        The decoded text; for a text file with CRLF turned into LF, else unchanged.
    doc : str
        The path as given, or ``""`` for a text handed over directly.
    title : str
        First title line of the document, or ``""``.
    date : datetime.date or None
        Reference date: given by the caller, else found in the document's head.
    date_source : str
        ``"given"``, the text of the date that was found, or ``""``.
    places : tuple of (int, Place)
        Ascending: the offset where each page, paragraph or row of the file starts.
        Empty for plain text.
    """

    text: str
    doc: str = ""
    title: str = ""
    date: dt.date | None = None
    date_source: str = ""
    places: tuple[tuple[int, Place], ...] = ()

    @property
    def digest(self) -> str:
        """Hexadecimal SHA-256 of the text."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()

    def place_of(self, offset: int) -> Place | None:
        """Where in the file the character at `offset` stands; None if unknown."""
        if not self.places:
            return None
        index = bisect_right(self.places, offset, key=itemgetter(0))
        return self.places[index - 1][1] if index else None

    def page_of(self, offset: int) -> int | None:
        """Page of the character at `offset`, from 1; None if the file has none."""
        place = self.place_of(offset)
        return place.number if place and place.kind == "page" else None


@dataclass(frozen=True, slots=True)
class Owner:
    """A body or person that must act. `source` says how the text names it."""

    text: str
    start: int
    end: int
    role: Role
    source: Literal["explicit", "duty", "inherited"]
    rule: str


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when. `from_` and `due` are inclusive calendar days, None if unresolved."""

    text: str
    start: int
    end: int
    type: Literal["date", "period", "within", "event", "open"]
    from_: dt.date | None
    due: dt.date | None
    rule: str


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often: every `every` `unit`s, `times` a period, on `day` of it."""

    text: str
    start: int
    end: int
    unit: Literal["day", "week", "month", "quarter", "half", "year"]
    every: int | None
    times: int | None
    day: int | None
    rule: str


@dataclass(frozen=True, slots=True)
class Metric:
    """A quantity to reach or keep to, and the indicator it is about if one is named."""

    text: str
    start: int
    end: int
    value: float | None
    unit: str
    relation: Literal["ge", "le", "eq", "about"]
    rule: str
    indicator: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One row of the ledger; see ``docs/record.md`` for every key."""

    doc: str
    id: str
    title: str
    date: dt.date | None
    start: int
    end: int
    text: str
    number: str
    heading: bool
    section: str
    item: str
    path: tuple[str, ...]
    kind: Kind
    actionable: bool
    confidence: float
    owners: tuple[Owner, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    recurrences: tuple[Recurrence, ...] = ()
    metrics: tuple[Metric, ...] = ()
    missing: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    place: Place | None = None

    def to_dict(self) -> dict[str, Any]:
        """The record of the JSONL contract: plain values, ISO dates, keys in order."""
        record = _plain(self)
        record["date"] = _iso(self.date)
        record["path"] = list(self.path)
        for name in ("owners", "deadlines", "recurrences", "metrics"):
            record[name] = [_plain(part) for part in record[name]]
        for deadline in record["deadlines"]:
            deadline["from"] = _iso(deadline["from"])
            deadline["due"] = _iso(deadline["due"])
        for name in ("missing", "vague", "rules"):
            record[name] = list(record[name])
        record["sources"] = dict(self.sources)
        record["place"] = None if self.place is None else _plain(self.place)
        return record


def _plain(part: Any) -> dict[str, Any]:
    """Fields of a record or of a part of one: `asdict` takes ten times as long."""
    names, values = _fields(part.__class__)
    return dict(zip(names, values(part), strict=True))


@cache
def _fields(kind: type) -> tuple[list[str], Callable[[Any], tuple[Any, ...]]]:
    names = [field.name for field in fields(kind)]
    # `from` is a keyword in Python but the contract's name for the key
    return [name.removesuffix("_") for name in names], attrgetter(*names)


def task_id(digest: str, start: int, end: int) -> str:
    """Stable id of a task: 16 hex digits of SHA-256 over content digest and span."""
    return id_maker(digest)(start, end)


def id_maker(digest: str) -> Callable[[int, int], str]:
    """`task_id` for the many tasks of one document: its digest is hashed once."""
    document = hashlib.sha256(f"{digest}:".encode())

    def make(start: int, end: int) -> str:
        task = document.copy()
        task.update(b"%d:%d" % (start, end))
        return task.hexdigest()[:16]

    return make


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
