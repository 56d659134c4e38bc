"""Bands of a page in, the columns out whose headings they are, and how far those reach.

Headings are those of a table of tasks that the rules know (序号, 任务, 牵头单位); their
letters may be spread, and stand on several lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extract.readers import measure, table
from extract.readers.bands import Band, Column, Piece

__all__ = ["Fitted", "heading"]

# lines of one heading, characters of its cells
_DEEP = 3
_LONG = 10
# pieces of a line of headings whose letters are spread, and of type beside its heading
_MOST = 60
_MOST_BESIDE = 12
# shares of an em: from line to line of a heading, type that touches, type of one row
_STACKED = 2.2
_SLACK = 0.35
_SAME_ROW = 0.8


def heading(bands: Sequence[Band], start: int) -> tuple[tuple[Column, ...], int]:
    """Columns if the headings of a table begin here, and how many lines they take."""
    best: tuple[Column, ...] = ()
    taken = 0
    for deep in range(1, _DEEP + 1):
        part = bands[start : start + deep]
        if len(part) < deep or not _may_head(part):
            break
        columns = _columns(part)
        # a line of prose above the headings says nothing more
        if _known(columns) > max(_known(best), _known(_columns(part[1:]))):
            best, taken = columns, deep
    return best, taken


def _may_head(part: Sequence[Band]) -> bool:
    if any(len(band.pieces) > _MOST for band in part):
        return False
    if any(len(piece.text) > _LONG for band in part for piece in band.pieces):
        return False
    return all(
        below.y - above.y <= _STACKED * above.size for above, below in pairwise(part)
    )


def _known(columns: Sequence[Column]) -> int:
    return sum(bool(column.meaning) for column in columns)


def _columns(part: Sequence[Band]) -> tuple[Column, ...]:
    """Columns that these lines name, none if they are no headings."""
    if not part:
        return ()
    size = max(band.size for band in part)
    stacks = _stacks(part, _SLACK * size)
    best: tuple[Column, ...] = ()
    # the letters of a heading may be spread: 序　号; the blanks around it are wider
    widths = {right.x0 - left.x1 for left, right in pairwise(stacks)}
    for width in [0.0, *sorted(widths)][:-1]:
        texts = _spread(stacks, width)
        meanings = table.meanings([piece.text for piece in texts])
        columns = tuple(
            Column(piece.text, meaning, piece.x0, piece.x1)
            for piece, meaning in zip(texts, meanings, strict=bool(meanings))
        )
        if _sound(columns) and _known(columns) > _known(best):
            best = columns
    return best


def _sound(columns: Sequence[Column]) -> bool:
    """Whether most columns are known, and each name is one of a column."""
    strange = len(columns) - _known(columns)
    return strange <= _known(columns) and all(
        len(column.heading) <= _LONG and not measure.ends(column.heading)
        for column in columns
    )


def _stacks(part: Sequence[Band], slack: float) -> list[Piece]:
    """Pieces that stand one below the other made one."""
    stacks: list[Piece] = []
    pieces = [
        (piece, depth) for depth, band in enumerate(part) for piece in band.pieces
    ]
    groups: list[list[tuple[Piece, int]]] = []
    right = 0.0
    for piece, depth in sorted(pieces, key=lambda found: found[0].x0):
        if groups and piece.x0 < right + (slack if len(part) > 1 else 0.0):
            groups[-1].append((piece, depth))
        else:
            groups.append([(piece, depth)])
        right = max(right, piece.x1) if len(groups[-1]) > 1 else piece.x1
    for group in groups:
        group.sort(key=lambda found: (found[1], found[0].x0))
        text = "".join(piece.text for piece, _ in group).replace(" ", "")
        edges = [piece.x0 for piece, _ in group], [piece.x1 for piece, _ in group]
        stacks.append(Piece(text, min(edges[0]), max(edges[1])))
    return stacks


def _spread(stacks: Sequence[Piece], width: float) -> list[Piece]:
    """Pieces with no more than that between them made one."""
    texts: list[Piece] = []
    for piece in stacks:
        if texts and piece.x0 - texts[-1].x1 <= width:
            before = texts.pop()
            piece = Piece(before.text + piece.text, before.x0, piece.x1)
        texts.append(piece)
    return texts


class Fitted:
    """Where each column reaches, as line after line is put below its heading."""

    def __init__(self, columns: tuple[Column, ...]) -> None:
        self._columns = columns
        # edges, and the column that they belong to if that is known yet
        self._spans = [(each.x0, each.x1, n) for n, each in enumerate(columns)]
        self._bands: list[Band] = []

    def fits(self, band: Band) -> bool:
        """Whether a line keeps to the columns."""
        return self._with(band) is not None

    def add(self, band: Band) -> bool:
        """Put a line below the headings if it keeps to the columns."""
        spans = self._with(band)
        if spans is None:
            return False
        self._spans = spans
        self._bands.append(band)
        return True

    def _with(self, band: Band) -> list[tuple[float, float, int]] | None:
        spans = self._spans
        for piece in band.pieces:
            x0, x1, column = piece.x0, piece.x1, -1
            apart: list[tuple[float, float, int]] = []
            for left, right, owner in spans:
                slack = _SLACK * band.size
                if right + slack <= x0 or x1 + slack <= left:
                    apart.append((left, right, owner))
                    continue
                if owner >= 0 and column >= 0:
                    return None
                x0, x1 = min(x0, left), max(x1, right)
                column = max(column, owner)
            spans = sorted([*apart, (x0, x1, column)])
        return spans

    def placed(self) -> tuple[Column, ...] | None:
        """Columns with their edges; None if some type belongs to none of them."""
        if sum(owner < 0 for _, _, owner in self._spans) > _MOST_BESIDE:
            return None
        owned: dict[int, tuple[float, float]] = {}
        for number, (x0, x1, owner) in enumerate(self._spans):
            if owner < 0:
                owner = self._owner(number)
            if owner < 0:
                return None
            left, right = owned.get(owner, (x0, x1))
            owned[owner] = min(left, x0), max(right, x1)
        return tuple(
            replace(column, x0=owned[n][0], x1=owned[n][1])
            for n, column in enumerate(self._columns)
        )

    def _owner(self, number: int) -> int:
        """Column of type that stands beside its heading, -1 if it may be either's."""
        x0, x1, _ = self._spans[number]
        free: list[int] = []
        for beside in (number - 1, number + 1):
            if not 0 <= beside < len(self._spans):
                continue
            left, right, owner = self._spans[beside]
            own = [band for band in self._bands if _within(band, x0, x1)]
            others = [band for band in self._bands if _within(band, left, right)]
            taken = any(
                abs(band.y - other.y) < _SAME_ROW * band.size
                for band in own
                for other in others
            )
            if owner >= 0 and not taken:
                free.append(owner)
        return free[0] if len(free) == 1 else -1


def _within(band: Band, x0: float, x1: float) -> bool:
    return any(x0 <= (piece.x0 + piece.x1) / 2 <= x1 for piece in band.pieces)
