"""Excel workbooks (.xlsx): task tables, row by row, as their readers see them.

Values of formulas are those that were stored with them. Hidden sheets, which hold the
choices of drop-down lists, are left out.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Iterator
from typing import Any

from lxml import etree

from extract.errors import ReadError
from extract.readers import opc, sheets
from extract.readers.container import Container, members
from extract.readers.draft import Draft
from extract.readers.sheets import Area, Room, Rows, Sheet
from extract.readers.shown import shown
from extract.readers.trees import PARSING, parse, refuse_declarations

ROWS = 1_048_576
"""Most rows that a sheet can have."""

_MAIN = "xl/workbook.xml"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


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
    return sheets.compose(
        Sheet(name, rows, merged.get(name, [])) for name, rows in _sheets(data)
    )


def _merged(package: Container) -> dict[str, list[Area]]:
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


def _areas(data: bytes, part: str) -> Iterator[Area]:
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


def _sheets(data: bytes) -> Iterator[tuple[str, Rows]]:
    """Name and filled cells of each sheet that is to be seen."""
    from openpyxl import load_workbook

    room = Room("xlsx")
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


def _filled(sheet: Any, epoch: dt.datetime, room: Room) -> Rows:
    # stated dimensions are often wrong, the cells are not
    sheet.reset_dimensions()
    rows: Rows = {}
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
