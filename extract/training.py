"""Gold documents in, a trained judge out; what it was trained on goes on its card."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from extract import classifier, harvest, pipeline
from extract.classifier import Labels, Model, Sample
from extract.evaluate import GoldDocument, Score, gold_pairs, pair, score
from extract.readers import read
from extract.situation import sample
from extract.task import KINDS, Speech
from extract.words import segmenter

FOLDS = 5
# a field or kind with a lower F1 is named on the card as a weakness
_WEAK = 0.85


@dataclass(frozen=True, slots=True)
class Example:
    """A gold document as the classifier sees it; `source` names its annotators."""

    speech: Speech
    gold: Sequence[dict[str, Any]]
    sample: Sample
    labels: Labels
    source: str = ""

    @property
    def whole(self) -> bool:
        """Whether every sentence was judged: only then it can be scored."""
        return bool((self.labels.task >= 0).all())


def examples(folders: Iterable[Path], *, partly: bool = False) -> list[Example]:
    """Examples of gold folders, in order of folder and name.

    With `partly` also of documents of which only some sentences were judged.
    """
    return [
        example(document, source=str(folder))
        for folder in folders
        for document in gold_pairs(folder, partly=partly)
    ]


def example(
    document: GoldDocument, *, words: str = "jieba", source: str = ""
) -> Example:
    """Read a gold document and let every pipe but the judge look at it.

    Parameters
    ----------
    document : GoldDocument
        Text and records.
    words : str
        Segmenter whose words the classifier reads.
    source : str
        Name of those who annotated it; documents of one name were judged alike.
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
    if document.judged is not None:
        held = [_held(span, document.judged) for span in spans]
        task[~np.array(held, dtype=bool) & (task == 0)] = -1
    return Example(
        speech,
        document.records,
        sample(doc, segmenter(words).cut),
        Labels(task, actionable, heading, kind),
        source,
    )


def _held(span: tuple[int, int], judged: Iterable[tuple[int, int]]) -> bool:
    """Whether one of the stretches holds more than half of a span."""
    start, end = span
    return any(2 * (min(end, b) - max(start, a)) > end - start for a, b in judged)


def train(documents: Sequence[Example], *, like: str = "") -> Model:
    """Fit the judge; see `extract.classifier.fit`.

    Parameters
    ----------
    documents : sequence of Example
    like : str
        Annotators differ in what they take for actionable: the judge learns to say it
        as those of this source do; by default, of the first document's.
    """
    first = like or (documents[0].source if documents else "")
    names = list(dict.fromkeys([first, *(document.source for document in documents)]))
    return classifier.fit(
        [document.sample for document in documents],
        [document.labels for document in documents],
        sources=[names.index(document.source) for document in documents],
    )


def predicted(document: Example, model: Model) -> list[dict[str, Any]]:
    """Records that the whole pipeline makes of a document with that judge."""
    doc = pipeline.analyse(document.speech, judged=False)
    scores = model.scores(document.sample)
    doc._.judgements = model.verdicts(scores)
    return [task.to_dict() for task in harvest.tasks(doc)]


def scored(documents: Sequence[Example], model: Model) -> dict[str, Score]:
    """Scores of a judge on documents that it has not seen."""
    return score(
        [(document.gold, predicted(document, model)) for document in documents]
    )


def cross_validated(
    documents: Sequence[Example], folds: int = FOLDS, *, like: str = ""
) -> Iterator[tuple[Example, list[dict[str, Any]]]]:
    """Predictions for every document by a judge that has not seen it.

    Parameters
    ----------
    documents : sequence of Example
        Dealt into the folds one by one, in their order.
    folds : int, default=5
        At least 2; no more than there are documents.
    like : str
        See `train`.

    Yields
    ------
    (Example, list of dict)
        The document and its predicted records, fold by fold.
    """
    for fold in range(folds):
        seen = [one for place, one in enumerate(documents) if place % folds != fold]
        model = train(seen, like=like)
        for document in documents[fold::folds]:
            if document.whole:
                yield document, predicted(document, model)


def dummy(documents: Sequence[Example]) -> Model:
    """Judge that says the same of every candidate: what is most frequent in gold."""
    return classifier.constant([document.labels for document in documents])


def name_of(folder: Path) -> str:
    """What a card calls a folder: no path of somebody's machine."""
    return "/".join(folder.resolve().parts[-2:])


def card(folders: Sequence[Path], documents: Sequence[Example]) -> dict[str, Any]:
    """What the model's card says of data and versions."""
    import sklearn

    return {
        "documents": len(documents),
        "candidates": int(sum(len(document.labels.task) for document in documents)),
        "tasks": int(sum(document.labels.task.sum() for document in documents)),
        "data": [name_of(folder) for folder in folders],
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "scikit-learn": sklearn.__version__,
            "jieba": version("jieba"),
        },
    }


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a judge: scores by what they were measured on.

    Attributes
    ----------
    scores : dict of str to dict of str to Score
        By a name such as ``cross-validation`` or ``corpus/heldout``.
    weaknesses : list of str
        Kinds that were told badly in cross-validation, worst first, with numbers.
    """

    scores: dict[str, dict[str, Score]]
    weaknesses: list[str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the card, rounded to a thousandth."""
        return {
            "scores": {
                name: {
                    field: [round(x, 3) for x in (one.f1, one.low, one.high)]
                    for field, one in fields.items()
                }
                for name, fields in self.scores.items()
            },
            "weaknesses": self.weaknesses,
        }


def report(
    groups: Sequence[Sequence[Example]],
    model: Model,
    *,
    folds: int = FOLDS,
    like: str = "",
    tests: Mapping[str, Sequence[Example]] | None = None,
) -> Report:
    """Measure a judge, the one of the first folder alone, and a dummy.

    Parameters
    ----------
    groups : sequence of sequences of Example
        What `model` was trained on, by folder.
    model : Model
    folds : int, default=5
        Of the cross-validation over all training documents; 0 for none.
    like : str
        See `train`.
    tests : mapping of str to sequence of Example, optional
        Documents that were not trained on, by the name they get on the card.

    Returns
    -------
    Report
    """
    documents = [document for group in groups for document in group]
    whole = [document for document in documents if document.whole]
    nothing = dummy(documents)
    scores: dict[str, dict[str, Score]] = {}
    weaknesses: list[str] = []
    if folds and whole:
        found = [
            (one.gold, pred)
            for one, pred in cross_validated(documents, folds, like=like)
        ]
        scores["cross-validation"] = score(found)
        scores["cross-validation, dummy"] = scored(whole, nothing)
        weaknesses = _weaknesses(found)
    for name, unseen in (tests or {}).items():
        scores[name] = scored(unseen, model)
        if len(groups) > 1:
            alone = train(groups[0])
            scores[f"{name}, first folder alone"] = scored(unseen, alone)
        scores[f"{name}, dummy"] = scored(unseen, nothing)
    return Report(scores, weaknesses)


def _weaknesses(
    found: Sequence[tuple[Sequence[dict[str, Any]], list[dict[str, Any]]]],
) -> list[str]:
    said: list[tuple[float, str]] = []
    for kind in KINDS:
        # a task of another kind is, for this kind, none
        one = score(
            [
                (
                    [g for g in gold if g["kind"] == kind],
                    [p for p in pred if p["kind"] == kind],
                )
                for gold, pred in found
            ]
        )["task"]
        if one.f1 < _WEAK:
            numbers = f"P {one.precision:.2f} R {one.recall:.2f} F1 {one.f1:.2f}"
            said.append((one.f1, f"kind {kind}: {numbers} (n={one.n_gold})"))
    return [text for _, text in sorted(said)]
