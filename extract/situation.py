"""A Doc in; what the classifier is told of its candidates out.

A document has few ways for a candidate to look and to stand, and many candidates: each
way is put into facts once, as a bundle, and a candidate names its bundles.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from itertools import count, groupby
from operator import attrgetter
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

from extract import rulebook
from extract.classifier import Facts, Sample, named, pairs
from extract.layers import Mark, Sentence

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
Ints = npt.NDArray[np.int64]
Columns = Sequence[int]

_HEAD = 400
_LENGTHS = (8, 15, 25, 40, 60, 90, 140, 220)
_OPENING = 12
# of a heading: where a heading runs on into a sentence, the rest is that sentence
_TITLE = 30
_LABEL, _RULE = attrgetter("label"), attrgetter("rule")
# label of the cues that say that something is wanted
_WANTS = "force"
_PLACES = [[named(f"place:{tenth}")] for tenth in range(10)]
_PARAGRAPHS = [
    [named(f"paragraph:{place}/{size}")] for place in range(5) for size in range(1, 6)
]
_DIGITS = [[named(f"digits:{many}")] for many in range(4)]
# whose marks are counted in a candidate, and what of them is told besides
_COUNTED = {
    "owners": None,
    "deadlines": _LABEL,
    "metrics": _RULE,
    "recurrences": None,
}


def sample(doc: Doc, cut: Callable[[str], Sequence[str]] | None) -> Sample:
    """What the classifier is told of a document.

    Parameters
    ----------
    doc : Doc
        After all pipes but the judge.
    cut : callable or None
        A segmenter's ``cut``; None for no words.
    """
    text, sentences, cues = doc._.view.text, doc._.sentences, doc._.cues
    ends = [(sentence.start, sentence.tail) for sentence in sentences]
    spans = np.array(ends, dtype=np.int64).reshape(-1, 2)
    words = np.zeros((0, 2), dtype=np.int64)
    if cut is not None and sentences:
        silent = [_WANTS not in map(_LABEL, marks) for marks in cues]
        words = _openings(text, spans[silent], cut)
    return Sample(
        text,
        spans,
        words,
        _facts(doc, text, sentences, cues, spans),
        _context(text, sentences, cues),
        _series(text, sentences),
    )


class _Bundles:
    """Facts that come together, each bundle kept once."""

    def __init__(self, count: int) -> None:
        self.columns: list[Columns] = []
        self.rows: list[Ints] = []
        self.count = count

    def add(self, keys: Sequence[Key], told: Callable[[Key], Columns]) -> None:
        """Give each candidate, which has one of the keys, what is told of that."""
        self.add_of(keys, keys, told)

    def add_of(
        self,
        items: Sequence[Item],
        keys: Sequence[Hashable],
        told: Callable[[Item], Columns],
    ) -> None:
        """Give each candidate what is told of its item, once for all of one key."""
        last = dict(zip(keys, items, strict=True))
        known = dict(zip(last, count(len(self.columns)), strict=False))
        self.columns += map(told, last.values())
        self.rows.append(
            np.fromiter(map(known.__getitem__, keys), np.int64, self.count)
        )

    def choose(self, choice: Sequence[Columns], which: Ints | int) -> None:
        """Give each candidate one of a few."""
        self.rows.append(np.full(self.count, which) + len(self.columns))
        self.columns += choice

    def facts(self) -> Facts:
        """All that was added."""
        return Facts(self.columns, np.stack(self.rows, axis=1))


def _facts(
    doc: Doc,
    text: str,
    sentences: list[Sentence],
    cues: list[list[Mark]],
    spans: Ints,
) -> Facts:
    """What a candidate itself tells."""
    bundles = _Bundles(len(sentences))
    zoned = _share([bool(sentence.zones) for sentence in sentences])
    bundles.choose([[named(f"genre:zoned{zoned}")]], 0)
    bundles.add_of(cues, [tuple(map(_RULE, marks)) for marks in cues], _cued)
    bundles.add(_shapes(text, sentences, spans), _shape)
    bundles.choose(_PARAGRAPHS, _paragraphs(sentences))
    bundles.choose(_DIGITS, _digits(text, spans))
    bundles.add(_holdings(doc, sentences), _held)
    return bundles.facts()


def _cued(marks: list[Mark]) -> Columns:
    """Columns of the rules that fired, and of what they say together."""
    return _fired(tuple(map(_RULE, marks)), tuple(map(_LABEL, marks)))


@lru_cache(maxsize=20_000)
def _fired(rules: tuple[str, ...], labels: tuple[str, ...]) -> Columns:
    together = "+".join(sorted(set(labels)))
    return [*map(named, dict.fromkeys(rules)), named(f"labels:{together}")]


Shape = tuple[int, str, bool, int, bool, bool, bool, str, str, bool, bool, int]


def _shapes(text: str, sentences: list[Sentence], spans: Ints) -> list[Shape]:
    """Form and place of each candidate, told in facts by `_shape`."""
    lengths = np.searchsorted(_LENGTHS, spans[:, 1] - spans[:, 0]).tolist()
    sorts = [sentence.sort for sentence in sentences]
    blocks = [sentence.block for sentence in sentences]
    return [
        (
            length,
            sort,
            one.heading,
            len(one.zones),
            one.initial,
            one.item is not None,
            one.section is not None,
            text[one.tail - 1],
            following,
            block != next_block,
            one.row,
            len(one.path),
        )
        for one, length, sort, following, block, next_block in zip(
            sentences,
            lengths,
            sorts,
            [*sorts[1:], "-"],
            blocks,
            [*blocks[1:], None],
            strict=True,
        )
    ]


@lru_cache(maxsize=20_000)
def _shape(shape: Shape) -> Columns:
    """Columns of what a candidate's form and place tell."""
    (length, sort, heading, zones, initial, item) = shape[:6]
    (section, end, following, last, row, depth) = shape[6:]
    facts = (
        f"length:{length}",
        f"sort:{sort}",
        f"heading:{heading}",
        f"zones:{min(zones, 2)}",
        f"initial:{initial}:{bool(sort)}",
        f"item:{item}:{section}",
        f"end:{end}",
        f"next:{following}",
        f"last:{last}",
        f"row:{row}",
        f"depth:{min(depth, 4)}",
    )
    return list(map(named, facts))


def _paragraphs(sentences: list[Sentence]) -> Ints:
    """Each candidate's place in its paragraph and how many that has, one number."""
    stands: list[int] = []
    for _, together in groupby([sentence.block for sentence in sentences]):
        stands += _stands(len(list(together)))
    return np.array(stands)


@lru_cache(maxsize=1000)
def _stands(size: int) -> list[int]:
    return [5 * min(place, 4) + min(size, 5) - 1 for place in range(size)]


def _digits(text: str, spans: Ints) -> Ints:
    """How many digits each candidate holds, half-width and full, three at most."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    # what is smaller wraps around and is no digit either
    digits = (codes - np.uint32(ord("0")) < 10) | (codes - np.uint32(ord("０")) < 10)
    first, after = np.searchsorted(np.flatnonzero(digits), spans.T)
    many: Ints = (after - first).clip(max=3)
    return many


Holding = tuple[tuple[str, int, tuple[str, ...]], ...]


def _holdings(doc: Doc, sentences: list[Sentence]) -> list[Holding]:
    """Layer, number and what is told of the marks that each candidate holds."""
    holdings: list[Holding] = [()] * len(sentences)
    starts = [sentence.start for sentence in sentences]
    for name, told in _COUNTED.items():
        dealt: dict[int, list[Mark]] = {}
        for mark in getattr(doc._, name):
            place = bisect_right(starts, mark.start) - 1
            if place >= 0 and mark.start < sentences[place].end:
                dealt.setdefault(place, []).append(mark)
        for place, marks in dealt.items():
            names = tuple(sorted(set(map(told, marks)))) if told else ()
            holdings[place] += ((name, min(len(marks), 3), names),)
    return holdings


@lru_cache(maxsize=20_000)
def _held(holding: Holding) -> Columns:
    facts = []
    for name, many, told in holding:
        facts += [f"{name}:{many}", *(f"{name}={said}" for said in told)]
    return list(map(named, facts))


def _context(text: str, sentences: list[Sentence], cues: list[list[Mark]]) -> Facts:
    """Where a candidate stands: genre, section, headings, place."""
    many = len(sentences)
    bundles = _Bundles(many)
    wanting = _share([_WANTS in map(_LABEL, marks) for marks in cues])
    genre = [f"genre:{label}" for label in _genre(text)]
    bundles.choose([[*map(named, genre), named(f"genre:wants{wanting}")]], 0)
    bundles.add([one.function for one in sentences], _function)
    paths = [one.path for one in sentences]
    near = [path[-1][:_TITLE] if path else "" for path in paths]
    far = [path[-2][:_TITLE] if path[1:] else "" for path in paths]
    for titles, name in ((near, "title0"), (far, "title1")):
        distinct = list(dict.fromkeys(titles))
        told = dict(zip(distinct, pairs(distinct, name), strict=True))
        bundles.add(titles, told.__getitem__)
    bundles.choose(_PLACES, 10 * np.arange(many) // many)
    return bundles.facts()


@lru_cache
def _function(function: str) -> Columns:
    return [named(f"function:{function}")]


def _genre(text: str) -> list[str]:
    """Genres the first lines speak of."""
    head = text[:_HEAD]
    book = rulebook.load("genre")
    found = [rule.label for rule in book.rules if rule.pattern.search(head)]
    return list(dict.fromkeys(found))


def _share(flags: list[bool]) -> int:
    """Fifths of the flags that are up."""
    return 5 * sum(flags) // max(len(flags), 1)


def _series(text: str, sentences: list[Sentence]) -> Ints:
    """Enumeration that each candidate opens a member of; -1 for none.

    Members stand under the same headings, in the same section and outer item, and open
    with the same sort of enumerator; where the first one comes again, another begins.
    """
    opened: dict[tuple[object, ...], tuple[int, str]] = {}
    series: list[int] = []
    count = 0
    for sentence in sentences:
        if sentence.number is None:
            series.append(-1)
            continue
        key = (sentence.path, sentence.section, sentence.outer, sentence.sort)
        written = text[slice(*sentence.number)]
        known = opened.get(key)
        if known is None or known[1] == written:
            known = opened[key] = (count, written)
            count += 1
        series.append(known[0])
    return np.array(series, dtype=np.int64)


def _openings(text: str, spans: Ints, cut: Callable[[str], Sequence[str]]) -> Ints:
    """Words of the spans' first `_OPENING` characters, as spans of the text.

    What a sentence wants stands at its beginning: the words behind it moved no
    cross-validated score, and cost as much as the ones before it. Nor did the words of
    sentences in which a rule has found that something is wanted.
    """
    if not len(spans):
        return np.zeros((0, 2), dtype=np.int64)
    lengths = np.minimum(spans[:, 1] - spans[:, 0], _OPENING)
    # no segmenter joins words across a line break: one call cuts them all
    joined = "\n".join(
        [
            text[start : start + length]
            for start, length in zip(
                spans[:, 0].tolist(), lengths.tolist(), strict=True
            )
        ]
    )
    widths = np.fromiter(map(len, cut(joined)), dtype=np.int64)
    starts = np.cumsum(widths) - widths
    origins = np.cumsum(lengths + 1) - lengths - 1
    row = np.searchsorted(origins, starts, side="right") - 1
    moved = starts + (spans[row, 0] - origins[row])
    words = np.stack([moved, moved + widths], axis=1)
    inside: Ints = words[starts < (origins + lengths)[row]]
    return inside
