"""Text in, its cleaned view and its lines out: headings, duty lines, chrome, text."""

from __future__ import annotations

from collections.abc import Iterator

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
    lines: list[Line] = []
    columns: tuple[str, ...] = ()
    for match in book["outline.line"].pattern.finditer(text):
        if "\t" in match[0]:
            cells = list(_cells(text, match.start(), match.end()))
            if header := _header(text, cells, book):
                columns = header
                lines.append(Line(match.start(), match.end(), "chrome"))
                continue
            if len(cells) == len(columns):
                lines += _row(text, cells, columns)
                continue
        for start, end in _parted(text, match.start(), match.end(), book):
            lines += _classified(text, start, end, book)
    for line, following in zip(lines, [*lines, None][1:], strict=True):
        if line.kind == "maybe":
            # 1.工作目标 above running text is a heading, in a list it is an item
            bare = following is not None and following.kind == "text"
            bare = bare and following is not None and not following.marker
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
    meanings = []
    for start, end in cells:
        cell = text[start:end].strip()
        meaning = next(
            (
                rule.label.partition(":")[2]
                for rule in book.rules
                if rule.label.startswith("column:") and rule.pattern.match(cell)
            ),
            "",
        )
        meanings.append(meaning)
    known = {meaning for meaning in meanings if meaning}
    return tuple(meanings) if "task" in known and len(known) > 1 else ()


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
        number = cells[columns.index("number")] if "number" in columns else None
        if kind == "text" and number and columns.index("number") < task:
            yield Line(*number, "row", text[slice(*number)], "arabic", "outline.row")
        yield Line(start, end, kind, sort=meaning, rule=f"outline.column-{meaning}")


def marker(
    text: str, start: int, end: int, book: rulebook.Rulebook
) -> tuple[str, str, str]:
    """Enumerator that opens a place: (as written, sort, rule id) or empty strings."""
    if match := book.union(*_MARKERS).match(text, start, end):
        rule = book.rule_of(match)
        return match[0], rule.label, rule.id
    return "", "", ""


def _parted(
    text: str, start: int, end: int, book: rulebook.Rulebook
) -> Iterator[tuple[int, int]]:
    for match in book["outline.break"].pattern.finditer(text, start, end):
        if match.start() > start:
            yield start, match.start()
            start = match.start()
    yield start, end


def _classified(
    text: str, start: int, end: int, book: rulebook.Rulebook
) -> Iterator[Line]:
    if text[start:end].isspace():
        return
    for name in ("outline.duty-line", "outline.duty-bracket", "outline.chrome"):
        rule = book[name]
        if match := rule.pattern.match(text, start, end):
            stop = _duty_end(text, match.end(), end, book)
            if rule.label == "duty" and stop < end:
                yield Line(start, stop, "duty", rule=rule.id)
                yield from _classified(text, stop, end, book)
            else:
                yield Line(start, end, rule.label, rule=rule.id)
            return
    if inner := book["outline.inner-duty"].pattern.search(text, start, end):
        yield from _text(text, start, inner.start(), book)
        yield from _classified(text, inner.start(), end, book)
        return
    yield from _text(text, start, end, book)


def _duty_end(text: str, start: int, end: int, book: rulebook.Rulebook) -> int:
    """Where a duty line stops and other words of the same line begin."""
    duty, stop = book["outline.duty-line"], book["outline.stop"]
    for match in stop.pattern.finditer(text, start, end):
        after = match.end()
        if after < end and not duty.pattern.match(text, after, end):
            if marker(text, after, end, book)[0]:
                return after
    return end


def _text(text: str, start: int, end: int, book: rulebook.Rulebook) -> Iterator[Line]:
    written, sort, rule = marker(text, start, end, book)
    body = start + len(written)
    stop = book["outline.stop"].pattern.search(text, body, end)
    if sort in _HEADINGS:
        limit = stop.start() if stop else end
        run_in = book["outline.run-in"].pattern.search(text, body + 2, limit)
        if run_in:
            yield Line(start, run_in.start(), "heading", written, sort, rule)
            yield from _text(text, run_in.start(), end, book)
            return
        if not stop and end - start <= _LONGEST_HEADING:
            yield Line(start, end, "heading", written, sort, rule)
            return
    bare = sort == "arabic" and not stop and end - start <= _LONGEST_HEADING // 3
    yield Line(start, end, "maybe" if bare else "text", written, sort, rule)
