"""Lines in, candidates out: the stretches of text that could each be one task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from re import Match

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Line, Mark, Sentence, Span

_Ask = Callable[[str, int, int], Match[str] | None]


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
    outline = rulebook.load("outline")
    openings = [outline.patterns[f"outline.{name}"].match for name in _OPENINGS]
    bullet = outline.patterns["outline.bullet"].match
    enumerator = outline.opener(*_SORTS)
    cutter = _Cutter(text, {mark.start for mark in owners})
    sentences: list[Sentence] = []
    for block, line in enumerate(lines):
        if line.kind != "text":
            continue
        start = line.start
        if not line.marker:
            for opening in openings:
                if match := opening(text, start, line.end):
                    start = match.end()
        for first, tail, last in cutter.pieces(start, line.end):
            if (stretch := _trimmed(text, first, last, bullet)) is None:
                continue
            begin, end = stretch
            sentence = Sentence(begin, end, min(max(tail, begin), end))
            if match := enumerator.match(text, begin, end):
                rule = outline.rule_of(match)
                sentence.number, sentence.sort = match.span(), rule.label
                sentence.rule = rule.id
            sentence.block = block
            sentence.row = line.sort == "task"
            sentence.initial = first == start
            sentences.append(sentence)
    return sentences


def _trimmed(text: str, start: int, end: int, bullet: _Ask) -> Span | None:
    """Stretch without surrounding space and bullet; None if nothing is left."""
    while start < end and text[start].isspace():
        start += 1
    if found := bullet(text, start, end):
        start = found.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


# what may stand before a candidate on its line without belonging to it
_OPENINGS = ("salutation", "label")
_STRAIGHT = {'"'}
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


class _Cutter:
    """Cuts the lines of one text; the table is looked up once.

    Parameters
    ----------
    text : str
        `View.text`.
    subjects : set of int
        Where explicit owners begin.
    """

    def __init__(self, text: str, subjects: set[int]) -> None:
        book = rulebook.load("sentence")
        self.text = text
        self.subjects = subjects
        self.ask = {rule: pattern.match for rule, pattern in book.patterns.items()}
        self.tokens = book.patterns["sentence.token"].finditer
        self.second = book.patterns["sentence.list-goes-on"].search
        self.sorts = {
            character: name for name in _TOKENS for character in book.lists[name]
        }

    def pieces(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """(start, end of its own words, end with brackets) of each piece of a line."""
        text = self.text
        for match in self.tokens(text, start, end):
            place, stop = match.span()
            if place < start:
                continue
            boundary = self.boundary(place, stop, end)
            if not boundary:
                continue
            if text[boundary - 1] in _STRAIGHT and text.count('"', start, boundary) % 2:
                boundary -= 1  # a straight quote there opens the next sentence
            stop = self.trailing(boundary, end)
            yield start, boundary, stop
            start = stop
        if start < end:
            yield start, end, end

    def boundary(self, start: int, stop: int, end: int) -> int:
        """Offset after which the sentence ends if it ends at this token, else 0."""
        text, sort = self.text, self.sorts.get(self.text[start])
        if sort == "final":
            closers = self.ask["sentence.closers"](text, stop, end)
            return closers.end() if closers else stop
        if sort == "quote":
            if stop - start < 2 or self.sorts.get(text[stop - 2]) != "final":
                return 0
            # “天下大事必作于细。”各部门……: the quotation closes its sentence
            goes_on = self.ask["sentence.quote-goes-on"](text, stop, end)
            return 0 if goes_on else stop
        if sort == "semicolon":
            opens = self.ask["sentence.list-item"](text, stop, end)
            return stop if opens or self.new_owner(stop, end) else 0
        if sort in ("comma", "colon"):
            return stop if self.list_begins(stop, end) else 0
        return stop if sort == "column" else 0

    def list_begins(self, start: int, end: int) -> bool:
        """Whether 一是 stands there and 二是 follows."""
        if not self.ask["sentence.list-opens"](self.text, start, end):
            return False
        return bool(self.second(self.text, start, min(end, start + _LIST_REACH)))

    def new_owner(self, start: int, end: int) -> bool:
        """Whether an owner begins there, or after 对……的， or 由."""
        if start in self.subjects:
            return True
        lead_in = self.ask["sentence.lead-in"](self.text, start, end)
        return lead_in is not None and lead_in.end() in self.subjects

    def trailing(self, start: int, end: int) -> int:
        """End of the brackets that directly follow; （二） opens the next sentence."""
        while match := self.ask["sentence.bracket"](self.text, start, end):
            if self.ask["sentence.enumerator-bracket"](match[0].strip()):
                break
            start = match.end()
        return start
