"""Quantities to reach or keep to: the words of a document in, marks of metrics out."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from re import Pattern
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from extract.layers import Mark, Span
from extract.numerals import number
from extract.quantities import KINDS, REACH, Quantity, Vetoes, read
from extract.rule import Rule, asked_within, gate
from extract.rulebook import load

# numerals in words up to this are mostly idiom (三个代表), above it figures (六千亩)
_FEW = 99
# so many stretches of background may begin at or before a place they reach over
_NESTED = 4
# labels of which it only matters whether any rule matches
_ASKED = ("demand", "after", "strong", "adjacent", "final", "lead", "head")


class Measure(NamedTuple):
    """What a metric says; the value of a mark.

    Attributes
    ----------
    value : float or None
        The number, multipliers worked in.
    unit : str
        As written, without blanks.
    indicator : (int, int) or None
        Where the words name what is measured, in the text that was searched.
    """

    value: float | None
    unit: str
    indicator: Span | None = None


@dataclass(frozen=True, slots=True)
class _Cues:
    """The table's rules by what they do."""

    any_of: dict[str, Pattern[str]]
    vetoes: dict[tuple[str, str], Pattern[str]]
    by_label: dict[str, tuple[Rule, ...]]
    indicator: Pattern[str]


@cache
def _cues() -> _Cues:
    book = load("metric")
    return _Cues(
        any_of={label: gate(book.labelled(label)) for label in _ASKED},
        vetoes={
            (label, kind): gate(
                rule for rule in book.labelled(label) if _concerns(rule, kind)
            )
            for label in ("not-before", "not-after")
            for kind in KINDS
        },
        by_label={label: book.labelled(label) for label in ("bound", "lead")},
        indicator=book["metric.indicator"].pattern,
    )


def find(text: str) -> list[Mark]:
    """Metrics of a text in order.

    Parameters
    ----------
    text : str
        A whole document's view, or any part of it that holds whole clauses.

    Returns
    -------
    list of Mark
        `label` is the relation (``ge``, ``le``, ``eq``, ``about``), `value` a
        `Measure`: the value counts units (万 and 亿 multiplied in), None for a range, a
        placeholder, a ratio or a fraction in words; the unit is "" where none stands.
        The span leaves a preceding bound out and keeps a following one.

    Examples
    --------
    >>> text = "确保粮食产量达到25亿斤以上。"
    >>> [mark] = find(text)
    >>> mark.label, mark.value.value, mark.value.unit, text[2:6]
    ('ge', 2500000000.0, '斤', '粮食产量')
    >>> mark.value.indicator
    (2, 6)
    """
    cues = _cues()
    quantities, vetoes = read(text)
    found = [each for each in quantities if _demanded(text, each, cues)]
    vetoed = _background(text, found, vetoes)
    return [
        _mark(text, each, cues) for each in found if not _within(each.start, vetoed)
    ]


def _demanded(text: str, found: Quantity, cues: _Cues) -> bool:
    kind = found.rule.label
    if kind in ("count", "amount"):
        if found.match["words"]:
            wanted = _spelt_out(text, found, cues)
        else:
            wanted = kind == "amount" or _asked(text, found, cues)
        if not wanted:
            return False
    return not _vetoed(text, found, cues)


def _spelt_out(text: str, found: Quantity, cues: _Cues) -> bool:
    """Tell figures in words from 两级, 四个意识, 一个, which are mostly none."""
    if _before("strong", text, found, cues):
        return True
    value = number(found.match["words"] + (found.match["scale"] or ""))
    if value is None or value == 1:
        return bool(value and found.match["bound"])
    if found.match["bound"] or value > _FEW:
        return True
    return _before("adjacent", text, found, cues)


def _asked(text: str, found: Quantity, cues: _Cues) -> bool:
    """Tell whether a count closes its phrase or a verb asks for it."""
    if found.match["bound"] or found.end == len(text):
        return True
    if cues.any_of["final"].match(text, found.end):
        return True
    return _search("demand", text, found.left, found.start, cues) or _search(
        "after", text, found.end, found.right, cues
    )


def _vetoed(text: str, found: Quantity, cues: _Cues) -> bool:
    kind = found.rule.label
    before, after = cues.vetoes["not-before", kind], cues.vetoes["not-after", kind]
    return bool(
        before.search(text, found.near, found.start) or after.match(text, found.end)
    )


def _background(text: str, found: list[Quantity], vetoes: Vetoes) -> list[Span]:
    """Stretches near the quantities in which none is a metric, in order of starts."""
    windows: list[Span] = []
    for each in found:
        start, end = max(0, each.left - REACH), each.right + REACH
        # a breakdown by place runs over several clauses
        if windows and start <= windows[-1][1]:
            start, end = windows[-1][0], max(end, windows.pop()[1])
        windows.append((start, end))
    return sorted((hit.start, hit.end) for hit in asked_within(text, *vetoes, windows))


def _within(place: int, spans: list[Span]) -> bool:
    """Whether a place lies in one of the spans, which are as short as phrases."""
    index = bisect_right(spans, place, key=itemgetter(0))
    return any(end > place for _, end in spans[max(0, index - _NESTED) : index])


def _concerns(rule: Rule, kind: str) -> bool:
    return not rule.value or kind in rule.value.split()


def _before(label: str, text: str, found: Quantity, cues: _Cues) -> bool:
    return _search(label, text, found.near, found.start, cues)


def _search(label: str, text: str, start: int, end: int, cues: _Cues) -> bool:
    return bool(cues.any_of[label].search(text, start, end))


def _mark(text: str, found: Quantity, cues: _Cues) -> Mark:
    match = found.match
    written = match["number"]
    value = number(written + (match["scale"] or ""))
    unit = match["unit"] or found.rule.value
    return Mark(
        found.start,
        found.end,
        found.rule.id,
        _relation(text, found, cues),
        Measure(
            None if value is None else float(value),
            "".join(unit.split()),
            _indicator(text, found, cues),
        ),
    )


def _indicator(text: str, found: Quantity, cues: _Cues) -> Span | None:
    """Where the quantity's own clause names what it measures."""
    if not cues.any_of["head"].search(text, found.left, found.start):
        return None
    match = cues.indicator.match(text[found.left : found.start])
    if match is None:
        return None
    start, end = match.span("indicator")
    return found.left + start, found.left + end


def _relation(text: str, found: Quantity, cues: _Cues) -> str:
    if bound := found.match["bound"]:
        for rule in cues.by_label["bound"]:
            if rule.pattern.fullmatch(bound):
                return rule.value
    if found.match["over"]:
        return "ge"
    if _before("lead", text, found, cues):
        # 不超过 holds 超过: the later rules of the table, the narrower ones, win
        for rule in reversed(cues.by_label["lead"]):
            if rule.pattern.search(text, found.near, found.start):
                return rule.value
    return "eq"


@Language.factory("duban_metrics", assigns=["doc._.metrics"], requires=["doc._.view"])
def make_metrics(nlp: Language, name: str) -> Metrics:
    """Build the component; spaCy calls this."""
    return Metrics()


class Metrics:
    """Quantities a task must reach or keep to, and no other numbers.

    Reads ``doc._.view``; writes ``doc._.metrics``, a list of `Mark` over the whole
    document: what lies outside a task is the harvest's to leave.

    Examples
    --------
    确保增长7.5%以上，新建泵站3座。 gives ``7.5%以上`` (ge) and ``3座`` (eq).
    """

    def __call__(self, doc: Doc) -> Doc:
        """Fill ``doc._.metrics``."""
        view: Any = doc._.view
        doc._.metrics = find(view.text)
        return doc
