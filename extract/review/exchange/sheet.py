"""Items in, a table out (CSV or Excel) that somebody may edit and bring back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extract.batch.files import replacing
from extract.errors import DubanError
from extract.review.database import Database
from extract.review.exchange.selection import Choice, chosen
from extract.review.labels import labels
from extract.review.tables import ACCEPTED, OPEN, REJECTED, Item
from extract.task import KINDS, ROLES, Role
from extract.writers.columns import folded, neutral

SEPARATOR = "、"
VERDICTS = (OPEN, ACCEPTED, REJECTED)
YES, NO = "yes", "no"

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes
    ----------
    key : str
        Key of its heading among the labels, after ``sheet_``.
    width : int
        In characters of Latin text.
    cell : callable
        ``cell(record, verdict, lang)`` for a column that may be edited, else None.
    words : tuple of str
        Keys of the only words it may hold.
    """

    key: str
    width: int
    cell: Callable[[Record, str, str], str] | None = None
    words: tuple[str, ...] = ()


def _plain(name: str) -> Callable[[Record, str, str], str]:
    return lambda record, verdict, lang: folded(str(record[name]))


def _truth(name: str) -> Callable[[Record, str, str], str]:
    return lambda record, verdict, lang: word(YES if record[name] else NO, lang)


def _owners(role: Role) -> Callable[[Record, str, str], str]:
    def cell(record: Record, verdict: str, lang: str) -> str:
        return _joined(o["text"] for o in record["owners"] if o["role"] == role)

    return cell


def _surfaces(name: str) -> Callable[[Record, str, str], str]:
    return lambda record, verdict, lang: _joined(p["text"] for p in record[name])


def _dues(record: Record, verdict: str, lang: str) -> str:
    days = [deadline["due"] or "-" for deadline in record["deadlines"]]
    return SEPARATOR.join(days) if set(days) - {"-"} else ""


def _joined(surfaces: Iterable[str]) -> str:
    return SEPARATOR.join(folded(surface) for surface in surfaces)


COLUMNS: tuple[Column, ...] = (
    Column("id", 18),
    Column("version", 6),
    Column("doc", 22),
    Column("verdict", 10, lambda record, verdict, lang: word(verdict, lang), VERDICTS),
    Column("text", 60, _plain("text")),
    Column("kind", 10, lambda record, verdict, lang: word(record["kind"], lang), KINDS),
    Column("actionable", 8, _truth("actionable"), (YES, NO)),
    Column("heading", 8, _truth("heading"), (YES, NO)),
    Column("number", 8, _plain("number")),
    Column("section", 8, _plain("section")),
    Column("item", 8, _plain("item")),
    *(Column(role, 20, _owners(role)) for role in ROLES),
    Column("deadlines", 16, _surfaces("deadlines")),
    Column("due", 13, _dues),
    Column("recurrences", 12, _surfaces("recurrences")),
    Column("metrics", 18, _surfaces("metrics")),
    Column("missing", 16),
    Column("review", 10),
    Column("ruling", 24),
    Column("annotator", 10),
    Column("confidence", 8),
    Column("start", 7),
    Column("end", 7),
)
EDITABLE = tuple(column for column in COLUMNS if column.cell)


def word(value: str, lang: str) -> str:
    """Word in the sheet for a kind, a verdict, yes or no."""
    keys = {YES: "sheet_yes", NO: "sheet_no"}
    known = labels(lang)
    return known[
        keys.get(value) or (f"kind_{value}" if value in KINDS else f"state_{value}")
    ]


def heading(column: Column, lang: str) -> str:
    """Heading of a column."""
    return labels(lang)[f"sheet_{column.key}"]


def cells(record: Record, verdict: str, lang: str) -> dict[str, str]:
    """Editable cells of an item, by column."""
    return {
        column.key: column.cell(record, verdict, lang)
        for column in EDITABLE
        if column.cell
    }


def export_sheet(database: Database, path: Path, choice: Choice, lang: str) -> int:
    """Write the items that are chosen, one a row.

    Parameters
    ----------
    database : Database
    path : Path
        ``.csv`` or ``.xlsx``.
    choice : Choice
    lang : {"zh", "en"}

    Returns
    -------
    int
        Number of rows.

    Raises
    ------
    DubanError
        E203 if the file cannot be written.
    """
    rows: list[list[str | int | float]] = []
    with database.reading() as session:
        for document in chosen(session, choice):
            rows += [_row(item, document.doc, lang) for item in document.items]
    content = _csv(rows, lang) if path.suffix.lower() == ".csv" else _xlsx(rows, lang)
    try:
        with replacing(path) as partial:
            partial.write_bytes(content)
    except OSError as error:
        reason = error.strerror or error
        raise DubanError("E203", path=path, reason=reason) from error
    return len(rows)


def _row(item: Item, doc: str, lang: str) -> list[str | int | float]:
    known = labels(lang)
    more: dict[str, str | int | float] = {
        "id": item.id,
        "version": item.version,
        "doc": folded(doc),
        "missing": SEPARATOR.join(
            known[f"missing_{m}"] for m in item.record["missing"]
        ),
        "review": known[f"state_{item.review}"],
        "ruling": _ruled(item, lang),
        "annotator": item.annotator.name if item.annotator else "",
        "confidence": "" if item.confidence is None else round(item.confidence, 2),
        "start": item.record["start"],
        "end": item.record["end"],
    }
    values = more | cells(item.record, item.verdict, lang)
    return [values[column.key] for column in COLUMNS]


def _ruled(item: Item, lang: str) -> str:
    """What a reviewer settled, in the words of the columns; only what is different."""
    if item.ruling is None:
        return ""
    known = labels(lang)
    if not item.ruling["task"]:
        return known["no_task"]
    here = cells(item.record, item.verdict, lang)
    there = cells(item.ruling["record"], ACCEPTED, lang)
    different = [
        f"{heading(column, lang)} {there[column.key] or '-'}"
        for column in EDITABLE
        if there[column.key] != here[column.key] and column.key != "verdict"
    ]
    return known["semicolon"].join(different) or known["is_task"]


def _csv(rows: Iterable[list[str | int | float]], lang: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([heading(column, lang) for column in COLUMNS])
    for row in rows:
        writer.writerow([neutral(v) if isinstance(v, str) else v for v in row])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[str | int | float]], lang: str) -> bytes:
    from xlsxwriter import Workbook

    out = io.BytesIO()
    known = labels(lang)
    with Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(known["tasks"])
        head = book.add_format(
            {"bold": True, "bg_color": "#F3E3D3", "border": 1, "text_wrap": True}
        )
        edit = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        fixed = book.add_format(
            {"text_wrap": True, "valign": "top", "font_color": "#777777"}
        )
        for place, column in enumerate(COLUMNS):
            shape = edit if column.cell else fixed
            sheet.set_column(place, place, column.width, shape)
            sheet.write_string(0, place, heading(column, lang), head)
            if column.words and rows:
                offered = [word(value, lang) for value in column.words]
                rule = {"validate": "list", "source": offered}
                sheet.data_validation(1, place, len(rows), place, rule)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                shape = edit if COLUMNS[place].cell else fixed
                if isinstance(value, str):
                    # never write(): it takes =… for a formula
                    sheet.write_string(number, place, value, shape)
                else:
                    sheet.write_number(number, place, value, shape)
        sheet.freeze_panes(1, 5)
        sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
    return out.getvalue()
