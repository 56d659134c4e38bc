"""A table's cells in, one line of text a row out, cells parted by tabs.

Word tables and sheets come here alike. Which columns say who answers for a task and
by when is known from their headings (``rules/outline.toml``): a merged cell of theirs
speaks for every row beside it and is written in each, any other merged cell once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

from extract import rulebook

BODIES = frozenset(("lead", "responsible", "cooperating", "supervising", "person"))
"""Meanings of columns that name who answers."""
_REPEATED = BODIES | {"number", "time"}
# between bodies; the first is written where a cell lists them line by line
_LISTED = "、，；,;"
_ITEMS = re.compile(f"[{_LISTED}]")
_NOTE = re.compile("（[^（）]*）?")
# the shortest name of a body that fills a line
_NAME = 3
_SCRAP = 2
_NOTES = "（("
_BREAK = re.compile(r"[ \t\r\u3000\xa0]*\n[ \t\r\n\u3000\xa0]*")
_BLANKS = re.compile(r"[ \u3000\xa0]+")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell.

    Attributes
    ----------
    text : str
        Its paragraphs, parted by line ends.
    span : int
        Columns that it covers.
    above : bool
        It is part of the merged cell above it.
    """

    text: str
    span: int = 1
    above: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    """A row on the grid: its own texts, and those of merged cells from above."""

    own: tuple[str, ...]
    inherited: tuple[str, ...]


def lines(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """Lines of a table.

    Parameters
    ----------
    rows : sequence of sequence of Cell
        From left to right; rows may be of different lengths.

    Returns
    -------
    list of str
        One a row, ``""`` for a row without text. Rows of the table proper have the
        same number of tabs; a row of one single cell (a title above the heading, a
        group heading between the rows) has none.
    """
    columns: tuple[str, ...] = ()
    written: list[str] = []
    for row in _grid(rows):
        full = tuple(
            own or above for own, above in zip(row.own, row.inherited, strict=True)
        )
        heading = tuple(_squeezed(cell) for cell in full)
        if known := meanings(heading):
            columns = known
            written.append("\t".join(heading))
            continue
        columns_of = columns or ("",) * len(full)
        cells = [
            _joined(own or (above if meaning in _REPEATED else ""), meaning)
            for own, above, meaning in zip(
                row.own, row.inherited, columns_of, strict=True
            )
        ]
        written.append(_line(cells, columns_of))
    return written


def _line(cells: Sequence[str], columns: Sequence[str]) -> str:
    filled = [place for place, cell in enumerate(cells) if cell]
    if not filled:
        return ""
    if len(filled) == 1 and _stands_alone(cells[filled[0]], columns[filled[0]]):
        return cells[filled[0]]
    return "\t".join(cells)


def _stands_alone(cell: str, column: str) -> bool:
    """Whether the only cell of a row is a title or a group heading, not a column's."""
    heading = rulebook.load("outline").union("part", "section", "subsection")
    return column in ("", "number") or bool(column == "task" and heading.match(cell))


def _grid(rows: Sequence[Sequence[Cell]]) -> Iterator[_Row]:
    width = max((sum(cell.span for cell in row) for row in rows), default=0)
    above = [""] * width
    for row in rows:
        own, inherited = [""] * width, [""] * width
        place = 0
        for cell in row:
            if cell.above:
                inherited[place] = above[place]
            else:
                own[place] = cell.text.strip()
                above[place : place + cell.span] = [own[place]] + [""] * (cell.span - 1)
            place += cell.span
        yield _Row(tuple(own), tuple(inherited))


def meanings(cells: Sequence[str]) -> tuple[str, ...]:
    """What each column holds if these are the headings of a table of tasks.

    Parameters
    ----------
    cells : sequence of str
        Without blanks.

    Returns
    -------
    tuple of str
        ``"task"``, ``"lead"``, ``"time"`` …, ``""`` for a column that the rules do not
        know; ``()`` if these are no such headings.
    """
    book = rulebook.load("outline")
    rules = [rule for rule in book.rules if rule.label.startswith("column:")]
    found = tuple(
        next(
            (
                rule.label.partition(":")[2]
                for rule in rules
                if rule.pattern.match(cell)
            ),
            "",
        )
        for cell in cells
    )
    known = {meaning for meaning in found if meaning}
    return found if "task" in known and len(known) > 1 else ()


def listed(before: str, after: str) -> bool:
    """Whether two parts of a cell end and begin with the whole name of a body.

    They stand one below the other then; 市农业农村 above 局 is one name.
    """
    body = rulebook.load("duty")["duty.body"].pattern
    last = _ITEMS.split(_NOTE.sub("", before))[-1]
    first = _ITEMS.split(_NOTE.sub("", after))[0]
    return all(len(name) >= _NAME and body.search(name) for name in (last, first))


def _squeezed(cell: str) -> str:
    """A heading without the blanks and breaks that spread or fold its letters."""
    joined = _joined(cell, "")
    return _BLANKS.sub("", joined) if any(map(_is_wide, joined)) else joined


def _is_wide(char: str) -> bool:
    """Whether a character is Chinese, or punctuation of that width."""
    return east_asian_width(char) in "WFA"


def _joined(cell: str, meaning: str) -> str:
    """A cell on one line."""
    text, *rest = _BREAK.split(cell.strip())
    for piece in filter(None, rest):
        text += _joint(text, piece, meaning) + piece
    return text.replace("\t", " ")


def _joint(before: str, after: str, meaning: str) -> str:
    """What stands for a line end within a cell."""
    if not (_is_wide(before[-1]) and _is_wide(after[0])):
        return " "
    if meaning not in BODIES or before[-1] in _LISTED:
        return ""
    # what is no name by itself belongs to the other line
    last = _ITEMS.split(before)[-1]
    if min(len(last), len(after)) < _SCRAP or after[0] in _NOTES:
        return ""
    # below one another stand bodies, unless one name was too long for its cell
    body = rulebook.load("duty")["duty.body"].pattern
    folded = not body.search(before) and body.search(after)
    return "" if folded else _LISTED[0]
