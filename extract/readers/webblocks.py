"""The element tree of a page in, its lines out, rows of tables with tabs in them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from extract.readers import layout, table
from extract.readers.table import Cell

__all__ = ["BLOCKS", "Block", "blocks", "rows", "tidy"]

_BLANK = re.compile(r"[ \t\r\n\f]+")
_WHITE = " \t\r\n\f\xa0\u3000"
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt"
    " fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend"
    " li main menu nav ol p pre section summary table tbody td tfoot th thead tr"
    " ul".split()
)
"""Anys that start on a line of their own."""
# a cell as long as that is a column of the page, and its table is no table
_LONG_CELL = 1500
# nor is one of that many columns or cells
_COLUMNS = 200
_CELLS = 100_000


@dataclass(slots=True)
class Block:
    """One line.

    Attributes
    ----------
    text : str
    linked : int
        How many of its characters are links.
    place : str
        "before", "body" or "after": where it stands to the main part of the page.
    heading : bool
        Whether it is a heading of the first two orders.
    """

    text: str
    linked: int
    place: str = "body"
    heading: bool = False


@dataclass(slots=True)
class _Lines:
    """Lines as they grow while the tree is walked."""

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    place: str = "before"
    heading: bool = False

    def add(self, text: str | None, in_link: bool, kept: bool = False) -> None:
        if not text:
            return
        if kept:
            first, *rest = text.split("\n")
            self._add(first, in_link)
            for line in rest:
                self.end()
                self._add(line, in_link)
        else:
            # a line feed in the source may part words and may not
            self._add(_BLANK.sub(_blank, text), in_link)

    def _add(self, text: str, in_link: bool) -> None:
        self.pieces.append(text)
        if in_link:
            self.linked += len(text.strip(_WHITE))

    def end(self) -> None:
        text = tidy("".join(self.pieces))
        if text:
            block = Block(text, self.linked, self.place, self.heading)
            self.blocks.append(block)
        self.pieces, self.linked, self.heading = [], 0, False


def blocks(body: Any, main: Any) -> list[Block]:
    """Lines of a page, those of tables included, in order.

    Parameters
    ----------
    body, main : lxml element
        The whole page, and the part of it that holds its text.

    Returns
    -------
    list of Block
        With `Block.place` "before", "body" or "after".
    """
    lines = _Lines(place="body" if main is body else "before")
    links = kept = 0
    walker = etree.iterwalk(body, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if tag in BLOCKS or tag == "br":
                lines.end()
            if element is main:
                lines.place = "body"
            if tag == "table" and (data := rows(element)):
                lines.blocks += [Block(row, 0, lines.place) for row in data]
                walker.skip_subtree()
                continue
            links += tag == "a"
            kept += tag == "pre"
            lines.heading = lines.heading or tag in ("h1", "h2")
            lines.add(element.text, links > 0, kept > 0)
            continue
        links -= tag == "a"
        kept -= tag == "pre"
        if tag in BLOCKS:
            lines.end()
        if element is main:
            lines.place = "after"
        if element is not body:
            lines.add(element.tail, links > 0, kept > 0)
    lines.end()
    return lines.blocks


def _blank(match: re.Match[str]) -> str:
    return "\n" if "\n" in match[0] else " "


def tidy(text: str) -> str:
    """Text without white space at its ends, and none where only the source broke."""
    whole = ""
    for piece in text.strip(_WHITE).split("\n"):
        piece = piece.strip(" ")
        tight = whole and piece and layout.wide(whole) and layout.wide(piece[0])
        whole += piece if tight or not whole or not piece else f" {piece}"
    return whole


def rows(element: Any) -> list[str]:
    """Rows of a table of data, cells parted by tabs; empty if it only places things."""
    if element.tag != "table":
        return []
    if next(element.iterdescendants("table"), None) is not None:
        return []
    grid: list[list[Cell]] = []
    spans: dict[int, tuple[int, int]] = {}
    total = 0
    for row in element.iter("tr"):
        cells: list[Cell] = []
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            _carried(cells, spans)
            text = _cell(cell)
            if len(text) > _LONG_CELL:
                return []
            across, down = _span(cell, "colspan"), _span(cell, "rowspan")
            if down > 1:
                spans[_width(cells)] = (down - 1, across)
            cells.append(Cell(text, across))
        _carried(cells, spans)
        width = _width(cells)
        total += width
        if width > _COLUMNS or total > _CELLS:
            return []
        if any(cell.text for cell in cells):
            grid.append(cells)
    wide = [row for row in grid if sum(bool(cell.text) for cell in row) > 1]
    if len(grid) < 2 or 2 * len(wide) < len(grid):
        return []
    # a cell across the whole table is a line and no row
    lines = [
        line if len(cells) > 1 else line.strip("\t")
        for cells, line in zip(grid, table.lines(grid), strict=True)
    ]
    return [line for line in lines if line]


def _width(cells: list[Cell]) -> int:
    return sum(cell.span for cell in cells)


def _carried(cells: list[Cell], spans: dict[int, tuple[int, int]]) -> None:
    """Add the cells that reach down into this place from the rows above."""
    while (place := _width(cells)) in spans:
        down, across = spans.pop(place)
        if down > 1:
            spans[place] = (down - 1, across)
        cells.append(Cell("", across, above=True))


def _span(cell: Any, name: str) -> int:
    written = (cell.get(name) or "1").strip()
    return min(max(int(written), 1), 100) if written.isdecimal() else 1


def _cell(cell: Any) -> str:
    lines = _Lines()
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if event == "start":
            if element.tag in BLOCKS or element.tag == "br":
                lines.end()
            lines.add(element.text, False)
        else:
            if element.tag in BLOCKS:
                lines.end()
            if element is not cell:
                lines.add(element.tail, False)
    lines.end()
    return "\n".join(block.text for block in lines.blocks)
