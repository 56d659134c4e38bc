"""Bytes of an OFD document (GB/T 33190) in, a `Draft` out: its type by place."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from lxml import etree

from extract.errors import ReadError
from extract.readers import aligned, container, flow, furniture, grid, layout, trees
from extract.readers.container import Container
from extract.readers.draft import Draft
from extract.readers.layout import Glyph
from extract.readers.page import Page
from extract.readers.ruling import Rule, straight

if TYPE_CHECKING:
    import ofdkit

PAGES = 5_000
"""Most pages that are read."""

# OFD counts in millimetres, the layout of pages in points
_POINTS = 72 / 25.4
# a page of text has more characters than that
_BLANK = 30
_DRAWN = 0.5
_THIN = 2.5
_MOST_PATHS = 20_000
# commands of AbbreviatedData and how many numbers follow each (GB/T 33190, 9.1)
_COMMANDS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?")


def read(data: bytes) -> Draft:
    """Read an OFD document.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Draft
        With the start of every page that holds text.

    Raises
    ------
    ReadError
        E120 encrypted, E121 damaged, E122 too large, E123 with entities in its XML,
        E130 a scan without text.
    """
    import ofdkit

    # the limits and the budget are those of every zip container here
    package = container.members(data)
    for name in package.names:
        if name.lower().endswith(".xml"):
            package.size(name)
    try:
        with ofdkit.open(data) as document:
            return _drafted(document, package)
    except ofdkit.OFDLimitError as error:
        code = "E123" if "DTD" in str(error) else "E122"
        raise ReadError(code, path="", part="OFD", limit=container.MEMBERS) from error
    except ofdkit.OFDError as error:
        raise ReadError("E121", path="", part="OFD") from error


def _drafted(document: ofdkit.OFDDocument, package: Container) -> Draft:
    if len(document.pages) > PAGES:
        raise ReadError("E122", path="", part="OFD", limit=PAGES)
    pages = [_page(page, package) for page in document.pages]
    written = sum(len(line.text) for page in pages for line in page.lines)
    tables = any(page.tables for page in pages)
    if written < _BLANK * len(pages) and not tables and _pictured(package):
        raise ReadError("E130", path="")
    return flow.compose(aligned.tabled(furniture.without(pages)))


def _page(page: ofdkit.Page, package: Container) -> Page:
    x, y, width, height = (side * _POINTS for side in page.box)
    glyphs = [
        replace(glyph, x0=glyph.x0 - x, x1=glyph.x1 - x, y=glyph.y - y)
        for run in page.runs
        for glyph in _glyphs(run)
    ]
    rules = list(_rules(package, page.location)) if page.location else []
    placed = [Rule(r.x0 - x, r.y0 - y, r.x1 - x, r.y1 - y) for r in rules]
    tables, outside = grid.find(placed, _measured(glyphs))
    return Page(width, height, layout.lines(outside, page.index), tables)


def _glyphs(run: ofdkit.TextRun) -> Iterator[Glyph]:
    """Characters of a run side by side, as far as it says how wide it is."""
    widths = [1.0 if layout.wide(char) else 0.5 for char in run.text]
    scale = run.width / (sum(widths) or 1.0) * _POINTS
    x, size = run.x * _POINTS, run.size * _POINTS
    if not all(map(math.isfinite, (x, run.y, scale, size))) or size <= 0:
        return
    for char, width in zip(run.text, widths, strict=True):
        yield Glyph(char, x, x + width * scale, run.y * _POINTS, size)
        x += width * scale


def _measured(glyphs: list[Glyph]) -> list[Glyph]:
    """Glyphs with the width of Latin letters told by where the next one stands.

    A file gives places and no widths, and fonts are not read.
    """
    measured: list[Glyph] = []
    for place, glyph in enumerate(glyphs):
        after = glyphs[place + 1] if place + 1 < len(glyphs) else None
        if after is not None and not layout.wide(glyph.text) and after.y == glyph.y:
            step = after.x0 - glyph.x0
            if 0.1 * glyph.size < step < 0.85 * glyph.size:
                glyph = replace(glyph, x1=after.x0)
        measured.append(glyph)
    return measured


def _rules(package: Container, location: str) -> Iterator[Rule]:
    """Straight lines that are drawn on a page."""
    if location not in package:
        return
    try:
        root = trees.parse(package.read(location), location)
    except ReadError:
        # the reader of the text mends what it can; without lines there are no tables
        return
    for count, item in enumerate(root.iter("{*}PathObject")):
        if count > _MOST_PATHS:
            return
        if item.get("Visible") == "false":
            continue
        box = _numbers(item.get("Boundary"))[:2]
        data = item.findtext("{*}AbbreviatedData")
        if len(box) == 2 and data:
            stroked = item.get("Stroke") != "false"
            yield from _lines(data, _matrix(item), box[0], box[1], stroked)


def _matrix(item: etree._Element) -> list[float]:
    matrix = _numbers(item.get("CTM"))
    return matrix if len(matrix) == 6 else [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]


def _numbers(text: str | None) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text or "")]


def _lines(
    data: str, matrix: list[float], left: float, top: float, stroked: bool
) -> Iterator[Rule]:
    a, b, c, d, e, f = matrix
    for points in _subpaths(data):
        placed = [
            (
                (a * x + c * y + e + left) * _POINTS,
                (b * x + d * y + f + top) * _POINTS,
            )
            for x, y in points
        ]
        if stroked:
            for (ax, ay), (bx, by) in itertools.pairwise(placed):
                yield from straight(ax, ay, bx, by, _DRAWN)
        elif placed:
            xs, ys = [x for x, _ in placed], [y for _, y in placed]
            yield from straight(min(xs), min(ys), max(xs), max(ys), _THIN)


def _subpaths(data: str) -> Iterator[list[tuple[float, float]]]:
    """Polygons of a path; a curve ends one, and what follows it starts anew."""
    points: list[tuple[float, float]] = []
    tokens = iter(data.split())
    for token in tokens:
        count = _COMMANDS.get(token)
        if count is None:
            return
        values = _numbers(" ".join(next(tokens, "") for _ in range(count)))
        if len(values) != count:
            return
        if token == "L":
            points.append((values[0], values[1]))
        elif token == "C":
            points += points[:1]
        else:
            if len(points) > 1:
                yield points
            points = [(values[-2], values[-1])]
    if len(points) > 1:
        yield points


def _pictured(package: Container) -> bool:
    pictures = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".jb2")
    return any(name.lower().endswith(pictures) for name in package.names)
