"""Everything the other pipes found in; a verdict on every candidate out."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
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
_RULE = attrgetter("rule")
_PLACES = [named(f"place:{tenth}") for tenth in range(10)]
_COUNTS = {
    name: [named(f"{name}:{many}") for many in (1, 2, 3)]
    for name in ("owners", "deadlines", "metrics", "recurrences")
}


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
    return Sample(text, spans, words, _facts(doc))


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
    text, sentences, cues = doc._.view.text, doc._.sentences, doc._.cues
    genre = tuple(_genre(doc))
    everywhere = [named(f"genre:{label}") for label in genre]
    said: dict[tuple[str, ...], list[int]] = {}
    titles = _titles([sentence.path for sentence in sentences])
    rows: list[list[int]] = []
    for sentence, marks, following in zip(
        sentences, cues, [*sentences[1:], None], strict=True
    ):
        key = (sentence.function, *map(_RULE, marks))
        told = said.get(key)
        if told is None:
            labels = "+".join(sorted({mark.label for mark in marks}))
            told = [*everywhere, *map(named, dict.fromkeys(key[1:]))]
            told += _said(labels, sentence.function, genre)
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
        )
        rows.append(told + titles[sentence.path] + form)
    count = len(sentences)
    for place, row in enumerate(rows):
        row.append(_PLACES[10 * place // count])
    for name, columns in _COUNTS.items():
        for place, many in _counts(sentences, getattr(doc._, name)).items():
            rows[place].append(columns[min(many, len(columns)) - 1])
    return rows


@lru_cache(maxsize=20_000)
def _said(labels: str, function: str, genre: tuple[str, ...]) -> list[int]:
    """Columns of the cues' labels and the section's function, both by genre."""
    facts = [f"labels:{labels}", f"function:{function}"]
    facts += [f"{label}~{cue}" for label in genre[:2] for cue in labels.split("+")]
    facts += [f"{label}:{function}" for label in genre]
    return list(map(named, facts))


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
    )
    return list(map(named, facts))


def _genre(doc: Doc) -> list[str]:
    """Genres the first lines speak of, and the document's own shape."""
    text, sentences = doc._.view.text, doc._.sentences
    book = rulebook.load("genre")
    genre = [rule.label for rule in book.rules if rule.pattern.search(text[:_HEAD])]
    count = max(len(sentences), 1)
    zoned = sum(bool(sentence.zones) for sentence in sentences)
    wanting = sum(any(mark.label == "force" for mark in marks) for marks in doc._.cues)
    shape = [f"zoned{5 * zoned // count}", f"wants{5 * wanting // count}"]
    return [*dict.fromkeys(genre), *shape]


def _counts(sentences: list[Sentence], marks: list[Mark]) -> dict[int, int]:
    """How many of the marks each candidate holds, by its place."""
    starts = [sentence.start for sentence in sentences]
    counts: dict[int, int] = {}
    for mark in marks:
        place = bisect_right(starts, mark.start) - 1
        if place >= 0 and mark.start < sentences[place].end:
            counts[place] = counts.get(place, 0) + 1
    return counts
