"""Text in, its cleaned view and its lines out: headings, duty lines, chrome, text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.bodies import whole
from extract.factors import Factors
from extract.layers import Line, Span
from extract.rule import Opener, preferring
from extract.view import clean

# sorts of enumerators that head a section when no sentence follows on their line
_HEADINGS = {"part", "section", "subsection", "ordinal"}
_MARKERS = (
    "part",
    "section",
    "subsection",
    "ordinal",
    "article",
    "arabic",
    "paren",
    "circled",
    "inline",
    "adverb",
)
_LONGEST_HEADING = 90
_LONGEST_DATE = 16
_LONGEST_NAME = 24


@Language.factory("duban_view", assigns=["doc._.view"])
def make_view(nlp: Language, name: str) -> Cleaner:
    """Make a `Cleaner`."""
    return Cleaner()


class Cleaner:
    """Make the view that all later pipes read; writes ``doc._.view``."""

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        # spaCy puts the text together again from its tokens at every call
        doc._.view = clean(doc._.speech.text if doc._.speech else doc.text)
        return doc


@Language.factory("duban_lines", assigns=["doc._.lines"], requires=["doc._.view"])
def make_lines(nlp: Language, name: str) -> Lines:
    """Make a `Lines`."""
    return Lines()


class Lines:
    """Tell headings, duty lines and chrome from text.

    Reads ``doc._.view``, writes ``doc._.lines``.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        doc._.lines = find(doc._.view.text)
        return doc


def find(text: str) -> list[Line]:
    """Lines of a view, in order; blank ones left out, run-in headings cut off.

    Parameters
    ----------
    text : str
        `View.text`.

    Returns
    -------
    list of Line
        Disjoint. A line that holds a heading and sentences, or sentences and duties,
        yields one each; a text without line breaks is parted at its enumerators.
    """
    book = rulebook.load("outline")
    reader = _Reader(text, book)
    columns: tuple[str, ...] = ()
    tabbed = "\t" in text
    for match in book.patterns["outline.line"].finditer(text):
        first, last = match.span()
        if tabbed and text.find("\t", first, last) >= 0:
            cells = list(_cells(text, first, last))
            if header := _header(text, cells, book):
                columns = header
                reader.lines.append(Line(first, last, "chrome"))
                continue
            if len(cells) == len(columns):
                reader.lines += _row(text, cells, columns)
                continue
        reader.read(first, last)
    lines = reader.lines
    for place in reader.maybe:
        # 1.工作目标 above running text is a heading, in a list it is an item
        below = lines[place + 1] if place + 1 < len(lines) else None
        if below and below.kind == "text" and not below.marker:
            lines[place].kind = "heading"
    _end_matter(text, lines, book)
    return lines


def _end_matter(text: str, lines: list[Line], book: rulebook.Rulebook) -> None:
    """Make chrome of who signs above a date, and of the list of attachments."""
    dated = book.patterns["outline.signed-date"].fullmatch
    attached = book.patterns["outline.attachments"].match
    listed = False
    for above, line in pairwise(lines):
        if line.end - line.start <= _LONGEST_DATE and dated(text, line.start, line.end):
            name = text[above.start : above.end]
            if above.kind == "text" and len(name) <= _LONGEST_NAME and whole(name):
                above.kind, above.rule = "chrome", "outline.signed-date"
        if above.kind == "chrome" and not listed:
            listed = bool(attached(text, above.start, above.end))
        if listed and (listed := line.sort == "arabic"):
            line.kind, line.rule = "chrome", "outline.attachments"


def _cells(text: str, start: int, end: int) -> Iterator[Span]:
    while start <= end:
        stop = text.find("\t", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1


def _header(text: str, cells: list[Span], book: rulebook.Rulebook) -> tuple[str, ...]:
    """What the columns of a table's head mean; empty if this line is no head."""
    rules = [rule for rule in book.rules if rule.label.startswith("column:")]
    order = {rule.id: place for place, rule in enumerate(rules)}
    found = []
    for start, end in cells:
        cell = text[start:end].strip()
        found.append(next((rule for rule in rules if rule.pattern.match(cell)), None))
    meanings = [rule.label.partition(":")[2] if rule else "" for rule in found]
    tasks = [place for place, meaning in enumerate(meanings) if meaning == "task"]
    if not tasks or len(set(meanings) - {""}) < 2:
        return ()
    # one column holds the tasks: of several the one whose rule stands first
    chosen = min(tasks, key=lambda place: order[getattr(found[place], "id", "")])
    for place in tasks:
        if place != chosen:
            meanings[place] = ""
    return tuple(meanings)


def _row(text: str, cells: list[Span], columns: tuple[str, ...]) -> Iterator[Line]:
    """A table's row: its task first, then what the other cells say about it."""
    task = columns.index("task")
    ordered = sorted(
        zip(cells, columns, strict=True), key=lambda cell: cell[1] != "task"
    )
    for (start, end), meaning in ordered:
        if not meaning or not text[start:end].strip():
            continue
        if meaning == "number":
            continue
        kind = "text" if meaning == "task" else "duty"
        number = cells[columns.index("number")] if "number" in columns else (0, 0)
        written = text[slice(*number)]
        if kind == "text" and written.strip() and columns.index("number") < task:
            yield Line(*number, "row", written, "arabic", "outline.row")
        yield Line(start, end, kind, sort=meaning, rule=f"outline.column-{meaning}")


_WHOLE_LINES = ("outline.duty-line", "outline.duty-bracket", "outline.chrome")


_WHOLE = "whole"


@cache
def _opening() -> Opener:
    """Asks whether a stretch may be a whole line, else for its enumerator."""
    book = rulebook.load("outline")
    rules = [book[rule] for rule in _WHOLE_LINES]
    return Opener(preferring(_WHOLE, rules, book.union(*_MARKERS)))


@cache
def _needed() -> Factors:
    """What a stretch must hold that has duties behind its words."""
    return Factors([rulebook.load("outline").patterns["outline.inner-duty"]])


def _breaks(text: str, book: rulebook.Rulebook) -> list[int]:
    """Where enumerators should open a line of their own, last first."""
    found = book.patterns["outline.break"].finditer(text)
    # one that ends its line has nothing to enumerate
    return [m.start() for m in found if text[m.end()] != "\n"][::-1]


class _Reader:
    """Classifies the stretches of one text; the table is looked up once.

    Attributes
    ----------
    lines : list of Line
        What was read so far.
    maybe : list of int
        Which of them are headings or items, as what stands below will tell.
    """

    def __init__(self, text: str, book: rulebook.Rulebook) -> None:
        self.text = text
        self.book = book
        self.lines: list[Line] = []
        self.maybe: list[int] = []
        self.opening, self.needed = _opening().match, _needed()
        self.marker = book.opener(*_MARKERS).match
        self.breaks = _breaks(text, book)
        self.stops = book.patterns["outline.stop"]
        self.stop = self.stops.search
        self.inner = book.patterns["outline.inner-duty"].search
        self.run_in = book.patterns["outline.run-in"].search
        self.duty = book.patterns["outline.duty-line"].match
        self.whole = [(book[name], book.patterns[name].match) for name in _WHOLE_LINES]

    def read(self, start: int, end: int) -> None:
        """Classify a line, cut before enumerators that should open one."""
        while self.breaks and self.breaks[-1] < end:
            place = self.breaks.pop()
            if place > start:
                self.classify(start, place)
                start = place
        self.classify(start, end)

    def classify(self, start: int, end: int) -> None:
        """Lines of a stretch: whole ones, or duties and text taken apart."""
        text = self.text
        while start < end:
            if text[start].isspace() and text[start:end].isspace():
                return
            opening = self.opening(text, start, end)
            if opening and opening.lastgroup == _WHOLE:
                start = self.whole_line(start, end)
                continue
            stop = end
            if self.needed.within(text, start, end):
                if inner := self.inner(text, start + 1, end):
                    stop = inner.start()
                    opening = self.marker(text, start, stop)
            self.prose(start, stop, opening)
            start = stop

    def whole_line(self, start: int, end: int) -> int:
        """Add a line that is all duties or chrome; where what is left begins."""
        for rule, ask in self.whole:
            if match := ask(self.text, start, end):
                duty = rule.label == "duty"
                stop = self.duty_end(match.end(), end) if duty else end
                self.lines.append(Line(start, stop, rule.label, rule=rule.id))
                return stop
        raise AssertionError  # one of them has matched already

    def duty_end(self, start: int, end: int) -> int:
        """Where a duty line stops and other words of the same line begin."""
        for match in self.stops.finditer(self.text, start, end):
            after = match.end()
            if after < end and not self.duty(self.text, after, end):
                if self.marker(self.text, after, end):
                    return after
        return end

    def prose(self, start: int, end: int, opening: re.Match[str] | None) -> None:
        """A heading, text, or a heading with the text that runs on behind it."""
        if opening is None:
            self.lines.append(Line(start, end, "text"))
            return
        rule, kind = self.book.rule_of(opening), "text"
        body, sort = opening.end(), rule.label
        if sort in _HEADINGS:
            stop = self.stop(self.text, body, end)
            limit = stop.start() if stop else end
            if run_in := self.run_in(self.text, body + 2, limit):
                limit = run_in.start()
                line = Line(start, limit, "heading", opening[0], sort, rule.id)
                self.lines.append(line)
                self.prose(limit, end, self.marker(self.text, limit, end))
                return
            if not stop and end - start <= _LONGEST_HEADING:
                kind = "heading"
        elif sort == "arabic" and end - start <= _LONGEST_HEADING // 3:
            if not self.stop(self.text, body, end):
                self.maybe.append(len(self.lines))
        self.lines.append(Line(start, end, kind, opening[0], sort, rule.id))
