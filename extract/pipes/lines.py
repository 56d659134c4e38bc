"""Text in, its cleaned view and its lines out: headings, duty lines, chrome, text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Line, Span
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
    lines: list[Line] = []
    columns: tuple[str, ...] = ()
    for match in book.patterns["outline.line"].finditer(text):
        first, last = match.span()
        if text.find("\t", first, last) >= 0:
            cells = list(_cells(text, first, last))
            if header := _header(text, cells, book):
                columns = header
                lines.append(Line(first, last, "chrome"))
                continue
            if len(cells) == len(columns):
                lines += _row(text, cells, columns)
                continue
        for start, end in reader.parted(first, last):
            lines += reader.classified(start, end)
    for line, following in zip_longest(lines, lines[1:]):
        if line.kind == "maybe":
            # 1.工作目标 above running text is a heading, in a list it is an item
            bare = following and following.kind == "text" and not following.marker
            line.kind = "heading" if bare else "text"
    return lines


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


class _Reader:
    """Classifies the stretches of one text; the table is looked up once."""

    def __init__(self, text: str, book: rulebook.Rulebook) -> None:
        self.text = text
        self.book = book
        self.patterns = book.patterns
        self.opener = book.opener(*_MARKERS)
        self.breaks = book.patterns["outline.break"].finditer
        self.stop = book.patterns["outline.stop"].search
        self.inner = book.patterns["outline.inner-duty"].search
        self.whole = [(book[name], book.patterns[name].match) for name in _WHOLE_LINES]

    def marker(self, start: int, end: int) -> tuple[str, str, str]:
        """Enumerator that opens a place: (as written, sort, rule id) or empty."""
        if start < end and (match := self.opener.match(self.text, start, end)):
            rule = self.book.rule_of(match)
            return match[0], rule.label, rule.id
        return "", "", ""

    def parted(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Stretches of a line, cut before enumerators that should open one."""
        for match in self.breaks(self.text, start, end):
            if match.start() > start:
                yield start, match.start()
                start = match.start()
        yield start, end

    def classified(self, start: int, end: int) -> Iterator[Line]:
        """Lines of a stretch: whole ones, or duties and text taken apart."""
        text = self.text
        if text[start].isspace() and text[start:end].isspace():
            return
        for rule, ask in self.whole:
            if match := ask(text, start, end):
                stop = self.duty_end(match.end(), end)
                if rule.label == "duty" and stop < end:
                    yield Line(start, stop, "duty", rule=rule.id)
                    yield from self.classified(stop, end)
                else:
                    yield Line(start, end, rule.label, rule=rule.id)
                return
        if inner := self.inner(text, start, end):
            yield from self.prose(start, inner.start())
            yield from self.classified(inner.start(), end)
            return
        yield from self.prose(start, end)

    def duty_end(self, start: int, end: int) -> int:
        """Where a duty line stops and other words of the same line begin."""
        duty = self.patterns["outline.duty-line"].match
        for match in self.patterns["outline.stop"].finditer(self.text, start, end):
            after = match.end()
            if after < end and not duty(self.text, after, end):
                if self.marker(after, end)[0]:
                    return after
        return end

    def prose(self, start: int, end: int) -> Iterator[Line]:
        """A heading, text, or a heading with the text that runs on behind it."""
        written, sort, rule = self.marker(start, end)
        body = start + len(written)
        stop = self.stop(self.text, body, end)
        if sort in _HEADINGS:
            limit = stop.start() if stop else end
            run_in = self.patterns["outline.run-in"].search(self.text, body + 2, limit)
            if run_in:
                yield Line(start, run_in.start(), "heading", written, sort, rule)
                yield from self.prose(run_in.start(), end)
                return
            if not stop and end - start <= _LONGEST_HEADING:
                yield Line(start, end, "heading", written, sort, rule)
                return
        bare = sort == "arabic" and not stop and end - start <= _LONGEST_HEADING // 3
        yield Line(start, end, "maybe" if bare else "text", written, sort, rule)
