"""A period in words (a year, quarter, month, third of one, day) in, its days out.

Pure functions over the named groups of ``rules/deadline.toml``; the conventions are
told in `extract.dates`, which is the module to call.
"""

from __future__ import annotations

import calendar as _calendar
import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from extract.numerals import number

Groups = Mapping[str, str | None]

DAY = dt.timedelta(days=1)


class Span(NamedTuple):
    """From when and by when, both days inclusive; None where the text does not say."""

    from_: dt.date | None = None
    due: dt.date | None = None


class Context(NamedTuple):
    """What a phrase is read against.

    Attributes
    ----------
    reference : datetime.date or None
        Day on which the words were spoken.
    year : int or None
        Year that an earlier phrase of the sentence stated (2020年4月底前…，5月底前…)
        or a heading above it (2020年重点任务).
    forward : bool
        The sentence looks ahead: a day that has passed means the next one.
    day : datetime.date or None
        Day that an earlier phrase of the sentence named (6月9日前…，并于当日…).
    """

    reference: dt.date | None = None
    year: int | None = None
    forward: bool = False
    day: dt.date | None = None


def stated_year(groups: Groups, reference: dt.date | None) -> int | None:
    """Year that the words themselves name, or None."""
    if written := groups.get("year"):
        return whole(written)
    for name, shift in (
        ("this_year", 0),
        ("this_year_b", 0),
        ("next_year", 1),
        ("later_year", 2),
    ):
        if groups.get(name) and reference:
            return reference.year + shift
    return None


def closing_day(period: tuple[dt.date, dt.date], before: str | None) -> dt.date:
    """Day a period is due: its last; before a longer one, the day in front of it."""
    first, last = period
    return first - DAY if before and first != last else last


def rolls(groups: Groups, context: Context) -> bool:
    """Whether nothing says which year is meant, so that the next one may be."""
    named = ("year", "this_year", "this_year_b", "next_year", "later_year")
    return context.year is None and not any(groups.get(name) for name in named)


def days_of(
    groups: Groups, context: Context, ahead: int = 0
) -> tuple[dt.date, dt.date] | None:
    """First and last day of the period; twice its closing day if that is named.

    Parameters
    ----------
    groups, context
        See `extract.dates.resolve`.
    ahead : int
        So many years later (months, where only a day is named).

    Returns
    -------
    pair of datetime.date or None
        None if the words and the reference date do not fix it.

    Raises
    ------
    ValueError, OverflowError
        For a day that no calendar has.
    """
    reference = context.reference
    month_known = bool(groups.get("this_month") or groups.get("next_month"))
    lone_day = groups.get("day") and not groups.get("month") and not month_known
    if month_known or lone_day or groups.get("loose_month"):
        if reference is None:
            return None
        steps = 1 if groups.get("next_month") else 0
        # a day without its month moves on by a month, not by a year
        moved = add_months(reference.replace(day=1), steps + ahead)
        return in_month(moved.year, moved.month, groups)
    year = stated_year(groups, reference)
    if year is None:
        if not rolls(groups, Context(reference, None, context.forward)):
            return None
        year = context.year or (reference.year if reference else None)
    if year is None or groups.get("some_year"):
        return None
    year += ahead
    if groups.get("month"):
        return in_month(year, whole(groups["month"]), groups)
    return _part_of_year(year, groups, reference)


def _part_of_year(
    year: int, groups: Groups, reference: dt.date | None
) -> tuple[dt.date, dt.date] | None:
    first, last = 1, 12
    if groups.get("first_half"):
        last = 6
    elif groups.get("second_half"):
        first = 7
    elif groups.get("quarter"):
        last = 3 * whole(groups["quarter"])
        first = last - 2
    elif groups.get("loose_quarter"):
        if reference is None:
            return None
        last = (reference.month + 2) // 3 * 3
        first = last - 2
    closing = last_day(year, last)
    return (closing if groups.get("end") else dt.date(year, first, 1)), closing


def in_month(
    year: int, month: int, groups: Groups, suffix: str = ""
) -> tuple[dt.date, dt.date]:
    """First and last day of what `groups` name of a month: a day, third or its end.

    `suffix` is ``"_b"`` for the groups of a range's second half.
    """
    if written := groups.get("day" + suffix):
        day = dt.date(year, month, whole(written))
        return day, day
    closing = last_day(year, month)
    if groups.get("end" + suffix):
        return closing, closing
    if groups.get("early" + suffix):
        return dt.date(year, month, 1), dt.date(year, month, 10)
    if groups.get("mid" + suffix):
        return dt.date(year, month, 11), dt.date(year, month, 20)
    first = dt.date(year, month, 21 if groups.get("late" + suffix) else 1)
    return first, closing


def whole(written: str | None) -> int:
    """Whole number as written, blanks inside allowed; ValueError for any other."""
    value = number((written or "").replace(" ", ""))
    if not isinstance(value, int):
        raise ValueError(written)
    return value


def last_day(year: int, month: int) -> dt.date:
    """Last day of a month."""
    return dt.date(year, month, _calendar.monthrange(year, month)[1])


def add_months(day: dt.date, months: int) -> dt.date:
    """Same day of a later month, or that month's last day where it is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    last = last_day(day.year + years, month + 1)
    return last.replace(day=min(day.day, last.day))
