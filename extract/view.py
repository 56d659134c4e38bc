"""Text as copied in, a clean view of it out, with every offset leading back.

The text itself never changes: rules read `View.text`, records point into the source.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from extract import rulebook
from extract.factors import Factors
from extract.rule import Opener, Rule
from extract.wraps import TABS, Line, Span, lines, rows, wraps

# characters that carry no text: zero width, soft hyphen, byte order mark, controls
_UNSEEN = [(0xAD, 0xAE), (0x200B, 0x2010), (0x2028, 0x202F), (0x2060, 0x2065)]
_UNSEEN += [(0xFEFF, 0xFF00), (0x00, 0x09), (0x0B, 0x20), (0x7F, 0x80)]
# half-width punctuation, but for that in numbers, clock times, addresses, Latin words;
# `re` is quick to find a match that begins with a set: [AB] with the rest looking back
# takes a fifth of A…|(?<!…)B
_HALF = re.compile(
    "[;!?(),:](?:(?<![,:])(?![A-Za-z])|(?<=[,:])(?:(?![0-9A-Za-z/])|(?<![0-9A-Za-z].)))"
)
_WIDE = dict(zip(",;:!?()", "，；：！？（）", strict=True))
_BLANKS = " \t\u3000"
_RUN = re.compile(f"[{_BLANKS}]+")

Points = npt.NDArray[np.uint32]
_Kinds = npt.NDArray[np.uint8]
# what a character of a text makes necessary, as bits
_ODD, _HALF_WIDTH, _STOP, _BLANK, _INVISIBLE, _LATIN = (1 << bit for bit in range(6))


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """A cleaned reading of a text.

    Attributes
    ----------
    text : str
        What rules read: compatibility characters folded one to one, punctuation
        full width, page furniture, stray spaces and line wraps taken out. A line
        feed in it is a real end of a line.
    points : ndarray of uint32, shape (len(text),)
        Its code points, for passes over the whole of it.
    offsets : array of int, same length
        Where in the source each of its characters stands; ascending.
    """

    text: str
    points: Points
    offsets: array[int]

    def at(self, offset: int) -> int:
        """Source offset of the character at a view offset."""
        return self.offsets[offset]

    def source(self, start: int, end: int) -> Span:
        """Source span of a non-empty view span; what was cut out inside stays in."""
        return self.offsets[start], self.offsets[end - 1] + 1

    def gaps(self, start: int, end: int) -> list[int]:
        """View offsets inside a span before which something was cut out."""
        offsets = self.offsets[start:end]
        return [
            start + place
            for place, (before, after) in enumerate(pairwise(offsets), 1)
            if after - before > 1
        ]


def clean(text: str) -> View:
    """Build the view of a text.

    Parameters
    ----------
    text : str
        Any Unicode string.

    Returns
    -------
    View
        With ``len(view.text) <= len(text)``; time is linear in the length.
    """
    folded, points, kinds = _folded(text)
    found = lines(folded)
    tabbed = rows(folded, found) if "\t" in folded else {}
    kept = (kinds & (_BLANK | _INVISIBLE)) == 0
    for start, end in _spaces(folded, kinds, tabbed):
        kept[start:end] = True
    furniture = _furniture(folded, found)
    for start, end in (*furniture, *wraps(folded, found, tabbed, furniture)):
        kept[start:end] = False
    points = points[kept]
    offsets = array("i", np.flatnonzero(kept).astype(np.intc).tobytes())
    return View(_text(points), points, offsets)


def _points(text: str) -> Points:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").copy()


def _text(points: Points) -> str:
    return points.tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _folding() -> dict[str, str]:
    """Compatibility characters that stand for exactly one other character (NFKC)."""
    table: dict[str, str] = {}
    blocks = [(0x2F00, 0x2FE0), (0xF900, 0xFB00), (0xFF10, 0xFF1A), (0xFF21, 0xFF3B)]
    blocks += [(0xFF41, 0xFF5B), (0x2E9F, 0x2EA0), (0x2EF3, 0x2EF4)]
    for first, last in blocks:
        for code in range(first, last):
            plain = unicodedata.normalize("NFKC", chr(code))
            if len(plain) == 1 and plain != chr(code):
                table[chr(code)] = plain
    radicals = rulebook.load("cleanup").lists["radicals"]
    for pair in (*radicals, *rulebook.load("traditional").lists["pairs"]):
        table[pair[0]] = pair[1]
    for odd, plain in zip("．﹒％＋－／［］\xa0\r", ".." + "%+-/[] \n", strict=True):
        table[odd] = plain
    return table


@cache
def _tables() -> tuple[_Kinds, Points]:
    """What each code point makes necessary, and what it may stand for.

    The last entry is for all code points beyond.
    """
    odd = _folding()
    blank = dict.fromkeys(_BLANKS, "\n")
    size = max(0xFFFF, *map(ord, odd)) + 2
    kinds, folds = np.zeros(size, np.uint8), np.arange(size, dtype="<u4")
    folding = [(_ODD, odd), (_HALF_WIDTH, _WIDE), (_STOP, {".": "。"}), (_BLANK, blank)]
    for kind, table in folding:
        for character, plain in table.items():
            kinds[ord(character)] |= kind
            folds[ord(character)] = ord(plain)
    for first, last in _UNSEEN:
        kinds[first:last] |= _INVISIBLE
    kinds[[code for code in range(0x80) if chr(code).isalnum()]] |= _LATIN
    return kinds, folds


@cache
def _folds() -> list[tuple[int, Callable[..., Any] | None]]:
    """Kinds of characters to be folded, in order, and what tells where."""
    rules = rulebook.load("cleanup").labelled
    steps: list[tuple[int, Callable[..., Any] | None]] = [(_ODD, None)]
    steps.append((_HALF_WIDTH, _HALF.match))
    steps += [(_STOP, rule.pattern.match) for rule in rules("stop")]
    # one character of the gap becomes the line feed that the copy has lost
    steps += [(_BLANK, rule.pattern.match) for rule in rules("gap")]
    return steps


def _folded(text: str) -> tuple[str, Points, _Kinds]:
    """Text with every character in its plain form; its code points and their kinds."""
    table, folds = _tables()
    points = _points(text)
    kinds = table.take(points, mode="clip")
    present = int(np.bitwise_or.reduce(kinds))
    for kind, ask in _folds():
        if not present & kind:
            continue
        # of truth values it finds the few much faster than of numbers
        places = ((kinds & kind) != 0).nonzero()[0]
        if ask is not None:
            asked = [place for place in places.tolist() if ask(text, place)]
            places = np.array(asked, np.intp)
        if len(places):
            plain = folds[points[places]]
            points[places], kinds[places] = plain, table[plain]
            present |= int(np.bitwise_or.reduce(kinds[places]))
            text = _text(points)
    return text, points, kinds


@cache
def _openers() -> list[Opener]:
    rules = rulebook.load("cleanup").labelled("line")
    return [Opener(rule.pattern) for rule in rules]


@lru_cache(maxsize=10_000)
def _opened(first: str) -> tuple[Opener, ...]:
    """Rules of whole lines of furniture that may begin with a character."""
    return tuple([opener for opener in _openers() if opener.may[first]])


@cache
def _sought() -> list[tuple[Rule, Factors]]:
    """Rules of furniture inside lines, and what a text with any of it must hold."""
    rules = rulebook.load("cleanup").labelled("furniture", "fraction")
    return [(rule, Factors([rule.pattern])) for rule in rules]


def _furniture(text: str, found: Sequence[Line]) -> set[Span]:
    """Page numbers and links to other pages, in lines and as lines of their own."""
    spans: set[Span] = set()
    for start, end, words in found:
        for opener in _opened(words[0]) if words else ():
            if opener.match(words, 0, len(words)):
                spans.add((start, end))
    fractions: list[tuple[Span, str]] = []
    for rule, factors in _sought():
        for match in rule.pattern.finditer(text) if factors.within(text) else ():
            if rule.label == "fraction":
                fractions.append((match.span(), match[0].split("/")[1]))
            else:
                spans.add(match.span())
    runs = Counter(total for _, total in fractions)
    spans.update([s for s, total in fractions if runs[total] > 2 or int(total) > 4])
    return spans


def _spaces(
    text: str, kinds: _Kinds, tabbed: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Runs of blanks that say something: between Latin words, and between cells."""
    blanks = ((kinds & _BLANK) != 0).nonzero()[0]
    behind = ((kinds[blanks - 1] & _LATIN) != 0).nonzero()[0]
    for start in blanks[behind].tolist():
        run = _RUN.match(text, start)
        if start and run and run.end() < len(text) and kinds[run.end()] & _LATIN:
            yield run.span()
    if "\t" not in text:
        return
    for run in _RUN.finditer(text):
        start, end = run.span()
        if "\t" not in run[0]:
            continue
        inside = (
            0 < start and text[start - 1] != "\n" and text[end : end + 1] not in "\n"
        )
        # a tab inside a line separates the columns of a table; so do those around its
        # empty first or last cells
        if inside or tabbed.get(text.rfind("\n", 0, start) + 1, 0) >= TABS:
            yield start, end
