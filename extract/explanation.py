"""A Doc in, every candidate's verdict out, and what spoke for and against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from extract.harvest import Harvest
from extract.layers import Judgement, Mark, Sentence
from extract.parts import Source
from extract.task import Task


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a candidate is or is not a task.

    Attributes
    ----------
    start, end : int
        Offsets into the speech's text.
    task : bool
        The judge's decision; `record` is the Task if so, else None.
    probability, actionable_probability : float
        Calibrated.
    rules : tuple of (str, str)
        Id and surface of every cue that fired.
    """

    start: int
    end: int
    text: str
    task: bool
    probability: float
    kind: str
    actionable: bool
    actionable_probability: float
    number: str
    section: str
    item: str
    function: str
    rules: tuple[tuple[str, str], ...]
    record: Task | None


def explain(doc: Doc) -> list[Explanation]:
    """Every candidate with its verdict and what spoke for and against it."""
    harvest = Harvest(doc)
    rows = zip(
        harvest.sentences,
        harvest.judgements,
        harvest.cues,
        harvest.records(),
        strict=True,
    )
    return [_explanation(harvest.source, *row) for row in rows]


def _explanation(
    source: Source,
    sentence: Sentence,
    judgement: Judgement,
    cues: Sequence[Mark],
    record: Task | None,
) -> Explanation:
    start, end = source.span(sentence.start, sentence.end)
    return Explanation(
        start=start,
        end=end,
        text=source.text[start:end],
        task=record is not None,
        probability=round(judgement.probability, 4),
        kind=judgement.kind,
        actionable=judgement.actionable,
        actionable_probability=round(judgement.actionable_probability, 4),
        number=source.written(sentence.number),
        section=source.markers[sentence.section],
        item=source.markers[sentence.item],
        function=sentence.function,
        rules=tuple(
            (mark.rule, source.written((mark.start, mark.end))) for mark in cues
        ),
        record=record,
    )
