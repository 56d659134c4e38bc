"""Tasks in, an Excel workbook out: the ledger, all requirements, failed files."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Sequence
from typing import IO, TYPE_CHECKING, Any

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
# when a streamed workbook was made, so that its bytes do not tell the time
_MARK = "duban-ledger"
_EPOCH = dt.datetime(1980, 1, 1)


def encoded(
    tasks: Iterable[Task],
    lang: str,
    *,
    ledger: bool = False,
    failures: Iterable[DubanError] = (),
) -> bytes:
    """Workbook as bytes; see `extract.writers.write`.

    With `ledger` the sheet of all requirements is left out.
    """
    content = io.BytesIO()
    with TaskBook(content, lang, ledger=ledger, streaming=True) as book:
        for task in tasks:
            book.add(task)
        for error in failures:
            book.fail(error)
    return content.getvalue()


class TaskBook:
    """Workbook that takes one task after another: ledger, all requirements, failures.

    Parameters
    ----------
    target : str or binary stream
        Where it is written when the block ends.
    lang : str
        ``"zh"`` or ``"en"``.
    ledger : bool
        Without the sheet of all requirements.
    streaming : bool
        Rows go to disk as they come and memory stays flat; the same tasks give the
        same bytes.
    """

    def __init__(
        self,
        target: str | IO[bytes],
        lang: str,
        *,
        ledger: bool = False,
        streaming: bool = False,
    ) -> None:
        from xlsxwriter import Workbook

        mode = {"constant_memory": True} if streaming else {"in_memory": True}
        self._lang = lang
        self._book = Workbook(target, mode)
        # a folder that is searched for documents passes over what is marked so
        marked = {"category": _MARK}
        self._book.set_properties(marked | {"created": _EPOCH} if streaming else marked)
        formats = _formats(self._book)
        headings = [column.heading(lang) for column in COLUMNS]
        widths = [column.width for column in COLUMNS]
        # the status column comes last, and only where a task is followed up
        self._ledger = _Table(
            self._sheet("ledger"),
            [*headings, word("status", lang)],
            [*widths, _STATUS_WIDTH],
            formats,
        )
        self._all = (
            None if ledger else _Table(self._sheet("all"), headings, widths, formats)
        )
        self._failed = _Table(
            self._sheet("failed"),
            _FAILURE_HEADINGS[0 if lang == "zh" else 1],
            _FAILURE_WIDTHS,
            formats,
        )

    def __enter__(self) -> TaskBook:
        return self

    def __exit__(self, *error: object) -> None:
        for table in (self._ledger, self._all, self._failed):
            if table:
                table.finish()
        # without tasks the list still serves the first row somebody types
        choice = {"validate": "list", "source": list(statuses(self._lang))}
        place, last = len(COLUMNS), max(self._ledger.count, 1)
        self._ledger.sheet.data_validation(1, place, last, place, choice)
        self._book.close()

    def add(self, task: Task) -> None:
        """Write a task, into the ledger too if it can be supervised."""
        ((_, *cells),) = rows([task], self._lang)
        if task.actionable:
            self._ledger.add([self._ledger.count + 1, *cells, None])
        if self._all:
            self._all.add([self._all.count + 1, *cells])

    def fail(self, error: DubanError) -> None:
        """Write a document that could not be read, and why."""
        path = str(error.details.get("path", ""))
        self._failed.add([path, error.code, error.message(self._lang)])

    def _sheet(self, name: str) -> Worksheet:
        return self._book.add_worksheet(_SHEETS[name][0 if self._lang == "zh" else 1])


class _Table:
    """A sheet with a frozen header, filters and print set-up, row after row."""

    def __init__(
        self,
        sheet: Worksheet,
        headings: Sequence[str],
        widths: Sequence[int],
        formats: dict[str, Any],
    ) -> None:
        self.sheet = sheet
        self.count = 0
        self._columns = len(headings)
        self._formats = formats
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        for place, heading in enumerate(headings):
            sheet.write_string(0, place, heading, formats["head"])

    def add(self, cells: Sequence[Cell]) -> None:
        if self.count == MAX_ROWS:
            raise ValueError(f"> {MAX_ROWS:,} (Excel)")
        self.count += 1
        for place, cell in enumerate(cells):
            _write(self.sheet, self.count, place, cell, self._formats)

    def finish(self) -> None:
        sheet = self.sheet
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(self.count, 1), self._columns - 1)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&C&P / &N")


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
