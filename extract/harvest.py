"""A Doc in, its Tasks out: the only birthplace of a `Task`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any, Literal, cast

from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Judgement, Mark, Sentence, Span
from extract.task import (
    Deadline,
    Metric,
    Owner,
    Recurrence,
    Role,
    Speech,
    Task,
    task_id,
)
from extract.view import View

JUDGE = "judge"


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


def tasks(doc: Doc) -> list[Task]:
    """Tasks of a Doc that went through the whole pipeline, in text order."""
    return [record for _, record in _walk(doc) if record is not None]


def explain(doc: Doc) -> list[Explanation]:
    """Every candidate with its verdict and what spoke for and against it."""
    source = _Source(doc)
    rows = []
    for place, record in _walk(doc):
        sentence, judgement = doc._.sentences[place], doc._.judgements[place]
        start, end = source.span(sentence.start, sentence.end)
        rows.append(
            Explanation(
                start=start,
                end=end,
                text=source.text[start:end],
                task=record is not None,
                probability=round(judgement.probability, 4),
                kind=judgement.kind,
                actionable=judgement.actionable,
                actionable_probability=round(judgement.actionable_probability, 4),
                number=source.written(sentence.number),
                section=source.marker(sentence.section),
                item=source.marker(sentence.item),
                function=sentence.function,
                rules=tuple(
                    (mark.rule, source.written((mark.start, mark.end)))
                    for mark in doc._.cues[place]
                ),
                record=record,
            )
        )
    return rows


class _Source:
    """The document behind the view."""

    def __init__(self, doc: Doc) -> None:
        self.view: View = doc._.view
        self.speech: Speech = doc._.speech or Speech(doc.text, date=doc._.date)
        self.end = rulebook.load("outline")["outline.marker-end"].pattern
        self.text = self.speech.text
        self.digest = self.speech.digest
        self.markers: dict[Span | None, str] = {None: ""}

    def span(self, start: int, end: int) -> Span:
        return self.view.source(start, end)

    def written(self, span: Span | None) -> str:
        if span is None:
            return ""
        start, end = self.view.source(*span)
        return self.text[start:end]

    def marker(self, span: Span | None) -> str:
        """An enumerator without the punctuation that follows it (第四，-> 第四)."""
        if span not in self.markers:
            self.markers[span] = self.end.sub("", self.written(span))
        return self.markers[span]


class _Layer:
    """Marks of one layer, dealt out to the candidates they lie in."""

    def __init__(self, marks: Sequence[Mark], sentences: Sequence[Sentence]) -> None:
        self.marks = marks
        self.starts = [mark.start for mark in marks]
        self.dealt: dict[int, list[Mark]] = {}
        begins = [sentence.start for sentence in sentences]
        for mark in marks:
            place = bisect_right(begins, mark.start) - 1
            if place >= 0 and mark.end <= sentences[place].end:
                self.dealt.setdefault(place, []).append(mark)

    def of(self, place: int, brackets: Sequence[Span]) -> Sequence[Mark]:
        """Marks in a candidate's own words, which its duty brackets are not."""
        marks = self.dealt.get(place, ())
        if marks and brackets:
            return [m for m in marks if not any(a <= m.start < b for a, b in brackets)]
        return marks

    def inside(self, start: int, end: int) -> list[Mark]:
        """Marks in any stretch."""
        first = bisect_left(self.starts, start)
        last = bisect_left(self.starts, end)
        return [mark for mark in self.marks[first:last] if mark.end <= end]


_LAYERS = ("owners", "deadlines", "recurrences", "metrics", "vague")


def _walk(doc: Doc) -> Iterable[tuple[int, Task | None]]:
    source = _Source(doc)
    sentences = doc._.sentences
    layers = {name: _Layer(getattr(doc._, name), sentences) for name in _LAYERS}
    # the tasks of an item share its duties
    duties: dict[Span, list[Owner]] = {}
    times: dict[Span, list[Mark]] = {}
    for zone, marks in doc._.duties.items():
        duties[zone] = [_owner(source, mark, "duty") for mark in marks]
        times[zone] = layers["deadlines"].inside(*zone)
    cues, judgements = doc._.cues, doc._.judgements
    spoken: tuple[Sentence, tuple[Owner, ...]] | None = None
    for place, sentence in enumerate(sentences):
        judgement: Judgement = judgements[place]
        if not judgement.task:
            yield place, None
            continue
        brackets = [zone for zone in sentence.zones if zone[0] >= sentence.start]
        found = {name: layer.of(place, brackets) for name, layer in layers.items()}
        for zone in sentence.zones:
            found["deadlines"] = [*found["deadlines"], *times[zone]]
        if sentence.phase and not found["deadlines"]:
            # a task that names no time of its own takes its phase's
            found["deadlines"] = layers["deadlines"].inside(*sentence.phase)
        owners = _owners(source, found["owners"], sentence.zones, duties)
        if owners:
            explicit = [owner for owner in owners if owner.source == "explicit"]
            spoken = (sentence, tuple(explicit)) if explicit else None
        elif spoken and _goes_on(spoken[0], sentence):
            owners = tuple(replace(owner, source="inherited") for owner in spoken[1])
        yield place, _task(source, sentence, judgement, found, owners, cues[place])


def _goes_on(before: Sentence, sentence: Sentence) -> bool:
    """Whether a sentence without subject continues the one before."""
    same = before.block == sentence.block and before.item == sentence.item
    return same and sentence.number is None


def _owners(
    source: _Source,
    explicit: Sequence[Mark],
    zones: Sequence[Span],
    duties: dict[Span, list[Owner]],
) -> tuple[Owner, ...]:
    stated = [_owner(source, mark, "explicit") for mark in explicit]
    governing = [owner for zone in zones for owner in duties.get(zone, ())]
    owners: dict[str, Owner] = {}
    for owner in (*stated, *governing):
        # the subject of a sentence that its bracket names again is written once
        owners.setdefault(owner.text, owner)
    return tuple(owners.values())


def _owner(source: _Source, mark: Mark, how: Literal["explicit", "duty"]) -> Owner:
    start, end = source.span(mark.start, mark.end)
    role = cast(Role, mark.label)
    return Owner(source.text[start:end], start, end, role, how, mark.rule)


def _task(
    source: _Source,
    sentence: Sentence,
    judgement: Judgement,
    found: dict[str, Sequence[Mark]],
    owners: tuple[Owner, ...],
    cues: Sequence[Mark],
) -> Task:
    start, end = source.span(sentence.start, sentence.end)
    speech = source.speech
    deadlines = _parts(Deadline, source, found["deadlines"], _deadline)
    recurrences = _parts(Recurrence, source, found["recurrences"], _recurrence)
    metrics = _parts(Metric, source, found["metrics"], _metric)
    rules = [mark.rule for mark in cues]
    rules += [part.rule for part in (*owners, *deadlines, *recurrences, *metrics)]
    return Task(
        doc=speech.doc,
        id=task_id(source.digest, start, end),
        title=speech.title,
        date=speech.date,
        start=start,
        end=end,
        text=source.text[start:end],
        number=source.written(sentence.number),
        heading=judgement.heading,
        section=source.marker(sentence.section),
        item=source.marker(sentence.item),
        path=sentence.path,
        kind=judgement.kind,  # type: ignore[arg-type]
        actionable=judgement.actionable,
        confidence=round(judgement.probability, 4),
        owners=owners,
        deadlines=deadlines,
        recurrences=recurrences,
        metrics=metrics,
        missing=_missing(owners, deadlines, recurrences, metrics),
        vague=_phrases(source, found["vague"]),
        rules=tuple(dict.fromkeys(rules)),
        sources=_sources(sentence),
    )


def _phrases(source: _Source, marks: Sequence[Mark]) -> tuple[str, ...]:
    """Surfaces of the marks, each once."""
    written = [source.written((mark.start, mark.end)) for mark in marks]
    return tuple(dict.fromkeys(written))


def _parts(
    kind: Any,
    source: _Source,
    marks: Sequence[Mark],
    values: Callable[[Mark], dict[str, Any]],
) -> tuple[Any, ...]:
    parts = []
    for mark in marks:
        start, end = source.span(mark.start, mark.end)
        text = source.text[start:end]
        parts.append(
            kind(text=text, start=start, end=end, rule=mark.rule, **values(mark))
        )
    return tuple(parts)


def _deadline(mark: Mark) -> dict[str, Any]:
    first, due = mark.value or (None, None)
    return {"type": mark.label, "from_": first, "due": due}


def _recurrence(mark: Mark) -> dict[str, Any]:
    unit, every, times, day = mark.value
    return {"unit": unit, "every": every, "times": times, "day": day}


def _metric(mark: Mark) -> dict[str, Any]:
    value, unit = mark.value
    return {"value": value, "unit": unit, "relation": mark.label}


def _missing(
    owners: Sequence[Owner],
    deadlines: Sequence[Deadline],
    recurrences: Sequence[Recurrence],
    metrics: Sequence[Metric],
) -> tuple[str, ...]:
    """What a ledger row would still need; an inherited owner is not a stated one."""
    stated = any(owner.source != "inherited" for owner in owners)
    lacks = (not stated, not (deadlines or recurrences), not metrics)
    return tuple(compress(("owner", "deadline", "measure"), lacks))


_STACK = "outline.stack"
_JUDGED = dict.fromkeys(("kind", "actionable", "confidence", "heading"), JUDGE)


def _sources(sentence: Sentence) -> dict[str, str]:
    """Which rule or model filled each single-valued field."""
    sources = _JUDGED.copy()
    if sentence.number:
        sources["number"] = sentence.rule
    if sentence.section:
        sources["section"] = _STACK
    if sentence.item:
        sources["item"] = _STACK
    return sources
