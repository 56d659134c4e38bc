"""Automatic numbers of a Word document: 一、（一）1. are not in its text.

A paragraph names a list (``w:num``) and a level, itself or through its style; a list
takes its levels from a definition (``w:abstractNum``), with overrides of its own; all
lists of a definition count on together. ECMA-376 Part 1, 17.9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from lxml import etree

from extract.readers.counting import written
from extract.readers.wordml import Styles, number, switched, value, w

_PLACE = re.compile(r"%([1-9])")
# more than any list; a larger start value is damage
_LARGEST = 32_767
_SILENT = ("bullet", "none")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list.

    Attributes
    ----------
    start : int
        Its first number.
    style : str
        ST_NumberFormat.
    text : str
        What is shown, with ``%1`` for the number of the outermost level.
    suffix : str
        ``"tab"``, ``"space"`` or ``"nothing"`` between number and text.
    restart : int
        It starts again after a level up to this one (counted from 1); 0 never.
    legal : bool
        Whether all numbers in it are shown in decimal.
    paragraph : str
        Id of the paragraph style that is bound to it, or ``""``.
    """

    start: int
    style: str
    text: str
    suffix: str
    restart: int
    legal: bool
    paragraph: str


@dataclass(frozen=True, slots=True)
class _List:
    """A ``w:num``: where it counts, its levels, and where they start anew."""

    definition: str
    levels: dict[int, Level]
    starts: dict[int, int]


class Numbering:
    """Give each paragraph its number; to be asked in the order of the document.

    Parameters
    ----------
    root : lxml element or None
        Root of the numbering part, if the document has one.
    styles : Styles
        Styles of the document.
    """

    def __init__(self, root: etree._Element | None, styles: Styles) -> None:
        self._styles = styles
        self._nums = _by_id(root, "num", "numId")
        self._definitions = _by_id(root, "abstractNum", "abstractNumId")
        self._lists: dict[str, _List | None] = {}
        self._of_style: dict[str, tuple[str, int | None]] = {}
        # definition -> level -> its last number
        self._counters: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def marker(self, paragraph: etree._Element) -> str:
        """Number of a paragraph and what stands between it and the text.

        Returns
        -------
        str
            Such as ``"（一）"`` or ``"1. "``; ``""`` for a paragraph without number
            and for bullets, which have no text.
        """
        name, depth = self._place(paragraph)
        found = self._list(name) if name else None
        if found is None or depth not in found.levels:
            return ""
        self._count(name, found, depth)
        level = found.levels[depth]
        if level.style == "bullet":
            return ""
        text = self._shown(found, depth)
        return text + _gap(text, level.suffix)

    def _place(self, paragraph: etree._Element) -> tuple[str, int]:
        """List and level of a paragraph; ``""`` if it is in none."""
        style = self._styles.of(paragraph)
        named, depth = self._styled(style)
        own = paragraph.find(f"{w('pPr')}/{w('numPr')}")
        if own is not None:
            own_depth = number(own, "ilvl")
            own_name = value(own, "numId")
            if own_name is not None:
                # numbered by hand: the level of the style says nothing about this list
                named, depth = own_name, own_depth or 0
            elif own_depth is not None:
                depth = own_depth
        return ("" if named == "0" else named), depth or 0

    def _styled(self, style: str) -> tuple[str, int | None]:
        if style not in self._of_style:
            self._of_style[style] = self._from_style(style)
        return self._of_style[style]

    def _from_style(self, style: str) -> tuple[str, int | None]:
        named: str | None = None
        depth: int | None = None
        chain = list(self._styles.chain(style))
        for _, element in chain:
            numbered = element.find(f"{w('pPr')}/{w('numPr')}")
            if named is None:
                named = value(numbered, "numId")
            if depth is None:
                depth = number(numbered, "ilvl")
        found = self._list(named) if named else None
        if found is None:
            return "", None
        # a level that is bound to the style counts for more than what the style says
        bound = {level.paragraph: place for place, level in found.levels.items()}
        for name, _ in chain:
            if name in bound:
                return named or "", bound[name]
        return named or "", depth

    def _list(self, name: str) -> _List | None:
        if name not in self._lists:
            # an entry beforehand: damaged files refer to themselves
            self._lists[name] = None
            self._lists[name] = self._resolved(name)
        return self._lists[name]

    def _resolved(self, name: str) -> _List | None:
        num = self._nums.get(name)
        definition = value(num, "abstractNumId") or ""
        element = self._definitions.get(definition)
        if num is None or element is None:
            return None
        levels = _levels(element)
        linked = value(element, "numStyleLink")
        if linked and not levels:
            for _, style in self._styles.chain(linked):
                other = value(style, "pPr", "numPr", "numId")
                if other and (found := self._list(other)):
                    definition, levels = found.definition, dict(found.levels)
                    break
        starts: dict[int, int] = {}
        for override in num.findall(w("lvlOverride")):
            depth = _integer(override.get(w("ilvl")))
            lvl = override.find(w("lvl"))
            if lvl is not None:
                # [MS-OI29500] on 17.9.11: Word ignores lvlRestart in an override
                known = levels[depth].restart if depth in levels else depth
                levels[depth] = replace(_level(lvl, depth), restart=known)
            start = number(override, "startOverride")
            if start is not None:
                starts[depth] = min(max(start, 0), _LARGEST)
                if depth in levels:
                    levels[depth] = replace(levels[depth], start=starts[depth])
        return _List(definition, levels, starts)

    def _count(self, name: str, found: _List, depth: int) -> None:
        counters = self._counters.setdefault(found.definition, {})
        level = found.levels[depth]
        anew = depth in found.starts and (name, depth) not in self._begun
        self._begun.add((name, depth))
        if anew or depth not in counters:
            counters[depth] = level.start
        else:
            counters[depth] += 1
        for outer in range(depth):
            # shown in 1.1 before any 1 was written: as if it had been, and 3.1 where
            # the list starts its first level at 3 (17.9.27: a start override counts
            # when its level initially starts); LibreOffice shows 1.1 there
            if outer in found.levels and outer not in counters:
                counters[outer] = found.levels[outer].start
        for inner, other in found.levels.items():
            if inner > depth and depth < other.restart:
                counters.pop(inner, None)

    def _shown(self, found: _List, depth: int) -> str:
        counters = self._counters[found.definition]
        legal = found.levels[depth].legal

        def figure(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            level = found.levels.get(place)
            if level is None or place > depth:
                return ""
            style = level.style
            if legal and style not in _SILENT:
                style = "decimal"
            return written(counters.get(place, level.start), style)

        return _PLACE.sub(figure, found.levels[depth].text)


def _by_id(
    root: etree._Element | None, name: str, key: str
) -> dict[str, etree._Element]:
    if root is None:
        return {}
    return {element.get(w(key), ""): element for element in root.findall(w(name))}


def _levels(definition: etree._Element) -> dict[int, Level]:
    return {
        depth: _level(lvl, depth)
        for lvl in definition.findall(w("lvl"))
        for depth in (_integer(lvl.get(w("ilvl"))),)
    }


def _level(lvl: etree._Element, depth: int) -> Level:
    restart = number(lvl, "lvlRestart")
    start = number(lvl, "start")
    return Level(
        start=min(max(start or 0, 0), _LARGEST),
        style=_style(lvl),
        text=value(lvl, "lvlText") or "",
        suffix=value(lvl, "suff") or "tab",
        restart=depth if restart is None else restart,
        legal=switched(lvl, "isLgl") is True,
        paragraph=value(lvl, "pStyle") or "",
    )


def _style(lvl: etree._Element) -> str:
    """Number format; newer ones stand in an alternative that spells them out."""
    for found in lvl.iter(w("numFmt")):
        name = str(found.get(w("val"), "decimal"))
        return str(found.get(w("format"), "decimal")) if name == "custom" else name
    return "decimal"


def _gap(text: str, suffix: str) -> str:
    if suffix == "nothing" or not text or text[-1].isspace():
        return ""
    # full-width punctuation brings its own blank
    return "" if text[-1] in "、，。．：；）】〕》" else " "


def _integer(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
