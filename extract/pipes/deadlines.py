"""Deadlines: the words of a document in, marks of by when or within what out."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from re import Pattern
from typing import NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from extract.dates import Groups, Span, resolve, stated_year
from extract.followers import Followers
from extract.governing import Governing, governing_years
from extract.joint import share
from extract.layers import Mark
from extract.rule import VETO, Asks, Hit, Rule, any_matches, asked_within, disjoint
from extract.rulebook import load
from extract.sieve import Share

# a veto that is longer than the phrase it is about, and asked with phrases
_BACKGROUND = "deadline.background"

# events and vetoes are looked for this many characters before and after a place:
# further than any of them reaches
_BEFORE = 24
_AFTER = 34
# a cue that governs a phrase stands no further in front of it
_GOVERNING = 4
# what a time is counted from stands no further in front of it
_ANCHORED = 60


class _Opening(NamedTuple):
    """What to ask at a place, by when.

    Phrases are asked where a trigger stands, occasions and titles (what is `named`)
    everywhere, events and vetoes near what these find.
    """

    trigger: Asks
    named: Asks
    event: Asks
    veto: Asks


@dataclass(frozen=True, slots=True)
class _Table:
    """The table's rules by what they do."""

    share: Share[_Opening]
    phrases: Followers
    blind: Mapping[str, Rule]
    anchor: Pattern[str]
    after: Pattern[str]
    before: Pattern[str]
    boundary: Pattern[str]


@dataclass(frozen=True, slots=True)
class _Earlier:
    """What an earlier phrase of the sentence said."""

    year: int
    due: dt.date | None


@cache
def _table() -> _Table:
    book = load("deadline")
    blind = {rule.value for rule in book.labelled("occasion")}
    scanned = book.lists["scanned"]
    events = [r for r in book.rules if r.label == "event" or r.id in scanned]
    phrases = (*book.labelled("date", "period", "within", "open"), book[_BACKGROUND])
    return _Table(
        share=share("deadline", _opening),
        phrases=Followers(
            [rule for rule in phrases if rule not in events],
            book.parts["mm"],
            # the year and the month read too
            f"{book.parts['mm']}|{book.parts['loose']}",
        ),
        blind={rule.id: rule for rule in events if rule.id in blind},
        anchor=book["deadline.counted-from"].pattern,
        after=book["deadline.forward-after"].pattern,
        before=book["deadline.forward-before"].pattern,
        boundary=book["deadline.boundary"].pattern,
    )


def _opening(rules: Sequence[Rule]) -> _Opening:
    duties = [(_duty(rule), (rule, rule.pattern.match)) for rule in rules]
    return _Opening(
        *[tuple([ask for of, ask in duties if of == duty]) for duty in _Opening._fields]
    )


def _duty(rule: Rule) -> str:
    """What a rule is asked for: a field of `_Opening`, or "phrase"."""
    if rule.id == _BACKGROUND:
        return "phrase"
    if rule.label == "occasion" or rule.value == "title":
        return "named"
    return rule.label if rule.label in ("trigger", VETO) else "event"


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
    titles: list[Hit] = []
    occasions: dict[str, list[int]] = {}
    places, asked = table.share.openings(text, 0, len(text))
    for place, (triggers, named, _, _) in zip(places, asked, strict=True):
        if triggers and any_matches(triggers, text, place):
            for rule, ask in table.phrases.at(text, place):
                if match := ask(text, place):
                    hits.append(Hit(place, match.end(), rule, match))
        for rule, ask in named:
            if not (match := ask(text, place)):
                continue
            if rule.label != VETO:
                occasions.setdefault(rule.value, []).append(place)
            elif not titles or place >= titles[-1].end:
                titles.append(Hit(place, match.end(), rule, match))
    if occasions:
        events = [opening.event for opening in asked]
        hits += _events(text, table, occasions, places, events)
    if hits:
        # vetoes matter only where there is something to veto
        windows = _windows(sorted({hit.start for hit in hits}), len(text))
        vetoes = [opening.veto for opening in asked]
        hits += asked_within(text, places, vetoes, windows)
    return hits + titles


def _events(
    text: str,
    table: _Table,
    occasions: Mapping[str, list[int]],
    places: Sequence[int],
    asked: Sequence[Asks],
) -> Iterator[Hit]:
    """Matches near occasions of rules to ask there, or to search for there."""
    for name in sorted(occasions):
        windows = _windows(occasions[name], len(text))
        if not name:
            yield from asked_within(text, places, asked, windows)
            continue
        rule = table.blind[name]
        for start, end in windows:
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
