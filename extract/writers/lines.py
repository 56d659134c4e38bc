"""Records as JSON Lines, out and in again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from extract.errors import ReadError
from extract.task import Task

# `json.dumps` makes one at every call
_ENCODER = json.JSONEncoder(ensure_ascii=False)


def encoded(tasks: Iterable[Task]) -> bytes:
    """One record a line (`Task.to_dict`), UTF-8, Chinese characters as they are."""
    lines = [_ENCODER.encode(task.to_dict()) + "\n" for task in tasks]
    # a lone surrogate cannot be written as UTF-8, but as an escape it can
    return "".join(lines).encode("utf-8", "backslashreplace")


def read_jsonl(path: str | Path) -> list[dict[str, Any]]:
    """Read the records of a JSON Lines file; blank lines do not count.

    Parameters
    ----------
    path : str or Path
        A file in UTF-8, with or without a byte order mark.

    Returns
    -------
    list of dict
        As they stand in the file; nothing is checked but that each line is an object.

    Raises
    ------
    ReadError
        E101 missing, E107 not permitted, E108 other failure, E105 not UTF-8, E110 a
        line that is no JSON object.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ReadError("E101", path=path) from error
    except PermissionError as error:
        raise ReadError("E107", path=path) from error
    except UnicodeDecodeError as error:
        raise ReadError("E105", path=path) from error
    except OSError as error:
        raise ReadError("E108", path=path, reason=error.strerror) from error
    # not splitlines(): U+2028 may stand inside a string
    return [
        _record(line, path, number)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip()
    ]


def _record(line: str, path: str | Path, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise ReadError("E110", path=path, line=number, reason=error) from error
    if not isinstance(record, dict):
        found = type(record).__name__
        raise ReadError("E110", path=path, line=number, reason=f"{found}, not object")
    return record
