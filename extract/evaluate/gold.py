"""A folder of gold files in, their records out, checked against their texts."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any, NamedTuple

from extract.errors import DubanError, ReadError
from extract.readers import read
from extract.task import KINDS, ROLES
from extract.writers import read_jsonl

_TYPES: dict[str, type | tuple[type, ...]] = {
    "start": int,
    "end": int,
    "text": str,
    "kind": str,
    "actionable": bool,
}
_OPTIONAL: dict[str, type | tuple[type, ...]] = {
    "number": str,
    "section": str,
    "item": str,
    "heading": bool,
    "owners": list,
    "deadlines": list,
    "recurrences": list,
    "metrics": list,
}


class GoldDocument(NamedTuple):
    """One annotated document.

    Attributes
    ----------
    path : Path
        The text file.
    records : list of dict
        Gold tasks in file order.
    meta : dict
        Content of ``NAME.meta.json``, or empty.
    """

    path: Path
    records: list[dict[str, Any]]
    meta: dict[str, Any]

    @property
    def date(self) -> dt.date | None:
        """Reference date that the annotators used, None if there is none."""
        day = self.meta.get("date")
        return dt.date.fromisoformat(day) if day else None

    @property
    def judged(self) -> list[tuple[int, int]] | None:
        """Spans that were judged; None if the whole document was."""
        spans = self.meta.get("judged")
        return None if spans is None else [(start, end) for start, end in spans]


def gold_pairs(folder: str | Path, *, partly: bool = False) -> list[GoldDocument]:
    """Read the gold documents of a folder and its subfolders, or a single one.

    Parameters
    ----------
    folder : str or Path
        Holds ``NAME.txt``, ``NAME.jsonl`` and, if known, ``NAME.meta.json``; texts
        without records are passed over. Or the path of such a text or its records.
    partly : bool, default=False
        Also documents of which only some sentences were judged: to learn from. They
        measure nothing, since what else is a task in them nobody said.

    Returns
    -------
    list of GoldDocument
        Sorted by path; each is also the tuple ``(path, records, meta)``.

    Raises
    ------
    DubanError
        E401 if there is no pair, or records without their text; E402 for a record
        that is malformed or does not fit its text, with its line.
    ReadError
        If a text cannot be read.
    """
    place = Path(folder)
    found: list[GoldDocument] = []
    single = [place.with_suffix(".jsonl")] if place.is_file() else []
    for records_path in single or sorted(place.rglob("*.jsonl")):
        text_path = records_path.with_suffix(".txt")
        if not text_path.is_file():
            raise DubanError("E401", path=records_path)
        meta = _meta(records_path)
        if partly or "judged" not in meta:
            records = _records(records_path, text_path)
            found.append(GoldDocument(text_path, records, meta))
    if not found:
        raise DubanError("E401", path=folder)
    return found


def _records(path: Path, text_path: Path) -> list[dict[str, Any]]:
    try:
        records = read_jsonl(path)
    except ReadError as error:
        if error.code != "E110":
            raise
        raise DubanError("E402", **error.details) from error
    text = read(text_path).text
    numbers = _line_numbers(path)
    for number, record in zip(numbers, records, strict=True):
        if reason := _fault(record, text):
            raise DubanError("E402", path=path, line=number, reason=reason)
    return records


def _line_numbers(path: Path) -> list[int]:
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    return [number for number, line in enumerate(lines, 1) if line.strip()]


def _fault(record: dict[str, Any], text: str) -> str:
    """Say what is wrong with a gold record, or ``""``."""
    for key, kind in _TYPES.items():
        if key not in record:
            return f"{key} is missing"
        if not _is(record[key], kind):
            return f"{key}: {record[key]!r}"
    for key, kind in _OPTIONAL.items():
        if key in record and not _is(record[key], kind):
            return f"{key}: {record[key]!r}"
    start, end = record["start"], record["end"]
    if not 0 <= start < end <= len(text):
        return f"span {start}-{end} outside 0-{len(text)}"
    if text[start:end] != record["text"]:
        return f"text {record['text'][:20]!r} != {text[start:end][:20]!r}"
    if record["kind"] not in KINDS:
        return f"kind: {record['kind']!r}"
    return _part_fault(record)


def _part_fault(record: dict[str, Any]) -> str:
    for owner in record.get("owners", []):
        if not isinstance(owner, dict) or not isinstance(owner.get("text"), str):
            return f"owners: {owner!r}"
        if owner.get("role", "responsible") not in ROLES:
            return f"owners: role {owner['role']!r}"
    for key in ("deadlines", "recurrences", "metrics"):
        for part in record.get(key, []):
            surface = part.get("text") if isinstance(part, dict) else part
            if not isinstance(surface, str):
                return f"{key}: {part!r}"
    return ""


def _is(value: object, kind: type | tuple[type, ...]) -> bool:
    # True is an int to isinstance, but no offset
    return isinstance(value, kind) and not (kind is int and isinstance(value, bool))


def _meta(records_path: Path) -> dict[str, Any]:
    path = records_path.with_suffix(".meta.json")
    if not path.is_file():
        return {}
    try:
        meta = json.loads(path.read_text(encoding="utf-8-sig"))
        if not isinstance(meta, dict):
            raise ValueError("no object")
        if meta.get("date"):
            dt.date.fromisoformat(meta["date"])
        for start, end in meta.get("judged", []):
            if not (_is(start, int) and _is(end, int) and 0 <= start < end):
                raise ValueError(f"judged: {start}-{end}")
    except (ValueError, TypeError) as error:
        raise DubanError("E402", path=path, line=1, reason=error) from error
    return meta
