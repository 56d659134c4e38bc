"""Finished documents in, a folder of gold files out: what evaluation and training read.

See `extract.evaluate.gold`: NAME.txt, NAME.jsonl and NAME.meta.json.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extract.batch.files import replacing
from extract.errors import DubanError, ReadError
from extract.readers import read_bytes
from extract.review.database import Database
from extract.review.exchange.selection import Choice, Chosen, chosen

_PLAIN = (
    "start",
    "end",
    "text",
    "number",
    "heading",
    "section",
    "item",
    "kind",
    "actionable",
)


def export_gold(database: Database, folder: Path, choice: Choice) -> list[str]:
    """Write gold files.

    Parameters
    ----------
    database : Database
    folder : Path
        Made if missing; files of the same names are replaced.
    choice : Choice

    Returns
    -------
    list of str
        Names of the documents.

    Raises
    ------
    DubanError
        E707 if there is nothing to write, E709 for a text that no text file can hold,
        E203 if a file cannot be written.
    """
    with database.reading() as session:
        documents = list(chosen(session, choice))
        for document in documents:
            _check(document, folder)
        if not documents:
            raise DubanError("E707", path=folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for document in documents:
                for suffix, content in _files(document).items():
                    with replacing(folder / f"{document.name}{suffix}") as path:
                        path.write_bytes(content)
        except OSError as error:
            reason = error.strerror or error
            raise DubanError("E203", path=folder, reason=reason) from error
    return [document.name for document in documents]


def gold_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as gold states it: surfaces with their values, no offsets, no rules.

    Inherited owners are left out: the sentence does not state them.
    """
    owners = [
        {"text": owner["text"], "role": owner["role"]}
        for owner in record["owners"]
        if owner.get("source") != "inherited"
    ]
    deadlines = [
        {key: deadline[key] for key in ("text", "type", "from", "due")}
        for deadline in record["deadlines"]
    ]
    return {key: record[key] for key in _PLAIN} | {
        "owners": owners,
        "deadlines": deadlines,
        "recurrences": [part["text"] for part in record["recurrences"]],
        "metrics": [part["text"] for part in record["metrics"]],
    }


def _files(document: Chosen) -> dict[str, bytes]:
    lines = [
        json.dumps(gold_record(record), ensure_ascii=False) + "\n"
        for record in document.records()
    ]
    meta: dict[str, Any] = {
        "title": document.title,
        "date": document.date.isoformat() if document.date else None,
        "source": document.doc,
        "annotators": document.annotators,
    }
    if not document.checked:
        # of the other sentences nobody said that they are no tasks
        meta["judged"] = document.judged
    return {
        ".txt": document.text.encode(),
        ".jsonl": "".join(lines).encode(),
        ".meta.json": json.dumps(meta, ensure_ascii=False, indent=1).encode() + b"\n",
    }


def _check(document: Chosen, folder: Path) -> None:
    """Refuse a text that would be another one when it is read again."""
    path = folder / f"{document.name}.txt"
    try:
        same = read_bytes(document.text.encode(), path.name).text == document.text
    except (ReadError, UnicodeEncodeError) as error:
        raise DubanError("E709", path=path, reason=error) from error
    if not same:
        raise DubanError("E709", path=path, reason="CR")
