"""A Doc in; what the classifier is told of its candidates out.

A document has few ways for a candidate to look and to stand, and many candidates: each
way is put into facts once, as a bundle, and a candidate names its bundles.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain, count
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore

from extract import rulebook
from extract.bundles import Bundles, Columns, Ints, numbered
from extract.classifier import Facts, Sample, named, pairs
from extract.first_words import Cut, first_words
from extract.layers import Sentence
from extract.view import Points

Bools = npt.NDArray[np.bool_]

_HEAD = 400
_LENGTHS = np.array((8, 15, 25, 40, 60, 90, 140, 220))
# as far as a candidate's marks and digits are counted
_MANY = 3
_ZERO = np.uint32(ord("0"))
# of a heading: where a heading runs on into a sentence, the rest is that sentence
_TITLE = 30
_LABEL, _RULE = attrgetter("label"), attrgetter("rule")
# label of the cues that say that something is wanted
_WANTS = "force"
_PLACES = [named(f"place:{tenth}") for tenth in range(10)]
_PARAGRAPHS = [
    [named(f"paragraph:{place}/{size}")] for place in range(5) for size in range(1, 6)
]
_DIGITS = [named(f"digits:{many}") for many in range(_MANY + 1)]
# whose marks are counted in a candidate, and what of them is told besides
_COUNTED = {
    "owners": None,
    "deadlines": _LABEL,
    "metrics": _RULE,
    "recurrences": None,
}
# how far from a candidate's end its last figure ends: one that closes it is an outcome
_OUTCOME = "outcome"
_FAR = (4, 12)
_AWAY = ("close", "near", "far")
# what comes after the last candidate
_NOBODY = Sentence(-1, -1, -1, sort="-", block=-1)


def sample(doc: Doc, cut: Cut | None) -> Sample:
    """What the classifier is told of a document.

    Parameters
    ----------
    doc : Doc
        After all pipes but the judge.
    cut : callable or None
        A segmenter's ``cut``; None for no words.
    """
    return samples([doc], cut)[0]


def samples(docs: Sequence[Doc], cut: Cut | None) -> list[Sample]:
    """What the classifier is told of each of several documents.

    Parameters
    ----------
    docs : sequence of Doc
        See `sample`.
    cut : callable or None
        It is called once, which is faster.

    Returns
    -------
    list of Sample
    """
    told = [_told(doc) for doc in docs]
    # nor did it move a score to cut sentences of which a rule knows what they want
    words = first_words([(one.text, one.spans[~one.wanting]) for one in told], cut)
    return [
        Sample(one.text, one.spans, cuts, one.facts, one.context, one.series)
        for one, cuts in zip(told, words, strict=True)
    ]


class _Told(NamedTuple):
    """What a `Sample` holds, and which of its candidates a cue says is wanted."""

    text: str
    spans: Ints
    wanting: Bools
    facts: Facts
    context: Facts
    series: Ints


def _told(doc: Doc) -> _Told:
    layers = doc._
    view, sentences = layers.view, layers.sentences
    text = view.text
    starts = [sentence.start for sentence in sentences]
    tails = [sentence.tail for sentence in sentences]
    spans = np.array((starts, tails), dtype=np.int64).T
    cued, cues = numbered(
        [tuple([mark.rule for mark in marks]) for marks in layers.cues]
    )
    fired = list(map(_fired, cues))
    wanting = np.array([wants for wants, _ in fired], dtype=np.bool_)[cued]
    facts = Bundles()
    zoned = named(f"genre:zoned{_share([bool(one.zones) for one in sentences])}")
    facts.add([[digits, zoned] for digits in _DIGITS], _digits(view.points, spans))
    facts.add(_PARAGRAPHS, _paragraphs(sentences))
    facts.add([columns for _, columns in fired], cued)
    facts.tell(_shapes(text, sentences, spans), _shape)
    facts.tell(_holdings(layers, starts, sentences), _held)
    stands, paths = numbered([one.path for one in sentences])
    above = stands.tolist()
    # headings tell the function of what stands below them
    functions = dict(zip(above, [one.function for one in sentences], strict=True))
    context = _context(text, stands, paths, functions.values(), wanting)
    series = _series(text, sentences, above)
    return _Told(text, spans, wanting, facts.facts(), context, series)


@lru_cache(maxsize=20_000)
def _fired(rules: tuple[str, ...]) -> tuple[bool, Columns]:
    """Whether the rules say that something is wanted; they and what they say, told."""
    book = rulebook.load("cue")
    labels = {book[rule].label for rule in rules}
    together = named(f"labels:{'+'.join(sorted(labels))}")
    return _WANTS in labels, [*map(named, dict.fromkeys(rules)), together]


Shape = tuple[int, str, bool, int, bool, bool, bool, str, str, bool, bool, int]


def _shapes(text: str, sentences: list[Sentence], spans: Ints) -> list[Shape]:
    """Form and place of each candidate, told in facts by `_shape`."""
    lengths = _LENGTHS.searchsorted(spans[:, 1] - spans[:, 0]).tolist()
    return [
        (
            length,
            one.sort,
            one.heading,
            len(one.zones),
            one.initial,
            one.item is not None,
            one.section is not None,
            text[one.tail - 1],
            after.sort,
            one.block != after.block,
            one.row,
            len(one.path),
        )
        for length, one, after in zip(
            lengths, sentences, [*sentences[1:], _NOBODY], strict=True
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
    # a paragraph's candidates stand together
    sizes = Counter([sentence.block for sentence in sentences]).values()
    return np.fromiter(chain.from_iterable(map(_stands, sizes)), np.int64)


@lru_cache(maxsize=1000)
def _stands(size: int) -> list[int]:
    return [5 * min(place, 4) + min(size, 5) - 1 for place in range(size)]


def _digits(points: Points, spans: Ints) -> Ints:
    """How many digits each candidate holds, `_MANY` at most."""
    # what is smaller wraps around and is no digit either; a view has no full-width ones
    digits = np.flatnonzero(points - _ZERO < 10)
    first, after = digits.searchsorted(spans.T)
    many: Ints = np.minimum(after - first, _MANY)
    return many


Holding = tuple[tuple[str, str | None], ...]


def _holdings(
    layers: Underscore, starts: list[int], sentences: list[Sentence]
) -> list[Holding]:
    """Layer of each mark that a candidate holds, and what is told of it.

    Of marks of which the same is told as many as `_MANY` are kept.
    """
    holdings: list[Holding] = [()] * len(sentences)
    figures: dict[int, int] = {}
    for name, told in _COUNTED.items():
        for mark in getattr(layers, name):
            start = mark.start
            place = bisect_right(starts, start) - 1
            if place >= 0 and start < sentences[place].end:
                held = (name, told(mark) if told else None)
                if holdings[place].count(held) < _MANY:
                    holdings[place] += (held,)
                if name == "metrics":
                    figures[place] = mark.end
    for place, end in figures.items():
        away = _AWAY[bisect_left(_FAR, sentences[place].tail - end)]
        holdings[place] += ((_OUTCOME, away),)
    return holdings


@lru_cache(maxsize=20_000)
def _held(holding: Holding) -> Columns:
    facts: list[str] = []
    for name, many in Counter([name for name, _ in holding]).items():
        told = {said for layer, said in holding if layer == name and said is not None}
        facts.append(f"{name}:{min(many, _MANY)}")
        facts += [f"{name}={said}" for said in sorted(told)]
    return list(map(named, facts))


def _context(
    text: str,
    stands: Ints,
    paths: list[tuple[str, ...]],
    functions: Iterable[str],
    wanting: Bools,
) -> Facts:
    """Where a candidate stands: genre, section, headings, place."""
    many = len(stands)
    bundles = Bundles()
    genre = [named(f"genre:{label}") for label in _genre(text)]
    genre.append(named(f"genre:wants{_share(wanting.tolist())}"))
    bundles.add([[place, *genre] for place in _PLACES], 10 * np.arange(many) // many)
    near = pairs([path[-1][:_TITLE] if path else "" for path in paths], "title0")
    told = map(named, [f"function:{function}" for function in functions])
    bundles.add([[*of, one] for of, one in zip(near, told, strict=True)], stands)
    # many headings stand below one
    which, far = numbered([path[-2][:_TITLE] if path[1:] else "" for path in paths])
    bundles.add(pairs(far, "title1"), which[stands])
    return bundles.facts()


def _genre(text: str) -> list[str]:
    """Genres the first lines speak of."""
    head = text[:_HEAD]
    book = rulebook.load("genre")
    found = [rule.label for rule in book.rules if rule.pattern.search(head)]
    return list(dict.fromkeys(found))


def _share(flags: list[bool]) -> int:
    """Fifths of the flags that are up."""
    return 5 * sum(flags) // max(len(flags), 1)


def _series(text: str, sentences: list[Sentence], above: list[int]) -> Ints:
    """Enumeration that each candidate opens a member of; -1 for none.

    Members stand under the same headings, in the same section and outer item, and open
    with the same sort of enumerator; where the first one comes again, another begins.
    """
    opened: dict[tuple[object, ...], tuple[int, str]] = {}
    series = [-1] * len(sentences)
    new = count()
    for place, sentence in enumerate(sentences):
        if sentence.number is None:
            continue
        key = (above[place], sentence.section, sentence.outer, sentence.sort)
        start, end = sentence.number
        written = text[start:end]
        known = opened.get(key)
        if known is None or known[1] == written:
            known = opened[key] = (next(new), written)
        series[place] = known[0]
    return np.array(series, dtype=np.int64)
