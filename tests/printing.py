"""PDF files made on the spot: Chinese type at given places, tables, pictures.

The type is the viewer's own (STSong-Light): no font file is needed.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"
EM = 16.0
LEADING = 28.0
LEFT = 80.0
TOP = A4[1] - 100
# characters in a full line
WIDTH = 27

pdfmetrics.registerFont(UnicodeCIDFont(FONT))


class Print:
    """A PDF in the making; y runs down from the top of the type area."""

    def __init__(self, encrypt: object = None, size: tuple[float, float] = A4) -> None:
        self._file = io.BytesIO()
        self.canvas = Canvas(self._file, pagesize=size, encrypt=encrypt, invariant=1)
        self.size = size
        self.y = size[1] - 100
        self.page = 1
        self.strips = False

    def at(self, x: float, y: float, text: str, em: float = EM) -> None:
        self.canvas.setFont(FONT, em)
        self.canvas.drawString(x, y, text)

    def line(self, text: str, indent: float = 0.0, em: float = EM) -> None:
        self.at(LEFT + indent * em, self.y, text, em)
        self.y -= LEADING

    def centred(self, text: str, em: float = EM) -> None:
        self.canvas.setFont(FONT, em)
        middle = LEFT + WIDTH * EM / 2
        self.canvas.drawCentredString(middle, self.y, text)
        self.y -= LEADING

    def paragraph(self, text: str, indent: int = 2) -> None:
        """Wrap a paragraph as a word processor does, from page to page."""
        room = WIDTH - indent
        while text:
            # marks that close hang out rather than start a line
            cut = room + (text[room : room + 1] in tuple("，。；：、）”"))
            if self.y < 90:
                self.next_page()
            self.line(text[:cut], indent)
            text, indent, room = text[cut:], 0, WIDTH

    def box(self, x: float, y: float, width: float, height: float) -> None:
        """A frame; as strips it is drawn the way word processors do."""
        if not self.strips:
            self.canvas.rect(x, y, width, height)
            return
        for place in (y, y + height):
            self.canvas.rect(x, place, width, 0.5, stroke=0, fill=1)
        for place in (x, x + width):
            self.canvas.rect(place, y, 0.5, height, stroke=0, fill=1)

    def table(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], lines: bool = True
    ) -> None:
        """Rows of cells; a cell with line feeds is as high as it needs."""
        for row in rows:
            height = LEADING * max(cell.count("\n") + 1 for cell in row)
            x = LEFT
            for cell, width in zip(row, widths, strict=True):
                if lines:
                    self.box(x, self.y - height + 20, width, height)
                for place, part in enumerate(cell.split("\n")):
                    self.at(x + 4, self.y - place * LEADING, part, 12)
                x += width
            self.y -= height

    def picture(self) -> None:
        """A page that is one picture, as a scanner makes them."""
        from PIL import Image

        image = Image.new("L", (60, 84), 200)
        self.canvas.drawImage(ImageReader(image), 0, 0, *self.size)

    def next_page(self) -> None:
        self.canvas.showPage()
        self.y = self.size[1] - 100
        self.page += 1

    def data(self) -> bytes:
        self.canvas.save()
        return self._file.getvalue()


def printed(*paragraphs: str) -> bytes:
    """A PDF of indented paragraphs."""
    page = Print()
    for text in paragraphs:
        page.paragraph(text)
    return page.data()
