"""Word documents (.docx): paragraphs with their automatic numbers, tables, text boxes.

Headers, footers, notes, comments, tracked deletions, hidden text and tables of
contents are no part of what a speech says and are left out. Nothing outside the file
is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import dirname, join

from lxml import etree

from extract.errors import ReadError
from extract.readers import opc, runs, table
from extract.readers.container import Container, members
from extract.readers.draft import Draft, Place
from extract.readers.numbering import Numbering
from extract.readers.table import Cell
from extract.readers.trees import parse
from extract.readers.wordml import Styles, number, switched, value, w

_MAIN, _MEDIA = "word/document.xml", "/media/"
_PARAGRAPH, _TABLE, _ROW, _CELL = w("p"), w("tbl"), w("tr"), w("tc")
_CONTROL = w("sdt")
_WRAPPERS = frozenset(
    map(w, ("sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo"))
)
# the most columns of a Word table
_COLUMNS = 63
_BLOCKS = frozenset((_PARAGRAPH, _TABLE))
_TABLES, _ROWS, _CELLS = frozenset((_TABLE,)), frozenset((_ROW,)), frozenset((_CELL,))
# name of the styles of a table of contents, and of the gallery it is picked from
_CONTENTS_STYLE, _CONTENTS = "toc ", "Table of Contents"


def read(data: bytes) -> Draft:
    """Read a Word document.

    Parameters
    ----------
    data : bytes
        The whole .docx file (also .docm, .dotx).

    Returns
    -------
    Draft
        One line a paragraph, one a table row; places are paragraphs, counted
        without empty ones, a table row as one.

    Raises
    ------
    ReadError
        E120 behind a password, E121 damaged or no Word document, E122 too large,
        E123 with a document type declaration, E130 pictures and no text.
    """
    package = members(data)
    main = opc.target(package, "", "/officeDocument") or _MAIN
    root = parse(package.read(main), main)
    body = root.find(w("body"))
    if body is None:
        raise ReadError("E121", path="", part=main)
    styles = Styles(_part(package, main, "/styles"))
    reader = _Reader(styles, Numbering(_part(package, main, "/numbering"), styles))
    try:
        draft = _draft(reader.blocks(body))
    except RecursionError as error:
        raise ReadError("E121", path="", part=main) from error
    if not draft.places and any(_MEDIA in name for name in package.names):
        raise ReadError("E130", path="")
    return draft


def _draft(lines: Iterator[str]) -> Draft:
    text: list[str] = []
    places: list[tuple[int, Place]] = []
    offset = 0
    for line in lines:
        if line.strip():
            places.append((offset, Place("paragraph", len(places) + 1)))
        text.append(line)
        offset += len(line) + 1
    return Draft("\n".join(text) + "\n" if text else "", tuple(places))


def _part(package: Container, main: str, kind: str) -> etree._Element | None:
    name = opc.target(package, main, kind) or join(dirname(main), f"{kind[1:]}.xml")
    return parse(package.read(name), name) if name in package else None


class _Reader:
    def __init__(self, styles: Styles, numbering: Numbering) -> None:
        self.styles = styles
        self.numbering = numbering

    def blocks(self, parent: etree._Element) -> Iterator[str]:
        """Lines of a body, a cell or a text box."""
        begun = ""
        for element in _inside(parent, _BLOCKS):
            if element.tag == _TABLE:
                yield from self.table(element)
                continue
            text, boxes = self.paragraph(element)
            mark = element.find(f"{w('pPr')}/{w('rPr')}")
            if _deleted(mark) or switched(mark, "vanish"):
                # nothing ends here that a reader could see
                begun += text
            else:
                if not self.is_contents(element):
                    yield begun + text
                begun = ""
            for box in boxes:
                yield from self.blocks(box)
        if begun:
            yield begun

    def paragraph(self, element: etree._Element) -> tuple[str, list[etree._Element]]:
        """A paragraph with its number, and its text boxes."""
        text, boxes = runs.read(element, self.styles)
        text = text.strip(" \n")
        mark = element.find(f"{w('pPr')}/{w('rPr')}")
        if _deleted(mark) or (not text and switched(mark, "vanish")):
            return text, boxes
        marker = self.numbering.marker(element)
        if marker and text:
            text = marker + text.lstrip()
        elif marker and next(element.iterancestors(_CELL), None) is not None:
            # the cells of a column 序号 often hold nothing but their number
            text = marker.rstrip()
        return text, boxes

    def is_contents(self, element: etree._Element) -> bool:
        """Whether a paragraph is an entry of a table of contents."""
        chain = self.styles.chain(self.styles.of(element))
        return any(
            (value(style, "name") or "").lower().startswith(_CONTENTS_STYLE)
            for _, style in chain
        )

    def table(self, element: etree._Element) -> Iterator[str]:
        """Lines of a table."""
        rows = [
            (row, list(_inside(row, _CELLS)))
            for row in _inside(element, _ROWS)
            if not _deleted(row.find(w("trPr")))
        ]
        frame = all(len(cells) <= 1 for _, cells in rows)
        if frame or any(_nests(cell) for _, cells in rows for cell in cells):
            # a box around text, or a page laid out by tables
            for _, cells in rows:
                for cell in cells:
                    yield from self.blocks(cell)
            return
        grid = [self.row(row, cells) for row, cells in rows]
        yield from filter(None, table.lines(grid))

    def row(self, row: etree._Element, cells: list[etree._Element]) -> list[Cell]:
        """Cells of a row, with a blank one for columns that it leaves out."""
        before = number(row, "trPr", "gridBefore") or 0
        read = [Cell("", span=before)] if 0 < before < _COLUMNS else []
        for cell in cells:
            properties = cell.find(w("tcPr"))
            span = min(max(number(properties, "gridSpan") or 1, 1), _COLUMNS)
            merge = None if properties is None else properties.find(w("vMerge"))
            above = merge is not None and merge.get(w("val")) != "restart"
            text = "\n".join(filter(None, self.blocks(cell)))
            read.append(Cell("" if above else text, span, above))
        return read


def _inside(parent: etree._Element, wanted: frozenset[str]) -> Iterator[etree._Element]:
    """Wanted elements of a parent, also those that wrappers stand around."""
    for element in parent:
        if element.tag in wanted:
            yield element
        elif runs.is_alternate(element):
            if (rendering := runs.alternative(element)) is not None:
                yield from _inside(rendering, wanted)
        elif element.tag in _WRAPPERS and not _is_furniture(element):
            yield from _inside(element, wanted)


def _is_furniture(element: etree._Element) -> bool:
    """Whether a content control holds its prompt, or a table of contents."""
    if element.tag != _CONTROL:
        return False
    gallery = value(element, "sdtPr", "docPartObj", "docPartGallery")
    return gallery == _CONTENTS or runs.prompts(element)


def _deleted(properties: etree._Element | None) -> bool:
    """Whether the properties of a row or of a paragraph's end say it was deleted."""
    return properties is not None and any(
        properties.find(w(name)) is not None for name in ("del", "moveFrom")
    )


def _nests(cell: etree._Element) -> bool:
    return next(_inside(cell, _TABLES), None) is not None
