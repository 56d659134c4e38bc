"""Ruled lines and glyphs of a page in, its tables and the type outside them out.

A table is what the reader of a page takes for one: lines that cross and leave cells
between them. A cell that no line parts spans rows or columns.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from extract.readers import layout
from extract.readers.layout import Glyph
from extract.readers.ruling import TOUCH, Rule, connected, root
from extract.readers.table import Cell

__all__ = ["Table", "find"]

# pages with more lines are drawings, and frames with more cells no tables
_MOST_RULES = 20_000
_MOST_CELLS = 50_000
# a boundary of columns parts at least this share of the rows, or the first row;
# others are hairlines of rows that are drawn a little askew
_REAL = 0.2
# between the text of a cell and its border, and what justification leaves, in ems
_PADDING = 1.2


@dataclass(frozen=True, slots=True)
class Table:
    """A table on one page.

    Attributes
    ----------
    rows : tuple of tuple of Cell
        From top to bottom; the spans of a row's cells add up to the number of
        columns.
    columns : int
    top, bottom : float
        Where it begins and ends.
    rest : bool or None
        Whether its first row below the headings is the rest of one that the page
        before cut in two; None if that is not known.
    """

    rows: tuple[tuple[Cell, ...], ...]
    columns: int
    top: float
    bottom: float
    rest: bool | None = None


@dataclass(slots=True)
class _Frame:
    """Sorted lines of one table, and the glyphs in each of its unit cells."""

    xs: list[float]
    ys: list[float]
    level: list[Rule]
    upright: list[Rule]
    glyphs: dict[int, list[Glyph]] = field(default_factory=dict)


def find(
    rules: Sequence[Rule], glyphs: Sequence[Glyph]
) -> tuple[list[Table], list[Glyph]]:
    """Tables of one page, and the glyphs outside them.

    Parameters
    ----------
    rules : sequence of Rule
        Every straight line of the page; a page with far too many of them is a drawing
        and has no tables.
    glyphs : sequence of Glyph
        Every character of the page.

    Returns
    -------
    tables : list of Table
        From top to bottom.
    outside : list of Glyph
        In their order.
    """
    if len(rules) > _MOST_RULES:
        return [], list(glyphs)
    frames = [frame for group in connected(rules) if (frame := _frame(group))]
    # of a table within a cell of another one, the inner
    frames.sort(key=_area)
    outside: list[Glyph] = []
    for glyph in glyphs:
        for frame in frames:
            cell = _cell(frame, glyph)
            if cell is not None:
                frame.glyphs.setdefault(cell, []).append(glyph)
                break
        else:
            outside.append(glyph)
    tables: list[Table] = []
    for frame in frames:
        if table := _table(frame):
            tables.append(table)
        else:
            # a frame around text is no table
            outside += [glyph for cell in frame.glyphs.values() for glyph in cell]
    return sorted(tables, key=lambda table: table.top), outside


def _area(frame: _Frame) -> float:
    return (frame.xs[-1] - frame.xs[0]) * (frame.ys[-1] - frame.ys[0])


def _frame(group: list[Rule]) -> _Frame | None:
    """Lines of one table; None if they enclose fewer than two cells."""
    level = [rule for rule in group if rule.y0 == rule.y1]
    upright = [rule for rule in group if rule.x0 == rule.x1]
    if not level or not upright:
        return None
    # tables are often left open at their sides: the ends of the lines close them
    xs = [rule.x0 for rule in upright]
    xs += [min(rule.x0 for rule in level), max(rule.x1 for rule in level)]
    ys = [rule.y0 for rule in level]
    ys += [min(rule.y0 for rule in upright), max(rule.y1 for rule in upright)]
    columns, rows = _apart(xs), _apart(ys)
    cells = (len(columns) - 1) * (len(rows) - 1)
    if len(level) < 2 or len(columns) < 3 or not 2 <= cells <= _MOST_CELLS:
        return None
    return _Frame(columns, rows, level, upright)


def _apart(places: Iterable[float]) -> list[float]:
    kept: list[float] = []
    for place in sorted(places):
        if not kept or place - kept[-1] > TOUCH:
            kept.append(place)
    return kept


def _cell(frame: _Frame, glyph: Glyph) -> int | None:
    x = (glyph.x0 + glyph.x1) / 2
    y = glyph.y - 0.35 * glyph.size
    if not (frame.xs[0] <= x <= frame.xs[-1] and frame.ys[0] <= y <= frame.ys[-1]):
        return None
    column = min(bisect_right(frame.xs, x) - 1, len(frame.xs) - 2)
    row = min(bisect_right(frame.ys, y) - 1, len(frame.ys) - 2)
    return row * (len(frame.xs) - 1) + column


def _regions(frame: _Frame) -> list[int]:
    """For every unit cell the first cell of the region no line parts it from."""
    width, height = len(frame.xs) - 1, len(frame.ys) - 1
    roots = list(range(width * height))
    for row in range(height):
        middle = (frame.ys[row] + frame.ys[row + 1]) / 2
        walls = [rule.x0 for rule in frame.upright if rule.y0 <= middle <= rule.y1]
        for column in range(1, width):
            if not any(abs(wall - frame.xs[column]) <= TOUCH for wall in walls):
                _unite(roots, row * width + column - 1, row * width + column)
    for column in range(width):
        middle = (frame.xs[column] + frame.xs[column + 1]) / 2
        floors = [rule.y0 for rule in frame.level if rule.x0 <= middle <= rule.x1]
        for row in range(1, height):
            if not any(abs(floor - frame.ys[row]) <= TOUCH for floor in floors):
                _unite(roots, (row - 1) * width + column, row * width + column)
    return [root(roots, index) for index in range(width * height)]


def _unite(roots: list[int], one: int, other: int) -> None:
    low, high = sorted((root(roots, one), root(roots, other)))
    roots[high] = low


def _table(frame: _Frame) -> Table | None:
    width, height = len(frame.xs) - 1, len(frame.ys) - 1
    regions = _regions(frame)
    grid = [regions[row * width : (row + 1) * width] for row in range(height)]
    texts = _texts(frame, regions)
    filled = [row for row in grid if any(texts.get(region) for region in row)]
    starts = _column_starts(filled)
    if len(starts) < 2:
        return None
    seen: set[int] = set()
    rows = [_cells(row, starts, texts, seen) for row in filled]
    return Table(tuple(rows), len(starts), frame.ys[0], frame.ys[-1])


def _texts(frame: _Frame, regions: list[int]) -> dict[int, str]:
    """Text of each region, with a line feed where a line ends before it has to."""
    width = len(frame.xs) - 1
    gathered: dict[int, list[Glyph]] = {}
    for cell, glyphs in frame.glyphs.items():
        gathered.setdefault(regions[cell], []).extend(glyphs)
    edges: dict[int, float] = {}
    for cell, region in enumerate(regions):
        if region in gathered:
            edge = frame.xs[cell % width + 1]
            edges[region] = max(edge, edges.get(region, edge))
    return {
        region: _flowed(glyphs, edges[region]) for region, glyphs in gathered.items()
    }


def _flowed(glyphs: list[Glyph], right: float) -> str:
    text, above = "", None
    for line in layout.lines(glyphs):
        if above is None:
            text = line.text
        else:
            room = (layout.first_word(line.text) + _PADDING) * line.size
            wrapped = right - above.x1 < room
            text = layout.join(text, line.text) if wrapped else f"{text}\n{line.text}"
        above = line
    return text


def _column_starts(rows: list[list[int]]) -> list[int]:
    """Unit columns at which a column of the table begins."""
    starts = [0]
    for column in range(1, len(rows[0]) if rows else 0):
        parted = [row[column - 1] != row[column] for row in rows]
        if parted[0] or sum(parted) >= _REAL * len(parted):
            starts.append(column)
    return starts


def _cells(
    row: list[int], starts: list[int], texts: dict[int, str], seen: set[int]
) -> tuple[Cell, ...]:
    """Cells of a row; `seen` are the regions that began in the rows above."""
    cells: list[Cell] = []
    last: int | None = None
    begun: set[int] = set()
    for start, stop in zip(starts, [*starts[1:], len(row)], strict=True):
        inside = list(dict.fromkeys(row[start:stop]))
        if last == inside[0] and len(inside) == 1:
            cells[-1] = replace(cells[-1], span=cells[-1].span + 1)
            continue
        own = [region for region in inside if region not in seen | begun]
        text = "\n".join(texts[region] for region in own if texts.get(region))
        cells.append(Cell(text, above=not own and inside[0] in seen))
        begun.update(own)
        last = inside[-1]
    seen |= begun
    return tuple(cells)
