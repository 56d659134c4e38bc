"""Everything the other pipes found in; a verdict on every candidate out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.classifier import Model, Sample, named, pairs, shipped
from extract.layers import Judgement, Mark, Sentence
from extract.words import segmenter as words_of

_HEAD = 400
_LENGTHS = (8, 15, 25, 40, 60, 90, 140, 220)
_OPENING = 24
# of a heading: where a heading runs on into a sentence, the rest is that sentence
_TITLE = 30
_RULE, _BLOCK = attrgetter("rule"), attrgetter("block")
_TOLD_APART = {"deadlines": attrgetter("label"), "metrics": _RULE}
_PLACES = [named(f"place:{tenth}") for tenth in range(10)]
_COUNTS = {
    name: [named(f"{name}:{many}") for many in (1, 2, 3)]
    for name in ("owners", "deadlines", "metrics", "recurrences")
}
_DIGITS = [named(f"digits:{many}") for many in range(4)]


@Language.factory(
    "duban_judge",
    default_config={"segmenter": "jieba"},
    assigns=["doc._.judgements"],
    requires=[
        "doc._.view",
        "doc._.sentences",
        "doc._.cues",
        "doc._.owners",
        "doc._.deadlines",
        "doc._.recurrences",
        "doc._.metrics",
    ],
)
def make_judge(nlp: Language, name: str, segmenter: str) -> Judge:
    """Make a `Judge`."""
    return Judge(segmenter)


class Judge:
    """Decide task or no task, kind, actionable and heading for every candidate.

    Reads what all other pipes wrote, writes ``doc._.judgements``.

    Parameters
    ----------
    segmenter : str, default="jieba"
        Whose words the classifier reads.
    model : Model, optional
        Instead of the one that ships.
    """

    def __init__(self, segmenter: str = "jieba", model: Model | None = None) -> None:
        self.segmenter = segmenter
        self.model = model

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        if self.model is None:
            self.model = shipped()
        if not doc._.sentences:
            doc._.judgements = []
            return doc
        cut = words_of(self.segmenter).cut
        scores = self.model.scores(sample(doc, cut))
        doc._.judgements = [
            Judgement(**verdict) for verdict in self.model.verdicts(scores)
        ]
        return doc


def sample(doc: Doc, cut: Callable[[str], Sequence[str]] | None) -> Sample:
    """What the classifier is told of a document.

    Parameters
    ----------
    doc : Doc
        After all pipes but the judge.
    cut : callable or None
        A segmenter's ``cut``; None for no words.
    """
    text = doc._.view.text
    sentences = doc._.sentences
    spans = np.array([(s.start, s.tail) for s in sentences], dtype=np.int64)
    spans = spans.reshape(-1, 2)
    words = np.zeros((0, 2), dtype=np.int64)
    if cut is not None and len(spans):
        words = _openings(text, spans, cut)
    facts, context = _facts(doc), _context(doc)
    return Sample(text, spans, words, facts, context, _series(text, sentences))


def _series(text: str, sentences: list[Sentence]) -> npt.NDArray[np.int64]:
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


def _openings(
    text: str, spans: npt.NDArray[np.int64], cut: Callable[[str], Sequence[str]]
) -> npt.NDArray[np.int64]:
    """Words of the candidates' first `_OPENING` characters, as spans of the text.

    What a sentence wants stands at its beginning: the words behind it moved no
    cross-validated score, and cost as much as the ones before it.
    """
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
    inside: npt.NDArray[np.int64] = words[starts < (origins + lengths)[row]]
    return inside


def _facts(doc: Doc) -> list[list[int]]:
    """Columns of what a candidate itself tells."""
    text, sentences, cues = doc._.view.text, doc._.sentences, doc._.cues
    zoned = _share(bool(sentence.zones) for sentence in sentences)
    everywhere = [named(f"genre:zoned{zoned}")]
    said: dict[tuple[str, ...], list[int]] = {}
    rows: list[list[int]] = []
    for sentence, marks, following in zip(
        sentences, cues, [*sentences[1:], None], strict=True
    ):
        key = tuple(map(_RULE, marks))
        told = said.get(key)
        if told is None:
            labels = "+".join(sorted({mark.label for mark in marks}))
            told = [*everywhere, *map(named, dict.fromkeys(key))]
            told.append(named(f"labels:{labels}"))
            said[key] = told
        form = _shape(
            bisect_left(_LENGTHS, sentence.tail - sentence.start),
            sentence.sort,
            sentence.heading,
            min(len(sentence.zones), 2),
            sentence.initial,
            sentence.item is not None,
            sentence.section is not None,
            text[sentence.tail - 1],
            following.sort if following else "-",
            following is None or following.block != sentence.block,
            sentence.row,
            min(len(sentence.path), 4),
        )
        rows.append([*told, *form])
    for row, *columns in zip(
        rows, _paragraphs(sentences), _digits(text, sentences), strict=True
    ):
        row += columns
    for name, columns in _COUNTS.items():
        marks = getattr(doc._, name)
        for place, found in _dealt(sentences, marks).items():
            rows[place].append(columns[min(len(found), len(columns)) - 1])
            if name in _TOLD_APART:
                names = sorted({_TOLD_APART[name](mark) for mark in found})
                rows[place] += [named(f"{name}={said}") for said in names]
    return rows


def _digits(text: str, sentences: list[Sentence]) -> list[int]:
    """Columns of how many digits each candidate holds, half-width and full."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    before = np.zeros(len(codes) + 1, dtype=np.int64)
    for zero in map(ord, "0０"):
        # what is smaller wraps around and is no digit either
        before[1:] += codes - np.uint32(zero) < 10
    np.cumsum(before, out=before)
    spans = np.array([(s.start, s.tail) for s in sentences], dtype=np.int64)
    held = before[spans[:, 1]] - before[spans[:, 0]]
    return [_DIGITS[many] for many in held.clip(max=3).tolist()]


def _context(doc: Doc) -> list[list[int]]:
    """Columns of where a candidate stands: genre, section, headings, place."""
    sentences = doc._.sentences
    genre = [f"genre:{label}" for label in _genre(doc)]
    wanting = _share(any(m.label == "force" for m in marks) for marks in doc._.cues)
    everywhere = [*map(named, genre), named(f"genre:wants{wanting}")]
    stands = [(sentence.path, sentence.function) for sentence in sentences]
    titles = _titles([path for path, _ in stands])
    told = {
        (path, function): [*everywhere, named(f"function:{function}"), *titles[path]]
        for path, function in dict.fromkeys(stands)
    }
    count = len(sentences)
    return [
        [*told[stand], _PLACES[10 * place // count]]
        for place, stand in enumerate(stands)
    ]


def _share(flags: Iterable[bool]) -> int:
    """Fifths of the flags that are up."""
    flags = list(flags)
    return 5 * sum(flags) // max(len(flags), 1)


def _paragraphs(sentences: list[Sentence]) -> list[int]:
    """Columns of each candidate's place in its paragraph, and of its length."""
    columns: list[int] = []
    for _, together in groupby(map(_BLOCK, sentences)):
        columns += _paragraph(len(list(together)))
    return columns


@lru_cache(maxsize=1000)
def _paragraph(size: int) -> list[int]:
    told = min(size, 5)
    return [named(f"paragraph:{min(place, 4)}/{told}") for place in range(size)]


def _titles(paths: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], list[int]]:
    """Columns of the character pairs of each path's two innermost headings."""
    distinct = list(dict.fromkeys(paths))
    inner = pairs([path[-1][:_TITLE] if path else "" for path in distinct], "title0")
    outer = pairs(
        [path[-2][:_TITLE] if path[1:] else "" for path in distinct], "title1"
    )
    return {
        path: near + far for path, near, far in zip(distinct, inner, outer, strict=True)
    }


@lru_cache(maxsize=20_000)
def _shape(
    length: int,
    sort: str,
    heading: bool,
    zones: int,
    initial: bool,
    item: bool,
    section: bool,
    end: str,
    following: str,
    last: bool,
    row: bool,
    depth: int,
) -> list[int]:
    """Columns of what a candidate's form and place tell."""
    facts = (
        f"length:{length}",
        f"sort:{sort}",
        f"heading:{heading}",
        f"zones:{zones}",
        f"initial:{initial}:{bool(sort)}",
        f"item:{item}:{section}",
        f"end:{end}",
        f"next:{following}",
        f"last:{last}",
        f"row:{row}",
        f"depth:{depth}",
    )
    return list(map(named, facts))


def _genre(doc: Doc) -> list[str]:
    """Genres the first lines speak of."""
    head = doc._.view.text[:_HEAD]
    book = rulebook.load("genre")
    found = [rule.label for rule in book.rules if rule.pattern.search(head)]
    return list(dict.fromkeys(found))


def _dealt(sentences: list[Sentence], marks: list[Mark]) -> dict[int, list[Mark]]:
    """Marks that each candidate holds, by its place."""
    starts = [sentence.start for sentence in sentences]
    dealt: dict[int, list[Mark]] = {}
    for mark in marks:
        place = bisect_right(starts, mark.start) - 1
        if place >= 0 and mark.start < sentences[place].end:
            dealt.setdefault(place, []).append(mark)
    return dealt
