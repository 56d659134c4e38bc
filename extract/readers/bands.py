"""Lines of a page in, what stands side by side on it out: pieces, bands, columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extract.readers.layout import Line

__all__ = ["Band", "Column", "Piece", "bands"]

# type on one line, in shares of an em
_SAME_LINE = 0.3


@dataclass(frozen=True, slots=True)
class Piece:
    """Type without a wide blank in it, and its edges."""

    text: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Band:
    """What stands side by side on a page.

    Attributes
    ----------
    y, size : float
        Baseline, and size of its type.
    lines : tuple of Line
        Where it comes from.
    pieces : tuple of Piece
        From left to right.
    title : str
        A heading between rows, across the columns.
    """

    y: float
    size: float
    lines: tuple[Line, ...]
    pieces: tuple[Piece, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes
    ----------
    heading, meaning : str
        What stands above it, and what that means; see `extract.readers.table`.
    x0, x1 : float
        Its edges, those of the heading included.
    right, width : float
        How far the lines of its cells reach at most; 0 before any is known.
    """

    heading: str
    meaning: str
    x0: float
    x1: float
    right: float = 0.0
    width: float = 0.0


def bands(lines: Sequence[Line]) -> list[Band]:
    """What stands side by side on a page, from top to bottom.

    Parameters
    ----------
    lines : sequence of Line
        In any order.
    """
    found: list[Band] = []
    for line in sorted(lines, key=lambda line: (line.y, line.x0)):
        if found and line.y - found[-1].y < _SAME_LINE * line.size:
            above = found.pop()
            found.append(
                Band(
                    above.y,
                    max(above.size, line.size),
                    (*above.lines, line),
                    (*above.pieces, *_pieces(line)),
                )
            )
        else:
            found.append(Band(line.y, line.size, (line,), tuple(_pieces(line))))
    return found


def _pieces(line: Line) -> Iterator[Piece]:
    start, left = 0, line.x0
    for stop, end, begin in line.gaps:
        yield Piece(line.text[start:stop].strip(), left, end)
        start, left = stop, begin
    yield Piece(line.text[start:].strip(), left, line.x1)
