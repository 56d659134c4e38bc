"""Lines of a table that has none drawn in, its rows out.

Where a row begins does not show when each cell has as many lines as it needs. Several
readings are tried: rows parted by more blank than lines, rows that begin with their
number, rows with their number at half their height. The one is taken under which the
fewest cells break off before their line is full.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extract.readers import measure
from extract.readers.bands import Band, Column
from extract.readers.lattice import Lattice, Row, Track
from extract.readers.table import BODIES, Cell

__all__ = ["Grid", "grouped", "loose_end", "measured"]

# the longest of the words that are often wrapped, in ems: 120个
_WORD = 2.6
# shares of the distance of two lines of a cell
_TORN = 1.5
_HALFWAY = 0.4
_LEVEL = 0.2
# how much speaks against a reading: a cell breaks off in mid-line (in a column of dates
# they may), a row has no task or not one number, a cell ends though its line is full
_BREAKS, _BREAKS_DATE, _NO_TASK, _MISCOUNTED, _CUT_OFF = 1.0, 0.5, 2.0, 3.0, 0.5
# a row is one cell, or its cells are neither level nor centred
_ALONE, _COLUMNS, _ASKEW = 1.0, 2, 1.0
# how much is borne, in all and for each row
_BORNE, _BORNE_EACH = 0.5, 0.25
# rows that show columns, cells by which one row does
_SEVERAL = 2
_TELLING = 3
# distances that are tried, lines of a cut row that are
_DISTANCES = 6
_REST = 40
# lines of one row that are looked at
_MOST_LINES = 60


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of a table, or of a part of it on one page.

    Attributes
    ----------
    rows : tuple of tuple of Cell
        Without the headings; none if the lines make no several rows, or may be put
        together in other ways.
    rest : bool
        Whether the first is the rest of one that the page before cut in two.
    cut : bool
        Whether the last may be one that goes on on the next page.
    """

    rows: tuple[tuple[Cell, ...], ...] = ()
    rest: bool = False
    cut: bool = False


def grouped(
    columns: Sequence[Column], bands: Sequence[Band], before: Grid | None
) -> Grid:
    """Rows of a table.

    Parameters
    ----------
    columns : sequence of Column
        From left to right.
    bands : sequence of Band
        Its lines from top to bottom, without the headings.
    before : Grid or None
        The part of it on the page before.
    """
    found: list[tuple[Cell, ...]] = []
    lattice = Lattice(columns, bands)
    readings = _Readings(lattice, before)
    widest: list[int] = []
    rest = cut = False
    for title, part in _sections(bands):
        if title:
            found.append((Cell(title, span=len(columns)),))
        lines = [lattice.line(band) for band in part]
        rows = readings.best(lines)
        if rows is None:
            return Grid()
        if rows and not found:
            rest = readings.rest(rows[0])
        cut = bool(rows) and _cut(lattice, rows[-1])
        # only the first rows on a page may be those of another
        readings = _Readings(lattice, None)
        found += [lattice.cells(row) for row in rows]
        widest += [_filled(row) for row in rows]
    enough = sum(wide > 1 for wide in widest) >= (1 if before else _SEVERAL)
    scrap = rest and bool(before and before.cut) and lattice.aligned(bands)
    if enough or scrap or max(widest, default=0) >= _TELLING:
        return Grid(tuple(found), rest, cut)
    return Grid()


def measured(columns: Sequence[Column], bands: Sequence[Band]) -> tuple[Column, ...]:
    """Columns with how far the lines below them reach."""
    return Lattice(columns, bands).measured()


def loose_end(columns: Sequence[Column], bands: Sequence[Band], goes_on: bool) -> int:
    """How many lines at the end are no part of the table they stand below.

    `goes_on` says that it began on the page before.
    """
    lattice = Lattice(columns, bands)
    lines = [lattice.line(band) for band in bands]
    number = lattice.of("number")
    anchors = [
        place
        for place, line in enumerate(lines)
        if (number in line.cells if number is not None else len(line.cells) > 1)
    ]
    start = anchors[-1] + 1 if anchors else 1
    for place in range(start, min(start + _MOST_LINES, len(lines))):
        # what does not belong to the table says nothing of its columns
        above = Lattice(columns, bands[:place], lattice.leading)
        if not above.continues(lines[:place], lines[place], goes_on and not anchors):
            return len(lines) - place
    return 0


def _sections(bands: Sequence[Band]) -> Iterator[tuple[str, list[Band]]]:
    title: str = ""
    part: list[Band] = []
    for band in bands:
        if band.title:
            if part or title:
                yield title, part
            title, part = band.title, []
        else:
            part.append(band)
    if part:
        yield title, part


class _Readings:
    """Ways to put lines together to rows, and what speaks against each."""

    def __init__(self, lattice: Lattice, before: Grid | None) -> None:
        self._lattice = lattice
        self._before = before

    def best(self, lines: Sequence[Track]) -> list[Row] | None:
        """Lines put together to rows; None if nothing says how."""
        best: list[Row] | None = None
        least = 0.0
        for rows in self._all(lines):
            against = self._against(rows)
            if best is None or against < least:
                best, least = rows, against
        borne = _BORNE + _BORNE_EACH * len(best or ())
        return best if least <= borne else None

    def _all(self, lines: Sequence[Track]) -> Iterator[list[Row]]:
        if not lines:
            return
        gaps = [round((low.y - high.y) / low.size, 1) for high, low in pairwise(lines)]
        for least in sorted(set(gaps), reverse=True)[:_DISTANCES]:
            wide = [place + 1 for place, gap in enumerate(gaps) if gap >= least]
            yield _split(lines, wide)
        number = self._lattice.of("number")
        anchored = [number] if number is not None else range(len(self._lattice.columns))
        for column in anchored:
            starts = [n for n, line in enumerate(lines) if column in line.cells]
            if starts and (starts[0] == 0 or self._before):
                yield _split(lines, starts)
            # the rest of a row that the page before cut in two comes first
            cut = min(starts[0], _REST) if starts and self._before else 0
            for start in range(cut + 1 if starts else 0):
                if middle := self._halved(lines, starts, start):
                    yield middle
        if self._before:
            yield [list(lines)]

    def _halved(
        self, lines: Sequence[Track], anchors: Sequence[int], start: int
    ) -> list[Row] | None:
        """Rows each of which has its anchor at half its height.

        The first begins at `start`; the page may end in the midst of the last.
        """
        starts = [start]
        slack = _HALFWAY * self._lattice.leading
        for anchor, after in zip(anchors, [*anchors[1:], len(lines)], strict=True):
            if anchor < starts[-1]:
                return None
            bottom = 2 * lines[anchor].y - lines[starts[-1]].y
            stop = anchor + 1
            while stop < after and lines[stop].y <= bottom + slack:
                stop += 1
            if after < len(lines) and bottom - lines[stop - 1].y > slack:
                return None
            starts.append(stop)
        return _split(lines, starts[:-1])

    def rest(self, row: Row) -> bool:
        """Whether the first row on a page is the rest of one on the page before."""
        before = self._before
        if before is None:
            return False
        number, task = self._lattice.of("number"), self._lattice.of("task")
        if number is not None:
            return not any(number in line.cells for line in row)
        fewer = sum(bool(cell.text) for cell in before.rows[-1])
        return before.cut and task in row[0].cells and _filled(row) < fewer

    def _against(self, rows: Sequence[Row]) -> float:
        """How much speaks against these rows."""
        task, number = self._lattice.of("task"), self._lattice.of("number")
        against = 0.0
        for place, row in enumerate(rows):
            rest = place == 0 and self.rest(row)
            count = sum(number in line.cells for line in row)
            if number is not None and count != 1 and not (rest and count == 0):
                against += _MISCOUNTED
            if not rest and not any(task in line.cells for line in row):
                against += _NO_TASK
            if not rest and _filled(row) < _COLUMNS:
                against += _ALONE
            against += sum(
                self._torn(column, row) for column in range(len(self._lattice.columns))
            )
            against += 0.0 if rest or self._level(row) else _ASKEW
        for row, below in pairwise(rows):
            ends = [line for line in row if task in line.cells]
            begins = [line for line in below if task in line.cells]
            # a row that begins in several columns is one
            alone = len(below[0].cells) < _TELLING
            if task is not None and ends and begins and alone:
                last = ends[-1].cells[task].text
                if self._lattice.full(task, ends[-1], begins[0]) and not measure.ends(
                    last
                ):
                    against += _CUT_OFF
        return against

    def _level(self, row: Row) -> bool:
        """Whether the cells of a row begin, or have their middles, at one height."""
        top, middle = row[0].y, (row[0].y + row[-1].y) / 2
        slack = _LEVEL * self._lattice.leading
        heights = [
            [line.y for line in row if number in line.cells]
            for number, column in enumerate(self._lattice.columns)
            if column.meaning
        ]
        filled = [height for height in heights if height]
        return all(abs(cell[0] - top) <= slack for cell in filled) or all(
            abs((cell[0] + cell[-1]) / 2 - middle) <= slack for cell in filled
        )

    def _torn(self, column: int, row: Row) -> float:
        """How much speaks against a cell of these lines."""
        meaning = self._lattice.columns[column].meaning
        if not meaning:
            return 0.0
        own = [line for line in row if column in line.cells]
        against = 0.0
        for above, line in pairwise(own):
            if line.y - above.y > _TORN * self._lattice.leading:
                against += _NO_TASK
            if meaning not in BODIES and not self._lattice.full(column, above, line):
                against += _BREAKS_DATE if meaning == "time" else _BREAKS
        return against


def _cut(lattice: Lattice, row: Row) -> bool:
    """Whether the task of a row stops where its line is full."""
    task = lattice.of("task")
    own = [line for line in row if task in line.cells]
    if task is None or not own:
        return False
    last = own[-1].cells[task]
    wraps = lattice.room(task, last) < _WORD * own[-1].size
    return wraps and not measure.ends(last.text)


def _filled(row: Row) -> int:
    return len(set().union(*(line.cells for line in row)))


def _split(lines: Sequence[Track], starts: Iterable[int]) -> list[Row]:
    """Rows that begin at these lines, and at the first."""
    edges = [0, *(start for start in starts if start), len(lines)]
    return [list(lines[start:stop]) for start, stop in pairwise(edges)]
