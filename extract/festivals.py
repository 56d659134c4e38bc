"""A year in, its Chinese holidays out; a day and a count in, a working day out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache

_DAY = dt.timedelta(days=1)


def _lunar(month: int, day: int) -> Callable[[int], dt.date]:
    def in_year(year: int) -> dt.date:
        from lunardate import LunarDate

        solar: dt.date = LunarDate(year, month, day).to_solar_date()
        return solar

    return in_year


def _solar(month: int, day: int) -> Callable[[int], dt.date]:
    return lambda year: dt.date(year, month, day)


def _tomb_sweeping(year: int) -> dt.date:
    # the solar term 清明 by the almanac formula; it agrees with the days of the
    # holidays package in every year from 1949 to 2099
    short = year % 100
    base = 5.59 if year < 2000 else 4.81
    return dt.date(year, 4, int(short * 0.2422 + base) - short // 4)


HOLIDAYS: Mapping[str, Callable[[int], dt.date]] = {
    "newyear": _solar(1, 1),
    "spring": _lunar(1, 1),
    "lantern": _lunar(1, 15),
    "tomb": _tomb_sweeping,
    "labour": _solar(5, 1),
    "dragon": _lunar(5, 5),
    "autumn": _lunar(8, 15),
    "national": _solar(10, 1),
    "women": _solar(3, 8),
    "youth": _solar(5, 4),
    "children": _solar(6, 1),
    "party": _solar(7, 1),
    "army": _solar(8, 1),
    "teachers": _solar(9, 10),
}
"""Year -> the holiday's first day, by the name of the group in the rule table."""


def after_workdays(day: dt.date, count: int) -> dt.date | None:
    """Count Chinese working days, make-up weekends included.

    Parameters
    ----------
    day : datetime.date
        Day 0; it does not count itself.
    count : int
        How many working days to go.

    Returns
    -------
    datetime.date or None
        None if the count runs into a year whose arrangement is not known: the State
        Council announces days off and make-up days year by year.
    """
    while count > 0:
        day += _DAY
        off, makeup = _arrangement(day.year)
        if not makeup:
            return None
        count -= day in makeup or (day.weekday() < 5 and day not in off)
    return day


@cache
def _arrangement(year: int) -> tuple[frozenset[dt.date], frozenset[dt.date]]:
    # importing holidays takes 0.3 s: only documents that count working days pay
    from holidays import country_holidays

    china = country_holidays("CN", years=year)
    off = frozenset(day for day in china if day.year == year)
    # every year since 2001 has make-up days; none means that none are known yet
    makeup = frozenset(day for day in china.weekend_workdays if day.year == year)
    return off, makeup
