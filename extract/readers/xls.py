"""Excel 97–2003 workbooks (.xls, and .et of WPS): read as newer ones are.

xlrd takes the records apart. It gets the stream that holds them and not the container
around it: what programs leave in their containers is often more than it believes.
"""

from __future__ import annotations

import datetime as dt
import io
import struct
from collections.abc import Iterator
from typing import Any

from extract.errors import ReadError
from extract.readers import sheets
from extract.readers.container import ole_stream, refuse_encrypted
from extract.readers.draft import Draft
from extract.readers.sheets import Area, Room, Rows, Sheet
from extract.readers.shown import shown

_STREAMS = ("Workbook", "Book")
# [MS-XLS] 2.4.117 and 2.3: a record of a workbook behind a password, and those that
# end where it may stand
_FILE_PASS, _GLOBALS_END = 0x2F, (0x85, 0x0A)
_RECORD = struct.Struct("<HH")


def read(data: bytes) -> Draft:
    """Read a workbook of Excel 5 to 2003.

    Parameters
    ----------
    data : bytes
        The whole file, an OLE container.

    Returns
    -------
    Draft
        As `extract.readers.xlsx.read` gives it.

    Raises
    ------
    ReadError
        E120 behind a password, E121 damaged or no workbook, E122 too large.
    """
    refuse_encrypted(data)
    stream = ole_stream(data, _STREAMS)
    if _FILE_PASS in _globals(stream):
        raise ReadError("E120", path="")
    try:
        return sheets.compose(_sheets(stream))
    except ReadError:
        raise
    except Exception as error:
        # what damage sets off in the library is not for us to list
        raise ReadError("E121", path="", part="xls") from error


def _globals(stream: bytes) -> set[int]:
    """Kinds of the records in front of the list of sheets."""
    found: set[int] = set()
    place = 0
    while place + _RECORD.size <= len(stream):
        kind, length = _RECORD.unpack_from(stream, place)
        if kind in _GLOBALS_END:
            break
        found.add(kind)
        place += _RECORD.size + length
    return found


def _sheets(stream: bytes) -> Iterator[Sheet]:
    import xlrd
    from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

    room = Room("xls")
    with xlrd.open_workbook(
        file_contents=stream,
        # it tells what it mends, on standard output if it is not told otherwise
        logfile=io.StringIO(),
        formatting_info=True,
        ragged_rows=True,
        on_demand=True,
    ) as book:
        epoch = MAC_EPOCH if book.datemode else WINDOWS_EPOCH
        for number in range(book.nsheets):
            sheet = book.sheet_by_index(number)
            if sheet.visibility == 0:
                rows = _filled(sheet, epoch, room)
                yield Sheet(sheet.name, rows, _merged(sheet))
            book.unload_sheet(number)


def _merged(sheet: Any) -> list[Area]:
    # counted from 0, and up to the row and column behind the last one
    return [
        (left + 1, top + 1, right, bottom)
        for top, bottom, left, right in sheet.merged_cells
    ]


def _filled(sheet: Any, epoch: dt.datetime, room: Room) -> Rows:
    rows: Rows = {}
    for number in range(sheet.nrows):
        for place, cell in enumerate(sheet.row(number)):
            if text := _text(cell, sheet.book, epoch):
                room.take(text)
                rows.setdefault(number + 1, {})[place + 1] = text
    return rows


def _text(cell: Any, book: Any, epoch: dt.datetime) -> str:
    """What a cell shows."""
    import xlrd

    value = cell.value
    style = book.xf_list[cell.xf_index].format_key
    layout = book.format_map[style].format_str
    match cell.ctype:
        case xlrd.XL_CELL_DATE:
            return _date(value, style, layout, epoch)
        case xlrd.XL_CELL_BOOLEAN:
            value = bool(value)
        case xlrd.XL_CELL_TEXT | xlrd.XL_CELL_NUMBER:
            pass
        case _:
            # errors, and blank cells with a format
            value = None
    return shown(value, style, layout, epoch)


def _date(value: float, style: int, layout: str, epoch: dt.datetime) -> str:
    from openpyxl.utils.datetime import from_excel

    try:
        spelt = layout != "General"
        return shown(from_excel(value, epoch) if spelt else value, style, layout, epoch)
    except (ValueError, OverflowError):
        # Excel shows a row of # for a number that is no date
        return ""
