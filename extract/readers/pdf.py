"""Bytes of a PDF in, a `Draft` out: its type by place, its tables by their lines.

PDFium reads the file; nothing is drawn, so no picture is ever decoded.
"""

from __future__ import annotations

import math
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from extract.errors import ReadError
from extract.readers import aligned, drawing, flow, furniture, grid, layout
from extract.readers.draft import Draft
from extract.readers.layout import Glyph
from extract.readers.page import Page
from extract.readers.ruling import Rule

PAGES = 5_000
"""Most pages that are read."""
SECONDS = 300.0
"""Most processor time that is spent on one file."""
PAGE_GLYPHS = 200_000

# a page of text has more characters than that; a scan's has a page number at most
_BLANK = 30
# characters without a meaning of their own, in a font that does not say what its
# glyphs stand for
_UNMAPPED = 0.3
# radicals, compatibility ideographs, ligatures
_COMPATIBLE = ((0x2E80, 0x2FDF), (0xF900, 0xFAFF), (0xFB00, 0xFB06))


def read(data: bytes) -> Draft:
    """Read a PDF.

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
        E120 a password is needed, E121 damaged, E122 more pages or work than is read,
        E130 a scan without text, E131 its characters cannot be told.
    """
    document = _opened(data)
    try:
        return _drafted(document)
    finally:
        document.close()


def _opened(data: bytes) -> Any:
    import pypdfium2
    import pypdfium2.raw as pdfium

    try:
        document = pypdfium2.PdfDocument(data)
        count = len(document)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD:
            raise ReadError("E120", path="") from error
        raise ReadError("E121", path="", part="PDF") from error
    if not 0 < count <= PAGES:
        document.close()
        if count > PAGES:
            raise ReadError("E122", path="", part="PDF", limit=PAGES)
        raise ReadError("E121", path="", part="PDF")
    return document


def _drafted(document: Any) -> Draft:
    deadline = time.process_time() + SECONDS
    pages: list[Page] = []
    unmapped: Counter[bool] = Counter()
    pictures = 0
    for number in range(len(document)):
        if time.process_time() > deadline:
            raise ReadError("E122", path="", part="PDF", limit=int(SECONDS))
        page, scanned = _page(document, number, unmapped)
        pictures += scanned
        pages.append(page)
    if unmapped[True] > _UNMAPPED * unmapped.total():
        raise ReadError("E131", path="")
    written = sum(unmapped.values())
    if pictures and written < _BLANK * len(pages) and pictures * 2 >= len(pages):
        raise ReadError("E130", path="")
    return flow.compose(aligned.tabled(furniture.without(pages)))


def _page(document: Any, number: int, unmapped: Counter[bool]) -> tuple[Page, bool]:
    """One page, and whether it is a picture and no text."""
    import pypdfium2

    try:
        page = document[number]
        try:
            glyphs = list(characters(page, unmapped))
            rules, pictured = drawing.read(page)
            box = page.get_cropbox()
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        raise ReadError("E121", path="", part=f"PDF {number + 1}") from error
    turn = Counter(glyph.turn for glyph in glyphs).most_common(1)
    upright = _Turned(box, turn[0][0] if turn else 0)
    placed = [upright.glyph(glyph) for glyph in glyphs]
    tables, outside = grid.find([upright.rule(rule) for rule in rules], placed)
    lines = layout.lines(outside, number)
    scanned = pictured and len(glyphs) < _BLANK
    return Page(upright.width, upright.height, lines, tables), scanned


# of the basic plane, extension A and the basic block
_IDEOGRAPHS = range(0x3400, 0xA000)


class _Turned:
    """A page turned until its text is upright, seen from its upper left corner.

    Landscape tables are often set on portrait pages, by text that runs upwards.
    """

    def __init__(self, box: tuple[float, float, float, float], turn: int) -> None:
        self._turn = turn
        x0, y0, x1, y1 = self._bounds(*box)
        self._left, self._top = x0, y1
        self.width, self.height = x1 - x0, y1 - y0

    def _point(self, x: float, y: float) -> tuple[float, float]:
        return ((x, y), (y, -x), (-x, -y), (-y, x))[self._turn]

    def _bounds(
        self, x0: float, y0: float, x1: float, y1: float
    ) -> tuple[float, float, float, float]:
        (ax, ay), (bx, by) = self._point(x0, y0), self._point(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def glyph(self, found: Character) -> Glyph:
        x0, y0, x1, y1 = self._bounds(*found.box)
        baseline = self._point(*found.origin)[1]
        wide, high = x1 - x0, y1 - y0
        # an ideograph is as wide as its type is high, whatever its font claims
        size = wide if ord(found.text[:1] or " ") in _IDEOGRAPHS else high
        return Glyph(
            found.text, x0 - self._left, x1 - self._left, self._top - baseline, size
        )

    def rule(self, rule: Rule) -> Rule:
        x0, y0, x1, y1 = self._bounds(rule.x0, rule.y0, rule.x1, rule.y1)
        return Rule(x0 - self._left, self._top - y1, x1 - self._left, self._top - y0)


@dataclass(frozen=True, slots=True)
class Character:
    """A character where the file puts it: y upwards, in points."""

    text: str
    box: tuple[float, float, float, float]
    origin: tuple[float, float]
    turn: int


def characters(page: Any, unmapped: Counter[bool]) -> Iterator[Character]:
    """Characters of a page in the order of the file, oblique ones (watermarks) not.

    Parameters
    ----------
    page : pypdfium2.PdfPage
    unmapped : Counter of bool
        Counts characters whose font does not (True) or does say what they are.
    """
    import ctypes

    import pypdfium2.raw as pdfium

    text = page.get_textpage()
    try:
        count = text.count_chars()
        if count > PAGE_GLYPHS:
            raise ReadError("E122", path="", part="PDF", limit=PAGE_GLYPHS)
        box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
        high = 0
        for index in range(count):
            code = pdfium.FPDFText_GetUnicode(text, index)
            if pdfium.FPDFText_IsGenerated(text, index) == 1:
                continue
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            unmapped[pdfium.FPDFText_HasUnicodeMapError(text, index) == 1] += 1
            char = _read_as(code)
            turn = _quarter(pdfium.FPDFText_GetCharAngle(text, index))
            if not char or turn is None:
                continue
            if not pdfium.FPDFText_GetLooseCharBox(text, index, box):
                continue
            pdfium.FPDFText_GetCharOrigin(text, index, x, y)
            edges = (box.left, box.bottom, box.right, box.top)
            yield Character(char, edges, (x.value, y.value), turn)
    finally:
        text.close()


def _quarter(angle: float) -> int | None:
    """Quarter turns of a line of text, counter-clockwise; None between them."""
    turns = -angle / (math.pi / 2)
    nearest = round(turns)
    return nearest % 4 if abs(turns - nearest) < 0.05 else None


def _read_as(code: int) -> str:
    """A character of the text; empty for one that is none.

    Some fonts name 二 by its radical ⼆, which looks the same and is another character.
    """
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        return ""
    # PDFium's sign for a hyphen at the end of a line
    if code == 0x2:
        return "-"
    # bullets of symbol fonts
    if 0xF020 <= code <= 0xF0FF:
        return ""
    char = chr(code)
    if any(first <= code <= last for first, last in _COMPATIBLE):
        return unicodedata.normalize("NFKC", char)
    if char in "\t\u3000\xa0" or unicodedata.category(char) == "Zs":
        return " "
    return "" if unicodedata.category(char) in ("Cc", "Cf", "Cn", "Cs") else char
