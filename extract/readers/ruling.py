"""Lines that are drawn on a page in, those that touch each other together out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["TOUCH", "Rule", "connected", "root", "straight"]

TOUCH = 3.0
"""Lines that are so near (in points) touch."""
_SHORTEST = 5.0
_MOST_CELLS = 50_000


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, level (y0 = y1) or upright (x0 = x1); y grows downwards."""

    x0: float
    y0: float
    x1: float
    y1: float


def straight(
    ax: float, ay: float, bx: float, by: float, thick: float
) -> Iterator[Rule]:
    """Line between two corners if it is level or upright, nothing if it is oblique.

    Parameters
    ----------
    ax, ay, bx, by : float
        The ends of a line, or the corners of a strip.
    thick : float
        How far they may be apart across the line.
    """
    wide, high = abs(bx - ax), abs(by - ay)
    if high <= thick and wide > high:
        middle = (ay + by) / 2
        yield Rule(min(ax, bx), middle, max(ax, bx), middle)
    elif wide <= thick and high > wide:
        middle = (ax + bx) / 2
        yield Rule(middle, min(ay, by), middle, max(ay, by))


def _merged(rules: Iterable[Rule], level: bool) -> list[Rule]:
    """Lines that continue each other made one; a table is drawn cell by cell."""

    def key(rule: Rule) -> tuple[float, float]:
        return (rule.y0, rule.x0) if level else (rule.x0, rule.y0)

    tracks: list[list[Rule]] = []
    for rule in sorted(rules, key=key):
        if tracks and key(rule)[0] - key(tracks[-1][0])[0] < TOUCH:
            tracks[-1].append(rule)
        else:
            tracks.append([rule])
    merged: list[Rule] = []
    for track in tracks:
        at = key(track[0])[0]
        start = end = None
        for rule in sorted(track, key=lambda rule: key(rule)[1]):
            low = key(rule)[1]
            high = rule.x1 if level else rule.y1
            if start is None or end is None:
                start, end = low, high
            elif low - end <= TOUCH:
                end = max(end, high)
            else:
                merged.append(_rule(at, start, end, level))
                start, end = low, high
        if start is not None and end is not None:
            merged.append(_rule(at, start, end, level))
    return merged


def _rule(at: float, start: float, end: float, level: bool) -> Rule:
    return Rule(start, at, end, at) if level else Rule(at, start, at, end)


def connected(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Groups of lines that touch or cross each other."""
    level = _merged((rule for rule in rules if rule.y0 == rule.y1), True)
    upright = _merged((rule for rule in rules if rule.x0 == rule.x1), False)
    level = [rule for rule in level if rule.x1 - rule.x0 > _SHORTEST]
    upright = [rule for rule in upright if rule.y1 - rule.y0 > _SHORTEST]
    if len(level) * len(upright) > _MOST_CELLS:
        return []
    every = level + upright
    roots = list(range(len(every)))
    for i, across in enumerate(level):
        for j, down in enumerate(upright, len(level)):
            if (
                across.x0 - TOUCH <= down.x0 <= across.x1 + TOUCH
                and down.y0 - TOUCH <= across.y0 <= down.y1 + TOUCH
            ):
                roots[root(roots, i)] = root(roots, j)
    groups: dict[int, list[Rule]] = {}
    for index, rule in enumerate(every):
        groups.setdefault(root(roots, index), []).append(rule)
    return list(groups.values())


def root(roots: list[int], index: int) -> int:
    """First member of the group that `index` belongs to (union-find)."""
    while roots[index] != index:
        roots[index] = roots[roots[index]]
        index = roots[index]
    return index
