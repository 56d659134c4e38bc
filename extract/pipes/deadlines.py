"""Deadlines: the words of a document in, marks of by when or within what out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import Pattern

from spacy.language import Language
from spacy.tokens import Doc

from extract.dates import Span, resolve, stated_year
from extract.layers import Mark
from extract.rulebook import VETO, Gated, Hit, Rule, disjoint, load

# events and vetoes are looked for this many characters before and after a place:
# further than any of them reaches
_BEFORE = 24
_AFTER = 34
# a cue that governs a phrase stands no further in front of it
_GOVERNING = 4


@dataclass(frozen=True, slots=True)
class _Table:
    """The table's rules by what they do."""

    trigger: Pattern[str]
    phrases: Gated
    occasion: Pattern[str]
    events: tuple[Rule, ...]
    vetoes: tuple[Rule, ...]
    title: Rule
    after: Pattern[str]
    before: Pattern[str]
    boundary: Pattern[str]


@cache
def _table() -> _Table:
    book = load("deadline")
    title, background = book["deadline.title"], book["deadline.background"]
    vetoes = book.labelled(VETO)
    phrases = (*book.labelled("date", "period", "within", "open"), background)
    return _Table(
        trigger=book["deadline.trigger"].pattern,
        phrases=Gated(phrases),
        occasion=book["deadline.occasion"].pattern,
        events=book.labelled("event"),
        vetoes=tuple(rule for rule in vetoes if rule not in (title, background)),
        title=title,
        after=book["deadline.forward-after"].pattern,
        before=book["deadline.forward-before"].pattern,
        boundary=book["deadline.boundary"].pattern,
    )


def find(text: str, date: dt.date | None = None) -> list[Mark]:
    """Mark every deadline of a text.

    Parameters
    ----------
    text : str
        Cleaned text of a whole document (`View.text`); time is linear in its length.
    date : datetime.date or None
        Reference date: the day on which the words were spoken.

    Returns
    -------
    list of Mark
        In order, disjoint; label is the deadline's type, value the pair
        ``(from, due)`` of dates or None. Days that do not exist are left out.
    """
    table = _table()
    marks: list[Mark] = []
    earlier: tuple[int, dt.date | None] | None = None
    end = 0
    for hit in disjoint(_hits(text, table)):
        if earlier and table.boundary.search(text, end, hit.start):
            earlier = None
        end = hit.end
        groups = hit.match.groupdict()
        span = _dates(text, hit, table, date, earlier)
        if span is None:
            continue
        value = (span.from_, span.due)
        marks.append(Mark(hit.start, hit.end, hit.rule.id, hit.rule.label, value))
        year = stated_year(groups, date)
        # a year that stands alone (到2030年) is a goal, not the year of what follows
        if year and (groups.get("month") or groups.get("end")):
            earlier = (year, span.due)
    return marks


def _dates(
    text: str,
    hit: Hit,
    table: _Table,
    date: dt.date | None,
    earlier: tuple[int, dt.date | None] | None,
) -> Span | None:
    """Resolve one phrase; `earlier` is the year and due day of one before it."""
    groups = hit.match.groupdict()
    if earlier:
        span = resolve(hit.rule.value, groups, date, year=earlier[0])
        # steps come in order: 2025年12月底前…，3月底前… is March of the next year
        if not (span and span.due and earlier[1] and span.due < earlier[1]):
            return span
    start = max(0, hit.start - _GOVERNING)
    forward = bool(
        table.after.match(text, hit.end) or table.before.search(text, start, hit.start)
    )
    return resolve(hit.rule.value, groups, date, forward=forward)


def _hits(text: str, table: _Table) -> list[Hit]:
    """Every match of the table's rules, overlaps and vetoes included."""
    hits: list[Hit] = []
    for anchor in table.trigger.finditer(text):
        start = anchor.start()
        for rule, match in table.phrases.at(text, start):
            hits.append(Hit(start, match.end(), rule, match))
    occasions = [match.start() for match in table.occasion.finditer(text)]
    hits += _scan(text, table.events, occasions)
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

    Reads ``doc._.view`` and ``doc._.date``; writes ``doc._.deadlines``, a list of
    `Mark` with the deadline's type as label and ``(from, due)`` as value.

    Examples
    --------
    >>> import datetime
    >>> [mark] = find("6月底前完成30个小区改造。", datetime.date(2026, 3, 5))
    >>> mark.start, mark.end, mark.label, mark.value[1].isoformat()
    (0, 4, 'date', '2026-06-30')
    """

    def __call__(self, doc: Doc) -> Doc:
        """Fill ``doc._.deadlines``."""
        doc._.deadlines = find(doc._.view.text, doc._.date)
        return doc


@Language.factory(
    "duban_deadlines", assigns=["doc._.deadlines"], requires=["doc._.view"]
)
def make_deadlines(nlp: Language, name: str) -> Deadlines:
    """Build the component of that name."""
    return Deadlines()
