"""Files of doccano or Label Studio in, proposals in the database out: to be judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extract.errors import DubanError
from extract.readers import from_text
from extract.review import suggest
from extract.review.database import Database
from extract.review.exchange.spans import ACTIONABLE, SINGULAR
from extract.review.intake import add_document
from extract.review.record import LISTS, checked
from extract.task import KINDS, ROLES
from extract.writers import read_jsonl

_PLURAL = {singular: name for name, singular in SINGULAR.items()}


@dataclass(frozen=True, slots=True)
class _Found:
    """A labelled stretch; `of` names the task it is related to, if it says so."""

    key: str
    start: int
    end: int
    label: str
    actionable: bool
    of: str | None


def import_predictions(database: Database, path: Path, source: str) -> int:
    """Add proposals; documents that are not in the database yet come with them.

    Parameters
    ----------
    database : Database
    path : Path
        JSON Lines of doccano (entities or labels) or Label Studio.
    source : str
        Who proposes: shown beside each task.

    Returns
    -------
    int
        Number of documents in the file.

    Raises
    ------
    ReadError
        If the file cannot be read.
    DubanError
        E708 for a line that fits neither format.
    """
    entries = read_jsonl(path)
    for number, entry in enumerate(entries, 1):
        try:
            text, found, about = _studio(entry) if "data" in entry else _doccano(entry)
            speech = from_text(text, str(about.get("doc") or ""), date=_date(about))
            records = _records(found, text, speech.date)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            reason = f"{number}: {type(error).__name__} {error}"
            raise DubanError("E708", path=path, reason=reason) from error
        except DubanError as error:
            reason = f"{number}: {error.message()}"
            raise DubanError("E708", path=path, reason=reason) from error
        add_document(database, speech, records, source=source[:80])
    return len(entries)


def _doccano(entry: Mapping[str, Any]) -> tuple[str, list[_Found], Mapping[str, Any]]:
    related = {
        str(relation["from_id"]): str(relation["to_id"])
        for relation in entry.get("relations", [])
    }
    raw = [
        (str(e["id"]), e["start_offset"], e["end_offset"], e["label"])
        for e in entry.get("entities", [])
    ]
    # older versions: [[start, end, label], …]
    old = entry.get("label", entry.get("labels", []))
    raw += [(f"l{number}", *given[:3]) for number, given in enumerate(old)]
    suffix = f".{ACTIONABLE}"
    found = [
        _Found(
            key,
            start,
            end,
            label.removesuffix(suffix),
            label.endswith(suffix),
            related.get(key),
        )
        for key, start, end, label in raw
    ]
    return entry.get("text", entry.get("data")) or "", found, entry


def _studio(entry: Mapping[str, Any]) -> tuple[str, list[_Found], Mapping[str, Any]]:
    said = (entry.get("predictions") or entry.get("annotations") or [{"result": []}])[0]
    results = said["result"]
    related = {r["from_id"]: r["to_id"] for r in results if r["type"] == "relation"}
    actionable = {
        r["id"]
        for r in results
        if r["type"] == "choices" and ACTIONABLE in r["value"]["choices"]
    }
    found = [
        _Found(
            r["id"],
            r["value"]["start"],
            r["value"]["end"],
            r["value"]["labels"][0],
            r["id"] in actionable,
            related.get(r["id"]),
        )
        for r in results
        if r["type"] == "labels"
    ]
    return entry["data"]["text"], found, entry["data"]


def _records(
    found: Iterable[_Found], text: str, date: dt.date | None
) -> list[dict[str, Any]]:
    tasks: dict[str, dict[str, Any]] = {}
    parts: list[_Found] = []
    for mark in found:
        kind = mark.label.partition(".")[2]
        if mark.label.partition(".")[0] != "task":
            parts.append(mark)
            continue
        if kind not in KINDS:
            raise DubanError("E711", field="label", value=mark.label)
        span = {"start": mark.start, "end": mark.end}
        said = {"kind": kind, "actionable": mark.actionable}
        tasks[mark.key] = span | said | {name: [] for name in LISTS}
    for mark in parts:
        name, part = _part(mark, text, date)
        for task in _tasks_of(mark, tasks):
            task[name].append(part)
    return [checked(task, {}, text) for task in tasks.values()]


def _part(mark: _Found, text: str, date: dt.date | None) -> tuple[str, dict[str, Any]]:
    singular, _, role = mark.label.partition(".")
    if singular not in _PLURAL or (role and role not in ROLES):
        raise DubanError("E711", field="label", value=mark.label)
    name = _PLURAL[singular]
    part = suggest.part(text, mark.start, mark.end, date, name)
    return name, part | ({"role": role} if role else {})


def _tasks_of(
    mark: _Found, tasks: Mapping[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The task a part is related to, else those it stands in."""
    if mark.of is not None and mark.of in tasks:
        return [tasks[mark.of]]
    return [
        task
        for task in tasks.values()
        if task["start"] <= mark.start and mark.end <= task["end"]
    ]


def _date(about: Mapping[str, Any]) -> dt.date | None:
    day = about.get("date")
    return dt.date.fromisoformat(day) if day else None
