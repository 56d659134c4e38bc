"""Lines and candidates in; each candidate's place in the document out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Line, Sentence, Span

# 一、 holds （一） holds 1. holds （1） holds ①; all other enumerators float: they
# nest under whatever is open when they start
_RANKS = {
    "part": 0,
    "section": 1,
    "subsection": 2,
    "arabic": 3,
    "paren": 4,
    "circled": 5,
}
_SECTIONS = {"part", "section", "subsection", "ordinal"}
_LONGEST_TITLE = 60


@dataclass(slots=True)
class _Level:
    sort: str
    marker: Span
    title: str
    heading: bool
    initial: bool
    span: Span
    phase: Span | None = None

    def __post_init__(self) -> None:
        if phase := _phase()(self.title):
            # the title is the span's text, or its beginning
            start = self.span[0] + phase.start()
            self.phase = (start, start + len(phase[0]))


@cache
def _phase() -> Callable[[str], re.Match[str] | None]:
    return rulebook.load("outline").patterns["outline.phase"].search


@Language.factory(
    "duban_outline",
    assigns=["doc._.sentences"],
    requires=["doc._.view", "doc._.lines", "doc._.sentences"],
)
def make_outline(nlp: Language, name: str) -> Outline:
    """Make an `Outline`."""
    return Outline()


class Outline:
    """Give every candidate its section, item, path, group and zones.

    A stack of open enumerators, outermost first: an enumerator of a sort that is open
    closes everything down to it, another one opens below what outranks it.

    Reads ``doc._.view``, ``doc._.lines``, ``doc._.sentences``; completes the latter.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        arrange(doc._.view.text, doc._.lines, doc._.sentences)
        return doc


def arrange(text: str, lines: list[Line], sentences: list[Sentence]) -> None:
    """Fill ``section``, ``item``, ``path``, ``heading`` and ``group`` in place.

    Parameters
    ----------
    text : str
        `View.text`.
    lines : list of Line
        All lines; headings open levels.
    sentences : list of Sentence
        The candidates, in order.
    """
    closing = rulebook.load("outline").patterns["outline.closing"].match
    stack: list[_Level] = []
    group = 0
    following = iter(sentences)
    sentence = next(following, None)
    end = 0
    numbered = False
    for block, line in enumerate(lines):
        if line.sort == "task" and "\n" in text[end : line.start]:
            # a table's row without a number of its own: the empty cell before it is
            # merged with the number above, or the table has no numbers
            if not numbered or text[line.start - 1] != "\t":
                stack[:] = [level for level in stack if level.heading]
            group += 1
        elif numbered and not line.sort and line.kind in ("text", "chrome"):
            # the table is over, and so are its items
            stack[:] = [level for level in stack if level.heading]
            numbered = False
        end = line.end
        if line.kind == "heading":
            title = text[line.start : line.end]
            marker = (line.start, line.start + len(line.marker))
            span = (line.start, line.end)
            _open(stack, _Level(line.sort, marker, title, True, True, span))
            group += 1
        if line.kind == "row":
            numbered = True
            span = (line.start, line.end)
            _open(stack, _Level(line.sort, span, line.marker, False, True, span))
            group += 1
        before: Sentence | None = None
        while sentence is not None and sentence.block == block:
            if before and not (sentence.initial or sentence.number or before.number):
                _follow(sentence, before)
            else:
                if sentence.initial and not sentence.number:
                    if stack and not stack[-1].heading:
                        _end_items(stack, bool(closing(text, sentence.start)))
                if sentence.number:
                    _open(stack, _numbered(text, sentence))
                free = sentence.initial and (sentence.number or not _item(stack))
                group += bool(free or sentence.sort in _RANKS)
                _place(sentence, stack, group)
            before, sentence = sentence, next(following, None)
    _announce(sentences)
    _end_lists(sentences)


def _numbered(text: str, sentence: Sentence) -> _Level:
    """Level that a numbered sentence opens."""
    start, end = sentence.start, sentence.end
    title = text[start : min(end, start + _LONGEST_TITLE)]
    marker = sentence.number or (start, start)
    return _Level(sentence.sort, marker, title, False, sentence.initial, (start, end))


def _open(stack: list[_Level], level: _Level) -> None:
    if level.heading:
        # a heading ends every list that floats
        kept = [open_ for open_ in stack if open_.heading or open_.sort in _RANKS]
        stack[:] = kept
    sorts = [open_.sort for open_ in stack]
    if level.sort in sorts:
        del stack[sorts.index(level.sort) :]
    elif level.sort in _RANKS:
        rank = _RANKS[level.sort]
        for place, open_ in enumerate(stack):
            # a floating item gives way to a new formal list, but may hold （1）（2）
            floating = open_.sort not in _RANKS and not open_.heading
            outranked = _RANKS.get(open_.sort, -1) >= rank
            if outranked or (floating and rank <= _RANKS["arabic"] and level.initial):
                del stack[place:]
                break
    stack.append(level)


def _end_items(stack: list[_Level], closes: bool) -> None:
    """Close items that a new paragraph does not continue."""
    while stack and not stack[-1].heading:
        # 一是…二是… inside one paragraph end with it; an item that opened its own
        # paragraph goes on until something closes it
        if stack[-1].initial and not closes:
            break
        stack.pop()


def _item(stack: list[_Level]) -> Span | None:
    if not stack or stack[-1].sort == "part":
        return None
    if stack[-1].heading and stack[-1].sort in _SECTIONS:
        return None
    return stack[-1].marker


def _section(stack: list[_Level]) -> Span | None:
    inner = ""
    for level in reversed(stack):
        if level.sort in ("part", "section"):
            return level.marker
        if level.heading and level.sort in _SECTIONS:
            return level.marker
        # a sentence numbered （三） heads the 1. 2. below it, but not its 一是 二是
        if level.sort == "subsection" and inner in _RANKS:
            return level.marker
        inner = level.sort
    return None


def _place(sentence: Sentence, stack: list[_Level], group: int) -> None:
    above = stack
    sentence.section = _section(stack)
    if sentence.number:
        above = stack[:-1]
        sentence.item, sentence.outer = sentence.number, _item(above)
    else:
        sentence.item = _item(stack)
    sentence.path = tuple([level.title for level in above])
    sentence.group = group
    for level in reversed(above):
        if level.phase:
            sentence.phase = level.phase
            break


def _follow(sentence: Sentence, before: Sentence) -> None:
    """Let a sentence stand where the one before does."""
    sentence.section, sentence.item = before.section, before.item
    sentence.path, sentence.phase = before.path, before.phase
    sentence.group = before.group


def _announce(sentences: list[Sentence]) -> None:
    """Mark numbered sentences that others of the same item, or a list, follow."""
    for sentence, after in pairwise(sentences):
        if not sentence.number:
            continue
        deeper = len(after.path) > len(sentence.path)
        sentence.heading = deeper and (
            not after.number or after.path[-1][:20] == _title(sentence, after)
        )


def _title(sentence: Sentence, after: Sentence) -> str:
    return after.path[len(sentence.path)][:20]


def _end_lists(sentences: list[Sentence]) -> None:
    """Let the last item of a floating list end where its siblings did.

    一是…。二是…。三是…。 of one paragraph each: what follows in further paragraphs
    answers the whole list, not 三是. Without two such siblings nothing is known.
    """
    runs: dict[tuple[str, ...], list[int]] = {}
    for place, sentence in enumerate(sentences):
        if sentence.number and sentence.sort not in _RANKS:
            runs.setdefault((*sentence.path, sentence.sort), []).append(place)
    for places in runs.values():
        heads = [sentences[place] for place in places]
        enough = 1 if heads[0].sort == "adverb" else 3
        if len(heads) < enough or not all(head.initial for head in heads):
            continue
        lengths = [after.block - head.block for head, after in pairwise(heads)]
        if max(lengths, default=1) > 1:
            continue
        last = heads[-1]
        for sentence in sentences[places[-1] + 1 :]:
            if sentence.number or sentence.item != last.item:
                break
            if sentence.block > last.block:
                sentence.item = last.outer
                sentence.path = last.path
