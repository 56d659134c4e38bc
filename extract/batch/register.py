"""What is known of every file of a batch: key, figures, failures (one SQLite file)."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extract.batch.document import Report
from extract.errors import DubanError

_LAYOUT = 1
# Names are bytes: a file name need not be text. `here` is what the last run saw.
_SCHEMA = """
create table if not exists files (
    path blob primary key, key text, size integer, place integer, run integer
) without rowid;
create index if not exists by_place on files (run, place);
create table if not exists documents (
    path blob, part integer, doc blob, digest text, characters integer, tasks integer,
    actionable integer, sketch blob, code text, details text,
    primary key (path, part)
);
create temp view here as
    select * from documents join files using (path)
    where run = (select max(run) from files);
"""
_TEXTS = """
drop table if exists temp.texts;
create temp table texts as
    select row_number() over (order by place, part) as row, doc, digest, path, part
    from here where code = '';
drop table if exists temp.firsts;
create temp table firsts as
    select digest, min(row) as row from texts group by digest;
create unique index temp.first_by_digest on firsts (digest);
drop table if exists temp.originals;
create temp table originals as
    select row_number() over (order by row) - 1 as number, doc, path, part
    from texts join firsts using (row);
create unique index temp.original_by_number on originals (number);
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Sums over the last run's documents; `removed` counts files not seen in it."""

    documents: int
    characters: int
    tasks: int
    actionable: int
    failures: int
    removed: int


class Register:
    """The register of a batch; one process has it at a time.

    Parameters
    ----------
    path : Path
        The database; made if it is not there.

    Raises
    ------
    DubanError
        E507 if it is none, or damaged.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._base = sqlite3.connect(path, isolation_level=None)
            # without shared memory a write-ahead log works on network drives too
            self._base.execute("pragma locking_mode = exclusive")
            self._base.execute("pragma journal_mode = wal")
            self._base.execute("pragma synchronous = normal")
            (layout,) = self._base.execute("pragma user_version").fetchone()
            if layout not in (0, _LAYOUT):
                raise sqlite3.DatabaseError(f"layout {layout}")
            self._base.executescript(_SCHEMA)
            self._base.execute(f"pragma user_version = {_LAYOUT}")
        except sqlite3.Error as error:
            raise DubanError("E507", path=path, reason=error) from error
        self._run = self._one("select coalesce(max(run), 0) from files")

    def close(self) -> None:
        """Let go of the database."""
        self._base.close()

    def begin(self) -> None:
        """Begin a run: what it does not `see` counts as removed."""
        self._run += 1

    def see(self, name: str, place: int) -> tuple[str, int]:
        """Note that a file is there as the `place`-th; key and size of its records.

        The key is ``""`` where nothing is known.
        """
        path = os.fsencode(name)
        row: tuple[str, int] | None = self._base.execute(
            "update files set run = ?, place = ? where path = ? returning key, size",
            (self._run, place, path),
        ).fetchone()
        if row is None:
            self._base.execute(
                "insert into files values (?, '', 0, ?, ?)", (path, place, self._run)
            )
        return row or ("", 0)

    def forget(self, name: str) -> None:
        """Drop the key of a file: its records are about to change."""
        self._base.execute(
            "update files set key = '' where path = ?", (os.fsencode(name),)
        )

    def note(self, name: str, key: str, size: int, reports: tuple[Report, ...]) -> None:
        """Note what became of a file and that its records take `size` bytes."""
        path = os.fsencode(name)
        rows = [_row(path, part, report) for part, report in enumerate(reports)]
        blanks = ",".join("?" * 10)
        with self._base:
            self._base.execute("begin")
            self._base.execute("delete from documents where path = ?", (path,))
            self._base.executemany(f"insert into documents values ({blanks})", rows)
            self._base.execute(
                "update files set key = ?, size = ? where path = ?", (key, size, path)
            )

    def figures(self) -> Figures:
        """Sums over the documents of the last run."""
        sums = self._base.execute(
            "select count(*), sum(characters), sum(tasks), sum(actionable),"
            " sum(code != '') from here"
        ).fetchone()
        removed = self._one("select count(*) from files where run != ?", self._run)
        return Figures(*[value or 0 for value in (*sums, removed)])

    def with_records(self) -> Iterator[tuple[str, int]]:
        """Files of the last run that have records, in order, with their tasks."""
        found = self._base.execute(
            "select path, sum(tasks) from here where size > 0"
            " group by place, path order by place"
        )
        return ((os.fsdecode(path), tasks) for path, tasks in found)

    def failures(self) -> Iterator[tuple[str, DubanError]]:
        """Documents of the last run that failed, and why."""
        for doc, code, details in self._base.execute(
            "select doc, code, details from here where code != '' order by place, part"
        ):
            yield os.fsdecode(doc), DubanError(code, **json.loads(details))

    def removed(self) -> Iterator[str]:
        """Files that were there once and not in the last run."""
        found = self._base.execute(
            "select path from files where run != ? order by path", (self._run,)
        )
        return (os.fsdecode(path) for (path,) in found)

    def compare(self) -> None:
        """Number the texts of the last run, for the methods below."""
        self._base.executescript(_TEXTS)

    def same(self) -> Iterator[tuple[str, str]]:
        """Documents with the first one before them that has the same text."""
        found = self._base.execute(
            "select texts.doc, other.doc from texts join firsts using (digest)"
            " join texts as other on other.row = firsts.row"
            " where texts.row != firsts.row order by texts.row"
        )
        return ((os.fsdecode(doc), os.fsdecode(other)) for doc, other in found)

    def sketches(self) -> Iterator[bytes]:
        """Sketches of the different texts, numbered from 0."""
        found = self._base.execute(
            "select sketch from originals join documents using (path, part)"
            " order by number"
        )
        return (sketch for (sketch,) in found)

    def original(self, number: int) -> str:
        """Document of the text of that number."""
        return os.fsdecode(
            self._one("select doc from originals where number = ?", number)
        )

    def _one(self, query: str, *values: object) -> Any:
        return self._base.execute(query, values).fetchone()[0]


def _row(path: bytes, part: int, report: Report) -> tuple[Any, ...]:
    details = json.dumps(report.details)
    return (
        path, part, os.fsencode(report.doc), report.digest, report.characters,
        report.tasks, report.actionable, report.sketch, report.code, details,
    )  # fmt: skip
