"""WordprocessingML: its names, and the styles that a document defines."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from lxml import etree

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFF = ("0", "false", "off")


@cache
def w(name: str) -> str:
    """A name of WordprocessingML as lxml writes it: ``w("p")`` for ``w:p``."""
    return f"{{{_NAMESPACE}}}{name}"


_VAL = w("val")


def value(element: etree._Element | None, *path: str) -> str | None:
    """The ``w:val`` of an element, or of the one below it at the path of names."""
    for name in path:
        if element is None:
            return None
        element = element.find(w(name))
    return None if element is None else element.get(_VAL)


def number(element: etree._Element | None, *path: str) -> int | None:
    """The ``w:val`` as `value` finds it, as an int; None if there is none."""
    found = value(element, *path)
    try:
        return None if found is None else int(found)
    except ValueError:
        return None


def switched(element: etree._Element | None, name: str) -> bool | None:
    """State of an on/off property (``w:vanish``); None if it is not mentioned."""
    found = None if element is None else element.find(w(name))
    return None if found is None else found.get(_VAL, "1") not in _OFF


class Styles:
    """Styles of a document.

    Parameters
    ----------
    root : lxml element or None
        Root of the styles part, if the document has one.
    """

    def __init__(self, root: etree._Element | None) -> None:
        styles = [] if root is None else root.findall(w("style"))
        self._styles = {style.get(w("styleId"), ""): style for style in styles}
        self._default = next(
            (
                style.get(w("styleId"), "")
                for style in styles
                if style.get(w("type")) == "paragraph"
                and style.get(w("default"), "0") not in _OFF
            ),
            "",
        )
        self._hidden: dict[str, bool] = {}

    def of(self, paragraph: etree._Element) -> str:
        """Id of a paragraph's style; what names none has the default one."""
        named = value(paragraph, "pPr", "pStyle")
        return named if named and named in self._styles else self._default

    def chain(self, style: str | None) -> Iterator[tuple[str, etree._Element]]:
        """A style and those that it is based on, innermost first, with their ids."""
        seen: set[str] = set()
        while style and style in self._styles and style not in seen:
            seen.add(style)
            yield style, self._styles[style]
            style = value(self._styles[style], "basedOn")

    def hides(self, style: str | None) -> bool:
        """Whether text of this style is hidden (``w:vanish``)."""
        if style is None:
            return False
        if style not in self._hidden:
            states = (
                switched(element.find(w("rPr")), "vanish")
                for _, element in self.chain(style)
            )
            self._hidden[style] = next((s for s in states if s is not None), False)
        return self._hidden[style]
