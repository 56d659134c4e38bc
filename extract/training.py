"""Gold documents in, a trained judge out; what it was trained on goes on its card."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from extract import classifier, pipeline
from extract.classifier import Labels, Model, Sample
from extract.evaluate import GoldDocument, gold_pairs, pair
from extract.pipes.judge import sample
from extract.readers import read
from extract.task import KINDS, Speech
from extract.words import segmenter


@dataclass(frozen=True, slots=True)
class Example:
    """A gold document as the classifier sees it."""

    speech: Speech
    gold: Sequence[dict[str, Any]]
    sample: Sample
    labels: Labels


def examples(folders: Iterable[Path]) -> list[Example]:
    """Examples of whole gold folders, in order of folder and name."""
    return [example(document) for folder in folders for document in gold_pairs(folder)]


def example(document: GoldDocument, *, words: str = "jieba") -> Example:
    """Read a gold document and let every pipe but the judge look at it.

    Parameters
    ----------
    document : GoldDocument
        Text and records.
    words : str
        Segmenter whose words the classifier reads.
    """
    speech = read(document.path, date=document.date)
    doc = pipeline.analyse(speech, judged=False)
    view, sentences = doc._.view, doc._.sentences
    spans = [view.source(sentence.start, sentence.end) for sentence in sentences]
    candidates = [
        {"start": start, "end": end, "text": speech.text[start:end]}
        for start, end in spans
    ]
    count = len(candidates)
    task = np.zeros(count, dtype=np.int64)
    actionable, heading, kind = (np.full(count, -1, dtype=np.int64) for _ in range(3))
    for gold, candidate in pair(document.records, candidates):
        record = document.records[gold]
        task[candidate] = 1
        actionable[candidate] = record["actionable"]
        heading[candidate] = record.get("heading", False)
        kind[candidate] = KINDS.index(record["kind"])
    return Example(
        speech,
        document.records,
        sample(doc, segmenter(words).cut),
        Labels(task, actionable, heading, kind),
    )


def train(documents: Sequence[Example]) -> Model:
    """Fit the judge; see `extract.classifier.fit`."""
    return classifier.fit(
        [document.sample for document in documents],
        [document.labels for document in documents],
    )


def card(folders: Sequence[Path], documents: Sequence[Example]) -> dict[str, Any]:
    """What the model's card says of data and versions."""
    import sklearn

    return {
        "documents": len(documents),
        "candidates": int(sum(len(document.labels.task) for document in documents)),
        "tasks": int(sum(document.labels.task.sum() for document in documents)),
        "data": ["/".join(folder.resolve().parts[-2:]) for folder in folders],
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
            "jieba": version("jieba"),
        },
    }
