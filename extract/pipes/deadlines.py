"""Deadlines: the words of a document in, marks of by when or within what out."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from re import Match, Pattern
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from extract.dates import Groups, Span, resolve, stated_year
from extract.layers import Line, Mark
from extract.rule import VETO, Gated, Hit, Rule, disjoint
from extract.rulebook import load

# events and vetoes are looked for this many characters before and after a place:
# further than any of them reaches
_BEFORE = 24
_AFTER = 34
# a cue that governs a phrase stands no further in front of it
_GOVERNING = 4
# what a time is counted from stands no further in front of it
_ANCHORED = 60
# a line without enumerator, as long as this at most and no sentence, is a heading
_LONGEST_HEADING = 40


class Governing(NamedTuple):
    """A heading's year, and from where on it governs; None ends another's reign."""

    start: int
    year: int | None


@dataclass(frozen=True, slots=True)
class _Table:
    """The table's rules by what they do."""

    triggers: tuple[tuple[Pattern[str], int], ...]
    phrases: Gated
    occasion: Pattern[str]
    scanned: tuple[Rule, ...]
    vetoes: tuple[Rule, ...]
    title: Rule
    anchor: Pattern[str]
    after: Pattern[str]
    before: Pattern[str]
    boundary: Pattern[str]
    governing: Pattern[str]


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What an earlier phrase of the sentence said."""

    year: int
    due: dt.date | None


@cache
def _table() -> _Table:
    book = load("deadline")
    title, background = book["deadline.title"], book["deadline.background"]
    vetoes = book.labelled(VETO)
    phrases = (*book.labelled("date", "period", "within", "open"), background)
    scanned = {*book.lists["scanned"], *(r.id for r in book.labelled("event"))}
    return _Table(
        triggers=tuple(
            (rule.pattern, int(rule.value or 0)) for rule in book.labelled("trigger")
        ),
        phrases=Gated([rule for rule in phrases if rule.id not in scanned]),
        occasion=book["deadline.occasion"].pattern,
        scanned=tuple(rule for rule in book.rules if rule.id in scanned),
        vetoes=tuple(rule for rule in vetoes if rule not in (title, background)),
        title=title,
        anchor=book["deadline.counted-from"].pattern,
        after=book["deadline.forward-after"].pattern,
        before=book["deadline.forward-before"].pattern,
        boundary=book["deadline.boundary"].pattern,
        governing=book["deadline.governing-year"].pattern,
    )


def find(
    text: str,
    date: dt.date | None = None,
    governing: Sequence[Governing] = (),
) -> list[Mark]:
    """Mark every deadline of a text.

    Parameters
    ----------
    text : str
        Cleaned text of a whole document (`View.text`); time is linear in its length.
    date : datetime.date or None
        Reference date: the day on which the words were spoken.
    governing : sequence of Governing
        Years that headings name (`governing_years`), in order.

    Returns
    -------
    list of Mark
        In order, disjoint; label is the deadline's type, value the pair
        ``(from, due)`` of dates or None. Days that do not exist are left out.
    """
    table = _table()
    marks: list[Mark] = []
    earlier: _Earlier | None = None
    day: dt.date | None = None
    end = 0
    starts = [place.start for place in governing]
    for hit in disjoint(_hits(text, table)):
        if (earlier or day) and table.boundary.search(text, end, hit.start):
            earlier = day = None
        end = hit.end
        groups = {k: v for k, v in hit.match.groupdict().items() if v is not None}
        above = bisect_right(starts, hit.start) - 1
        year = governing[above].year if above >= 0 else None
        if date and year and year < date.year:
            year = None
        span = _dates(text, hit, groups, table, date, earlier, year, day)
        if span is None:
            continue
        value = (span.from_, span.due)
        marks.append(Mark(hit.start, hit.end, hit.rule.id, hit.rule.label, value))
        earlier = _said(groups, span, date) or earlier
        day = span.due if "day" in groups else day
    return marks


def governing_years(text: str, title: str, lines: Sequence[Line]) -> list[Governing]:
    """Years that the title and the headings of a document name for what is below.

    Parameters
    ----------
    text : str
        `View.text`.
    title : str
        The document's title: governs where no heading does.
    lines : sequence of Line
        Its lines, in order.

    Returns
    -------
    list of Governing
        A heading's year holds until the next heading of its sort or of one that was
        open before it.
    """
    pattern = _table().governing
    found = pattern.search(title)
    stack: list[tuple[str, int | None]] = [("", _year(found))]
    years = [Governing(0, stack[0][1])]
    for line in lines:
        if line.kind != "heading" and not _announces(text, line):
            continue
        sorts = [sort for sort, _ in stack[1:]]
        if not line.sort or line.sort in sorts:
            del stack[1 + (sorts.index(line.sort) if line.sort in sorts else 0) :]
        match = pattern.search(text, line.start, line.end)
        stack.append((line.sort, _year(match) or stack[-1][1]))
        if stack[-1][1] != years[-1].year:
            years.append(Governing(line.end, stack[-1][1]))
    return years if len(years) > 1 or years[0].year else []


def _year(match: Match[str] | None) -> int | None:
    """Year that was found; titles write it in digits or as 二〇二六."""
    return stated_year(match.groupdict(), None) if match else None


def _announces(text: str, line: Line) -> bool:
    """Whether a line without enumerator names a year and is no sentence."""
    if line.kind != "text" or line.marker or line.end - line.start > _LONGEST_HEADING:
        return False
    table = _table()
    return not table.boundary.search(text, line.start, line.end) and bool(
        table.governing.search(text, line.start, line.end)
    )


def _said(groups: Groups, span: Span, date: dt.date | None) -> _Earlier | None:
    """Year that later phrases of the sentence share, if this one fixes it."""
    year = stated_year(groups, date)
    # a year that stands alone (到2030年) is a goal, not the year of what follows
    if year and ("month" in groups or "end" in groups):
        return _Earlier(year, span.due)
    if "month" in groups or "quarter" in groups:
        if date and span.due and span.due.year > date.year:
            return _Earlier(span.due.year, span.due)
    return None


def _dates(
    text: str,
    hit: Hit,
    groups: dict[str, str],
    table: _Table,
    date: dt.date | None,
    earlier: _Earlier | None,
    year: int | None,
    day: dt.date | None,
) -> Span | None:
    """Resolve one phrase; `year` is the heading's."""
    method = hit.rule.value
    if earlier:
        span = resolve(method, groups, date, year=earlier.year, day=day)
        # steps come in order: 2025年12月底前…，3月底前… is March of the next year
        if not (span and span.due and earlier.due and span.due < earlier.due):
            return span
    if method == "holiday" and date and year == date.year:
        # the next Spring Festival may be meant: 2024年任务, 春节前 is early in 2025
        year = None
    if hit.rule.label == "within" and "anchored" not in groups:
        if table.anchor.search(text, max(0, hit.start - _ANCHORED), hit.start):
            groups["anchored"] = ""
    span = resolve(method, groups, date, year=year, day=day)
    if span and span.due and date and span.due < date and year is None:
        if _looks_ahead(text, hit, table):
            return resolve(method, groups, date, forward=True, day=day)
    return span


def _looks_ahead(text: str, hit: Hit, table: _Table) -> bool:
    start = max(0, hit.start - _GOVERNING)
    return bool(
        table.after.match(text, hit.end) or table.before.search(text, start, hit.start)
    )


def _hits(text: str, table: _Table) -> list[Hit]:
    """Every match of the table's rules, overlaps and vetoes included."""
    hits: list[Hit] = []
    for trigger, back in table.triggers:
        for anchor in trigger.finditer(text):
            start = anchor.start() - back
            for rule, match in table.phrases.at(text, start):
                hits.append(Hit(start, match.end(), rule, match))
    occasions = [match.start() for match in table.occasion.finditer(text)]
    hits += _scan(text, table.scanned, occasions)
    # vetoes matter only where there is something to veto
    hits += _scan(text, table.vetoes, sorted({hit.start for hit in hits}))
    for match in table.title.pattern.finditer(text):
        hits.append(Hit(match.start(), match.end(), table.title, match))
    return hits


def _scan(text: str, rules: tuple[Rule, ...], places: list[int]) -> Iterator[Hit]:
    # matches of rules near the places, which are in ascending order
    for start, end in _windows(places, len(text)):
        for rule in rules:
            for match in rule.pattern.finditer(text, start, end):
                yield Hit(match.start(), match.end(), rule, match)


def _windows(places: list[int], length: int) -> Iterator[tuple[int, int]]:
    """Stretches around places, merged where they meet."""
    start = end = -1
    for place in places:
        if place - _BEFORE > end:
            if end >= 0:
                yield start, end
            start = max(place - _BEFORE, 0)
        end = min(place + _AFTER, length)
    if end >= 0:
        yield start, end


class Deadlines:
    """Mark deadlines.

    Reads ``doc._.view``, ``doc._.lines`` and ``doc._.date``; writes
    ``doc._.deadlines``, a list of `Mark` with the deadline's type as label and
    ``(from, due)`` as value.

    Examples
    --------
    >>> import datetime
    >>> [mark] = find("6月底前完成30个小区改造。", datetime.date(2026, 3, 5))
    >>> mark.start, mark.end, mark.label, mark.value[1].isoformat()
    (0, 4, 'date', '2026-06-30')
    """

    def __call__(self, doc: Doc) -> Doc:
        """Fill ``doc._.deadlines``."""
        text = doc._.view.text
        title = doc._.speech.title if doc._.speech else ""
        years = governing_years(text, title, doc._.lines)
        doc._.deadlines = find(text, doc._.date, years)
        return doc


@Language.factory(
    "duban_deadlines",
    assigns=["doc._.deadlines"],
    requires=["doc._.view", "doc._.lines"],
)
def make_deadlines(nlp: Language, name: str) -> Deadlines:
    """Build the component of that name."""
    return Deadlines()
