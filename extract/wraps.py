"""Line feeds that end a line, and those that only wrap one.

Prose out of a PDF, a scan or a web page is broken at the width of a column; whether a
line goes on in the next one is read off how the first ends and the second begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import pairwise

from extract import rulebook

# two tabs are a table's; one may stand behind an enumerator or indent a line
TABS = 2
"""So many tabs make a line the row of a table, whatever stands above it."""

# what tells at the end of a line: final punctuation and what may close after it
_ENDING = 6
# a duty line that long without a full stop goes on below
_LONG_LABEL = 36


Span = tuple[int, int]
Line = tuple[int, int, str]
"""Start and end of a line, and its words without the space around them."""


def lines(text: str) -> list[Line]:
    """Lines of a text, blank ones too."""
    found: list[Line] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        found.append((start, end, line.strip()))
        start = end + 1
    return found


def rows(text: str, found: Iterable[Line]) -> dict[int, int]:
    """Starts of the lines of tables, and how many tabs each has.

    A row that begins or ends with empty cells is known by the rows above it.
    """
    tabbed: dict[int, int] = {}
    whole = 0
    for start, end, words in found:
        tabs = text.count("\t", start, end)
        if tabs and tabs == words.count("\t"):
            tabbed[start] = whole = tabs
        elif tabs >= TABS and tabs == whole:
            tabbed[start] = tabs
    return tabbed


def wraps(
    text: str, found: Sequence[Line], tabbed: Mapping[int, int], furniture: set[Span]
) -> Iterator[Span]:
    """Line feeds that only wrap a line, with the page break that may lie between.

    Parameters
    ----------
    text : str
    found : sequence of Line
        Its `lines`.
    tabbed : mapping of int to int
        Its `rows`.
    furniture : set of (int, int)
        Page numbers and the like: on a line of its own such a thing is no line of
        the text.

    Yields
    ------
    (int, int)
        What to cut out, so that every line feed left is a real end of a line.
    """
    joins = _joins()
    width = _width(found)
    filled = [line for line in found if line[2]]
    if furniture:
        filled = [line for line in filled if line[:2] not in furniture]
    for (start, end, words), (after, _, opening) in pairwise(filled):
        if tabbed and _parted(tabbed.get(start, 0), tabbed.get(after, 0)):
            joined = False
        else:
            indented = text[after] != opening[0]
            joined = joins(words, opening, end - start, width, indented=indented)
        if joined:
            yield end, after
        elif after - end > 1:
            # blank lines say no more than one line feed does
            yield end + 1, after
    if filled and filled[0][0] > 0:
        yield 0, filled[0][0]


def _parted(tabs: int, below: int) -> bool:
    """Whether the next row of a table is not the rest of this one."""
    return max(tabs, below) >= TABS or (tabs > 0 and tabs == below)


def _width(found: Sequence[Line]) -> int:
    """Width at which the lines were wrapped, or 0 where they were not.

    Wrapped text has many lines of nearly the same, greatest length, and most of
    those stop in mid-sentence.
    """
    long = sorted([end - start for start, end, _ in found if end - start >= 18])
    if len(long) < 5:
        return 0
    top = long[int(len(long) * 0.95)]
    if top > 120:
        return 0
    ends = rulebook.load("line").patterns["line.ends-sentence"].search
    full = [words for start, end, words in found if top - 4 <= end - start <= top + 2]
    cut = sum(not ends(words) for words in full)
    return top if len(full) >= 0.35 * len(long) and cut >= 0.6 * len(full) else 0


class _Joins:
    """Whether a line goes on in the next one; the table is looked up once."""

    def __init__(self) -> None:
        book = rulebook.load("line")
        ask, lists = book.patterns, book.lists
        self.brackets = frozenset(lists["bracket"])
        self.units = frozenset(lists["unit"])
        self.openings = frozenset(lists["opening"])
        self.duty_bracket = ask["line.duty-bracket"].match
        self.heading = ask["line.heading"].fullmatch
        self.ends = ask["line.ends-sentence"].search
        self.open_bracket = ask["line.open-bracket"].search
        self.opens = ask["line.opens"].match
        self.left_open = ask["line.left-open"].search
        self.label = ask["line.label"].match
        self.number = ask["line.number"].search
        self.goes_on = ask["line.goes-on"].match
        self.unfinished = ask["line.unfinished"].search
        self.prose = ask["line.prose"].search

    def __call__(
        self, line: str, opening: str, length: int, width: int, *, indented: bool
    ) -> bool:
        """Whether a line goes on in the next one.

        Parameters
        ----------
        line, opening : str
            Both, without surrounding space.
        length : int
            Of the first, with the space.
        width : int
            At which the text was wrapped, or 0.
        indented : bool
            Whether the next line is.
        """
        first = opening[0]
        if first in self.brackets and self.duty_bracket(opening):
            return not self.heading(line)
        if self.ends(line[-_ENDING:]):
            return False
        if self.open_bracket(line):
            return True
        if self.opens(opening):
            return False
        # what leaves a line open is short too, and `re` would try it at every character
        if self.left_open(line, max(0, len(line) - _ENDING)):
            return True
        if self.label(line):
            return length >= (width - 4 if width else _LONG_LABEL)
        heading = self.heading(line)
        # 年内开工…… opens a line; only below 2026 or XX it is the rest of a date
        whole = first in self.units and not self.number(line)
        if not whole and self.goes_on(opening):
            return not heading or first not in self.openings
        if heading:
            return bool(width and length >= width - 3 and not indented)
        if width and length >= width - 4 and not indented:
            return True
        # prose that stops in mid-sentence; a short line without a comma is a title
        return bool(self.prose(opening) and self.unfinished(line))


@cache
def _joins() -> _Joins:
    return _Joins()
