"""Tasks in, a file out: CSV, Excel, JSON Lines or Markdown, whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from extract.errors import DubanError, UsageError
from extract.task import Task
from extract.writers import delimited, lines, markdown
from extract.writers.columns import to_frame
from extract.writers.delimited import dump_csv
from extract.writers.lines import read_jsonl

__all__ = ["SUFFIXES", "dump_csv", "read_jsonl", "to_frame", "write"]

SUFFIXES = (".csv", ".xlsx", ".jsonl", ".md")
"""Suffixes that `write` knows."""


def write(
    tasks: Iterable[Task],
    path: str | Path,
    *,
    lang: str = "zh",
    ledger: bool = False,
    failures: Sequence[DubanError] = (),
) -> None:
    """Write tasks to a file whose suffix names the format.

    The content goes into a temporary file of the same folder, which then takes the
    place of the old one: an interrupted run leaves the old file or none, never half.

    Parameters
    ----------
    tasks : iterable of Task
        In the order of the rows.
    path : str or Path
        ``.csv`` (UTF-8 with a byte order mark), ``.xlsx``, ``.jsonl`` or ``.md``.
    lang : str
        ``"zh"`` or ``"en"``: language of headings and values, not of the tasks.
    ledger : bool
        Only tasks that can be supervised (`Task.actionable`).
    failures : sequence of DubanError
        Documents that could not be read; Excel and Markdown list them.

    Raises
    ------
    UsageError
        E202 unknown suffix.
    DubanError
        E203 if the file cannot be written.
    """
    target = Path(path)
    chosen = [task for task in tasks if task.actionable or not ledger]
    content = _encoded(chosen, target, lang, ledger, failures)
    _replace(target, content)


def _encoded(
    tasks: list[Task],
    path: Path,
    lang: str,
    ledger: bool,
    failures: Sequence[DubanError],
) -> bytes:
    match path.suffix.lower():
        case ".csv":
            return delimited.encoded(tasks, lang)
        case ".jsonl":
            return lines.encoded(tasks)
        case ".md":
            return markdown.encoded(tasks, lang, failures=failures)
        case ".xlsx":
            # xlsxwriter takes its time to import; the other formats need not wait
            from extract.writers import workbook

            try:
                return workbook.encoded(tasks, lang, ledger=ledger, failures=failures)
            except ValueError as error:
                raise DubanError("E203", path=path, reason=error) from error
        case suffix:
            raise UsageError(
                "E202", path=path, suffix=suffix, suffixes=" ".join(SUFFIXES)
            )


def _replace(target: Path, content: bytes) -> None:
    # a link keeps pointing where it pointed: its target is replaced
    final = Path(os.path.realpath(target))
    # not tempfile, whose files nobody else may read
    partial = final.with_name(f".duban-{os.getpid()}-{secrets.token_hex(4)}.part")
    try:
        with open(partial, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, final)
    except OSError as error:
        _discard(partial)
        reason = error.strerror or error
        raise DubanError("E203", path=target, reason=reason) from error
    except BaseException:
        _discard(partial)
        raise


def _discard(partial: Path) -> None:
    with suppress(OSError):
        partial.unlink()
