"""Lines of a document in; the years that its headings name for what is below out."""

from __future__ import annotations

from collections.abc import Sequence
from re import Match
from typing import NamedTuple

from extract.layers import Line
from extract.periods import stated_year
from extract.rulebook import load

# a line without enumerator, as long as this at most and no sentence, is a heading
_LONGEST = 40


class Governing(NamedTuple):
    """A heading's year, and from where on it governs; None ends another's reign."""

    start: int
    year: int | None


def governing_years(text: str, title: str, lines: Sequence[Line]) -> list[Governing]:
    """Years that the title and the headings of a document name for what is below.

    Parameters
    ----------
    text : str
        `View.text`.
    title : str
        The document's title: governs where no heading does.
    lines : sequence of Line
        Its lines, in order.

    Returns
    -------
    list of Governing
        A heading's year holds until the next heading of its sort or of one that was
        open before it.
    """
    pattern = load("deadline").patterns["deadline.governing-year"]
    found = pattern.search(title)
    stack: list[tuple[str, int | None]] = [("", _year(found))]
    years = [Governing(0, stack[0][1])]
    for line in lines:
        if line.kind != "heading" and not _announces(text, line):
            continue
        sorts = [sort for sort, _ in stack[1:]]
        if not line.sort or line.sort in sorts:
            del stack[1 + (sorts.index(line.sort) if line.sort in sorts else 0) :]
        match = pattern.search(text, line.start, line.end)
        stack.append((line.sort, _year(match) or stack[-1][1]))
        if stack[-1][1] != years[-1].year:
            years.append(Governing(line.end, stack[-1][1]))
    return years if len(years) > 1 or years[0].year else []


def _year(match: Match[str] | None) -> int | None:
    """Year that was found; titles write it in digits or as 二〇二六."""
    return stated_year(match.groupdict(), None) if match else None


def _announces(text: str, line: Line) -> bool:
    """Whether a line without enumerator names a year and is no sentence."""
    if line.kind != "text" or line.marker or line.end - line.start > _LONGEST:
        return False
    ask = load("deadline").patterns
    return bool(
        ask["deadline.governing-year"].search(text, line.start, line.end)
    ) and not ask["deadline.boundary"].search(text, line.start, line.end)
