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

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache

from extract.festivals import HOLIDAYS, after_workdays
from extract.numerals import number
from extract.periods import (
    DAY,
    Context,
    Groups,
    Span,
    add_months,
    closing_day,
    days_of,
    in_month,
    rolls,
    stated_year,
    whole,
)

__all__ = ["METHODS", "Context", "Groups", "Span", "resolve", "stated_year"]

UNRESOLVED = Span()


def resolve(
    method: str,
    groups: Groups,
    reference: dt.date | None = None,
    *,
    year: int | None = None,
    forward: bool = False,
    day: dt.date | None = None,
) -> Span | None:
    """Dates of one deadline phrase.

    Parameters
    ----------
    method : str
        Key of `METHODS`: the `value` of the rule that matched.
    groups : mapping of str to str or None
        ``match.groupdict()`` of that rule.
    reference, year, forward, day
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
    context = Context(reference, year, forward, day)
    return _resolved(method, tuple(groups.items()), context)


@lru_cache(maxsize=1 << 12)
def _resolved(
    method: str, groups: tuple[tuple[str, str | None], ...], context: Context
) -> Span | None:
    # a table names the same few days in line after line
    try:
        return METHODS[method](dict(groups), context)
    except (ValueError, OverflowError):
        return None


def _calendar_day(groups: Groups, context: Context) -> Span:
    # a year, half, quarter, month, third of a month or day
    period = days_of(groups, context)
    if period is None:
        return UNRESOLVED
    due = closing_day(period, groups.get("before"))
    reference = context.reference
    if context.forward and reference and due < reference and rolls(groups, context):
        later = days_of(groups, context, ahead=1)
        due = closing_day(later, groups.get("before")) if later else due
    return Span(None, due)


def _range(groups: Groups, context: Context) -> Span:
    # A至B; what B leaves unsaid it shares with A
    reference = context.reference
    if groups.get("some_year"):
        return UNRESOLVED
    year = stated_year(groups, reference) or context.year
    if year is None and reference:
        year = reference.year
    month = whole(groups["month"]) if groups.get("month") else None
    first = None
    if year is not None:
        first = in_month(year, month or 1, groups)[0]
    year_b = whole(groups["year_b"]) if groups.get("year_b") else year
    if year_b is None:
        return UNRESOLVED
    if groups.get("next_year_b"):
        year_b += 1
    month_b = whole(groups["month_b"]) if groups.get("month_b") else None
    if month_b is None:
        # 5月1日至31日 stays in the month; 2017—2018年 runs to the end of the year
        month_b = month if groups.get("day_b") and month else 12
    elif month and month_b < month and year_b == year and not groups.get("year_b"):
        year_b += 1
    due = closing_day(in_month(year_b, month_b, groups, "_b"), groups.get("before"))
    return Span(first, due) if first is None or first <= due else UNRESOLVED


def _since(groups: Groups, context: Context) -> Span:
    # from a day or year on, without end
    period = days_of(groups, context)
    return Span(period[0], None) if period else UNRESOLVED


def _from_today(groups: Groups, context: Context) -> Span:
    # 即日起至…: from the day on which it is said
    return Span(context.reference, _calendar_day(groups, context).due)


def _plan(groups: Groups, context: Context) -> Span:
    # the first two five-year plans were not in step with the later ones
    ordinal = whole(groups["plan"])
    start = {1: 1953, 2: 1958}.get(ordinal, 1951 + 5 * ordinal)
    last = dt.date(start + 4, 12, 31)
    return Span(None if groups.get("end") else dt.date(start, 1, 1), last)


def _century(groups: Groups, context: Context) -> Span:
    # a century ends with its hundredth year; its middle is no calendar day
    if groups.get("mid"):
        return UNRESOLVED
    if written := groups.get("century"):
        return Span(None, dt.date(100 * whole(written), 12, 31))
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
        due = add_months(reference, int(months)) + dt.timedelta(days=round(rest * 30))
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
        return Span(None, monday - DAY)
    # Sunday is the one weekday that is not named by a number
    due = monday + dt.timedelta(days=(number(written or "") or 7) - 1)
    named = groups.get("this_week") or groups.get("next_week")
    if due < reference and context.forward and not named:
        due += dt.timedelta(weeks=1)
    return Span(None, due)


def _days(groups: Groups, context: Context) -> Span:
    # a day counted from the reference day; 当日 is a day named elsewhere
    if groups.get("that_day"):
        return Span(None, context.day)
    for name, ahead in (("today", 0), ("tomorrow", 1), ("after_tomorrow", 2)):
        if groups.get(name) and context.reference:
            day = context.reference + ahead * DAY
            return Span(day, None) if groups.get("since") else Span(None, day)
    return UNRESOLVED


def _this_and_next(groups: Groups, context: Context) -> Span:
    # 今明两年, 今明两天: from the first of the two to the last of the second
    reference = context.reference
    if reference is None:
        return UNRESOLVED
    if groups.get("tomorrow"):
        return Span(reference, reference + DAY)
    return Span(dt.date(reference.year, 1, 1), dt.date(reference.year + 1, 12, 31))


def _holiday(groups: Groups, context: Context) -> Span:
    # the eve of the holiday: of the year named, else of the next one to come
    name = next(name for name in HOLIDAYS if groups.get(name))
    reference = context.reference
    if year := stated_year(groups, reference) or context.year:
        return Span(None, HOLIDAYS[name](year) - DAY)
    if reference is None or not rolls(groups, context):
        return UNRESOLVED
    eve = HOLIDAYS[name](reference.year) - DAY
    if eve < reference:
        eve = HOLIDAYS[name](reference.year + 1) - DAY
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
    "this_and_next": _this_and_next,
    "holiday": _holiday,
    "event": _event,
}
