"""Tasks in, an Excel workbook out: the ledger, all requirements, failed files."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from extract.errors import DubanError
from extract.task import Task
from extract.writers.columns import (
    COLUMNS,
    Cell,
    folded,
    is_formula,
    rows,
    statuses,
    word,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

MAX_ROWS = 1_048_575
"""Rows that an Excel sheet holds below its header."""
_CELL_LENGTH = 32_767
_A4 = 9
_SHEETS = {
    "ledger": ("任务台账", "Ledger"),
    "all": ("全部要求", "All requirements"),
    "failed": ("失败文件", "Failed files"),
}
_FAILURE_HEADINGS = (("文件", "代码", "原因"), ("File", "Code", "Reason"))
_FAILURE_WIDTHS = (50, 8, 90)
_STATUS_WIDTH = 10


def encoded(
    tasks: Sequence[Task],
    lang: str,
    *,
    ledger: bool = False,
    failures: Sequence[DubanError] = (),
) -> bytes:
    """Workbook as bytes; see `extract.writers.write`.

    With `ledger` the sheet of all requirements is left out.
    """
    from xlsxwriter import Workbook

    content = io.BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        formats = _formats(book)
        actionable = [task for task in tasks if task.actionable]
        sheet = _task_sheet(book, "ledger", actionable, lang, formats)
        _status_column(sheet, len(actionable), lang, formats)
        if not ledger:
            _task_sheet(book, "all", tasks, lang, formats)
        _failure_sheet(book, failures, lang, formats)
    return content.getvalue()


def _formats(book: Workbook) -> dict[str, Any]:
    cell = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#BFBFBF"}
    return {
        "head": book.add_format(
            {**cell, "bold": True, "bg_color": "#DDEBF7", "align": "center"}
        ),
        "text": book.add_format(cell),
        # stays text even when somebody edits the cell and presses Enter
        "quoted": book.add_format({**cell, "quote_prefix": True}),
        "date": book.add_format(
            {**cell, "num_format": "yyyy-mm-dd", "align": "center"}
        ),
        "share": book.add_format({**cell, "num_format": "0.00"}),
    }


def _task_sheet(
    book: Workbook,
    name: str,
    tasks: Sequence[Task],
    lang: str,
    formats: dict[str, Any],
) -> Worksheet:
    sheet = book.add_worksheet(_local(_SHEETS[name], lang))
    headings = [column.heading(lang) for column in COLUMNS]
    # the status column comes last, and only where a task is followed up
    if name == "ledger":
        headings.append(word("status", lang))
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width)
    _table(sheet, headings, rows(tasks, lang), formats)
    return sheet


def _status_column(
    sheet: Worksheet, count: int, lang: str, formats: dict[str, Any]
) -> None:
    place = len(COLUMNS)
    sheet.set_column(place, place, _STATUS_WIDTH)
    for row in range(1, count + 1):
        sheet.write_blank(row, place, None, formats["text"])
    # without tasks the list still serves the first row somebody types
    choice = {"validate": "list", "source": list(statuses(lang))}
    sheet.data_validation(1, place, max(count, 1), place, choice)


def _failure_sheet(
    book: Workbook, failures: Sequence[DubanError], lang: str, formats: dict[str, Any]
) -> None:
    sheet = book.add_worksheet(_local(_SHEETS["failed"], lang))
    for place, width in enumerate(_FAILURE_WIDTHS):
        sheet.set_column(place, place, width)
    cells: list[list[Cell]] = [
        [str(error.details.get("path", "")), error.code, error.message(lang)]
        for error in failures
    ]
    headings = _FAILURE_HEADINGS[0 if lang == "zh" else 1]
    _table(sheet, headings, cells, formats)


def _table(
    sheet: Worksheet,
    headings: Sequence[str],
    cells: Sequence[Sequence[Cell]],
    formats: dict[str, Any],
) -> None:
    if len(cells) > MAX_ROWS:
        raise ValueError(f"{len(cells):,} > {MAX_ROWS:,} (Excel)")
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, formats["head"])
    for number, row in enumerate(cells, 1):
        for place, cell in enumerate(row):
            _write(sheet, number, place, cell, formats)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(cells), 1), len(headings) - 1)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.repeat_rows(0)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C&P / &N")


def _write(
    sheet: Worksheet, row: int, place: int, cell: Cell, formats: dict[str, Any]
) -> None:
    if cell is None or cell == "":
        sheet.write_blank(row, place, None, formats["text"])
    elif isinstance(cell, dt.date):
        sheet.write_datetime(row, place, cell, formats["date"])
    elif isinstance(cell, str):
        text = folded(cell)
        if len(text) > _CELL_LENGTH:
            text = text[: _CELL_LENGTH - 1] + "…"
        style = "quoted" if is_formula(text) else "text"
        # never sheet.write(), which makes formulas and links of strings
        sheet.write_string(row, place, text, formats[style])
    else:
        style = "share" if isinstance(cell, float) else "text"
        sheet.write_number(row, place, cell, formats[style])


def _local(pair: tuple[str, str], lang: str) -> str:
    return pair[0 if lang == "zh" else 1]
