"""The columns of a table and its lines in, what stands in which cell out."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extract.readers import layout, measure, table
from extract.readers.bands import Band, Column, Piece
from extract.readers.table import BODIES, Cell

__all__ = ["Lattice", "Row", "Track"]

# shares of an em
_SLACK = 0.3
_QUOTED = 2.0
_EDGE = 0.6
# of the distance of two lines of a cell
_NEXT = 1.25
# characters of a line that is no name by itself
_SCRAP = 2


@dataclass(frozen=True, slots=True)
class Track:
    """A line, and its text in each column that it has any in."""

    y: float
    size: float
    cells: dict[int, Piece]


Row = list[Track]
"""Lines of one row."""


class Lattice:
    """The columns of a table, and how wide and near to each other its lines are.

    Parameters
    ----------
    columns : sequence of Column
        From left to right.
    bands : sequence of Band
        The lines below the headings.
    leading : float
        Distance of two lines of a cell; 0 to measure it.
    """

    def __init__(
        self, columns: Sequence[Column], bands: Sequence[Band], leading: float = 0.0
    ) -> None:
        self.columns = columns
        lines = [self.line(band) for band in bands if not band.title]
        self._width = [column.width for column in columns]
        self._right = [column.right for column in columns]
        last: dict[int, float] = {}
        distances: list[float] = []
        for line in lines:
            for column, piece in line.cells.items():
                # marks that close hang out rather than start a line
                right = piece.x1 - (line.size if measure.closes(piece.text) else 0)
                self._width[column] = max(self._width[column], right - piece.x0)
                self._right[column] = max(self._right[column], right)
                if column in last:
                    distances.append(line.y - last[column])
                last[column] = line.y
        self.leading = leading or min(distances, default=0.0)

    def measured(self) -> tuple[Column, ...]:
        """The columns, with how far their lines reach."""
        edges = zip(self.columns, self._right, self._width, strict=True)
        return tuple(replace(c, right=right, width=width) for c, right, width in edges)

    def of(self, meaning: str) -> int | None:
        """The column of that meaning."""
        return next(
            (n for n, each in enumerate(self.columns) if each.meaning == meaning), None
        )

    def aligned(self, bands: Sequence[Band]) -> bool:
        """Whether lines of the task alone begin where their column does."""
        task = self.of("task")
        return task is not None and all(
            abs(piece.x0 - self.columns[task].x0) <= _EDGE * band.size
            for band in bands
            for piece in band.pieces
        )

    def line(self, band: Band) -> Track:
        """What a band has in each column."""
        cells: dict[int, Piece] = {}
        for piece in band.pieces:
            middle = (piece.x0 + piece.x1) / 2
            for number, column in enumerate(self.columns):
                if column.x0 <= middle <= column.x1:
                    if number in cells:
                        before = cells[number]
                        text = layout.join(before.text, piece.text)
                        piece = Piece(text, before.x0, piece.x1)
                    cells[number] = piece
        return Track(band.y, band.size, cells)

    def cells(self, row: Row) -> tuple[Cell, ...]:
        """Texts of a row, with a line feed where a line ends before it has to."""
        return tuple(Cell(self._text(n, row)) for n in range(len(self.columns)))

    def _text(self, column: int, row: Row) -> str:
        own = [line for line in row if column in line.cells]
        parts = [line.cells[column].text for line in own]
        full = [self.full(column, above, line) for above, line in pairwise(own)]
        text = "".join(parts[:1])
        for place, part in enumerate(parts[1:], 1):
            # a name may go on in the lines below
            stop = next((n for n in range(place, len(full)) if not full[n]), len(full))
            name = "".join(parts[place : stop + 1])
            if self._parted(column, text, part, name, full[place - 1]):
                text += "\n" + part
            else:
                text = layout.join(text, part)
        return text

    def _parted(
        self, column: int, before: str, line: str, name: str, full: bool
    ) -> bool:
        """Whether a line of a cell begins something new."""
        if self.columns[column].meaning in BODIES:
            scrap = len(line) < _SCRAP or unicodedata.category(line[0]) == "Ps"
            return table.listed(before, name) or not (full or scrap)
        return not full and measure.ends(before)

    def continues(self, above: Sequence[Track], line: Track, cut: bool) -> bool:
        """Whether the cells of a line go on with those above them.

        `cut` says that those may be on the page before.
        """
        if not above or line.y - above[-1].y > _NEXT * self.leading:
            return False
        for number, piece in line.cells.items():
            before = next((one for one in reversed(above) if number in one.cells), None)
            if before is None and cut:
                continue
            if before is None or line.y - before.y > _NEXT * self.leading:
                return False
            if not self._stacked(before.cells[number], piece, line.size):
                return False
            # names stand below one another however long they are
            bodies = self.columns[number].meaning in BODIES
            if not bodies and not self.full(number, before, line):
                return False
        return True

    def full(self, column: int, above: Track, line: Track) -> bool:
        """Whether what a line begins with had no room above."""
        piece = above.cells[column]
        need = (layout.first_word(line.cells[column].text) + _SLACK) * above.size
        # no line is broken before a quotation mark
        quoted = unicodedata.category(line.cells[column].text[1:2] or " ") == "Pi"
        room = self.room(column, piece)
        return room < need + (_QUOTED * above.size if quoted else 0)

    def room(self, column: int, piece: Piece) -> float:
        """What a line leaves blank of its cell."""
        # lines of a cell end at its edge, or are centred in it
        return min(
            self._right[column] - piece.x1,
            self._width[column] - (piece.x1 - piece.x0),
        )

    def _stacked(self, above: Piece, below: Piece, size: float) -> bool:
        left = abs(above.x0 - below.x0)
        middle = abs(above.x0 + above.x1 - below.x0 - below.x1) / 2
        return min(left, middle) <= _EDGE * size
