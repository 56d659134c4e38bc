"""Documents with gold, prediction and candidates in, every figure of the report out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from extract.evaluate.calibration import Calibration, calibration
from extract.evaluate.differences import Error, errors
from extract.evaluate.records import Record, pair
from extract.evaluate.rule_table import RuleFigures, rule_table
from extract.evaluate.scoring import Count, Score, count, summed
from extract.task import KINDS


class Candidate(NamedTuple):
    """A sentence that was judged.

    Attributes
    ----------
    start, end : int
        Offsets into the document's text.
    probability : float
        That it is a task, 0 to 1.
    """

    start: int
    end: int
    probability: float


@dataclass(frozen=True, slots=True)
class Case:
    """One document of an evaluation.

    Attributes
    ----------
    name : str
        Unique among the documents.
    genre : str
        ``kind`` of its meta file, or ``""``.
    gold, pred : sequence of records
    candidates : sequence of Candidate
        Every sentence that was judged, task or not; empty if not known.
    """

    name: str
    genre: str
    gold: Sequence[Record]
    pred: Sequence[Record]
    candidates: Sequence[Candidate] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One error with what the page shows beside it.

    Attributes
    ----------
    error : Error
    record : Record or None
        The whole task, if it was missed or is spurious.
    probability : float or None
        Of a missed task: that of the candidate it pairs with; None if there is none.
    """

    error: Error
    record: Record | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of an evaluation.

    Attributes
    ----------
    scores : mapping of str to Score
        By field, as `score` gives them.
    kinds : mapping of str to Score
        By kind of task: pairs that both sides give that kind.
    genres : mapping of str to (int, mapping of str to Score)
        By genre: number of documents, scores by field. Largest first.
    documents : mapping of str to mapping of str to Score
        By name of the document, then by field.
    counts : mapping of str to mapping of str to Count
        What `documents` is computed from.
    confusion : mapping of (str, str) to int
        Tasks by gold kind and predicted kind; ``""`` where the other side has no task.
    calibration : Calibration
    rules : sequence of RuleFigures
    findings : mapping of str to sequence of Finding
        By name of the document, in text order; documents without errors left out.
    """

    scores: Mapping[str, Score]
    kinds: Mapping[str, Score]
    genres: Mapping[str, tuple[int, Mapping[str, Score]]]
    documents: Mapping[str, Mapping[str, Score]]
    counts: Mapping[str, Mapping[str, Count]]
    confusion: Mapping[tuple[str, str], int]
    calibration: Calibration
    rules: Sequence[RuleFigures]
    findings: Mapping[str, Sequence[Finding]]


def report(cases: Sequence[Case]) -> Report:
    """Compute every figure of an evaluation.

    Parameters
    ----------
    cases : sequence of Case
        With distinct names, at least one.
    """
    counts = {case.name: count(case.gold, case.pred) for case in cases}
    found = {case.name: _findings(case) for case in cases}
    kinds = summed([_kind_count(case) for case in cases])
    return Report(
        scores=summed(list(counts.values())),
        kinds={kind: kinds[kind] for kind in KINDS},
        genres=_genres(cases, counts),
        documents={name: summed([one]) for name, one in counts.items()},
        counts=counts,
        confusion=_confusion(cases),
        calibration=_calibration(cases),
        rules=rule_table([(case.gold, case.pred) for case in cases]),
        findings={name: findings for name, findings in found.items() if findings},
    )


def _kind_count(case: Case) -> dict[str, Count]:
    both = Counter(
        case.gold[i]["kind"]
        for i, j in pair(case.gold, case.pred)
        if case.gold[i]["kind"] == case.pred[j]["kind"]
    )
    gold = Counter(record["kind"] for record in case.gold)
    pred = Counter(record["kind"] for record in case.pred)
    return {kind: Count(both[kind], gold[kind], pred[kind]) for kind in KINDS}


def _genres(
    cases: Sequence[Case], counts: Mapping[str, Mapping[str, Count]]
) -> dict[str, tuple[int, Mapping[str, Score]]]:
    sizes = Counter(case.genre for case in cases)
    return {
        genre: (
            size,
            summed([counts[case.name] for case in cases if case.genre == genre]),
        )
        for genre, size in sizes.most_common()
    }


def _confusion(cases: Sequence[Case]) -> dict[tuple[str, str], int]:
    cells: Counter[tuple[str, str]] = Counter()
    for case in cases:
        pairs = pair(case.gold, case.pred)
        cells.update((case.gold[i]["kind"], case.pred[j]["kind"]) for i, j in pairs)
        missed = set(range(len(case.gold))) - {i for i, _ in pairs}
        spurious = set(range(len(case.pred))) - {j for _, j in pairs}
        cells.update((case.gold[i]["kind"], "") for i in missed)
        cells.update(("", case.pred[j]["kind"]) for j in spurious)
    return dict(cells)


def _calibration(cases: Sequence[Case]) -> Calibration:
    # one document without candidates would bend the curve: all or none
    whole = all(case.candidates for case in cases if case.pred)
    judged: list[tuple[float, bool]] = []
    for case in cases:
        spans = _spans(case.candidates) if whole else case.pred
        right = {j for _, j in pair(case.gold, spans)}
        judged += [
            (span["confidence"], place in right) for place, span in enumerate(spans)
        ]
    return calibration(judged, "candidates" if whole else "tasks")


def _spans(candidates: Sequence[Candidate]) -> list[dict[str, Any]]:
    return [
        {"start": one.start, "end": one.end, "confidence": one.probability}
        for one in candidates
    ]


def _findings(case: Case) -> list[Finding]:
    gold = {(record["start"], record["text"]): record for record in case.gold}
    pred = {(record["start"], record["text"]): record for record in case.pred}
    spans = _spans(case.candidates)
    judged = {
        (case.gold[i]["start"], case.gold[i]["text"]): spans[j]["confidence"]
        for i, j in pair(case.gold, spans)
    }
    found = []
    for error in errors(case.gold, case.pred):
        key = error.start, error.text
        if error.kind == "missed":
            found.append(Finding(error, gold[key], judged.get(key)))
        elif error.kind == "spurious":
            found.append(Finding(error, pred[key]))
        else:
            found.append(Finding(error))
    return found
