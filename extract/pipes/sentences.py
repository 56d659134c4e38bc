"""Lines in, candidates out: the stretches of text that could each be one task."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Line, Mark, Sentence


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
    outline, book = rulebook.load("outline"), rulebook.load("sentence")
    openings = [outline[f"outline.{name}"].pattern for name in _OPENINGS]
    subjects = {mark.start for mark in owners}
    sentences: list[Sentence] = []
    for block, line in enumerate(lines):
        if line.kind != "text":
            continue
        start = line.start
        for opening in openings:
            if not line.marker and (match := opening.match(text, start, line.end)):
                start = match.end()
        for first, tail, last in _split(text, start, line.end, book, subjects):
            if candidate := _candidate(text, first, tail, last, outline):
                candidate.block = block
                candidate.row = line.sort == "task"
                candidate.initial = first == start
                sentences.append(candidate)
    return sentences


def _candidate(
    text: str, start: int, tail: int, end: int, outline: rulebook.Rulebook
) -> Sentence | None:
    while start < end and text[start].isspace():
        start += 1
    if bullet := outline["outline.bullet"].pattern.match(text, start, end):
        start = bullet.end()
    while end > start and text[end - 1].isspace():
        end -= 1
    if start >= end:
        return None
    sentence = Sentence(start, end, min(max(tail, start), end))
    if match := outline.union(*_SORTS).match(text, start, end):
        rule = outline.rule_of(match)
        sentence.number, sentence.sort = match.span(), rule.label
        sentence.rule = rule.id
    return sentence


# what may stand before a candidate on its line without belonging to it
_OPENINGS = ("salutation", "label")
_STRAIGHT = {'"'}
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


def _split(
    text: str, start: int, end: int, book: rulebook.Rulebook, subjects: set[int]
) -> Iterator[tuple[int, int, int]]:
    """(start, end of its own words, end with brackets) of each piece of a line."""
    token = book["sentence.token"].pattern
    for match in token.finditer(text, start, end):
        place = match.end()
        if place <= start or match.start() < start:
            continue
        boundary = _boundary(text, match[0], match.start(), end, book, subjects)
        if not boundary:
            continue
        if text[boundary - 1] in _STRAIGHT and text.count('"', start, boundary) % 2:
            boundary -= 1  # a straight quote there opens the next sentence
        stop = _trailing(text, boundary, end, book)
        yield start, boundary, stop
        start = stop
    if start < end:
        yield start, end, end


def _boundary(
    text: str,
    token: str,
    start: int,
    end: int,
    book: rulebook.Rulebook,
    subjects: set[int],
) -> int:
    """Offset after which the sentence ends if it ends at this token, else 0."""
    stop = start + len(token)
    if token[0] in book.lists["final"]:
        closers = book["sentence.closers"].pattern.match(text, stop, end)
        return closers.end() if closers else stop
    if token in book.lists["comma"]:
        return stop if _list_begins(text, stop, end, book) else 0
    if token in book.lists["semicolon"]:
        opens = book["sentence.list-item"].pattern.match(text, stop, end)
        return stop if opens or _new_owner(text, stop, end, book, subjects) else 0
    if token in book.lists["colon"]:
        return stop if _list_begins(text, stop, end, book) else 0
    if token in book.lists["column"]:
        return stop
    if token[0] in book.lists["quote"] and token[-2:-1] in book.lists["final"]:
        # “天下大事必作于细。”各部门……: the quotation closes its sentence
        goes_on = book["sentence.quote-goes-on"].pattern.match(text, stop, end)
        return 0 if goes_on else stop
    return 0


# a list's second item begins no further from its first: keeps the search linear
_LIST_REACH = 1500


def _list_begins(text: str, start: int, end: int, book: rulebook.Rulebook) -> bool:
    """Whether 一是 stands there and 二是 follows."""
    if not book["sentence.list-opens"].pattern.match(text, start, end):
        return False
    reach = min(end, start + _LIST_REACH)
    return bool(book["sentence.list-goes-on"].pattern.search(text, start, reach))


def _new_owner(
    text: str, start: int, end: int, book: rulebook.Rulebook, subjects: set[int]
) -> bool:
    """Whether an owner begins there, or after 对……的， or 由."""
    lead_in = book["sentence.lead-in"].pattern.match(text, start, end)
    place = lead_in.end() if lead_in else start
    return start in subjects or place in subjects


def _trailing(text: str, start: int, end: int, book: rulebook.Rulebook) -> int:
    """End of the brackets that directly follow; （二） opens the next sentence."""
    bracket = book["sentence.bracket"].pattern
    while match := bracket.match(text, start, end):
        if book["sentence.enumerator-bracket"].pattern.match(match[0].strip()):
            break
        start = match.end()
    return start
