"""Excel workbooks (.xlsx): task tables, row by row, as their readers see them.

Values of formulas are those that were stored with them. Hidden sheets, which hold the
choices of drop-down lists, are left out.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
from bisect import bisect_right
from collections.abc import Iterator
from typing import Any

from lxml import etree

from extract.errors import ReadError
from extract.readers import opc, table
from extract.readers.container import Container, members
from extract.readers.draft import Draft, Place
from extract.readers.shown import shown
from extract.readers.table import Cell
from extract.readers.text import LIMIT
from extract.readers.trees import PARSING, parse, refuse_declarations

CELLS = 2_000_000
"""Most filled cells of a workbook."""

ROWS = 1_048_576
"""Most rows that a sheet can have."""

_MAIN = "xl/workbook.xml"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

_Rows = dict[int, dict[int, str]]
"""Row number -> column number -> text, filled cells only."""
_Area = tuple[int, int, int, int]
"""First column, first row, last column, last row of a merged cell, from 1."""


def read(data: bytes) -> Draft:
    """Read a workbook.

    Parameters
    ----------
    data : bytes
        The whole .xlsx file (also .xlsm).

    Returns
    -------
    Draft
        One line a row, cells parted by tabs, columns without any text left out;
        a blank line between sheets. Places are rows.

    Raises
    ------
    ReadError
        E120 behind a password, E121 damaged or no workbook, E122 too large, E123
        with a document type declaration.
    """
    merged = _merged(members(data))
    text: list[str] = []
    places: list[tuple[int, Place]] = []
    offset = 0
    for name, rows in _sheets(data):
        if text and rows:
            text.append("")
            offset += 1
        lines = table.lines(_grid(rows, merged.get(name, [])))
        for number, line in zip(sorted(rows), lines, strict=True):
            places.append((offset, Place("row", number, name)))
            text.append(line)
            offset += len(line) + 1
    return Draft("\n".join(text) + "\n" if text else "", tuple(places))


def _merged(package: Container) -> dict[str, list[_Area]]:
    """Merged areas of each sheet; parts that must not reach the library are refused."""
    for part in package.names:
        if part.lower().endswith((".xml", ".rels")):
            refuse_declarations(package.read(part), part)
    main = opc.target(package, "", "/officeDocument") or _MAIN
    parts = {relation.id: relation.part for relation in opc.relations(package, main)}
    areas = {}
    for sheet in parse(package.read(main), main).iter("{*}sheet"):
        place = parts.get(sheet.get(_LINK, ""), "")
        if place in package:
            areas[sheet.get("name", "")] = list(_areas(package.read(place), place))
    return areas


def _areas(data: bytes, part: str) -> Iterator[_Area]:
    from openpyxl.utils import range_boundaries

    try:
        events = etree.iterparse(
            io.BytesIO(data), tag=("{*}row", "{*}mergeCell"), **PARSING
        )
        for _, element in events:
            if "ref" in element.attrib:
                yield range_boundaries(element.get("ref"))
            elif int(element.get("r", "0")) > ROWS:
                raise ReadError("E121", path="", part=part)
            element.clear()
    except (etree.XMLSyntaxError, ValueError, TypeError) as error:
        raise ReadError("E121", path="", part=part) from error


def _sheets(data: bytes) -> Iterator[tuple[str, _Rows]]:
    """Name and filled cells of each sheet that is to be seen."""
    from openpyxl import load_workbook

    room = _Room()
    with warnings.catch_warnings():
        # what it could not write back does not matter here
        warnings.simplefilter("ignore")
        try:
            book = load_workbook(
                io.BytesIO(data), read_only=True, data_only=True, keep_links=False
            )
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    yield sheet.title, _filled(sheet, book.epoch, room)
        except ReadError:
            raise
        except Exception as error:
            # what damage sets off in there is not for us to list
            raise ReadError("E121", path="", part="xlsx") from error


class _Room:
    """What a workbook may still fill."""

    def __init__(self) -> None:
        self.cells, self.characters = CELLS, LIMIT

    def take(self, text: str) -> None:
        self.cells -= 1
        self.characters -= len(text)
        if self.cells < 0:
            raise ReadError("E122", path="", part="xlsx", limit=CELLS)
        if self.characters < 0:
            raise ReadError("E122", path="", part="xlsx", limit=LIMIT)


def _filled(sheet: Any, epoch: dt.datetime, room: _Room) -> _Rows:
    # stated dimensions are often wrong, the cells are not
    sheet.reset_dimensions()
    rows: _Rows = {}
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is None:
                continue
            text = shown(
                cell.value, cell.style_array.numFmtId, cell.number_format, epoch
            )
            if text:
                room.take(text)
                rows.setdefault(cell.row, {})[cell.column] = text
    return rows


def _grid(rows: _Rows, merged: list[_Area]) -> list[list[Cell]]:
    """Cells of the filled rows, in the columns that hold anything."""
    columns = sorted({column for row in rows.values() for column in row})
    numbers = sorted(rows)
    above: set[tuple[int, int]] = set()
    for left, top, _, bottom in merged:
        below = slice(bisect_right(numbers, top), bisect_right(numbers, bottom))
        above.update((number, left) for number in numbers[below])
        # areas that lie over one another, in a file made to exhaust us
        if len(above) > CELLS or len(merged) > CELLS:
            raise ReadError("E122", path="", part="xlsx", limit=CELLS)
    return [
        [
            Cell(rows[number].get(column, ""), above=(number, column) in above)
            for column in columns
        ]
        for number in numbers
    ]
