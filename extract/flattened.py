"""A table that lost its ruling in; which of its cells name bodies, in which role, out.

Copies of division tables hold a row's cells one after another on a line, parted only
by blanks, or one cell a line. The heading says which columns there are; the names in a
row say which of its cells are those of bodies. What is not unmistakable stays unread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile

from extract import bodies, rulebook
from extract.layers import Line, Span
from extract.rule import Opener
from extract.view import View
from extract.zones import parse

Cell = tuple[int, int, str]
"""Start and end in the view, and the role that its column gives to bodies."""

_LONGEST_HEADING = 60
_LONGEST_NAME = 12
# a heading spread over its letters may have picked up the end of a neighbour's cell
_KNOWN = 0.6
_TASK, _ROLES = "task", frozenset(("lead", "responsible", "cooperating", "supervising"))
# so many lines in a row that are no rows end a table
_APART = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a flattened table.

    Attributes
    ----------
    line : int
        Number of the line that holds its task.
    cells : tuple of (int, int, str)
        Cells of bodies, on that line or on others.
    others : tuple of int
        Numbers of the lines that hold nothing but another cell of the row.
    """

    line: int
    cells: tuple[Cell, ...]
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Heading:
    columns: tuple[str, ...]
    first: int
    last: int


def find(view: View, lines: Sequence[Line]) -> list[Row]:
    """Rows of flattened tables.

    Parameters
    ----------
    view : View
        Knows where blanks stood in the document.
    lines : sequence of Line
        Of the view.

    Returns
    -------
    list of Row
        In order; empty for a document without such tables, which costs one question
        for each short line.
    """
    headings = list(_headings(view.text, lines))
    rows: dict[int, Row] = {}
    for place, heading in enumerate(headings):
        stop = headings[place + 1].first if place + 1 < len(headings) else len(lines)
        below = range(heading.last + 1, stop)
        if found := _stacked(view.text, lines, heading, below):
            rows |= found
        else:
            rows |= _inline(view, lines, heading, below)
    if len(headings) > 1 and headings[0].columns == headings[1].columns:
        # it is repeated on every page, and the first of them was not readable
        rows |= _inline(view, lines, headings[0], range(headings[0].first - 1, -1, -1))
    return [rows[place] for place in sorted(rows)]


def _headings(text: str, lines: Sequence[Line]) -> Iterator[_Heading]:
    """Lines, or runs of short lines, that are a table's heading."""
    done = -1
    for place, line in enumerate(lines):
        length = line.end - line.start
        if length > _LONGEST_HEADING or place <= done:
            continue
        if columns := _columns(text[line.start : line.end]):
            yield _Heading(columns, place, place)
        elif length <= _LONGEST_NAME and _kind(text, line):
            run = list(takewhile(lambda below: _kind(text, below), lines[place:]))
            done = place + len(run) - 1
            if columns := _columns("".join(text[c.start : c.end] for c in run)):
                yield _Heading(columns, place, done)


def _kind(text: str, line: Line) -> bool:
    """Whether a line is nothing but the name of a column."""
    if line.end - line.start > _LONGEST_NAME:
        return False
    kinds, whole = _kinds()
    # few lines are that short, and fewer begin like one
    return kinds.may[text[line.start]] and bool(whole(text, line.start, line.end))


@cache
def _kinds() -> tuple[Opener, Callable[..., re.Match[str] | None]]:
    """What names of columns may begin with, and what tells whether words are one."""
    book, labels = rulebook.load("duty"), _labels()
    return book.opener(*labels), book.union(*labels).fullmatch


@lru_cache(maxsize=2_000)
def _columns(words: str) -> tuple[str, ...]:
    """What the columns hold if these words are a table's heading, else ()."""
    book = rulebook.load("duty")
    if not book["duty.flat-heading"].pattern.match(words):
        return ()
    columns: list[str] = []
    known = 0
    for match in book.union(*_labels()).finditer(words):
        columns.append(book.rule_of(match).label.partition(":")[2])
        known += len(match[0])
    held = _ROLES.intersection(columns)
    enough = len(columns) > 2 and _TASK in columns and known >= _KNOWN * len(words)
    return tuple(columns) if held and enough else ()


@lru_cache(maxsize=1)
def _labels() -> tuple[str, ...]:
    rules = rulebook.load("duty").rules
    labels = [rule.label for rule in rules if rule.label.startswith("flat:")]
    return tuple(dict.fromkeys(labels))


def _inline(
    view: View, lines: Sequence[Line], heading: _Heading, places: Sequence[int]
) -> dict[int, Row]:
    """Rows that stand on one line each."""
    rows: dict[int, Row] = {}
    missed = 0
    for place in places:
        if lines[place].kind == "heading":
            continue
        if cells := _cells(view, lines[place], heading.columns):
            rows[place] = Row(place, cells)
            missed = 0
        elif (missed := missed + 1) > _APART:
            break
    return rows


def _cells(view: View, line: Line, columns: tuple[str, ...]) -> tuple[Cell, ...]:
    """Cells of bodies in a line, if it is a row of such a table."""
    pieces = _pieces(view, line)
    named = [names(view.text[start:end]) for start, end in pieces]
    roles = [column for column in columns if column in _ROLES]
    if columns.index(_TASK) < columns.index(roles[0]):
        # the task stands first, and may be about bodies
        first = next((at for at, name in enumerate(named) if not name), len(named))
        named[: first + 1] = [False] * min(first + 1, len(named))
    cells = [piece for piece, name in zip(pieces, named, strict=True) if name]
    if not cells or len(cells) > len(roles) or len(cells) == len(pieces):
        return ()
    if len(cells) < len(roles):
        # of 牵头单位, 配合单位 the second may be empty; of a merged cell nobody leads
        lead = roles[0] == "lead" and "responsible" not in roles
        roles = roles[:1] if lead else ["responsible"] * len(cells)
    return tuple(
        (start, end, role) for (start, end), role in zip(cells, roles, strict=False)
    )


def _pieces(view: View, line: Line) -> list[Span]:
    """Stretches of a line between blanks; 、 at the end of one joins it to the next."""
    joins = rulebook.load("duty")["duty.flat-joint"].pattern.search
    pieces: list[Span] = []
    start = line.start
    for stop in (*view.gaps(line.start, line.end), line.end):
        if stop < line.end and joins(view.text[max(start, stop - 1) : stop + 1]):
            continue
        pieces.append((start, stop))
        start = stop
    return pieces


def _stacked(
    text: str, lines: Sequence[Line], heading: _Heading, places: range
) -> dict[int, Row]:
    """Rows of one cell a line; a single one could be chance, so two at least."""
    columns = heading.columns
    width = len(columns)
    if heading.last - heading.first + 1 != width:
        return {}
    cells = [place for place in places if lines[place].kind != "heading"]
    rows: dict[int, Row] = {}
    for first in range(0, len(cells) - width + 1, width):
        row = cells[first : first + width]
        spans = [(lines[place].start, lines[place].end) for place in row]
        if not all(
            _fits(text[start:end], column)
            for (start, end), column in zip(spans, columns, strict=True)
        ):
            break
        task = row[columns.index(_TASK)]
        named = tuple(
            (start, end, column)
            for (start, end), column in zip(spans, columns, strict=True)
            if column in _ROLES
        )
        rows[task] = Row(task, named, tuple(place for place in row if place != task))
    return rows if len(rows) > 1 else {}


def _fits(words: str, column: str) -> bool:
    """Whether a cell can stand in a column."""
    if column in _ROLES:
        return names(words)
    if column == "time":
        return rulebook.load("duty")["duty.time"].pattern.match(words) is not None
    if column == "number":
        return words.rstrip(".．、").isdecimal()
    return column != _TASK or not names(words)


@lru_cache(maxsize=5_000)
def names(words: str) -> bool:
    """Whether words are nothing but a list of bodies.

    Parameters
    ----------
    words : str
        A cell.

    Returns
    -------
    bool
        True if every name looks like one, half of them are full names, and nothing
        else stands there but 等有关部门, 牵头 and the like.
    """
    marks = parse(words, 0, len(words))
    found = [words[mark.start : mark.end] for mark in marks]
    full = sum(bodies.whole(name) for name in found)
    rest, place = "", 0
    for mark in marks:
        rest += words[place : mark.start] + " "
        place = mark.end
    joined = rulebook.load("duty")["duty.flat-rest"].pattern.fullmatch
    nothing_else = joined(rest + words[place:])
    return bool(found) and 2 * full >= len(found) and nothing_else is not None
