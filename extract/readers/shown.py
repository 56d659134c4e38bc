"""A spreadsheet's value in, its text out, near to what the cell shows."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

# ECMA-376 Part 1, 18.8.30: number formats 27-36 and 50-58 depend on the language. In
# Chinese they are dates and times, and no file spells them out
_MONTHS = frozenset((27, 36, 50, 52, 57))
_DAYS = frozenset((28, 29, 30, 31, 51, 53, 54, 58))
_TIMES = frozenset((32, 33, 34, 35, 55, 56))
_LITERAL = re.compile(r"\"[^\"]*\"|\\.|\[[^\]]*\]|_.")
_FIXED = re.compile(r"[#,?]*0?(?:\.(?P<decimals>[0#]+))?(?P<percent>%?)")
# how many digits a cell in the general format shows at most
_GENERAL = 11
_ESCAPED = re.compile("_x000[dD]_")


def shown(value: Any, style: int, layout: str, epoch: dt.datetime) -> str:
    """Text of a cell.

    Parameters
    ----------
    value : str, bool, int, float, date, datetime, time, timedelta or None
        As openpyxl reads it.
    style : int
        Id of the number format.
    layout : str
        The number format, such as ``"0.0%"``; ``"General"`` if it has none.
    epoch : datetime.datetime
        Day 0 of the workbook.

    Returns
    -------
    str
        Dates as 2026年6月30日 (without the day if the format shows none), percentages
        with their sign, numbers without grouping; ``""`` for errors (#N/A).
    """
    match value:
        case None:
            return ""
        case str():
            text = _ESCAPED.sub("", value).strip()
            return "" if text.startswith("#") and text in _ERRORS else text
        case bool():
            return str(value).upper()
        case dt.datetime() | dt.date():
            return _date(value, "d" in _LITERAL.sub("", layout).lower())
        case dt.time():
            return f"{value:%H:%M}"
        case int() | float():
            return _number(value, style, layout, epoch)
    return str(value)


_ERRORS = frozenset(
    ("#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!")
)


def _date(day: dt.date, whole: bool) -> str:
    if not whole:
        return f"{day.year}年{day.month}月"
    text = f"{day.year}年{day.month}月{day.day}日"
    if isinstance(day, dt.datetime) and day.time() != dt.time():
        text += f"{day:%H:%M}"
    return text


def _number(value: float, style: int, layout: str, epoch: dt.datetime) -> str:
    if style in _MONTHS | _DAYS | _TIMES:
        from openpyxl.utils.datetime import from_excel

        moment = from_excel(value, epoch)
        if style in _TIMES or isinstance(moment, dt.time):
            return f"{moment:%H:%M}"
        return _date(moment, style in _DAYS)
    fixed = _FIXED.fullmatch(_LITERAL.sub("", layout).partition(";")[0].strip())
    if fixed is None:
        return _general(value)
    decimals = len(fixed["decimals"] or "")
    if fixed["percent"]:
        return f"{value * 100:.{decimals}f}%"
    return f"{value:.{decimals}f}"


def _general(value: float) -> str:
    text = f"{value:.{_GENERAL}g}"
    # never as a power of ten, which is not how a document writes a number
    return text if "e" not in text else f"{value:f}".rstrip("0").rstrip(".")
