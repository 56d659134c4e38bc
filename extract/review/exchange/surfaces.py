"""Cells somebody edited in, fields of a record out: each surface found in the text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from extract.errors import DubanError
from extract.review import suggest
from extract.review.exchange.sheet import COLUMNS, SEPARATOR, YES, word
from extract.task import ROLES

_SEPARATORS = "、；;\n"
_TRUTHS = ("actionable", "heading")
_MARKS = ("number", "section", "item")


def fields(
    edited: Mapping[str, str],
    record: Mapping[str, Any],
    text: str,
    date: dt.date | None,
) -> dict[str, Any]:
    """Fields of the record that edited cells ask for.

    Parameters
    ----------
    edited : mapping
        New cells by column; only those that are to change.
    record : mapping
        The record as it is; for a new task one with its span.
    text : str
        The document.
    date : datetime.date or None
        Its reference date.

    Returns
    -------
    dict
        For `extract.review.record.checked`.

    Raises
    ------
    DubanError
        E726 for words that do not stand in the document, E711 for a word the column
        does not know.
    """
    given: dict[str, Any] = {}
    span = (record["start"], record["end"])
    if "text" in edited:
        span = place_of(edited["text"], span, text)
        given |= {"start": span[0], "end": span[1]}
    if "kind" in edited:
        given["kind"] = value_of("kind", edited["kind"])
    for name in _TRUTHS:
        if name in edited:
            given[name] = value_of(name, edited[name]) == YES
    given |= {name: edited[name] for name in _MARKS if name in edited}
    if edited.keys() & set(ROLES):
        given["owners"] = _owners(edited, record, span, text)
    for name in ("deadlines", "recurrences", "metrics"):
        if name in edited:
            given[name] = _parts(name, edited[name], record[name], span, text, date)
    if "due" in edited:
        deadlines = given.get("deadlines", record["deadlines"])
        given["deadlines"] = _dated(deadlines, edited["due"])
    return given


def value_of(key: str, cell: str) -> str:
    """Value behind a word of a column, in either language; E711 if it is none."""
    [column] = [column for column in COLUMNS if column.key == key]
    for value in column.words:
        if cell.strip().lower() in (
            value,
            word(value, "zh"),
            word(value, "en").lower(),
        ):
            return value
    raise DubanError("E711", field=key, value=cell)


def listed(cell: str) -> list[str]:
    """Entries of a cell."""
    for separator in _SEPARATORS[1:]:
        cell = cell.replace(separator, SEPARATOR)
    return [entry.strip() for entry in cell.split(SEPARATOR) if entry.strip()]


def _owners(
    edited: Mapping[str, str],
    record: Mapping[str, Any],
    span: tuple[int, int],
    text: str,
) -> list[dict[str, Any]]:
    owners: list[dict[str, Any]] = []
    for role in ROLES:
        if role not in edited:
            owners += [owner for owner in record["owners"] if owner["role"] == role]
            continue
        for surface in _surfaces(edited[role], record["owners"]):
            known = [o for o in record["owners"] if o["text"] == surface]
            if known:
                owners.append({**known[0], "role": role})
                continue
            start, end = place_of(surface, span, text)
            inside = span[0] <= start < span[1]
            source = "explicit" if inside else "duty"
            owners.append({"start": start, "end": end, "role": role, "source": source})
    return owners


def _parts(
    name: str,
    cell: str,
    old: list[dict[str, Any]],
    span: tuple[int, int],
    text: str,
    date: dt.date | None,
) -> list[dict[str, Any]]:
    parts = []
    for surface in _surfaces(cell, old):
        known = [part for part in old if part["text"] == surface]
        if known:
            parts.append(known[0])
        else:
            start, end = place_of(surface, span, text)
            parts.append(suggest.part(text, start, end, date, name))
    return parts


def _surfaces(cell: str, old: list[dict[str, Any]]) -> list[str]:
    """Entries of a cell; a surface that holds a separator itself stays whole."""
    for part in old:
        if SEPARATOR in part["text"] and part["text"] in cell:
            before, _, after = cell.partition(part["text"])
            rest = [p for p in old if p is not part]
            return [*_surfaces(before, rest), part["text"], *_surfaces(after, rest)]
    return listed(cell)


def _dated(deadlines: list[dict[str, Any]], cell: str) -> list[dict[str, Any]]:
    days = listed(cell)
    if days and len(days) != len(deadlines):
        raise DubanError("E711", field="due", value=cell)
    days = days or ["-"] * len(deadlines)
    return [
        {**deadline, "due": None if day == "-" else day[:10].replace("/", "-")}
        for deadline, day in zip(deadlines, days, strict=True)
    ]


def place_of(surface: str, span: tuple[int, int], text: str) -> tuple[int, int]:
    """Where words stand: in the task if they do, else nearest to it; E726 if not."""
    if not surface.strip():
        raise DubanError("E726", value="")
    inside = text.find(surface, *span)
    if inside >= 0:
        return inside, inside + len(surface)
    # near the border of the task a surface may overlap it
    before = text.rfind(surface, 0, span[1])
    after = text.find(surface, span[0])
    places = [place for place in (before, after) if place >= 0]
    if not places:
        raise DubanError("E726", value=surface)
    start = min(places, key=lambda place: abs(place - span[0]))
    return start, start + len(surface)
