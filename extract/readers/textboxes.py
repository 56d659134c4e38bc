"""Text boxes of a Word 97–2003 document in, their text where they are anchored out.

All text of such a file is one sequence of characters, kept in pieces: the main text,
then footnotes, headers, comments, endnotes and text boxes. [MS-DOC] 2.3, 2.4 and 2.8
say where each begins, which shape each box belongs to, and where that is anchored.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extract.readers.container import ole_stream
from extract.readers.draft import Draft, Place

__all__ = ["Box", "Story", "insert", "read"]

# [MS-DOC] 2.5.1: where the counts of characters and the places of tables begin
_COUNTS, _TABLES = 64, 154
_TEXT, _FOOTNOTES, _HEADERS, _COMMENTS, _ENDNOTES, _BOXES = 3, 4, 5, 7, 8, 9
_PIECES, _ANCHORS, _BOX_TEXTS = 33, 40, 56
_SECOND_TABLE = 0x0200
# sizes of a piece (2.9.177), an anchor (2.9.253) and a text box (2.9.100)
_PIECE, _ANCHOR, _BOX = 8, 26, 22
_COMPRESSED = 1 << 30
_MOST = 100_000
# many more than a page can show
_MOST_BOXES = 2_000

# 2.4.1, 2.8.25: what ends paragraphs and cells, and signs that stand for something else
_PARAGRAPHS = re.compile("[\r\x07\x0c\x0e]")
_FIELD = re.compile("\x13[^\x13\x14\x15]*\x14([^\x13\x15]*)\x15|\x13[^\x13\x15]*\x15")
_SIGNS = str.maketrans({"\x0b": "\n", "\x1e": "-", "\t": " ", "\xa0": " "})
_CONTROLS = re.compile("[\x00-\x09\x0c-\x1f\ufffc]")
_BLANKS = re.compile(r"\s+")
# so many paragraphs ahead the next one of a text is looked for
_AHEAD = 200


@dataclass(frozen=True, slots=True)
class Box:
    """A text box: the paragraph of the main text it hangs on, its own paragraphs."""

    anchor: int
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Paragraphs of the main text, table cells as well, and the boxes beside it."""

    paragraphs: tuple[str, ...]
    boxes: tuple[Box, ...]


def read(data: bytes) -> Story:
    """Read main text and text boxes, without numbers, notes and headers.

    Parameters
    ----------
    data : bytes
        A whole .doc file.

    Returns
    -------
    Story
        Without paragraphs if there are no boxes.

    Raises
    ------
    ReadError
        E121 damaged, E122 too large.
    ValueError, struct.error, IndexError
        If the tables contradict each other.
    """
    main = ole_stream(data, ("WordDocument",))
    count = {name: _number(main, _COUNTS + 4 * name) for name in range(11)}
    if not 0 < count[_BOXES] < len(main):
        return Story((), ())
    (flags,) = struct.unpack_from("<H", main, 10)
    name = "1Table" if flags & _SECOND_TABLE else "0Table"
    tables = ole_stream(data, (name,))
    text = _text(main, _table(main, tables, _PIECES))
    start = sum(count[n] for n in (_TEXT, _FOOTNOTES, _HEADERS, _COMMENTS, _ENDNOTES))
    story = text[start : start + count[_BOXES]]
    places = _places(_table(main, tables, _ANCHORS))
    boxes = [
        (places.get(shape, -1), story[first:last])
        for shape, first, last in _boxes(_table(main, tables, _BOX_TEXTS))
    ]
    return _story(text[: count[_TEXT]], boxes)


def _number(data: bytes, place: int) -> int:
    (number,) = struct.unpack_from("<i", data, place)
    return int(number)


def _table(main: bytes, tables: bytes, number: int) -> bytes:
    start, length = struct.unpack_from("<II", main, _TABLES + 8 * number)
    return tables[start : start + length]


def _split(table: bytes, size: int) -> tuple[list[int], list[bytes]]:
    """Places and what stands at each, of a table of places (2.2.2)."""
    count = max(0, (len(table) - 4) // (4 + size))
    if count > _MOST:
        raise ValueError(count)
    places = list(struct.unpack_from(f"<{count + 1}i", table)) if table else []
    start = 4 * (count + 1)
    return places, [table[start + n * size :][:size] for n in range(count)]


def _text(main: bytes, pieces: bytes) -> str:
    """All characters of the file, in order (2.4.1)."""
    place = 0
    # changes of format come first
    while pieces[place] == 1:
        place += 3 + struct.unpack_from("<H", pieces, place + 1)[0]
    if pieces[place] != 2:
        raise ValueError(pieces[place])
    edges, found = _split(pieces[place + 5 :], _PIECE)
    text: list[str] = []
    for start, stop, piece in zip(edges, edges[1:], found, strict=False):
        (where,) = struct.unpack_from("<I", piece, 2)
        length = stop - start
        if not 0 <= length <= len(main):
            raise ValueError(length)
        if where & _COMPRESSED:
            begin = (where & ~_COMPRESSED) // 2
            part = main[begin : begin + length].decode("cp1252", "replace")
        else:
            raw = main[where : where + 2 * length]
            part = raw.decode("utf-16-le", "replace")
            # places count code units
            part = "".join(f"{c}\0" if ord(c) > 0xFFFF else c for c in part)
        text.append(part.ljust(length, "\0"))
    return "".join(text)


def _places(anchors: bytes) -> dict[int, int]:
    """Shape -> place of its anchor in the main text."""
    edges, found = _split(anchors, _ANCHOR)
    return {
        _number(anchor, 0): place for place, anchor in zip(edges, found, strict=False)
    }


def _boxes(texts: bytes) -> list[tuple[int, int, int]]:
    """Shape of each box, and where its text begins and ends within that of all."""
    edges, found = _split(texts, _BOX)
    if len(found) > _MOST_BOXES:
        raise ValueError(len(found))
    return [
        (_number(box, 14), first, last)
        for first, last, box in zip(edges, edges[1:], found, strict=False)
        # one that is free to be used again holds nothing
        if not struct.unpack_from("<H", box, 8)[0] and 0 <= first < last
    ]


def _story(main: str, boxes: Sequence[tuple[int, str]]) -> Story:
    ends = [match.start() for match in _PARAGRAPHS.finditer(main)]
    found: list[Box] = []
    last = len(ends)
    for place, text in boxes:
        # a box within a group has no anchor of its own: where the one before it is
        if place >= 0:
            last = bisect_left(ends, place)
        paragraphs = tuple(filter(None, map(str.strip, _cleaned(text))))
        if paragraphs:
            found.append(Box(last, paragraphs))
    return Story(tuple(_cleaned(main)), tuple(found)) if found else Story((), ())


def _cleaned(text: str) -> list[str]:
    """Paragraphs as they are to be read: results of fields, no instructions."""
    parts = _PARAGRAPHS.split(text)
    return [_CONTROLS.sub("", _unfielded(part).translate(_SIGNS)) for part in parts]


def _unfielded(text: str) -> str:
    if "\x13" not in text:
        return text
    before = ""
    # fields stand within fields
    while before != text:
        before, text = text, _FIELD.sub(r"\1", text)
    return text


# into the text that was read without them


def insert(draft: Draft, story: Story) -> Draft:
    """A document's text with those of its boxes that it lacks.

    Parameters
    ----------
    draft : Draft
        Of the same document; places are paragraphs.
    story : Story
        As `read` gives it.

    Returns
    -------
    Draft
        Boxes stand below the paragraph that they are anchored in.
    """
    starts = [start for start, _ in draft.places]
    edges = [*starts, len(draft.text)]
    parts = [draft.text[a:b] for a, b in pairwise(edges)]
    squeezed = [_squeezed(part) for part in parts]
    known = [_squeezed(paragraph) for paragraph in story.paragraphs]
    lacking = _lacking(squeezed, known, story.boxes)
    if not lacking:
        return draft
    at = _aligned(known, squeezed)
    below: dict[int, list[str]] = {}
    for box in lacking:
        place = at[min(box.anchor, len(at) - 1)] if at else -1
        below.setdefault(place, []).extend(box.paragraphs)
    return _woven(draft, parts, below)


def _squeezed(text: str) -> str:
    return _BLANKS.sub("", text)


def _lacking(
    parts: Sequence[str], paragraphs: Sequence[str], boxes: Sequence[Box]
) -> list[Box]:
    """Boxes that say what no paragraph says, but for those of the main text."""
    draft, main = "\n".join(parts), "\n".join(paragraphs)
    return [
        box
        for box in boxes
        if any(
            draft.count(text) <= main.count(text)
            for text in map(_squeezed, box.paragraphs)
        )
    ]


def _aligned(paragraphs: Sequence[str], parts: Sequence[str]) -> list[int]:
    """For each paragraph of the main text the part of the draft that holds it.

    An empty one is where the one before it is; -1 is in front of all.
    """
    at: list[int] = []
    place = -1
    for text in paragraphs:
        if text:
            window = range(max(place, 0), min(place + _AHEAD, len(parts)))
            place = next((n for n in window if text in parts[n]), place)
        at.append(place)
    return at


def _woven(draft: Draft, parts: Sequence[str], below: dict[int, list[str]]) -> Draft:
    text = draft.text[: draft.places[0][0]] if draft.places else draft.text
    places: list[tuple[int, Place]] = []
    for number in range(-1, len(parts)):
        own, tail = "", ""
        if number >= 0:
            own = parts[number].rstrip("\n")
            tail = parts[number][len(own) :]
            place = draft.places[number][1]
            places.append((len(text), replace(place, number=len(places) + 1)))
            text += own
        for paragraph in below.get(number, ()):
            text += "\n" if number >= 0 else ""
            places.append((len(text), Place("paragraph", len(places) + 1)))
            text += paragraph + ("" if number >= 0 else "\n")
        text += tail
    return Draft(text, tuple(places))
