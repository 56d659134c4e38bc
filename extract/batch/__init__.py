"""A folder of documents in, a folder of records out: resumable, over several processes.

`run` works off a folder once, `watch` for as long as it is let. Whatever was done
before under the same content, date, rules, model and version is not done again.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Unpack

from extract.batch.inbox import Inbox
from extract.batch.merge import FORMATS
from extract.batch.rounds import (
    LIMIT,
    Batch,
    Listener,
    Options,
    Progress,
    Summary,
    processes,
)
from extract.errors import ReadError

__all__ = [
    "FORMATS",
    "LIMIT",
    "Batch",
    "Listener",
    "Options",
    "Progress",
    "Summary",
    "processes",
    "run",
    "watch",
]

INTERVAL = 2.0
"""Seconds between two looks at a watched folder."""
_NONE = "E102"


def run(
    folder: str | Path,
    output: str | Path,
    *,
    listen: Listener | None = None,
    **options: Unpack[Options],
) -> Summary:
    """Work off a folder; parameters and errors as `Batch` and `Batch.round`.

    Raises
    ------
    ReadError
        E102 for a folder without documents.
    """
    with Batch(folder, output, **options) as batch:
        return batch.round(batch.documents(), listen)


def watch(
    folder: str | Path,
    output: str | Path,
    *,
    listen: Listener | None = None,
    interval: float = INTERVAL,
    **options: Unpack[Options],
) -> Iterator[Summary]:
    """Work on what is in a folder and on what comes into it, until nobody asks.

    A file is taken when it has stayed the same for `interval` seconds: before, it may
    still be copied. Parameters and errors else as `run`.

    Yields
    ------
    Summary
        After each time that there was something to do.
    """
    inbox = Inbox()
    with Batch(folder, output, **options) as batch:
        while True:
            paths = _present(batch)
            if inbox.look(paths):
                yield batch.round(paths, listen, hold=inbox.growing)
            time.sleep(interval)


def _present(batch: Batch) -> list[str]:
    try:
        return batch.documents()
    except ReadError as error:
        if error.code == _NONE:
            return []
        raise
