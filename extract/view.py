"""Text as copied in, a clean view of it out, with every offset leading back.

The text itself never changes: rules read `View.text`, records point into the source.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from extract import rulebook

# characters that carry no text: zero width, soft hyphen, byte order mark, controls
_UNSEEN = "[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f]"
# `re` is quick to find a match that begins with a set: AA* takes half the time of A+,
# and [AB] with the rest looking back a fifth of A…|(?<!…)B
_INVISIBLE = re.compile(f"{_UNSEEN}{_UNSEEN}*")
# half-width punctuation, but for that in numbers, clock times, addresses, Latin words
_HALF = re.compile(
    "[;!?(),:](?:(?<![,:])(?![A-Za-z])|(?<=[,:])(?:(?![0-9A-Za-z/])|(?<![0-9A-Za-z].)))"
)
_WIDE = dict(zip(",;:!?()", "，；：！？（）", strict=True))
_GAP = "[ \t\u3000\xa0]"
_SPACE = re.compile(f"{_GAP}{_GAP}*")


@dataclass(frozen=True)
class View:
    """A cleaned reading of a text.

    Attributes
    ----------
    text : str
        What rules read: compatibility characters folded one to one, punctuation
        full width, page furniture, stray spaces and line wraps taken out. A line
        feed in it is a real end of a line.
    starts, shifts : list of int
        Piecewise map: view offsets from ``starts[i]`` on lie ``shifts[i]`` further
        right in the source.
    indents : frozenset of int
        View offsets at which an indented line starts.
    """

    text: str
    starts: list[int]
    shifts: list[int]
    indents: frozenset[int] = field(default_factory=frozenset)

    def at(self, offset: int) -> int:
        """Source offset of the character at a view offset."""
        return offset + self.shifts[bisect_right(self.starts, offset) - 1]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Source span of a non-empty view span; what was cut out inside stays in."""
        starts, shifts = self.starts, self.shifts
        piece = bisect_right(starts, start)
        shift = shifts[piece - 1]
        if piece == len(starts) or end <= starts[piece]:
            return start + shift, end + shift  # no cut inside: most spans
        return start + shift, self.at(end - 1) + 1


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
    folded = _fold(text)
    cuts = sorted(_cuts(folded))
    pieces: list[str] = []
    starts, shifts = [0], [0]
    position = length = 0
    for start, end in cuts:
        if end <= position:
            continue
        start = max(start, position)
        pieces.append(folded[position:start])
        length += start - position
        position = end
        if starts[-1] == length:
            shifts[-1] = position - length
        else:
            starts.append(length)
            shifts.append(position - length)
    pieces.append(folded[position:])
    return View("".join(pieces), starts, shifts)


@cache
def _folding() -> tuple[re.Pattern[str], dict[str, str]]:
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
    return re.compile(f"[{re.escape(''.join(table))}]"), table


def _fold(text: str) -> str:
    # most texts hold few such characters: a search is cheaper than a translation
    odd, table = _folding()
    folded = odd.sub(lambda m: table[m[0]], text)
    folded = _HALF.sub(lambda m: _WIDE[m[0]], folded)
    for rule in rulebook.load("cleanup").labelled("stop"):
        folded = rule.pattern.sub("。", folded)
    for rule in rulebook.load("cleanup").labelled("gap"):
        # one character of the gap becomes the line feed that the copy has lost
        folded = rule.pattern.sub(lambda m: "\n" + m[0][1:], folded)
    return folded


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    for match in _INVISIBLE.finditer(text):
        yield match.span()
    furniture = list(_furniture(text))
    yield from furniture
    rows = _rows(text)
    yield from _spaces(text, rows)
    yield from _wraps(text, set(furniture), rows)


# two tabs are a table's; one may stand behind an enumerator or indent a line
_TABS = 2


def _rows(text: str) -> dict[int, int]:
    """Starts of the lines of tables, and how many tabs each has.

    A row that begins or ends with empty cells is known by the rows above it.
    """
    rows: dict[int, int] = {}
    whole = 0
    for start, end in _lines(text) if "\t" in text else ():
        line = text[start:end]
        tabs = line.count("\t")
        if tabs and tabs == line.strip().count("\t"):
            rows[start] = whole = tabs
        elif tabs >= _TABS and tabs == whole:
            rows[start] = tabs
    return rows


def _furniture(text: str) -> Iterator[tuple[int, int]]:
    fractions: list[tuple[int, int, str]] = []
    book = rulebook.load("cleanup")
    for hit in book.scan(text, rules=book.labelled("furniture", "fraction")):
        if hit.rule.label == "fraction":
            fractions.append((hit.start, hit.end, hit.match[0].split("/")[1]))
        else:
            yield hit.start, hit.end
    runs = Counter(total for _, _, total in fractions)
    for start, end, total in fractions:
        if runs[total] > 2 or int(total) > 4:
            yield start, end


def _spaces(text: str, rows: dict[int, int]) -> Iterator[tuple[int, int]]:
    for match in _SPACE.finditer(text):
        start, end = match.span()
        before = text[start - 1] if start else "\n"
        after = text[end] if end < len(text) else "\n"
        if "\t" in match[0]:
            if "\n" not in (before, after):
                continue  # a tab inside a line separates the columns of a table
            if rows.get(text.rfind("\n", 0, start) + 1, 0) >= _TABS:
                continue  # so do those around its empty first or last cells
        if before.isascii() and after.isascii() and before != "\n" != after:
            if before.isalnum() and after.isalnum():
                continue  # spaces between Latin words stay
        yield start, end


def _wraps(
    text: str, furniture: set[tuple[int, int]], rows: dict[int, int]
) -> Iterator[tuple[int, int]]:
    """Line feeds that only wrap a line, with the page break that may lie between."""
    lines = list(_lines(text))
    width = _wrap_width(text, lines)
    # a page number on a line of its own is no line of the text
    filled = [
        (start, end, line)
        for start, end in lines
        if (start, end) not in furniture and (line := text[start:end].strip())
    ]
    for (start, end, line), (after, _, opening) in itertools.pairwise(filled):
        tabs, below = rows.get(start, 0), rows.get(after, 0)
        # the next row of a table is not the rest of this one
        parted = max(tabs, below) >= _TABS or (tabs and tabs == below)
        indented = text[after] != opening[0]
        if not parted and _joins(line, opening, end - start, width, indented=indented):
            yield end, after
        elif after - end > 1:
            # blank lines say no more than one line feed does
            yield end + 1, after
    if filled and filled[0][0] > 0:
        yield 0, filled[0][0]


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


# what tells at the end of a line: final punctuation and what may close after it
_ENDING = 6
# a duty line that long without a full stop goes on below
_LONG_LABEL = 36


def _wrap_width(text: str, lines: list[tuple[int, int]]) -> int:
    """Width at which the lines were wrapped, or 0 where they were not.

    Wrapped text has many lines of nearly the same, greatest length, and most of
    those stop in mid-sentence.
    """
    long = sorted(end - start for start, end in lines if end - start >= 18)
    if len(long) < 5:
        return 0
    top = long[int(len(long) * 0.95)]
    if top > 120:
        return 0
    ends = rulebook.load("line")["line.ends-sentence"].pattern
    full = [text[s:e].strip() for s, e in lines if top - 4 <= e - s <= top + 2]
    cut = sum(not ends.search(line) for line in full)
    return top if len(full) >= 0.35 * len(long) and cut >= 0.6 * len(full) else 0


def _joins(line: str, opening: str, length: int, width: int, *, indented: bool) -> bool:
    """Whether a line goes on in the next one.

    Parameters
    ----------
    line, opening : str
        Both, without surrounding space.
    length : int
        Of the first, with the space.
    width : int
        At which the text was wrapped, or 0.
    indented : bool
        Whether the next line is.
    """
    book = rulebook.load("line")
    ask, lists = book.patterns, book.lists
    if opening[0] in lists["bracket"] and ask["line.duty-bracket"].match(opening):
        return not ask["line.heading"].fullmatch(line)
    if ask["line.ends-sentence"].search(line[-_ENDING:]):
        return False
    if ask["line.open-bracket"].search(line):
        return True
    if ask["line.opens"].match(opening):
        return False
    # what leaves a line open is short too, and `re` would try it at every character
    if ask["line.left-open"].search(line, max(0, len(line) - _ENDING)):
        return True
    if ask["line.label"].match(line):
        return length >= (width - 4 if width else _LONG_LABEL)
    heading = ask["line.heading"].fullmatch(line)
    # 年内开工…… opens a line; only below 2026 or XX it is the rest of a date
    halved = opening[0] in lists["unit"]
    whole = halved and not ask["line.number"].search(line)
    if not whole and ask["line.goes-on"].match(opening):
        return not heading or opening[0] not in lists["opening"]
    if heading:
        return bool(width and length >= width - 3 and not indented)
    if width and length >= width - 4 and not indented:
        return True
    # prose that stops in mid-sentence; a short line without a comma is a title
    return bool(
        ask["line.unfinished"].search(line) and ask["line.prose"].search(opening)
    )
