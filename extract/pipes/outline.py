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
    """An open enumerator, and what it gives to those who stand in it.

    The document itself is the outermost level; it has no enumerator.
    """

    sort: str
    marker: Span | None
    title: str
    heading: bool
    initial: bool
    start: int
    item: Span | None = None
    path: tuple[str, ...] = ()
    phase: Span | None = None
    section: Span | None = None
    # the section of levels in it whose sort has a rank
    ranked: Span | None = None

    def stand_in(self, outer: _Level) -> None:
        """Take over what an outer level gives."""
        sort, marker, title = self.sort, self.marker, self.title
        headed = self.heading and sort in _SECTIONS
        self.item = None if headed or sort == "part" else marker
        self.path, self.phase = (*outer.path, title), outer.phase
        if phase := _phase()(title):
            # the title is the text from the start on, or its beginning
            self.phase = (self.start + phase.start(), self.start + phase.end())
        above = outer.ranked if sort in _RANKS else outer.section
        own = headed or sort in ("part", "section")
        self.section = marker if own else above
        # a sentence numbered （三） heads the 1. 2. below it, but not its 一是 二是
        self.ranked = marker if own or sort == "subsection" else above


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
    stack = [_Level("", None, "", True, True, 0)]
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
                _keep(stack, [level for level in stack if level.heading])
            group += 1
        elif numbered and not line.sort and line.kind in ("text", "chrome"):
            # the table is over, and so are its items
            _keep(stack, [level for level in stack if level.heading])
            numbered = False
        end = line.end
        if line.kind == "heading":
            _open(stack, _headed(text, line))
            group += 1
        elif line.kind == "row":
            numbered = True
            _open(stack, _headed(text, line))
            group += 1
        before: Sentence | None = None
        while sentence is not None and sentence.block == block:
            if before and not (sentence.initial or sentence.number or before.number):
                _follow(sentence, before)
            else:
                if sentence.initial and not sentence.number:
                    if not stack[-1].heading:
                        _end_items(stack, bool(closing(text, sentence.start)))
                if sentence.number:
                    _open(stack, _numbered(text, sentence))
                free = sentence.initial and (sentence.number or not stack[-1].item)
                group += bool(free or sentence.sort in _RANKS)
                _place(sentence, stack, group)
            before, sentence = sentence, next(following, None)
    _announce(sentences)
    _end_lists(sentences)


def _headed(text: str, line: Line) -> _Level:
    """Level that a heading opens, or the number of a table's row."""
    start, end = line.start, line.end
    if line.kind == "row":
        marker, title = (start, end), line.marker
    else:
        marker, title = (start, start + len(line.marker)), text[start:end]
    return _Level(line.sort, marker, title, line.kind == "heading", True, start)


def _numbered(text: str, sentence: Sentence) -> _Level:
    """Level that a numbered sentence opens."""
    start = sentence.start
    title = text[start : min(sentence.end, start + _LONGEST_TITLE)]
    return _Level(sentence.sort, sentence.number, title, False, sentence.initial, start)


def _keep(stack: list[_Level], kept: list[_Level]) -> None:
    """Close all levels but these."""
    if len(kept) < len(stack):
        stack[:] = kept
        for outer, level in pairwise(stack):
            level.stand_in(outer)


def _open(stack: list[_Level], level: _Level) -> None:
    sort = level.sort
    if level.heading:
        # a heading ends every list that floats
        _keep(
            stack, [open_ for open_ in stack if open_.heading or open_.sort in _RANKS]
        )
    for place, open_ in enumerate(stack):
        if open_.sort == sort:
            del stack[place:]
            break
    else:
        _outrank(stack, level)
    level.stand_in(stack[-1])
    stack.append(level)


def _outrank(stack: list[_Level], level: _Level) -> None:
    """Close what cannot hold a level of a sort that is not open."""
    if level.sort not in _RANKS:
        return
    rank = _RANKS[level.sort]
    for place, open_ in enumerate(stack):
        # a floating item gives way to a new formal list, but may hold （1）（2）
        floating = open_.sort not in _RANKS and not open_.heading
        outranked = _RANKS.get(open_.sort, -1) >= rank
        if outranked or (floating and rank <= _RANKS["arabic"] and level.initial):
            del stack[place:]
            break


def _end_items(stack: list[_Level], closes: bool) -> None:
    """Close items that a new paragraph does not continue."""
    while not stack[-1].heading:
        # 一是…二是… inside one paragraph end with it; an item that opened its own
        # paragraph goes on until something closes it
        if stack[-1].initial and not closes:
            break
        stack.pop()


def _place(sentence: Sentence, stack: list[_Level], group: int) -> None:
    """Give a sentence what the levels that are open say of it."""
    level = stack[-1]
    sentence.section = level.section
    if sentence.number:
        # it stands in the level outside its own
        level = stack[-2]
        sentence.item, sentence.outer = sentence.number, level.item
    else:
        sentence.item = level.item
    sentence.path, sentence.phase = level.path, level.phase
    sentence.group = group


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
