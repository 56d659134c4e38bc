"""What several annotators read in the same texts in, how far they agree out.

Each figure says something else. F1 of a pair of annotators is what a program can be
expected to reach against one of them; alpha takes off the agreement that chance gives,
which is high where nearly every value is the same; gamma judges where tasks begin and
end together with what they are, without pairing them by a fixed threshold.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np

from extract.errors import DubanError
from extract.evaluate.alpha import Alpha, alpha_of
from extract.evaluate.annotators import SharedDocument
from extract.evaluate.differences import Error, errors
from extract.evaluate.records import PLAIN, Record, pair, value_of
from extract.evaluate.scoring import Score, score

_SEED = 7


@dataclass(frozen=True, slots=True)
class PairScores:
    """F1 of two annotators by field, with the names of `score`.

    Precision is the share of the second's instances that the first has too, recall
    the share of the first's; F1 is nearly the same either way round.
    """

    first: str
    second: str
    documents: int
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that two annotators read differently.

    In `error`, ``gold`` is what `first` reads and ``pred`` what `second` does; a task
    that is ``missed`` stands with `first` alone, a ``spurious`` one with `second`.
    """

    document: str
    first: str
    second: str
    error: Error


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far annotators agree.

    Attributes
    ----------
    annotators : tuple of str
        Their names.
    documents : int
        Documents that at least two have.
    pairs : tuple of PairScores
        Every two annotators with a document in common.
    alphas : mapping of str to Alpha
        ``sentence`` (task or no task), ``kind`` and ``actionable`` over paired tasks.
    disagreements : tuple of Disagreement
        By document and in text order.
    missing : tuple of (str, str)
        Document and annotator who lacks it though another has it.
    """

    annotators: tuple[str, ...]
    documents: int
    pairs: tuple[PairScores, ...]
    alphas: Mapping[str, Alpha]
    disagreements: tuple[Disagreement, ...]
    missing: tuple[tuple[str, str], ...]


def agree(documents: Sequence[SharedDocument], annotators: Sequence[str]) -> Agreement:
    """Compare annotators on every document that at least two of them have.

    Parameters
    ----------
    documents : sequence of SharedDocument
        From `shared_documents`.
    annotators : sequence of str
        Names, in the order of ``SharedDocument.readings``.
    """
    shared = [document for document in documents if document.pairs]
    return Agreement(
        annotators=tuple(annotators),
        documents=len(shared),
        pairs=tuple(_pair_scores(shared, annotators)),
        alphas=_alphas(shared),
        disagreements=tuple(_disagreements(shared, annotators)),
        missing=tuple(
            (document.name, annotator)
            for document in documents
            for annotator, reading in zip(annotators, document.readings, strict=True)
            if reading is None
        ),
    )


def _both(
    document: SharedDocument, first: int, second: int
) -> tuple[Sequence[Record], Sequence[Record]]:
    return document.readings[first] or (), document.readings[second] or ()


def _pair_scores(
    documents: Sequence[SharedDocument], annotators: Sequence[str]
) -> list[PairScores]:
    places = sorted({pair for document in documents for pair in document.pairs})
    found: list[PairScores] = []
    for first, second in places:
        common = [
            _both(document, first, second)
            for document in documents
            if (first, second) in document.pairs
        ]
        found.append(
            PairScores(
                annotators[first], annotators[second], len(common), score(common)
            )
        )
    return found


def _disagreements(
    documents: Sequence[SharedDocument], annotators: Sequence[str]
) -> list[Disagreement]:
    return [
        Disagreement(document.name, annotators[first], annotators[second], error)
        for document in documents
        for first, second in document.pairs
        for error in errors(*_both(document, first, second))
    ]


def _alphas(documents: Sequence[SharedDocument]) -> dict[str, Alpha]:
    tasks = [_task_units(document) for document in documents]
    alphas = {"sentence": alpha_of([_sentence_units(each) for each in documents])}
    for name in PLAIN:
        alphas[name] = alpha_of(
            [
                [[value_of(record, name) for record in unit] for unit in units]
                for units in tasks
            ]
        )
    return alphas


def _task_units(document: SharedDocument) -> list[list[Record]]:
    """Records of all annotators that are the same task, as the first of them has it."""
    units: list[list[Record]] = []
    for reading in document.readings:
        known = [unit[0] for unit in units]
        paired = {theirs: unit for unit, theirs in pair(known, reading or ())}
        for place, record in enumerate(reading or ()):
            if place in paired:
                units[paired[place]].append(record)
            else:
                units.append([record])
    return units


def _sentence_units(document: SharedDocument) -> list[list[bool]]:
    """Whether each sentence is a task, by every annotator who has the document."""
    return [
        [
            any(_shares(start, end, record) for record in reading)
            for reading in document.readings
            if reading is not None
        ]
        for start, end in document.sentences
    ]


def _shares(start: int, end: int, task: Record) -> bool:
    # annotators split and join sentences: half of the shorter span is the sentence
    common = min(end, task["end"]) - max(start, task["start"])
    return bool(2 * common >= min(end - start, task["end"] - task["start"]))


def gamma(documents: Sequence[SharedDocument]) -> float | None:
    """Gamma of spans and kinds together, the mean over documents.

    Mathet, Widlöcher and Métivier, "The Unified and Holistic Method Gamma (γ) for
    Inter-Annotator Agreement Measure and Alignment" (2015), as the package
    pygamma-agreement computes it, spans and kinds weighing the same.

    Returns
    -------
    float or None
        None if no document that two annotators have holds a task.

    Raises
    ------
    DubanError
        E407 if the package, which is no dependency, is not installed.
    """
    try:
        library = importlib.import_module("pygamma_agreement")
        segment = importlib.import_module("pyannote.core").Segment
    except ImportError as error:
        raise DubanError("E407") from error
    measure = library.CombinedCategoricalDissimilarity(alpha=1, beta=1)
    found: list[float] = []
    for document in documents:
        if not document.pairs or not any(document.readings):
            continue
        continuum = library.Continuum()
        for place, reading in enumerate(document.readings):
            if reading is not None:
                # one who found no task disagrees too
                continuum.add_annotator(str(place))
            for record in reading or ():
                span = segment(record["start"], record["end"])
                continuum.add(str(place), span, record["kind"])
        # the package draws its chance alignments from this generator
        np.random.seed(_SEED)
        found.append(float(continuum.compute_gamma(measure).gamma))
    return fmean(found) if found else None
