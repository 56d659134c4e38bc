"""Quantities to reach or keep to: the words of a document in, marks of metrics out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from re import Match, Pattern
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from extract.layers import Mark
from extract.numerals import number
from extract.rulebook import VETO, Gated, Rule, gate, load

# verbs are looked up in the clause and no further than this many characters away
_REACH = 60
# cues that touch the quantity begin at most this many characters before it
_TOUCH = 36
# numerals in words up to this are mostly idiom (三个代表), above it figures (六千亩)
_FEW = 99
_QUANTITIES = ("rate", "amount", "count", "span", "share", "bare")


@dataclass(frozen=True, slots=True)
class _Quantity:
    """A number with its unit, and the clause it stands in."""

    match: Match[str]
    rule: Rule
    left: int
    near: int
    right: int

    @property
    def start(self) -> int:
        return self.match.start()

    @property
    def end(self) -> int:
        return self.match.end()


@dataclass(frozen=True, slots=True)
class _Cues:
    """The table's rules by what they do."""

    trigger: Pattern[str]
    quantities: Gated
    breaks: Pattern[str]
    any_of: dict[str, Pattern[str]]
    vetoes: dict[tuple[str, str], Pattern[str]]
    by_label: dict[str, tuple[Rule, ...]]


@cache
def _cues() -> _Cues:
    book = load("metric")
    labels = {rule.label for rule in book.rules}
    quantities = book.labelled(*_QUANTITIES)
    return _Cues(
        trigger=book["metric.trigger"].pattern,
        quantities=Gated(quantities),
        any_of={label: gate(book.labelled(label)) for label in labels},
        vetoes={
            (label, kind): gate(
                rule for rule in book.labelled(label) if _concerns(rule, kind)
            )
            for label in ("not-before", "not-after")
            for kind in _QUANTITIES
        },
        breaks=book["metric.break"].pattern,
        by_label={label: book.labelled(label) for label in labels},
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
        `label` is the relation (``ge``, ``le``, ``eq``, ``about``), `value` the pair
        ``(value, unit)``: the value counts units (万 and 亿 multiplied in), None for a
        range, a placeholder or a fraction in words; the unit is "" where none stands.
        The span leaves a preceding bound out and keeps a following one.

    Examples
    --------
    >>> [(mark.label, mark.value) for mark in find("年内新增就业1200万人以上。")]
    [('ge', (12000000.0, '人'))]
    """
    cues = _cues()
    marks = []
    for quantity in _quantities(text, cues):
        if _demanded(text, quantity, cues):
            marks.append(_mark(text, quantity, cues))
    return marks


def _quantities(text: str, cues: _Cues) -> Iterator[_Quantity]:
    breaks = [match.start() for match in cues.breaks.finditer(text)]
    done = 0
    for trigger in cues.trigger.finditer(text):
        start = trigger.start()
        if start < done:
            continue
        best: tuple[Match[str], Rule] | None = None
        for rule, match in cues.quantities.at(text, start):
            if best is None or match.end() > best[0].end():
                best = match, rule
        if best is None:
            continue
        done = best[0].end()
        index = bisect_left(breaks, start)
        left = max(breaks[index - 1] + 1 if index else 0, start - _REACH)
        index = bisect_left(breaks, done, lo=index)
        right = breaks[index] if index < len(breaks) else len(text)
        yield _Quantity(
            *best, left, near=max(left, start - _TOUCH), right=min(right, done + _REACH)
        )


def _demanded(text: str, found: _Quantity, cues: _Cues) -> bool:
    kind = found.rule.label
    touching = {"span": "limit", "bare": "reach", "share": "shrink"}.get(kind)
    if touching and not _before(touching, text, found, cues):
        # 一半以上 asks by itself, 三年以内 may be a deadline
        return kind == "share" and bool(found.match["bound"])
    if kind in ("count", "amount"):
        if found.match["words"]:
            wanted = _spelt_out(text, found, cues)
        else:
            wanted = kind == "amount" or _asked(text, found, cues)
        if not wanted:
            return False
    return not _vetoed(text, found, cues)


def _spelt_out(text: str, found: _Quantity, cues: _Cues) -> bool:
    """Tell figures in words from 两级, 四个意识, 一个, which are mostly none."""
    if _before("strong", text, found, cues):
        return True
    value = number(found.match["words"] + (found.match["scale"] or ""))
    if value is None or value == 1:
        return bool(value and found.match["bound"])
    if found.match["bound"] or value > _FEW:
        return True
    return _before("adjacent", text, found, cues)


def _asked(text: str, found: _Quantity, cues: _Cues) -> bool:
    """Tell whether a count closes its phrase or a verb asks for it."""
    if found.match["bound"] or found.end == len(text):
        return True
    if cues.any_of["final"].match(text, found.end):
        return True
    return _search("demand", text, found.left, found.start, cues) or _search(
        "after", text, found.end, found.right, cues
    )


def _vetoed(text: str, found: _Quantity, cues: _Cues) -> bool:
    kind = found.rule.label
    before, after = cues.vetoes["not-before", kind], cues.vetoes["not-after", kind]
    if before.search(text, found.near, found.start) or after.match(text, found.end):
        return True
    # a breakdown by place runs over several clauses
    around = max(0, found.left - _REACH), found.right + _REACH
    if not cues.any_of[VETO].search(text, *around):
        return False
    return any(
        match.start() <= found.start < match.end()
        for rule in cues.by_label[VETO]
        for match in rule.pattern.finditer(text, *around)
    )


def _concerns(rule: Rule, kind: str) -> bool:
    return not rule.value or kind in rule.value.split()


def _before(label: str, text: str, found: _Quantity, cues: _Cues) -> bool:
    return _search(label, text, found.near, found.start, cues)


def _search(label: str, text: str, start: int, end: int, cues: _Cues) -> bool:
    return bool(cues.any_of[label].search(text, start, end))


def _mark(text: str, found: _Quantity, cues: _Cues) -> Mark:
    match = found.match
    written = match["number"]
    value = number(written + (match["scale"] or ""))
    unit = match["unit"] or found.rule.value
    return Mark(
        found.start,
        found.end,
        found.rule.id,
        _relation(text, found, cues),
        (None if value is None else float(value), "".join(unit.split())),
    )


def _relation(text: str, found: _Quantity, cues: _Cues) -> str:
    if bound := found.match["bound"]:
        for rule in cues.by_label["bound"]:
            if rule.pattern.fullmatch(bound):
                return rule.value
    if found.match["over"]:
        return "ge"
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
