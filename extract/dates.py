"""The named groups of a deadline phrase and a reference date in, calendar days out.

Pure functions. Which words mean what is said by ``rules/deadline.toml``: its rules
name the groups read here (``year``, ``month``, ``late``, ``before`` …) and, in
`value`, one of the `METHODS`. Conventions are those of official usage:

* the end of a period (月底, 季度末, 年底) is its last day; 上旬 ends on the 10th,
  中旬 on the 20th, 下旬 with the month;
* a bare period is due on its last day; "before" a whole day includes the day,
  "before" a longer period excludes the period, "before" a holiday is its eve;
* what the phrase leaves open (its year, its month) is taken from the reference
  date; without one the phrase stays unresolved.
"""

from __future__ import annotations

import calendar as _calendar
import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from extract.festivals import HOLIDAYS, after_workdays
from extract.numerals import number

Groups = Mapping[str, str | None]

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """From when and by when, both days inclusive; None where the text does not say."""

    from_: dt.date | None = None
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a phrase is read against.

    Attributes
    ----------
    reference : datetime.date or None
        Day on which the words were spoken.
    year : int or None
        Year that an earlier phrase of the sentence stated (2020年4月底前…，5月底前…).
    forward : bool
        The sentence looks ahead: a day that has passed means the next one.
    """

    reference: dt.date | None = None
    year: int | None = None
    forward: bool = False


UNRESOLVED = Span()


def resolve(
    method: str,
    groups: Groups,
    reference: dt.date | None = None,
    *,
    year: int | None = None,
    forward: bool = False,
) -> Span | None:
    """Dates of one deadline phrase.

    Parameters
    ----------
    method : str
        Key of `METHODS`: the `value` of the rule that matched.
    groups : mapping of str to str or None
        ``match.groupdict()`` of that rule.
    reference, year, forward
        See `Context`.

    Returns
    -------
    Span or None
        Empty fields for what cannot be told; None if the words name a day that does
        not exist (2月30日), and so are no date.

    Raises
    ------
    KeyError
        If there is no such method.
    """
    context = Context(reference, year, forward)
    try:
        return METHODS[method](groups, context)
    except (ValueError, OverflowError):
        return None


def stated_year(groups: Groups, reference: dt.date | None) -> int | None:
    """Year that the words themselves name, or None."""
    if written := groups.get("year"):
        return _whole(written)
    for name, shift in (
        ("this_year", 0),
        ("this_year_b", 0),
        ("next_year", 1),
        ("later_year", 2),
    ):
        if groups.get(name) and reference:
            return reference.year + shift
    return None


def _calendar_day(groups: Groups, context: Context) -> Span:
    # a year, half, quarter, month, third of a month or day
    period = _period(groups, context)
    if period is None:
        return UNRESOLVED
    due = _due(period, groups.get("before"))
    reference = context.reference
    if context.forward and reference and due < reference and _rolls(groups, context):
        later = _period(groups, context, ahead=1)
        due = _due(later, groups.get("before")) if later else due
    return Span(None, due)


def _due(period: tuple[dt.date, dt.date], before: str | None) -> dt.date:
    first, last = period
    return first - _DAY if before and first != last else last


def _rolls(groups: Groups, context: Context) -> bool:
    named = ("year", "this_year", "this_year_b", "next_year", "later_year")
    return context.year is None and not any(groups.get(name) for name in named)


def _period(
    groups: Groups, context: Context, ahead: int = 0
) -> tuple[dt.date, dt.date] | None:
    # first and last day of the period; twice its closing day if that is named
    reference = context.reference
    month_known = bool(groups.get("this_month") or groups.get("next_month"))
    lone_day = groups.get("day") and not groups.get("month") and not month_known
    if month_known or lone_day or groups.get("loose_month"):
        if reference is None:
            return None
        steps = 1 if groups.get("next_month") else 0
        # a day without its month moves on by a month, not by a year
        moved = _add_months(reference.replace(day=1), steps + ahead)
        return _in_month(moved.year, moved.month, groups)
    year = stated_year(groups, reference)
    if year is None:
        if not _rolls(groups, Context(reference, None, context.forward)):
            return None
        year = context.year or (reference.year if reference else None)
    if year is None or groups.get("some_year"):
        return None
    year += ahead
    if groups.get("month"):
        return _in_month(year, _whole(groups["month"]), groups)
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
        last = 3 * _whole(groups["quarter"])
        first = last - 2
    elif groups.get("loose_quarter"):
        if reference is None:
            return None
        last = (reference.month + 2) // 3 * 3
        first = last - 2
    closing = _last_day(year, last)
    return (closing if groups.get("end") else dt.date(year, first, 1)), closing


def _in_month(
    year: int, month: int, groups: Groups, suffix: str = ""
) -> tuple[dt.date, dt.date]:
    if written := groups.get("day" + suffix):
        day = dt.date(year, month, _whole(written))
        return day, day
    closing = _last_day(year, month)
    if groups.get("end" + suffix):
        return closing, closing
    if groups.get("early" + suffix):
        return dt.date(year, month, 1), dt.date(year, month, 10)
    if groups.get("mid" + suffix):
        return dt.date(year, month, 11), dt.date(year, month, 20)
    first = dt.date(year, month, 21 if groups.get("late" + suffix) else 1)
    return first, closing


def _range(groups: Groups, context: Context) -> Span:
    # A至B; what B leaves unsaid it shares with A
    reference = context.reference
    year = stated_year(groups, reference) or context.year
    if year is None and reference:
        year = reference.year
    month = _whole(groups["month"]) if groups.get("month") else None
    first = None
    if year is not None:
        first = _in_month(year, month or 1, groups)[0]
    year_b = _whole(groups["year_b"]) if groups.get("year_b") else year
    if year_b is None:
        return UNRESOLVED
    if groups.get("next_year_b"):
        year_b += 1
    month_b = _whole(groups["month_b"]) if groups.get("month_b") else None
    if month_b is None:
        # 5月1日至31日 stays in the month; 2017—2018年 runs to the end of the year
        month_b = month if groups.get("day_b") and month else 12
    elif month and month_b < month and year_b == year and not groups.get("year_b"):
        year_b += 1
    due = _due(_in_month(year_b, month_b, groups, "_b"), groups.get("before"))
    return Span(first, due) if first is None or first <= due else UNRESOLVED


def _since(groups: Groups, context: Context) -> Span:
    # from a day or year on, without end
    period = _period(groups, context)
    return Span(period[0], None) if period else UNRESOLVED


def _from_today(groups: Groups, context: Context) -> Span:
    # 即日起至…: from the day on which it is said
    return Span(context.reference, _calendar_day(groups, context).due)


def _plan(groups: Groups, context: Context) -> Span:
    # the first two five-year plans were not in step with the later ones
    ordinal = _whole(groups["plan"])
    start = {1: 1953, 2: 1958}.get(ordinal, 1951 + 5 * ordinal)
    last = dt.date(start + 4, 12, 31)
    return Span(None if groups.get("end") else dt.date(start, 1, 1), last)


def _century(groups: Groups, context: Context) -> Span:
    # a century ends with its hundredth year; its middle is no calendar day
    if groups.get("mid"):
        return UNRESOLVED
    if written := groups.get("century"):
        return Span(None, dt.date(100 * _whole(written), 12, 31))
    if context.reference is None:
        return UNRESOLVED
    return Span(None, dt.date((context.reference.year + 99) // 100 * 100, 12, 31))


def _within(groups: Groups, context: Context) -> Span:
    # reference + N units; nothing if the count starts at some other event
    reference = context.reference
    count = number(groups.get("count") or groups.get("count_c") or "")
    if reference is None or count is None or groups.get("anchored") is not None:
        return UNRESOLVED
    if groups.get("years") or groups.get("months") or groups.get("quarters"):
        scale = 12 if groups.get("years") else 3 if groups.get("quarters") else 1
        months, rest = divmod(count * scale, 1)
        due = _add_months(reference, int(months)) + dt.timedelta(days=round(rest * 30))
        return Span(None, due)
    if groups.get("workdays") or groups.get("count_c"):
        return Span(None, after_workdays(reference, int(count)))
    if groups.get("weeks"):
        return Span(None, reference + dt.timedelta(weeks=count))
    if groups.get("days"):
        return Span(None, reference + dt.timedelta(days=count))
    return UNRESOLVED


def _week(groups: Groups, context: Context) -> Span:
    # a day of this or next week, else the week's Sunday
    reference = context.reference
    if reference is None:
        return UNRESOLVED
    monday = reference - dt.timedelta(days=reference.weekday())
    if groups.get("next_week"):
        monday += dt.timedelta(weeks=1)
    written = groups.get("weekday")
    if groups.get("before") and not written and not groups.get("end"):
        return Span(None, monday - _DAY)
    # Sunday is the one weekday that is not named by a number
    due = monday + dt.timedelta(days=(number(written or "") or 7) - 1)
    named = groups.get("this_week") or groups.get("next_week")
    if due < reference and context.forward and not named:
        due += dt.timedelta(weeks=1)
    return Span(None, due)


def _days(groups: Groups, context: Context) -> Span:
    # a day counted from the reference day; 当日 counts from a day named elsewhere
    for name, ahead in (("today", 0), ("tomorrow", 1), ("after_tomorrow", 2)):
        if groups.get(name) and context.reference:
            return Span(None, context.reference + ahead * _DAY)
    return UNRESOLVED


def _holiday(groups: Groups, context: Context) -> Span:
    # the eve of the holiday: of the year named, else of the next one to come
    name = next(name for name in HOLIDAYS if groups.get(name))
    reference = context.reference
    if year := stated_year(groups, reference) or context.year:
        return Span(None, HOLIDAYS[name](year) - _DAY)
    if reference is None or not _rolls(groups, context):
        return UNRESOLVED
    eve = HOLIDAYS[name](reference.year) - _DAY
    if eve < reference:
        eve = HOLIDAYS[name](reference.year + 1) - _DAY
    return Span(None, eve)


def _event(groups: Groups, context: Context) -> Span:
    # an occasion or a hidden date: no day can be told
    return UNRESOLVED


METHODS: Mapping[str, Callable[[Groups, Context], Span]] = {
    "calendar": _calendar_day,
    "span": _range,
    "since": _since,
    "from_today": _from_today,
    "plan": _plan,
    "century": _century,
    "within": _within,
    "week": _week,
    "days": _days,
    "holiday": _holiday,
    "event": _event,
}


def _whole(written: str | None) -> int:
    value = number((written or "").replace(" ", ""))
    if not isinstance(value, int):
        raise ValueError(written)
    return value


def _last_day(year: int, month: int) -> dt.date:
    return dt.date(year, month, _calendar.monthrange(year, month)[1])


def _add_months(day: dt.date, months: int) -> dt.date:
    # the same day of a later month, or that month's last day where it is shorter
    years, month = divmod(day.month - 1 + months, 12)
    last = _last_day(day.year + years, month + 1)
    return last.replace(day=min(day.day, last.day))
