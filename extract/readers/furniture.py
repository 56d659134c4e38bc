"""Lines of all pages in, without running heads, feet and page numbers out.

What stands at the same place on most pages is furniture, and so is a number at the
edge of a page that grows by one from page to page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extract import rulebook
from extract.readers import bands, columns
from extract.readers.layout import Line
from extract.readers.page import Page

__all__ = ["removed", "without"]

# so many lines from the top and from the bottom of a page may be furniture
_DEPTH = 3
# and only within that share of the paper's height
_BAND = 0.12
# a running head returns on that share of the pages, left and right ones taking turns
_OFTEN = 0.4
_FEWEST = 2
_SAME_PLACE = 4.0
_DIGITS = re.compile(r"\d+")


def without(pages: Sequence[Page]) -> list[Page]:
    """Pages without furniture.

    Parameters
    ----------
    pages : sequence of Page
        All pages of a document, in order.

    Returns
    -------
    list of Page
        As many, with fewer lines.
    """
    gone = [set(map(id, lines)) for lines in removed(pages)]
    return [
        replace(page, lines=[line for line in page.lines if id(line) not in ids])
        for page, ids in zip(pages, gone, strict=True)
    ]


def removed(pages: Sequence[Page]) -> list[list[Line]]:
    """For each page the lines that are furniture; see `without`."""
    edges = [_edges(page) for page in pages]
    heads = _running(edges)
    numbers = _numbers(edges)
    return [
        [
            line
            for line in page
            if id(line) in numbers or any(_matches(line, head) for head in heads)
        ]
        for page in edges
    ]


def _edges(page: Page) -> list[Line]:
    """Outermost lines: what stands below a table's top is inside the page."""
    if not page.lines:
        return []
    band = page.height * _BAND
    ordered = sorted(page.lines, key=lambda line: line.y)
    # the headings of a table stand on every page of it
    headings = set(_headings(ordered[: _DEPTH * 3]))
    tops = [
        line for line in ordered[:_DEPTH] if line.y <= band and id(line) not in headings
    ]
    feet = [line for line in ordered[-_DEPTH:] if line.y >= page.height - band]
    return tops + [line for line in feet if line not in tops]


def _headings(lines: Sequence[Line]) -> Iterator[int]:
    """Ids of the lines that are headings of a table."""
    if not any(line.gaps for line in lines):
        return
    found = bands.bands(lines)
    for start in range(len(found)):
        _, deep = columns.heading(found, start)
        for band in found[start : start + deep]:
            yield from map(id, band.lines)


def _running(edges: Sequence[Sequence[Line]]) -> list[tuple[str, float]]:
    """Texts, numbers made alike, that return at the same height."""
    often = max(_FEWEST, _OFTEN * len(edges))
    prose = rulebook.load("line")["line.prose"].pattern
    counts: Counter[tuple[str, int]] = Counter()
    for page in edges:
        titles = [line for line in page if not prose.search(line.text)]
        counts.update({(_shape(line), round(line.y / _SAME_PLACE)) for line in titles})
    return [
        (shape, slot * _SAME_PLACE)
        for (shape, slot), n in counts.items()
        # heights that fall to both sides of a slot's border are one place
        if shape != "#"
        and n + max(counts[shape, slot - 1], counts[shape, slot + 1]) >= often
    ]


def _shape(line: Line) -> str:
    return _DIGITS.sub("#", line.text)


def _matches(line: Line, head: tuple[str, float]) -> bool:
    shape, place = head
    return abs(line.y - place) <= _SAME_PLACE and _shape(line) == shape


def _numbers(edges: Sequence[Sequence[Line]]) -> set[int]:
    """Ids of the lines that number pages."""
    book = rulebook.load("page")
    found: set[int] = set()
    bare: list[tuple[int, Line]] = []
    for place, page in enumerate(edges):
        for line in page:
            for rule in book.rules:
                if match := rule.pattern.match(line.text):
                    if rule.label == "sure":
                        found.add(id(line))
                    else:
                        bare.append((int(match["n"]) - place, line))
                    break
    steps = Counter(step for step, _ in bare)
    return found | {id(line) for step, line in bare if steps[step] >= _FEWEST}
