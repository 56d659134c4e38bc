"""Filled cells of a workbook's sheets in, a `Draft` out; limits of all workbooks."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from extract.errors import ReadError
from extract.readers import table
from extract.readers.draft import Draft, Place
from extract.readers.table import Cell
from extract.readers.text import LIMIT

__all__ = ["CELLS", "Area", "Room", "Rows", "Sheet", "compose"]

CELLS = 2_000_000
"""Most filled cells of a workbook."""

Rows = dict[int, dict[int, str]]
"""Row number -> column number -> text, filled cells only; both from 1."""
Area = tuple[int, int, int, int]
"""First column, first row, last column, last row of a merged cell, from 1."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is to be seen: its name, filled cells and merged areas."""

    name: str
    rows: Rows
    merged: list[Area]


class Room:
    """What a workbook may still fill.

    Parameters
    ----------
    part : str
        What to call the workbook in a message.
    """

    def __init__(self, part: str) -> None:
        self._part = part
        self.cells, self.characters = CELLS, LIMIT

    def take(self, text: str) -> None:
        """Count a filled cell.

        Raises
        ------
        ReadError
            E122 if there are too many of them, E106 too many characters in them.
        """
        self.cells -= 1
        self.characters -= len(text)
        if self.cells < 0:
            raise ReadError("E122", path="", part=self._part, limit=CELLS)
        if self.characters < 0:
            size = LIMIT - self.characters
            raise ReadError("E106", path="", size=size, limit=LIMIT)


def compose(sheets: Iterable[Sheet]) -> Draft:
    """One text of a workbook's sheets.

    Parameters
    ----------
    sheets : iterable of Sheet
        In the order of the workbook.

    Returns
    -------
    Draft
        One line a row, cells parted by tabs, columns without any text left out;
        a blank line between sheets. Places are rows.

    Raises
    ------
    ReadError
        E122 for merged areas without end.
    """
    text: list[str] = []
    places: list[tuple[int, Place]] = []
    offset = 0
    for sheet in sheets:
        if text and sheet.rows:
            text.append("")
            offset += 1
        lines = table.lines(_grid(sheet.rows, sheet.merged))
        for number, line in zip(sorted(sheet.rows), lines, strict=True):
            places.append((offset, Place("row", number, sheet.name)))
            text.append(line)
            offset += len(line) + 1
    return Draft("\n".join(text) + "\n" if text else "", tuple(places))


def _grid(rows: Rows, merged: list[Area]) -> list[list[Cell]]:
    """Cells of the filled rows, in the columns that hold anything."""
    columns = sorted({column for row in rows.values() for column in row})
    numbers = sorted(rows)
    above: set[tuple[int, int]] = set()
    for left, top, _, bottom in merged:
        below = slice(bisect_right(numbers, top), bisect_right(numbers, bottom))
        above.update((number, left) for number in numbers[below])
        # areas that lie over one another, in a file made to exhaust us
        if len(above) > CELLS or len(merged) > CELLS:
            raise ReadError("E122", path="", part="merged cells", limit=CELLS)
    return [
        [
            Cell(rows[number].get(column, ""), above=(number, column) in above)
            for column in columns
        ]
        for number in numbers
    ]
