"""Records of all documents in, one file out, few records in memory at a time.

What takes time, making cells or columns of records, is done document by document in
the processes of the pool; the parent puts the pages together in order.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.batch.files import replacing
from extract.batch.records import read, schema, task_of, typed
from extract.batch.worker import Ended
from extract.errors import DubanError, UsageError
from extract.writers.delimited import dump_csv, dump_rows

if TYPE_CHECKING:
    from extract.batch.pool import Pool
    from extract.batch.store import Store

NAME = "tasks"
# bytes of a row group of a Parquet file before compression; small ones compress badly
_GROUP = 2**24


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a merged file that one file of records makes.

    Attributes
    ----------
    number : int
        Its rank among the pages, from 0.
    path : str
        The file of records.
    format : str
        A name in `PAGES`.
    lang : str
        Language of headings and values.
    first : int
        Number of its first task, from 1.
    tries : int
        How many processes ended at it.
    """

    number: int
    path: str
    format: str
    lang: str
    first: int
    tries: int = 0


def check(formats: tuple[str, ...]) -> None:
    """Refuse formats that could not be written: before the work, not after it.

    Raises
    ------
    UsageError
        E505 for a format that is not in `FORMATS`.
    DubanError
        E503 if pyarrow is not installed.
    """
    for name in formats:
        if name not in FORMATS:
            raise UsageError("E505", value=name, known=", ".join(FORMATS))
    if "parquet" in formats:
        try:
            import pyarrow.parquet  # noqa: F401
        except ImportError as error:
            raise DubanError("E503") from error


def write(
    store: Store, formats: tuple[str, ...], lang: str, pool: Pool[Any, Any]
) -> list[Path]:
    """Write all records of the last run to one file a format.

    Parameters
    ----------
    store : Store
    formats : tuple of str
        Names in `FORMATS`.
    lang : str
        Language of headings and values in CSV and Excel.
    pool : Pool
        Answers `Page` with `page`.

    Returns
    -------
    list of Path
        The files; each is replaced as a whole.

    Raises
    ------
    DubanError
        E203 a file cannot be written, E501 a process died, E504 too many rows for
        Excel; the other files are written before.
    """
    written = []
    # only Excel has a limit: whatever else was asked for is there before it is met
    for name in sorted(formats, key=lambda name: name == "xlsx"):
        target = store.folder / f"{NAME}.{name}"
        try:
            with replacing(target) as partial:
                FORMATS[name](store, partial, lang, pool)
        except OSError as error:
            reason = error.strerror or error
            raise DubanError("E203", path=target, reason=reason) from error
        written.append(target)
    return written


def page(wanted: Page) -> bytes:
    """Content of a page: for the processes of the pool."""
    return PAGES[wanted.format](wanted)


def _pages(store: Store, name: str, lang: str, pool: Pool[Any, Any]) -> Iterator[bytes]:
    """Pages of a format in order, though answers come as they come."""

    def wanted() -> Iterator[Page]:
        first = 1
        for number, (path, tasks) in enumerate(store.records()):
            yield Page(number, str(path), name, lang, first)
            first += tasks

    early: dict[int, bytes] = {}
    turn = 0
    for asked, answer in pool.answers(wanted(), _again):
        if isinstance(answer, Ended):
            raise DubanError("E501", path=asked.path, reason=answer.reason)
        early[asked.number] = answer
        while turn in early:
            yield early.pop(turn)
            turn += 1


def _again(wanted: Page, ended: Ended) -> Page | None:
    # its records are sound: what ended the process came from outside
    return None if wanted.tries else replace(wanted, tries=1)


def _csv_page(wanted: Page) -> bytes:
    out = io.StringIO()
    tasks = map(task_of, read(Path(wanted.path)))
    dump_rows(tasks, out, wanted.lang, first=wanted.first, line_end="\r\n")
    return out.getvalue().encode("utf-8")


def _csv(store: Store, target: Path, lang: str, pool: Pool[Any, Any]) -> None:
    with open(target, "w", encoding="utf-8-sig", newline="") as head:
        dump_csv([], head, lang, line_end="\r\n")
    with open(target, "ab") as out:
        out.writelines(_pages(store, "csv", lang, pool))


def _jsonl(store: Store, target: Path, lang: str, pool: Pool[Any, Any]) -> None:
    with open(target, "wb") as out:
        for path, _ in store.records():
            with open(path, "rb") as stream:
                shutil.copyfileobj(stream, out)


def _xlsx(store: Store, target: Path, lang: str, pool: Pool[Any, Any]) -> None:
    from extract.writers.workbook import MAX_ROWS, TaskBook

    figures = store.register.figures()
    most = max(figures.tasks, figures.failures)
    if most > MAX_ROWS:
        place = store.folder / f"{NAME}.xlsx"
        raise DubanError("E504", path=place, rows=most, limit=MAX_ROWS)
    with TaskBook(str(target), lang, streaming=True) as book:
        for path, _ in store.records():
            for record in read(path):
                book.add(task_of(record))
        for _, error in store.register.failures():
            book.fail(error)


def _parquet_page(wanted: Page) -> bytes:
    import pyarrow as pa

    table = pa.Table.from_pylist(
        list(map(typed, read(Path(wanted.path)))), schema=schema()
    )
    out = pa.BufferOutputStream()
    with pa.ipc.new_stream(out, table.schema) as stream:
        stream.write_table(table)
    return bytes(out.getvalue())


def _parquet(store: Store, target: Path, lang: str, pool: Pool[Any, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kind = schema()
    waiting: list[bytes] = []
    with pq.ParquetWriter(target, kind, compression="zstd") as writer:

        def flush() -> None:
            tables = [pa.ipc.open_stream(content).read_all() for content in waiting]
            waiting.clear()
            if tables:
                writer.write_table(pa.concat_tables(tables).combine_chunks())

        for content in _pages(store, "parquet", lang, pool):
            waiting.append(content)
            if sum(map(len, waiting)) >= _GROUP:
                flush()
        flush()


FORMATS: dict[str, Callable[[Store, Path, str, Pool[Any, Any]], None]] = {
    "csv": _csv,
    "xlsx": _xlsx,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
"""Merged files by the name of their format, which is their suffix."""

PAGES: dict[str, Callable[[Page], bytes]] = {
    "csv": _csv_page,
    "parquet": _parquet_page,
}
"""Formats that are made page by page."""
