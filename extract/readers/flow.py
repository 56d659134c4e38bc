"""Lines and tables of pages in, a `Draft` out: paragraphs whole, page furniture gone.

A page breaks a text where its paper ends. Whether a line goes on in the next one shows
in its shape: indentation, how much room was left at its end, the distance to the next.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from extract import rulebook
from extract.readers import layout, measure, table
from extract.readers.draft import Draft, Place
from extract.readers.grid import Table
from extract.readers.layout import Line
from extract.readers.measure import Column
from extract.readers.page import Page, paper
from extract.readers.table import Cell

__all__ = ["compose"]

# shares of an em
_INDENT = 0.9
_SAME_EDGE = 0.5
_CENTRED = 2.4
_MARGIN = 2.0
# shares of the usual distance of lines, of the usual size of type
_PARAGRAPH_GAP = 1.3
# where paragraphs are indented, a line that is not goes on with one that long
_LONG = 0.5
# the longest name of a body that signs
_SIGNATURE = 24
_FEW = 2
# marks that no paragraph begins with, if the rules of wrapped lines say so too
_CLOSING = ("Pe", "Pf", "Po")


@dataclass(slots=True)
class _Text:
    """The text as it grows, and where its pages start."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    places: list[tuple[int, Place]] = field(default_factory=list)

    def add(self, text: str, page: int) -> None:
        known = self.places[-1][1].number if self.places else 0
        if page + 1 != known:
            self.places.append((self.length, Place("page", page + 1)))
        self.pieces.append(text)
        self.length += len(text)

    def go_on(self, before: str, text: str, page: int) -> None:
        joined = layout.join(before[-1], text)
        self.add(joined[1:], page)

    def feed(self) -> None:
        if self.pieces and self.pieces[-1] != "\n":
            self.pieces.append("\n")
            self.length += 1


def compose(pages: Sequence[Page]) -> Draft:
    """One text of a document's pages.

    Parameters
    ----------
    pages : sequence of Page
        Without page furniture; see `extract.readers.furniture`.

    Returns
    -------
    Draft
        One paragraph a line; rows of tables with tabs between their cells; every page
        that holds text with its start.
    """
    columns = {size: measure.column(pages, size) for size in set(map(paper, pages))}
    text = _Text()
    above: Line | None = None
    parts: list[tuple[int, Table]] = []
    flows = False
    for number, page in enumerate(pages):
        column = columns[paper(page)]
        for item in _items(page):
            if isinstance(item, Table):
                if parts and parts[-1][1].columns != item.columns:
                    _add_table(text, parts)
                    parts = []
                parts.append((number, item))
                above = None
                continue
            if parts:
                _add_table(text, parts)
                parts = []
            flows = above is not None and _continues(above, item, column, flows)
            if above is not None and flows:
                text.go_on(above.text, item.text, number)
            else:
                text.feed()
                text.add(item.text, number)
            above = item
    _add_table(text, parts)
    text.feed()
    return Draft("".join(text.pieces), tuple(text.places))


def _items(page: Page) -> Iterator[Line | Table]:
    """Lines and tables from top to bottom, without touching the order of the lines."""
    tables = list(page.tables)
    for line in page.lines:
        while tables and tables[0].top < line.y:
            yield tables.pop(0)
        yield line
    yield from tables


def _add_table(text: _Text, parts: list[tuple[int, Table]]) -> None:
    """Write a table, which may run over several pages, row by row."""
    rows: list[tuple[Cell, ...]] = []
    pages: list[int] = []
    for page, part in parts:
        new = list(part.rows)
        # the head of a table is printed again on each page
        for known in parts[0][1].rows if rows else ():
            if not new or new[0] != known:
                break
            del new[0]
        if rows and new and _is_rest(part, rows[-1], new[0]):
            rows[-1] = tuple(map(_filled, rows[-1], new.pop(0)))
        rows += new
        pages += [page] * len(new)
    for cells, line, page in zip(rows, table.lines(rows), pages, strict=True):
        # a cell across the whole table is a line and no row
        line = line if len(cells) > 1 else line.strip("\t")
        if line:
            text.feed()
            text.add(line, page)


def _filled(cell: Cell, rest: Cell) -> Cell:
    if cell.text and rest.text and layout.wide(cell.text) != layout.wide(rest.text[0]):
        # 2026年9 and 月底前
        return replace(cell, text=layout.join(cell.text, rest.text))
    # how much of a cell a line end means is known where tables are written
    return replace(cell, text="\n".join(filter(None, (cell.text, rest.text))))


def _is_rest(part: Table, above: tuple[Cell, ...], row: tuple[Cell, ...]) -> bool:
    return _goes_on(above, row) if part.rest is None else part.rest


def _goes_on(above: tuple[Cell, ...], row: tuple[Cell, ...]) -> bool:
    """Whether the first row on a page is the rest of one that the page cut in two."""
    if len(above) != len(row) or row[0].text:
        return False
    rests = [(cell.text, rest.text) for cell, rest in zip(above, row, strict=True)]
    rests = [(cell, rest) for cell, rest in rests if rest]
    if not rests or len(rests) >= sum(bool(cell.text) for cell in above):
        return False
    before, _ = max(rests, key=lambda pair: len(pair[1]))
    return bool(before) and not measure.ends(before)


def _continues(above: Line, line: Line, column: Column, flowed: bool) -> bool:
    """Whether a line is the rest of the paragraph of the line above it.

    `flowed` says that of the line above.
    """
    size = max(above.size, line.size)
    if not measure.alike(above.size, line.size) or _apart(above, line, column):
        return False
    book = rulebook.load("line")
    if unicodedata.category(line.text[0]) in _CLOSING:
        if book["line.goes-on"].pattern.match(line.text):
            return True
    ended = measure.ended(above)
    flush = abs(line.x0 - column.left) <= _SAME_EDGE * size
    full = measure.full(above, line, column)
    # a wrapped line of one or two characters was broken once too often
    scrap = len(above.text) <= _FEW and not _centred(above, column)
    if flowed and not ended and (scrap or measure.rest_of_line(above, column)):
        full = True
    if column.indented and flush and not ended and not _centred(above, column):
        # where paragraphs are indented, only the rest of one starts at the edge
        return full or above.x1 - column.left > _LONG * (column.right - column.left)
    if not full or book["line.opens"].pattern.match(line.text):
        return False
    if _centred(line, column) and _centred_or_full(above, column):
        # a centred line has its room on both sides
        room = above.x0 - column.left + column.right - above.x1
        return not ended and room < layout.first_word(line.text) * size
    if line.x0 - column.left > _INDENT * size:
        return not ended and abs(line.x0 - above.x0) <= _SAME_EDGE * size
    return column.indented or not ended


def _apart(above: Line, line: Line, column: Column) -> bool:
    """Whether something else than their shape keeps two lines apart."""
    # distances say nothing across a page break
    if (
        above.page == line.page
        and column.leading
        and measure.alike(line.size, column.size)
    ):
        if line.y - above.y > _PARAGRAPH_GAP * column.leading:
            return True
    if above.parts > _FEW or line.parts > 1:
        return True
    ends = [unicodedata.category(line.text[place]) for place in (0, -1)]
    if ends == ["Ps", "Pe"]:
        # a date or a document's number in brackets under its title
        return True
    # who signed, and when
    head = rulebook.load("head")
    if head["head.date-line"].pattern.match(line.text) or (
        len(line.text) <= _SIGNATURE and head["head.issuer"].pattern.match(line.text)
    ):
        return True
    return bool(rulebook.load("outline")["outline.chrome"].pattern.match(above.text))


def _centred(line: Line, column: Column) -> bool:
    left, right = line.x0 - column.left, column.right - line.x1
    balanced = abs(left - right) < _CENTRED * line.size
    return balanced and min(left, right) > _MARGIN * column.size


def _centred_or_full(line: Line, column: Column) -> bool:
    left, right = line.x0 - column.left, column.right - line.x1
    return abs(left - right) < _CENTRED * line.size
