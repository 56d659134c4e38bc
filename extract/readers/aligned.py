"""Lines of pages in, tables without ruled lines taken out of them.

Such a table shows in its headings, which the rules know (序号, 任务, 牵头单位), and in
what stands below them: columns with a blank between them from top to bottom. Without
the headings nothing is taken for a table, neither text in two columns nor a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extract import rulebook
from extract.readers import rows
from extract.readers.bands import Band, Column
from extract.readers.bands import bands as banded
from extract.readers.columns import Fitted, heading
from extract.readers.grid import Table
from extract.readers.page import Page
from extract.readers.rows import Grid
from extract.readers.table import Cell

__all__ = ["tabled"]

# from line to line of a table, in shares of an em
_APART = 4.0
# sizes of type in a table and its heading
_ALIKE = 1.3


def tabled(pages: Sequence[Page]) -> list[Page]:
    """Pages with their tables without lines among `Page.tables`.

    Parameters
    ----------
    pages : sequence of Page
        Without page furniture; see `extract.readers.furniture`.

    Returns
    -------
    list of Page
        As many. A table that runs on to the next page is one table on each.
    """
    found: list[Page] = []
    open_: _Part | None = None
    for page in pages:
        tables, used, open_ = _found(page, open_)
        if tables:
            both = sorted([*page.tables, *tables], key=lambda each: each.top)
            rest = [line for line in page.lines if id(line) not in used]
            page = replace(page, lines=rest, tables=both)
        found.append(page)
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """A table as far as a page showed it."""

    columns: tuple[Column, ...]
    grid: Grid


@dataclass(frozen=True, slots=True)
class _Region:
    """A table as far as it reaches: its columns, its lines below the headings."""

    columns: tuple[Column, ...]
    bands: tuple[Band, ...]
    stop: int


def _found(
    page: Page, open_: _Part | None
) -> tuple[list[Table], set[int], _Part | None]:
    """Tables of a page, ids of their lines, and the last one if it may go on."""
    bands = banded(page.lines)
    tables: list[Table] = []
    used: set[int] = set()
    place = last = 0
    while place < len(bands):
        start = place
        headings, deep = heading(bands, place)
        # a page knows less of the columns than the page before does
        before = open_ if place == 0 and open_ and _same(headings, open_) else None
        columns = before.columns if before else headings
        region = (
            _region(page, bands, place + deep, columns, before is not None)
            if columns
            else None
        )
        place += 1
        if region is None:
            continue
        grid = rows.grouped(
            region.columns, region.bands, before.grid if before else None
        )
        if not grid.rows:
            continue
        head = [tuple(Cell(column.heading) for column in columns)] if headings else []
        top = bands[start].y - bands[start].size
        bottom = bands[region.stop - 1].y
        tables.append(
            Table((*head, *grid.rows), len(columns), top, bottom, rest=grid.rest)
        )
        used |= {id(one) for band in bands[start : region.stop] for one in band.lines}
        place = last = region.stop
        open_ = _Part(region.columns, grid)
    runs_out = tables and last == len(bands) and _lowest(page, tables[-1])
    return tables, used, open_ if runs_out else None


def _same(headings: Sequence[Column], open_: _Part) -> bool:
    """Whether these are the headings above once more, or none."""
    names = [column.heading for column in headings]
    return not names or names == [column.heading for column in open_.columns]


def _lowest(page: Page, found: Table) -> bool:
    return all(each.top < found.top for each in page.tables)


def _region(
    page: Page,
    bands: Sequence[Band],
    start: int,
    columns: tuple[Column, ...],
    goes_on: bool,
) -> _Region | None:
    """The lines below the headings that keep to their columns."""
    fitted = Fitted(columns)
    kept: list[Band] = []
    stop = start
    for place in range(start, len(bands)):
        band = bands[place]
        if place and not _follows(bands[place - 1], band, page):
            break
        if len(band.pieces) > 1 and heading(bands, place)[0]:
            # another table
            break
        if fitted.add(band):
            kept.append(band)
        elif _titles(band) and _goes_on(bands, place, fitted):
            kept.append(replace(band, title=band.lines[0].text))
        else:
            break
        stop = place + 1
    placed = fitted.placed()
    if placed is None or not kept:
        return None
    if dropped := rows.loose_end(placed, kept, goes_on):
        kept = kept[:-dropped]
        placed = _refitted(columns, kept)
    if placed is None or not kept:
        return None
    return _Region(rows.measured(placed, kept), tuple(kept), stop - dropped)


def _refitted(
    columns: tuple[Column, ...], bands: Sequence[Band]
) -> tuple[Column, ...] | None:
    fitted = Fitted(columns)
    for band in bands:
        if not band.title:
            fitted.add(band)
    return fitted.placed()


def _follows(above: Band, band: Band, page: Page) -> bool:
    if band.y - above.y > _APART * band.size:
        return False
    if max(above.size, band.size) > _ALIKE * min(above.size, band.size):
        return False
    return not any(above.y < ruled.top < band.y for ruled in page.tables)


def _titles(band: Band) -> bool:
    """Whether a line across the columns is a heading between rows."""
    book = rulebook.load("outline").union("part", "section", "subsection")
    return len(band.lines) == 1 and bool(book.match(band.lines[0].text))


def _goes_on(bands: Sequence[Band], place: int, fitted: Fitted) -> bool:
    if place + 1 == len(bands) or not fitted.fits(bands[place + 1]):
        return False
    return len(bands[place + 1].pieces) > 1
