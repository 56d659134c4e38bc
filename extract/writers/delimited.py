"""Tasks in, CSV out."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from typing import IO

from extract.task import Task
from extract.writers.columns import COLUMNS, Cell, neutral, rows


def dump_csv(
    tasks: Iterable[Task], stream: IO[str], lang: str = "zh", *, line_end: str = "\n"
) -> None:
    """Write tasks as CSV to a text stream, for instance a pipe.

    Parameters
    ----------
    tasks : iterable of Task
        One line each, below a line of headings; taken one after another.
    stream : text stream
        Written to, not closed; it gets no byte order mark.
    lang : str
        ``"zh"`` or ``"en"``: language of the headings and the values.
    line_end : str
        What ends a line.
    """
    writer = csv.writer(stream, lineterminator=line_end)
    writer.writerow(column.heading(lang) for column in COLUMNS)
    dump_rows(tasks, stream, lang, line_end=line_end)


def dump_rows(
    tasks: Iterable[Task],
    stream: IO[str],
    lang: str = "zh",
    *,
    first: int = 1,
    line_end: str = "\n",
) -> None:
    """Write tasks as lines of CSV without headings, numbered from `first`.

    Parameters else as `dump_csv`.
    """
    writer = csv.writer(stream, lineterminator=line_end)
    # one by one: there may be more tasks than fit into memory
    for number, task in enumerate(tasks, first):
        ((_, *cells),) = rows([task], lang)
        writer.writerow([number, *map(_plain, cells)])


def encoded(tasks: Iterable[Task], lang: str) -> bytes:
    """CSV file as Excel expects it: UTF-8 with a byte order mark, CRLF (RFC 4180)."""
    text = io.StringIO()
    dump_csv(tasks, text, lang, line_end="\r\n")
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return neutral(cell) if isinstance(cell, str) else cell
