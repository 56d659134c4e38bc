"""What an annotator sends in, a record that fits its text out; split and merged."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from extract.errors import DubanError
from extract.task import KINDS, ROLES

Record = dict[str, Any]

ANNOTATOR = "annotator"
"""Rule of a part, and source of a field, that a person filled."""
LISTS = ("owners", "deadlines", "recurrences", "metrics")
FIELDS = (
    "start",
    "end",
    "number",
    "heading",
    "section",
    "item",
    "kind",
    "actionable",
    *LISTS,
)
"""Keys of a record that people may change; the others follow from these."""
_LONGEST_MARK = 40
_MOST_PARTS = 200


def checked(given: Mapping[str, Any], old: Mapping[str, Any], text: str) -> Record:
    """Record with changes worked in, if they fit the document.

    Parameters
    ----------
    given : mapping
        Any of `FIELDS`; what is not given stays.
    old : mapping
        The record as it was; ``{}`` for a new task.
    text : str
        The document.

    Returns
    -------
    dict
        Keys as in ``docs/record.md``. `text` and the surfaces are cut from the
        document, `missing` is worked out anew.

    Raises
    ------
    DubanError
        E711 with what is wrong.
    """
    fields = {key: value for key, value in given.items() if key in FIELDS}
    start, end = _span(fields, old, text)
    record = _blank() | dict(old) | fields
    record |= {"start": start, "end": end, "text": text[start:end]}
    _require(record["kind"] in KINDS, "kind", record["kind"])
    for key in ("heading", "actionable"):
        _require(isinstance(record[key], bool), key, record[key])
    for key in ("number", "section", "item"):
        value = record[key]
        fits = isinstance(value, str) and len(value) <= _LONGEST_MARK
        _require(fits and value in text, key, value)
    for key in LISTS:
        _require(isinstance(record[key], list), key, record[key])
        _require(len(record[key]) <= _MOST_PARTS, key, len(record[key]))
        record[key] = [_part(key, part, text) for part in record[key]]
    sources = dict(record["sources"])
    for key in fields:
        if key not in LISTS and record[key] != old.get(key):
            sources[key] = ANNOTATOR
    return record | {"missing": missing(record), "sources": sources}


def missing(record: Mapping[str, Any]) -> list[str]:
    """What a row of a ledger would still need: owner, deadline, measure."""
    stated = any(owner.get("source") != "inherited" for owner in record["owners"])
    timed = record["deadlines"] or record["recurrences"]
    lacks = {
        "owner": not stated,
        "deadline": not timed,
        "measure": not record["metrics"],
    }
    return [name for name, lacking in lacks.items() if lacking]


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """`FIELDS` in which two records say different things; rules do not count."""
    return [key for key in FIELDS if _said(old.get(key)) != _said(new.get(key))]


def split(record: Mapping[str, Any], at: int, text: str) -> tuple[Record, Record]:
    """Both halves of a task; parts outside it (duty brackets) go to both.

    Raises
    ------
    DubanError
        E711 if `at` lies not inside the task.
    """
    start, end = record["start"], record["end"]
    _require(isinstance(at, int) and start < at < end, "at", at)
    while at < end - 1 and text[at].isspace():
        at += 1
    _require(bool(text[start:at].strip()), "at", at)
    stop = start + len(text[start:at].rstrip())
    first = {key: _parts_of(record, key, start, at) for key in LISTS}
    second: Record = {key: _parts_of(record, key, at, end) for key in LISTS}
    second |= {"start": at, "number": "", "heading": False}
    return (
        checked(first | {"end": stop}, record, text),
        checked(second, record, text),
    )


def merged(records: Sequence[Mapping[str, Any]], text: str) -> Record:
    """One task from the first's start to the last's end, with the parts of all."""
    ordered = sorted(records, key=lambda record: int(record["start"]))
    parts = {key: _joined(record[key] for record in ordered) for key in LISTS}
    end = max(int(record["end"]) for record in ordered)
    actionable = any(record["actionable"] for record in ordered)
    given = {"end": end, "heading": False, "actionable": actionable}
    return checked(parts | given, ordered[0], text)


def _blank() -> Record:
    return {
        "start": 0,
        "end": 0,
        "text": "",
        "number": "",
        "heading": False,
        "section": "",
        "item": "",
        "path": [],
        "kind": KINDS[0],
        "actionable": False,
        "owners": [],
        "deadlines": [],
        "recurrences": [],
        "metrics": [],
        "missing": [],
        "vague": [],
        "rules": [],
        "sources": {},
    }


def _span(
    given: Mapping[str, Any], old: Mapping[str, Any], text: str
) -> tuple[int, int]:
    start, end = (given.get(key, old.get(key)) for key in ("start", "end"))
    whole = all(type(offset) is int for offset in (start, end))
    _require(whole and 0 <= start < end <= len(text), "start, end", (start, end))
    _require(bool(text[start:end].strip()), "text", text[start:end])
    return start, end


def _part(key: str, part: Any, text: str) -> Record:
    _require(isinstance(part, dict), key, part)
    start, end = _span(part, {}, text)
    values = _PARTS[key](part)
    rule = part.get("rule") or ANNOTATOR
    extra = {name: part[name] for name in _EXTRA.get(key, ()) if part.get(name)}
    surface = {"text": text[start:end], "start": start, "end": end}
    return surface | values | {"rule": str(rule)[:80]} | extra


# a part's keys that are kept as they come if they are there
_EXTRA = {"metrics": ("indicator",)}


def _owner(part: Mapping[str, Any]) -> Record:
    role, source = part.get("role"), part.get("source", "explicit")
    _require(role in ROLES, "role", role)
    _require(source in ("explicit", "duty", "inherited"), "source", source)
    return {"role": role, "source": source}


def _deadline(part: Mapping[str, Any]) -> Record:
    kind = part.get("type", "date")
    known = ("date", "period", "within", "event", "open")
    _require(kind in known, "type", kind)
    first, due = _day(part.get("from")), _day(part.get("due"))
    _require(not (first and due) or first <= due, "from", first)
    return {"type": kind, "from": first, "due": due}


def _recurrence(part: Mapping[str, Any]) -> Record:
    unit = part.get("unit")
    known = ("day", "week", "month", "quarter", "half", "year")
    _require(unit in known, "unit", unit)
    counts = {key: part.get(key) for key in ("every", "times", "day")}
    for key, value in counts.items():
        whole = type(value) is int and 0 < value < 1000
        _require(value is None or whole, key, value)
    return {"unit": unit, **counts}


def _metric(part: Mapping[str, Any]) -> Record:
    value, unit = part.get("value"), part.get("unit", "")
    relation = part.get("relation", "eq")
    if value is not None:
        _require(type(value) in (int, float), "value", value)
        _require(math.isfinite(value), "value", value)
    _require(isinstance(unit, str) and len(unit) <= _LONGEST_MARK, "unit", unit)
    _require(relation in ("ge", "le", "eq", "about"), "relation", relation)
    return {"value": value, "unit": unit, "relation": relation}


_PARTS: dict[str, Callable[[Mapping[str, Any]], Record]] = {
    "owners": _owner,
    "deadlines": _deadline,
    "recurrences": _recurrence,
    "metrics": _metric,
}


def _day(value: Any) -> str | None:
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise DubanError("E711", field="due", value=value) from None


def _parts_of(
    record: Mapping[str, Any], key: str, start: int, end: int
) -> list[Record]:
    """Parts of a stretch of the task, and those that stand outside the task."""
    return [
        part
        for part in record[key]
        if start <= part["start"] < end
        or not record["start"] <= part["start"] < record["end"]
    ]


def _joined(lists: Any) -> list[Record]:
    parts = {(p["start"], p["end"]): p for parts in lists for p in parts}
    return list(parts.values())


def _said(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [{k: v for k, v in part.items() if k != "rule"} for part in value]


def _require(holds: bool, field: str, value: Any) -> None:
    if not holds:
        raise DubanError("E711", field=field, value=str(value)[:60])
