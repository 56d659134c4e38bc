"""Lines in, candidates out: the stretches of text that could each be one task."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Line, Mark, Sentence
from extract.rule import Opener, gate, preferring


@Language.factory(
    "duban_sentences",
    assigns=["doc._.sentences"],
    requires=["doc._.view", "doc._.lines", "doc._.owners"],
)
def make_sentences(nlp: Language, name: str) -> Sentences:
    """Make a `Sentences`."""
    return Sentences()


class Sentences:
    """Cut text lines into candidates.

    A candidate ends at 。！？, at the end of its line, and at ； or ： where a new
    enumerator or a new owner follows; never inside quotes, brackets or numbers. A
    bracket that directly follows belongs to it.

    Reads ``doc._.view``, ``doc._.lines`` and ``doc._.owners``; writes
    ``doc._.sentences``.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        doc._.sentences = find(doc._.view.text, doc._.lines, doc._.owners)
        return doc


def find(text: str, lines: list[Line], owners: Sequence[Mark] = ()) -> list[Sentence]:
    """Candidates of a view, in order and disjoint.

    Parameters
    ----------
    text : str
        `View.text`.
    lines : list of Line
        Its lines; only those of kind ``text`` are cut.
    owners : sequence of Mark
        Explicit owners; one that begins after ； begins a candidate.
    """
    cutter = _Cutter(text, {mark.start for mark in owners})
    for block, line in enumerate(lines):
        if line.kind == "text":
            cutter.cut(block, line)
    return cutter.sentences


# what may stand before a candidate on its line without belonging to it
_OPENINGS = ("outline.salutation", "outline.label")
# what may directly follow final punctuation, or any, and belong to the candidate
_FOLLOWING = ("sentence.closers", "sentence.bracket")
_BULLET = "bullet"
_STRAIGHT = '"'
# lists of the table: what a token that opens with one of their characters may do
_TOKENS = ("final", "comma", "semicolon", "colon", "column", "quote")
_SORTS = (
    "part",
    "section",
    "subsection",
    "article",
    "ordinal",
    "arabic",
    "paren",
    "circled",
    "inline",
    "adverb",
)


# a list's second item begins no further from its first: keeps the search linear
_LIST_REACH = 1500


class _Grammar:
    """The tables, looked up once for all texts."""

    def __init__(self) -> None:
        book, outline = rulebook.load("sentence"), rulebook.load("outline")
        self.ask = {rule: pattern.match for rule, pattern in book.patterns.items()}
        self.tokens = book.patterns["sentence.token"].finditer
        self.second = book.patterns["sentence.list-goes-on"].search
        self.sorts = {
            character: name for name in _TOKENS for character in book.lists[name]
        }
        self.closers = book.patterns["sentence.closers"]
        self.bracket = book.patterns["sentence.bracket"]
        self.may_follow = Opener(gate([book[rule] for rule in _FOLLOWING])).may
        openings = [outline[rule] for rule in _OPENINGS]
        self.opening = gate(openings).match
        self.openings = [rule.pattern.match for rule in openings]
        self.rule_of = outline.rule_of
        self.number = outline.opener(*_SORTS).match
        bullet, numbers = [outline["outline.bullet"]], outline.union(*_SORTS)
        self.beginning = preferring(_BULLET, bullet, numbers)
        self.may_begin = Opener(self.beginning).may


@cache
def _grammar() -> _Grammar:
    return _Grammar()


class _Cutter:
    """Cuts the lines of one text.

    Parameters
    ----------
    text : str
        `View.text`.
    subjects : set of int
        Where explicit owners begin.

    Attributes
    ----------
    sentences : list of Sentence
        What was cut so far.
    """

    def __init__(self, text: str, subjects: set[int]) -> None:
        self.text = text
        self.subjects = subjects
        self.grammar = _grammar()
        self.sentences: list[Sentence] = []
        # of the line at hand: where its words begin, its number, whether it is a row
        self.first = self.block = 0
        self.row = False

    def opened(self, start: int, end: int) -> int:
        """Where a line begins behind a salutation and a label."""
        grammar = self.grammar
        if grammar.opening(self.text, start, end):
            for opening in grammar.openings:
                if match := opening(self.text, start, end):
                    start = match.end()
        return start

    def cut(self, block: int, line: Line) -> None:
        """Cut a line into candidates."""
        text, grammar, end = self.text, self.grammar, line.end
        start = line.start if line.marker else self.opened(line.start, end)
        self.first, self.block, self.row = start, block, line.sort == "task"
        sorts, may_follow = grammar.sorts, grammar.may_follow
        for match in grammar.tokens(text, start, end):
            place, tail = match.span()
            if place < start:
                continue
            sort = sorts.get(text[place])
            if sort != "final" and not self.parts(sort, tail, end):
                continue
            stop = tail
            if sort == "quote" or (tail < end and may_follow[text[tail]]):
                tail, stop = self.followed(start, tail, end, closed=sort == "final")
            self.add(start, tail, stop)
            start = stop
        if start < end:
            self.add(start, end, end)

    def add(self, start: int, tail: int, end: int) -> None:
        """Add a candidate, if space and a bullet are not all that is there."""
        text = self.text
        initial = start == self.first
        while end > start and text[end - 1].isspace():
            end -= 1
        number = None
        while start < end and text[start].isspace():
            start += 1
        if start < end and self.grammar.may_begin[text[start]]:
            start, number = self.begun(start, end)
        if start >= end:
            return
        if not start <= tail <= end:
            tail = max(start, min(tail, end))
        sentence = Sentence(start, end, tail)
        sentence.block, sentence.row, sentence.initial = self.block, self.row, initial
        if number is not None:
            rule = self.grammar.rule_of(number)
            sentence.number = number.span()
            sentence.sort, sentence.rule = rule.label, rule.id
        self.sentences.append(sentence)

    def begun(self, start: int, end: int) -> tuple[int, re.Match[str] | None]:
        """Where a candidate begins behind a bullet, and its enumerator."""
        text, grammar = self.text, self.grammar
        number = grammar.beginning.match(text, start, end)
        if number is not None and number.lastgroup == _BULLET:
            start = number.end()
            number = grammar.number(text, start, end) if start < end else None
        return start, number

    def followed(
        self, start: int, tail: int, end: int, *, closed: bool
    ) -> tuple[int, int]:
        """Ends of a candidate without and with what directly follows its token."""
        text, grammar = self.text, self.grammar
        if closed and (closers := grammar.closers.match(text, tail, end)):
            tail = closers.end()
        if text[tail - 1] == _STRAIGHT and text.count(_STRAIGHT, start, tail) % 2:
            tail -= 1  # a straight quote there opens the next sentence
        return tail, self.trailing(tail, end)

    def parts(self, sort: str | None, stop: int, end: int) -> bool:
        """Whether the sentence ends after a token that may also stand inside of it."""
        text, grammar = self.text, self.grammar
        if sort == "quote":
            if grammar.sorts.get(text[stop - 2]) != "final":
                return False
            # “天下大事必作于细。”各部门……: the quotation closes its sentence
            return not grammar.ask["sentence.quote-goes-on"](text, stop, end)
        if sort == "semicolon":
            opens = grammar.ask["sentence.list-item"](text, stop, end)
            return opens is not None or self.new_owner(stop, end)
        if sort in ("comma", "colon"):
            return self.list_begins(stop, end)
        return sort == "column"

    def list_begins(self, start: int, end: int) -> bool:
        """Whether 一是 stands there and 二是 follows."""
        grammar = self.grammar
        if not grammar.ask["sentence.list-opens"](self.text, start, end):
            return False
        return bool(grammar.second(self.text, start, min(end, start + _LIST_REACH)))

    def new_owner(self, start: int, end: int) -> bool:
        """Whether an owner begins there, or after 对……的， or 由."""
        grammar = self.grammar
        if start in self.subjects:
            return True
        lead_in = grammar.ask["sentence.lead-in"](self.text, start, end)
        return lead_in is not None and lead_in.end() in self.subjects

    def trailing(self, start: int, end: int) -> int:
        """End of the brackets that directly follow; （二） opens the next sentence."""
        grammar = self.grammar
        while start < end and (match := grammar.bracket.match(self.text, start, end)):
            if grammar.ask["sentence.enumerator-bracket"](match[0].strip()):
                break
            start = match.end()
        return start
