"""Pages in, the measures of their text out: its edges, where its lines were wrapped."""

from __future__ import annotations

import itertools
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extract import rulebook
from extract.readers import layout
from extract.readers.layout import Line
from extract.readers.page import Page, paper

__all__ = [
    "Column",
    "alike",
    "closes",
    "column",
    "cut_off",
    "ended",
    "ends",
    "full",
    "rest_of_line",
]

# shares of an em
_SAME_EDGE = 0.5
_SLACK = 0.6
_ALIKE = 1.08
# a text whose paragraphs are indented has at least that share of indented lines
_INDENTED = 0.08
# a second edge: so many lines end there, that share of all, most in mid-sentence
_MANY = 6
_SHARE = 0.12
_CUT = 0.6
_RAGGED = 5.5
_REWRAPPED = 0.3
_REST = 4.5
_LONG = 0.5
# final punctuation, and what may close behind it
_ENDING = 6
# what may be chance
_FEW = 2


@dataclass(frozen=True, slots=True)
class Column:
    """Where text stands on a page.

    Attributes
    ----------
    left, right : float
        Its edges.
    ragged : tuple of (float, float)
        Where lines end that were wrapped before the text was set; see `_narrower`.
    leading : float
        Usual distance of two lines.
    size : float
        Usual size of type.
    indented : bool
        Whether paragraphs start with an indentation.
    rewrapped : float
        Where the second half of lines that were broken in two ends, 0 where none
        were; see `_rewrapped`.
    """

    left: float
    right: float
    ragged: tuple[float, float]
    leading: float
    size: float
    indented: bool
    rewrapped: float = 0.0


def column(pages: Sequence[Page], size_of_paper: tuple[int, int]) -> Column:
    """Measure the text column of all pages of one size.

    Parameters
    ----------
    pages : sequence of Page
        All pages of a document.
    size_of_paper : tuple of int
        Of which of them; see `extract.readers.page.paper`.

    Returns
    -------
    Column
    """
    own = [page for page in pages if paper(page) == size_of_paper]
    lines = [line for page in own for line in page.lines]
    width = float(size_of_paper[0])
    if not lines:
        return Column(0.0, width, (0.0, 0.0), 0.0, 1.0, False)
    size = _usual((line.size for line in lines), [len(line.text) for line in lines])
    body = [line for line in lines if alike(line.size, size)] or lines
    left = _left(body, size)
    right = _right(body, left, size, width)
    gaps = [
        below.y - line.y
        for page in own
        for line, below in itertools.pairwise(page.lines)
        if alike(line.size, size) and alike(below.size, size) and below.y > line.y
    ]
    leading = _usual(round(gap / size, 1) * size for gap in gaps) if gaps else 0.0
    starts = [line for line in body if 1.2 < (line.x0 - left) / size < 4.5]
    indented = len(starts) >= _INDENTED * len(body)
    ragged = _narrower(body, left, right, size)
    measured = Column(left, right, ragged, leading, size, indented)
    return replace(measured, rewrapped=_rewrapped(lines, measured))


def full(above: Line, line: Line, column: Column) -> bool:
    """Whether the first word of a line had no room on the line above."""
    room = (layout.first_word(line.text) + _SLACK) * max(above.size, line.size)
    return column.right - above.x1 < room or (
        column.ragged[0] <= above.x1 <= column.ragged[1] and cut_off(above)
    )


def ended(line: Line) -> bool:
    """Whether a line ends a sentence."""
    return ends(line.text)


def ends(text: str) -> bool:
    """Whether a text ends with the end of a sentence."""
    pattern = rulebook.load("line")["line.ends-sentence"].pattern
    return bool(pattern.search(text[-_ENDING:]))


def closes(text: str) -> bool:
    """Whether a text ends with a mark that may hang out behind the edge."""
    return unicodedata.category(text[-1:] or " ") in ("Pe", "Pf", "Po")


def cut_off(line: Line) -> bool:
    """Whether a line is prose that stops in mid-sentence."""
    book = rulebook.load("line")
    prose = book["line.prose"].pattern.search(line.text)
    return bool(prose) and not ended(line)


def alike(one: float, other: float) -> bool:
    """Whether two sizes of type are one size."""
    return max(one, other) <= _ALIKE * min(one, other)


def _usual(values: Iterable[float], weights: Sequence[int] | None = None) -> float:
    counts: Counter[float] = Counter()
    for place, value in enumerate(values):
        counts[round(value, 1)] += weights[place] if weights else 1
    # of equally frequent ones the smaller, whatever the order
    return max(counts, key=lambda value: (counts[value], -value)) or 1.0


def _left(lines: Sequence[Line], size: float) -> float:
    """Left edge: the smallest place where a fair share of the lines starts."""
    starts = Counter(round(line.x0 / size * 2) / 2 for line in lines)
    often = max(2, max(starts.values()) // 4)
    edge = min((start for start, n in starts.items() if n >= often), default=None)
    if edge is None:
        return min(line.x0 for line in lines)
    near = [line.x0 for line in lines if abs(line.x0 / size - edge) <= _SAME_EDGE]
    return min(near)


def _right(lines: Sequence[Line], left: float, size: float, width: float) -> float:
    """Right edge: where several lines stop, else as far from the paper's as the left.

    One line may stick out; where lines are wrapped, several end near the edge.
    """
    ends = sorted((line.x1 for line in lines), reverse=True)
    for end in ends:
        near = [line for line in lines if 0 <= end - line.x1 <= 1.5 * size]
        if len(near) > _FEW:
            prose = sum(cut_off(line) for line in near) >= _CUT * len(near) / 2
            return end if prose else max(end, width - left)
    return max(ends[0], width - left)


def _narrower(
    lines: Sequence[Line], left: float, right: float, size: float
) -> tuple[float, float]:
    """Where else prose was wrapped, from and to; nowhere if both are 0.

    Text that was broken into lines before it was set, as mails and plain text are,
    ends raggedly: its lines have the same number of letters, not the same width.
    """
    wide = _RAGGED * size
    long = [
        line
        for line in lines
        if line.x1 - left > _LONG * (right - left) and right - line.x1 > 2 * size
    ]
    # a few edges are tried, however many lines there are
    for edge in sorted({round(line.x1 / size) * size for line in long}, reverse=True):
        near = [line for line in long if 0 <= edge + size / 2 - line.x1 <= wide]
        if len(near) < max(_MANY, _SHARE * len(lines)):
            continue
        if sum(map(cut_off, near)) >= _CUT * len(near):
            return edge + size / 2 - wide, edge + size / 2
    return 0.0, 0.0


def _rewrapped(lines: Sequence[Line], column: Column) -> float:
    """Where the rests end of lines that were wrapped again, more narrowly; else 0.

    Behind each full line stands a short one then, and most of those stop in
    mid-sentence, which the last lines of paragraphs do not.
    """
    rests = [
        rest
        for above, rest, below in zip(lines, lines[1:], lines[2:], strict=False)
        if full(above, rest, column)
        and not full(rest, below, column)
        and not ended(above)
        and alike(above.size, rest.size)
    ]
    cut = [rest.x1 for rest in rests if not ended(rest)]
    if len(rests) < _MANY or len(cut) < _REWRAPPED * len(rests):
        return 0.0
    return statistics.median(cut)


def rest_of_line(line: Line, column: Column) -> bool:
    """Whether a line may be the second half of one that was broken in two."""
    return column.rewrapped > 0 and (
        abs(line.x1 - column.rewrapped) <= _REST * line.size
    )
