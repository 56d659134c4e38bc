"""Drawings of a PDF page in, the straight lines of its tables out."""

from __future__ import annotations

import ctypes
import itertools
from collections.abc import Iterator
from typing import Any

from extract.readers.ruling import Rule, straight

# pages with more of them are maps and diagrams, and no tables
_MOST_OBJECTS = 60_000
_MOST_SEGMENTS = 60_000
# in points: how thick a filled strip may be and still be a line, how skew a line
_THIN = 2.5
_SKEW = 0.7
# a picture that covers that share of the page is a scan of it
_COVERS = 0.4

_Matrix = tuple[float, float, float, float, float, float]
_Points = list[tuple[float, float]]


def read(page: Any) -> tuple[list[Rule], bool]:
    """Lines that are drawn on a page, and whether a picture covers it.

    Parameters
    ----------
    page : pypdfium2.PdfPage

    Returns
    -------
    rules : list of Rule
        y upwards, in points, as in the file.
    pictured : bool
    """
    import pypdfium2.raw as pdfium

    if pdfium.FPDFPage_CountObjects(page) > _MOST_OBJECTS:
        return [], False
    rules: list[Rule] = []
    covered = 0.0
    width, height = page.get_size()
    wanted = [pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE]
    for item in page.get_objects(filter=wanted, max_depth=8):
        if item.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            x0, y0, x1, y1 = item.get_bounds()
            covered += (x1 - x0) * (y1 - y0)
        elif len(rules) < _MOST_SEGMENTS:
            rules += _lines(item)
    return rules, covered > _COVERS * width * height


def _lines(item: Any) -> Iterator[Rule]:
    """Straight lines of a path: strokes, and strips that are filled."""
    import pypdfium2.raw as pdfium

    filled, stroked = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(item, filled, stroked)
    if not filled.value and not stroked.value:
        return
    matrix = _placed(item)
    for points in _subpaths(item, matrix):
        if stroked.value:
            for (ax, ay), (bx, by) in itertools.pairwise(points):
                yield from straight(ax, ay, bx, by, _SKEW)
        else:
            xs, ys = [x for x, _ in points], [y for _, y in points]
            yield from straight(min(xs), min(ys), max(xs), max(ys), _THIN)


def _subpaths(item: Any, matrix: _Matrix) -> Iterator[_Points]:
    import pypdfium2.raw as pdfium

    a, b, c, d, e, f = matrix
    x, y = ctypes.c_float(), ctypes.c_float()
    points: _Points = []
    count = pdfium.FPDFPath_CountSegments(item)
    for index in range(min(count, _MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(item, index)
        sort = pdfium.FPDFPathSegment_GetType(segment)
        pdfium.FPDFPathSegment_GetPoint(segment, x, y)
        place = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        # a curve is no line, and what follows it starts anew
        if sort != pdfium.FPDF_SEGMENT_LINETO:
            if len(points) > 1:
                yield points
            points = []
        points.append(place)
        if pdfium.FPDFPathSegment_GetClose(segment) and points:
            points.append(points[0])
    if len(points) > 1:
        yield points


def _placed(item: Any) -> _Matrix:
    """From the space of a path to that of the page, through the forms it is in."""
    matrix: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    while item is not None:
        outer = item.get_matrix()
        matrix = _times(matrix, (outer.a, outer.b, outer.c, outer.d, outer.e, outer.f))
        item = item.container
    return matrix


def _times(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    m, n, o, p, q, r = outer
    return (
        a * m + b * o,
        a * n + b * p,
        c * m + d * o,
        c * n + d * p,
        e * m + f * o + q,
        e * n + f * p + r,
    )
