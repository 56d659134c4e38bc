"""The text of one paragraph of a Word document, as a reader of the page sees it.

Kept: insertions, results of fields, links, content controls. Left out: tracked
deletions, hidden text, notes, comments, and prompts to fill in something. Text boxes
are handed back apart, for their paragraphs stand beside this one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from extract.readers.wordml import Styles, switched, value, w

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_ALTERNATE = f"{_MC}AlternateContent"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_BOX = w("txbxContent")
_RUN, _TEXT, _CONTROL = w("r"), w("t"), w("sdt")
_FIELD, _SYMBOL = w("fldChar"), w("sym")
_SKIPPED = frozenset(
    map(w, ("del", "moveFrom", "pPr", "rPr", "rt", "sdtPr", "delText", "instrText"))
)
_GRAPHICS = frozenset(map(w, ("drawing", "pict", "object")))
# a line end in the XML is a blank, in the text it is an element; U+FFFC stands for an
# object that a converter left out
_BREAKS = str.maketrans("\t\r\n\x85\u2028\u2029", "      ", "\ufffc")
_SIGNS = {
    w("tab"): " ",
    w("ptab"): " ",
    w("br"): "\n",
    w("cr"): "\n",
    w("noBreakHyphen"): "-",
}
# [MS-OI29500] 2.1.313: symbol fonts are reached through F000 and up
_PRIVATE = range(0xF000, 0xF100)
_SYMBOLS = {
    "wingdings": {
        0x6E: "■", 0x6F: "□", 0x6C: "●", 0xA1: "○", 0xA8: "□", 0xFC: "✓", 0xFB: "✗",
        0xFE: "☑", 0xFD: "☒", 0xE8: "→", 0xD8: "➢",
        **{0x81 + place: chr(0x2460 + place) for place in range(10)},
        **{0x8C + place: chr(0x2776 + place) for place in range(10)},
    },
    "wingdings 2": {0x52: "☑", 0x53: "☒", 0xA3: "□", 0x50: "✓", 0x4F: "✗"},
    "symbol": {0xB3: "≥", 0xA3: "≤", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xB7: "·"},
}  # fmt: skip


def read(paragraph: etree._Element, styles: Styles) -> tuple[str, list[etree._Element]]:
    """Text of a paragraph, and the text boxes anchored in it.

    Parameters
    ----------
    paragraph : lxml element
        A ``w:p``.
    styles : Styles
        Styles of the document: they may hide text.

    Returns
    -------
    text : str
        Soft line breaks are line ends, tabs are blanks.
    boxes : list of lxml element
        ``w:txbxContent``, each once though files hold them twice.
    """
    reader = _Reader(styles)
    hidden = styles.hides(styles.of(paragraph))
    text = "".join(reader.walk(paragraph, hidden))
    return text, reader.boxes


def alternative(element: etree._Element) -> etree._Element | None:
    """The one of several renderings (``mc:AlternateContent``) that is read."""
    return next(iter(element), None)


def is_alternate(element: etree._Element) -> bool:
    """Whether an element holds the same thing several times."""
    return bool(element.tag == _ALTERNATE)


def prompts(control: etree._Element) -> bool:
    """Whether a content control shows its prompt (click here to enter text)."""
    properties = control.find(w("sdtPr"))
    return switched(properties, "showingPlcHdr") is True


class _Reader:
    def __init__(self, styles: Styles) -> None:
        self.styles = styles
        self.boxes: list[etree._Element] = []
        # one entry an open field: whether its result has begun. A field may go on in
        # the next paragraph, but an instruction does not, and only that is hidden
        self.fields: list[bool] = []

    def walk(self, parent: etree._Element, hidden: bool) -> Iterator[str]:
        for element in parent:
            tag = element.tag
            if tag in _SKIPPED:
                continue
            if tag == _FIELD:
                self.field(element)
            elif tag in _GRAPHICS:
                self.boxes += _boxes(element)
            elif tag == _ALTERNATE:
                if (rendering := alternative(element)) is not None:
                    yield from self.walk(rendering, hidden)
            elif tag == _RUN:
                yield from self.walk(element, self.hides(element, hidden))
            elif tag == _CONTROL and prompts(element):
                continue
            elif (sign := _sign(element)) is None:
                yield from self.walk(element, hidden)
            elif not hidden and all(self.fields):
                yield sign

    def hides(self, run: etree._Element, hidden: bool) -> bool:
        properties = run.find(w("rPr"))
        own = switched(properties, "vanish")
        if own is not None:
            return own
        return hidden or self.styles.hides(value(properties, "rStyle"))

    def field(self, element: etree._Element) -> None:
        match element.get(w("fldCharType")):
            case "begin":
                self.fields.append(False)
            case "separate" if self.fields:
                self.fields[-1] = True
            case "end" if self.fields:
                self.fields.pop()


def _sign(element: etree._Element) -> str | None:
    """Characters that an element stands for; None if it only holds others."""
    tag = element.tag
    if tag == _TEXT or tag == _MATH_TEXT:
        text = element.text or ""
        # blanks at the edges count only where that is said
        text = text if element.get(_SPACE) == "preserve" else text.strip(" \t\r\n")
        return text.translate(_BREAKS)
    if tag == _SYMBOL:
        return _symbol(element)
    return _SIGNS.get(tag)


def _symbol(element: etree._Element) -> str:
    try:
        code = int(element.get(w("char"), ""), 16)
    except ValueError:
        return ""
    if code not in _PRIVATE:
        return chr(code) if 0x20 <= code < 0xD800 or 0xE000 <= code <= 0xFFFD else ""
    font = (element.get(w("font")) or "").lower()
    # a picture without a character of its own says nothing in text
    return _SYMBOLS.get(font, {}).get(code - _PRIVATE.start, "")


def _boxes(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if child.tag == _BOX:
            yield child
        elif child.tag == _ALTERNATE:
            if (rendering := alternative(child)) is not None:
                yield from _boxes(rendering)
        else:
            yield from _boxes(child)
