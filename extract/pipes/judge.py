"""Everything the other pipes found in; a verdict on every candidate out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.classifier import Model, Sample, shipped
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


def _facts(doc: Doc) -> list[list[str]]:
    text, sentences = doc._.view.text, doc._.sentences
    genre = _genre(doc)
    marked = {
        name: _counts(sentences, getattr(doc._, name))
        for name in ("owners", "deadlines", "metrics", "recurrences")
    }
    rows: list[list[str]] = []
    for place, sentence in enumerate(sentences):
        cues = [mark.rule for mark in doc._.cues[place]]
        labels = sorted({mark.label for mark in doc._.cues[place]})
        length = sentence.tail - sentence.start
        bucket = sum(length > limit for limit in _LENGTHS)
        following = sentences[place + 1] if place + 1 < len(sentences) else None
        facts = [
            *dict.fromkeys(cues),
            "labels:" + "+".join(labels),
            f"sort:{sentence.sort}",
            f"function:{sentence.function}",
            f"length:{bucket}",
            f"place:{10 * place // len(sentences)}",
            f"heading:{sentence.heading}",
            f"zones:{min(len(sentence.zones), 2)}",
            f"initial:{sentence.initial}:{bool(sentence.number)}",
            f"item:{sentence.item is not None}:{sentence.section is not None}",
            f"end:{text[sentence.tail - 1]}",
            f"next:{following.sort if following else '-'}",
            f"last:{following is None or following.block != sentence.block}",
            *(f"genre:{label}" for label in genre),
            *(f"{label}:{sentence.function}" for label in genre),
            *(f"{label}~{cue}" for label in genre[:2] for cue in labels),
        ]
        for name, counts in marked.items():
            if counts[place]:
                facts.append(f"{name}:{min(counts[place], 3)}")
        for depth, title in enumerate(reversed(sentence.path[-2:])):
            facts += [f"title{depth}:{title[i:i + 2]}" for i in range(len(title) - 1)]
        rows.append(facts)
    return rows


def _genre(doc: Doc) -> list[str]:
    """Genres the first lines speak of, and the document's own shape."""
    text, sentences = doc._.view.text, doc._.sentences
    book = rulebook.load("genre")
    genre = [rule.label for rule in book.rules if rule.pattern.search(text[:_HEAD])]
    count = max(len(sentences), 1)
    zoned = sum(bool(sentence.zones) for sentence in sentences)
    wanting = sum(
        any(mark.label == "force" for mark in marks) for marks in doc._.cues
    )
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
