"""An edited table in, its changes in the database out: a diff, conflicts, problems."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from extract.errors import DubanError, ReadError
from extract.review.database import Database
from extract.review.exchange.sheet import COLUMNS, EDITABLE, cells, heading
from extract.review.exchange.surfaces import fields, value_of
from extract.review.judging import Desk
from extract.review.tables import ACCEPTED, REJECTED, Document, Item, Step
from extract.writers.columns import is_formula

_LIMIT = 50_000_000
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell: as it was exported, as the table has it, as the database has it.

    In a conflict the last two differ and nothing was written.
    """

    id: str
    column: str
    before: str
    after: str
    now: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, counted as the spreadsheet counts it, that could not be taken over."""

    row: int
    id: str
    error: DubanError


@dataclass(slots=True)
class Outcome:
    """What an import did.

    Attributes
    ----------
    changes, conflicts : list of Difference
    problems : list of Problem
    added : list of str
        Ids of tasks made from rows without an id.
    absent : list of str
        Ids of the documents' other tasks, which the table does not hold: left alone.
    """

    changes: list[Difference] = field(default_factory=list)
    conflicts: list[Difference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def import_sheet(
    database: Database, path: Path, annotator: str, *, dry: bool = False
) -> Outcome:
    """Take over what somebody changed in an exported table.

    Parameters
    ----------
    database : Database
    path : Path
        ``.csv`` or ``.xlsx`` as `export_sheet` wrote it, then edited.
    annotator : str
        In whose name.
    dry : bool
        Only find out what would be done.

    Returns
    -------
    Outcome

    Raises
    ------
    ReadError
        If the file cannot be read.
    DubanError
        E708 if it is not such a table.
    """
    rows = list(_rows(path))
    outcome = Outcome()
    person = database.annotator(annotator)
    with database.writing() as session:
        seen: set[str] = set()
        for number, row in rows:
            try:
                with session.begin_nested():
                    seen.add(_take(session, person, row, outcome))
            except DubanError as error:
                session.expire_all()
                outcome.problems.append(Problem(number, row.get("id", ""), error))
                seen.add(row.get("id", ""))
        outcome.absent = _absent(session, seen)
        if dry:
            session.rollback()
    return outcome


def _take(session: Session, person: int, row: Row, outcome: Outcome) -> str:
    if not row.get("id"):
        return _add(session, person, row, outcome)
    item = session.get(Item, row["id"], options=[joinedload(Item.document)])
    if item is None or item.gone:
        raise DubanError("E713", key=row["id"])
    lang = row["lang"]
    record, verdict = _exported(session, item, row.get("version", ""))
    base = cells(record, verdict, lang)
    now = cells(item.record, item.verdict, lang)
    edited, changes, conflicts = {}, [], []
    for column in EDITABLE:
        key = column.key
        wanted = row.get(key, base[key])
        if wanted in (base[key], now[key]):
            continue
        difference = Difference(item.id, key, base[key], wanted, now[key])
        if now[key] != base[key]:
            conflicts.append(difference)
        else:
            edited[key] = wanted
            changes.append(difference)
    if edited:
        _write(session, person, item, edited)
    outcome.changes += changes
    outcome.conflicts += conflicts
    return item.id


def _write(
    session: Session, person: int, item: Item, edited: Mapping[str, str]
) -> None:
    asked = dict(edited)
    verdict = asked.pop("verdict", "")
    if asked:
        document = item.document
        given = fields(asked, item.record, document.text, document.date)
        Desk(session, person).edit(item.id, item.version, given)
    if verdict:
        desk = Desk(session, person)
        value = value_of("verdict", verdict)
        acts = {ACCEPTED: desk.accept, REJECTED: desk.reject}
        acts.get(value, desk.reopen)(item.id, item.version)


def _exported(session: Session, item: Item, version: str) -> tuple[dict[str, Any], str]:
    """Record and verdict at the version that the table was made from."""
    number = int(version) if version.isdigit() else 0
    if number == item.version:
        return item.record, item.verdict
    steps = select(Step).where(Step.item_id == item.id).order_by(Step.version)
    for step in session.scalars(steps):
        if step.version == number:
            return step.after["record"], step.after["verdict"]
        if step.version == number + 1 and step.before:
            return step.before["record"], step.before["verdict"]
    raise DubanError("E711", field="version", value=version)


def _add(session: Session, person: int, row: Row, outcome: Outcome) -> str:
    words = row.get("text", "").strip()
    query = select(Document).where(Document.doc == row.get("doc", ""))
    document = session.scalars(query).first()
    if document is None:
        raise DubanError("E726", value=row.get("doc") or "-")
    if document.text.count(words) != 1:
        raise DubanError("E726", value=words)
    start = document.text.index(words)
    record: dict[str, Any] = {"start": start, "end": start + len(words)}
    record |= {"owners": [], "deadlines": [], "recurrences": [], "metrics": []}
    asked = {
        column.key: row[column.key]
        for column in EDITABLE
        if row.get(column.key) and column.key not in ("verdict", "text")
    }
    given = fields(asked, record, document.text, document.date)
    span = {"start": start, "end": start + len(words)}
    [item] = Desk(session, person).add(document.id, span | given)
    outcome.added.append(item.id)
    return item.id


def _absent(session: Session, seen: set[str]) -> list[str]:
    documents = select(Item.document_id).where(Item.id.in_(seen)).distinct()
    others = select(Item.id).where(Item.document_id.in_(documents), ~Item.gone)
    return sorted(set(session.scalars(others)) - seen)


def _rows(path: Path) -> Iterator[tuple[int, Row]]:
    """Rows with their numbers; cells by column, ``lang`` says in which language."""
    try:
        if path.stat().st_size > _LIMIT:
            raise DubanError("E723", limit=_LIMIT)
        table = _csv(path) if path.suffix.lower() == ".csv" else _xlsx(path)
    except FileNotFoundError as error:
        raise ReadError("E101", path=path) from error
    except OSError as error:
        raise ReadError("E108", path=path, reason=error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise ReadError("E105", path=path) from error
    head = [cell.strip() for cell in table[0]] if table else []
    for lang in ("zh", "en"):
        names = {heading(column, lang): column.key for column in COLUMNS}
        if heading(COLUMNS[0], lang) in head:
            break
    else:
        raise DubanError("E708", path=path, reason=heading(COLUMNS[0], "zh"))
    keys = [names.get(cell, "") for cell in head]
    for number, row in enumerate(table[1:], 2):
        found = {key: cell for key, cell in zip(keys, row, strict=False) if key}
        if any(found.values()):
            yield number, found | {"lang": lang}


def _csv(path: Path) -> list[list[str]]:
    content = path.read_bytes().decode("utf-8-sig")
    return [
        [_plain(_unquoted(cell)) for cell in row]
        for row in csv.reader(io.StringIO(content, newline=""))
    ]


def _unquoted(cell: str) -> str:
    """A cell without the apostrophe that kept it from being a formula."""
    quoted = cell.startswith("'") and is_formula(cell[1:])
    return cell[1:] if quoted else cell


def _xlsx(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DubanError("E708", path=path, reason=error) from error
    try:
        sheet = book.worksheets[0]
        return [
            [_plain(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
        ]
    finally:
        book.close()


def _plain(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
