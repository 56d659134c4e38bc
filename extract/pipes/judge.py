"""Everything the other pipes found in; a verdict on every candidate out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.classifier import Model, Sample, named, shipped
from extract.layers import Judgement, Mark, Sentence
from extract.words import segmenter as words_of

_HEAD = 400
_LENGTHS = (8, 15, 25, 40, 60, 90, 140, 220)


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
    words = np.zeros((0, 2), dtype=np.int64)
    if cut is not None and text:
        lengths = np.fromiter(map(len, cut(text)), dtype=np.int64)
        ends = np.cumsum(lengths)
        words = np.stack([ends - lengths, ends], axis=1)
    return Sample(text, spans.reshape(-1, 2), words, _facts(doc))


def _facts(doc: Doc) -> list[list[int]]:
    text, sentences = doc._.view.text, doc._.sentences
    genre = _genre(doc)
    marked = [
        (name, _counts(sentences, getattr(doc._, name)))
        for name in ("owners", "deadlines", "metrics", "recurrences")
    ]
    everywhere = [named(f"genre:{label}") for label in genre]
    said: dict[tuple[str, ...], list[int]] = {}
    titles: dict[tuple[str, ...], list[int]] = {}
    rows: list[list[int]] = []
    cues = doc._.cues
    count = len(sentences)
    for place, sentence in enumerate(sentences):
        key = (sentence.function, *[mark.rule for mark in cues[place]])
        if key not in said:
            labels = {mark.label for mark in cues[place]}
            said[key] = everywhere + _said(key, "+".join(sorted(labels)), tuple(genre))
        above = sentence.path[-2:]
        if above not in titles:
            titles[above] = _titles(above)
        following = sentences[place + 1] if place + 1 < count else None
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
        facts = said[key] + titles[above] + form
        facts.append(named(f"place:{10 * place // count}"))
        for name, counts in marked:
            if counts[place]:
                facts.append(named(f"{name}:{min(counts[place], 3)}"))
        rows.append(facts)
    return rows


def _said(key: tuple[str, ...], labels: str, genre: tuple[str, ...]) -> list[int]:
    """Columns of the cues that fired, of the section's function, both by genre."""
    function, *fired = key
    facts = [*dict.fromkeys(fired), f"labels:{labels}", f"function:{function}"]
    facts += [f"{label}~{cue}" for label in genre[:2] for cue in labels.split("+")]
    facts += [f"{label}:{function}" for label in genre]
    return list(map(named, facts))


def _titles(above: tuple[str, ...]) -> list[int]:
    """Columns of the character pairs of the innermost headings."""
    return [
        named(f"title{depth}:{title[place : place + 2]}")
        for depth, title in enumerate(reversed(above))
        for place in range(len(title) - 1)
    ]


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


def _counts(sentences: list[Sentence], marks: list[Mark]) -> list[int]:
    counts = [0] * len(sentences)
    place = 0
    for mark in marks:
        while place < len(sentences) and sentences[place].end <= mark.start:
            place += 1
        if place == len(sentences):
            break
        if mark.start >= sentences[place].start:
            counts[place] += 1
    return counts
