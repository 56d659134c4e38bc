"""Glyphs of a page in, its lines in reading order out.

What a PDF or OFD page holds is characters at places. Units do not matter as long as a
document keeps to one; every threshold is a share of the size of the type (em).
"""

from __future__ import annotations

import itertools
import statistics
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter

__all__ = [
    "CELL_GAP",
    "Glyph",
    "Line",
    "first_word",
    "join",
    "lines",
    "typeset",
    "wide",
]

# shares of an em
_SAME_LINE = 0.5
_DOUBLE = 0.12
_WORD_GAP = 0.15
_MIXED_GAP = 0.45
_WIDE_GAP = 0.95
# between letters, a letter and an ideograph, ideographs
_GAPS = (_WORD_GAP, _MIXED_GAP, _WIDE_GAP)
# a space between ideographs, where the others of the line stand closer
_SPACED = 0.42
_COLUMN_GAP = 1.4
CELL_GAP = 0.4
"""Narrowest blank between two cells of a table, in ems."""
# a gutter that separates two columns of text runs along at least that many lines,
# and the lines beside it are that full
_COLUMN_LINES = 6
_COLUMN_FILL = 0.6


_OPENING, _CLOSING = ("Ps", "Pi"), ("Pe", "Pf", "Po")


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character on a page: extent, baseline (y grows downwards), size of type."""

    text: str
    x0: float
    x1: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line of type.

    Attributes
    ----------
    text : str
        Without white space at its ends, which counts as indentation.
    x0, x1 : float
        Where its first character starts and its last one ends.
    y : float
        Baseline, from the top of the page.
    size : float
        Size of most of its type: an em.
    page : int
        From 0.
    parts : int
        How many pieces with wide gaps between them it is made of.
    gaps : tuple of (int, float, float)
        Wherever it leaves blank what may part two cells of a table: where the text
        behind it starts, and the edges of the type around it.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int = 0
    parts: int = 1
    gaps: tuple[tuple[int, float, float], ...] = ()


def lines(glyphs: Iterable[Glyph], page: int = 0) -> list[Line]:
    """Lines of one page, from top to bottom, column by column where there are two.

    Parameters
    ----------
    glyphs : iterable of Glyph
        In any order.
    page : int
        What the lines carry as `Line.page`.

    Returns
    -------
    list of Line
        None is blank.
    """
    rows = [_once(row) for row in _rows(glyphs)]
    pieces = [_pieces(row) for row in rows]
    ordered = _columns(pieces)
    return [line for row in ordered if (line := typeset(row, page))]


def _rows(glyphs: Iterable[Glyph]) -> list[list[Glyph]]:
    """Glyphs of one baseline each, small shifts of raised type included."""
    rows: list[list[Glyph]] = []
    anchors: list[Glyph] = []
    for glyph in sorted(glyphs, key=attrgetter("y", "x0")):
        if anchors and abs(glyph.y - anchors[-1].y) < _SAME_LINE * max(
            glyph.size, anchors[-1].size
        ):
            rows[-1].append(glyph)
            # the baseline is that of the largest type, not of a footnote mark
            if glyph.size > anchors[-1].size * 1.2:
                anchors[-1] = glyph
        else:
            rows.append([glyph])
            anchors.append(glyph)
    return [sorted(row, key=attrgetter("x0")) for row in rows]


def _once(row: list[Glyph]) -> list[Glyph]:
    """Without the second impression of type that is made bold by printing it twice."""
    kept: list[Glyph] = []
    for glyph in row:
        near = [
            other
            for other in kept[-3:]
            if other.text == glyph.text
            and abs(other.x0 - glyph.x0) < _DOUBLE * glyph.size
        ]
        if not near or glyph.text.isspace():
            kept.append(glyph)
    return kept


def _pieces(row: list[Glyph]) -> list[list[Glyph]]:
    """Parts of a row with a wide gap between them."""
    pieces: list[list[Glyph]] = []
    end = 0.0
    for glyph in row:
        if glyph.text.isspace():
            # white space may be a gap itself, and only type counts
            if pieces:
                pieces[-1].append(glyph)
            continue
        if pieces and glyph.x0 - end < _COLUMN_GAP * glyph.size:
            pieces[-1].append(glyph)
        else:
            pieces.append([glyph])
        end = glyph.x1
    return pieces


def _columns(rows: list[list[list[Glyph]]]) -> list[list[Glyph]]:
    """Rows in reading order; runs of rows in two columns left column first."""
    ordered: list[list[Glyph]] = []
    run: list[list[list[Glyph]]] = []
    for row in [*rows, []]:
        if len(row) == 2 and (not run or _gutter([*run, row])):
            run.append(row)
            continue
        ordered += _unfolded(run)
        run = [row] if len(row) == 2 else []
        if row and not run:
            ordered.append([glyph for piece in row for glyph in piece])
    return ordered


def _gutter(run: list[list[list[Glyph]]]) -> bool:
    left = max(row[0][-1].x1 for row in run)
    return left < min(row[1][0].x0 for row in run)


def _unfolded(run: list[list[list[Glyph]]]) -> list[list[Glyph]]:
    if len(run) >= _COLUMN_LINES and all(
        _filled([row[side] for row in run]) for side in (0, 1)
    ):
        return [row[0] for row in run] + [row[1] for row in run]
    return [row[0] + row[1] for row in run]


def _filled(column: Sequence[list[Glyph]]) -> bool:
    """Whether pieces are lines of running text and not cells of a table."""
    widths = [piece[-1].x1 - piece[0].x0 for piece in column]
    return (
        statistics.median(widths) > _COLUMN_FILL * max(widths)
        and max(len(piece) for piece in column) > 12
    )


def typeset(row: list[Glyph], page: int = 0) -> Line | None:
    """One line of the glyphs of a row, sorted by x; None if it is blank.

    A space is set where the type leaves a gap that its letters need: between Latin
    words, and between Chinese characters only where a whole one would fit in.
    """
    seen = [glyph for glyph in row if not glyph.text.isspace()]
    if not seen:
        return None
    sizes = [glyph.size for glyph in seen if wide(glyph.text)]
    size = statistics.median(sizes or [glyph.size for glyph in seen]) or 1.0
    gaps = [(glyph.x0 - before.x1) / size for before, glyph in itertools.pairwise(seen)]
    usual = statistics.median(gaps) if gaps else 0.0
    spaces = {
        id(glyph)
        for space, glyph in itertools.pairwise(row)
        if space.text.isspace() and not glyph.text.isspace()
    }
    text = seen[0].text
    blanks: list[tuple[int, float, float]] = []
    for (before, glyph), gap in zip(itertools.pairwise(seen), gaps, strict=True):
        spaced = id(glyph) in spaces
        text += _space(before.text, glyph.text, gap, gap - usual, spaced)
        if gap > CELL_GAP:
            blanks.append((len(text), before.x1, glyph.x0))
        text += glyph.text
    baseline = statistics.median(glyph.y for glyph in seen)
    return Line(
        text,
        seen[0].x0,
        seen[-1].x1,
        baseline,
        size,
        page,
        1 + sum(gap > _COLUMN_GAP for gap in gaps),
        tuple(blanks),
    )


def _space(before: str, after: str, gap: float, beyond: float, spaced: bool) -> str:
    """What stands between two characters: a space of the file's, or a gap."""
    wides = wide(before) + wide(after)
    if wides < 2 and spaced:
        return " "
    ideographs = before[-1].isalpha() and after[0].isalpha()
    if wides == 2 and ideographs and beyond > _SPACED:
        return " "
    return " " if gap > _GAPS[wides] else ""


def wide(text: str) -> bool:
    """Whether a character is as wide as it is high: Chinese and its punctuation."""
    return bool(text) and unicodedata.east_asian_width(text[-1]) in "WFA"


def join(before: str, after: str) -> str:
    """Two halves of a wrapped line, with a space only between Latin words.

    Parameters
    ----------
    before, after : str
        Neither with white space where they meet.
    """
    if not before or not after:
        return before + after
    left, right = before[-1], after[0]
    latin = left.isascii() and right.isascii() and left.isalpha() and right.isalpha()
    return f"{before} {after}" if latin else before + after


def first_word(text: str) -> float:
    """Width of what could not be parted from the start of a line, in ems.

    A simplification of Unicode line breaking (UAX #14): lines break between
    ideographs, before opening and behind closing marks, and not within Latin words.
    """
    width = 0.0
    for place, char in enumerate(text[:40]):
        if place and _breaks(text[place - 1], char):
            break
        width += 1.0 if wide(char) else 0.55
    return max(1.0, width)


def _breaks(before: str, char: str) -> bool:
    left, right = unicodedata.category(before), unicodedata.category(char)
    if left in _OPENING or right in _CLOSING:
        return False
    if left in _CLOSING:
        return right == "Lo"
    if char.isascii() or right in _OPENING:
        return char.isspace() or not before.isascii()
    return True
