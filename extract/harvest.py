"""A Doc in, its Tasks out: the only birthplace of a `Task`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, make_dataclass, replace
from itertools import compress, product
from operator import attrgetter, not_
from typing import Any, Literal

from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Judgement, Mark, Sentence, Span
from extract.task import (
    Deadline,
    Metric,
    Owner,
    Recurrence,
    Speech,
    Task,
    task_id,
)
from extract.view import View

JUDGE = "judge"
_INDICATOR = "metric.indicator"


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


# A frozen dataclass sets every field through object.__setattr__, which makes 3.3 µs
# a Task; an open twin with the same slots is filled in 0.4 µs, and then locked.
_OpenTask: Any = make_dataclass("_OpenTask", Task.__slots__, slots=True)
_OpenOwner: Any = make_dataclass("_OpenOwner", Owner.__slots__, slots=True)


class _Source:
    """The document behind the view."""

    def __init__(self, doc: Doc) -> None:
        self.view: View = doc._.view
        self.speech: Speech = doc._.speech or Speech(doc.text, date=doc._.date)
        self.end = rulebook.load("outline")["outline.marker-end"].pattern
        self.text = self.speech.text
        self.span = self.view.source
        self.digest = self.speech.digest
        self.markers: dict[Span | None, str] = {None: ""}

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

    def __init__(self, marks: Sequence[Mark], begins: list[int], ends: list[int]):
        self.marks = marks
        self.dealt: dict[int, list[Mark]] = {}
        for mark in marks:
            place = bisect_right(begins, mark.start) - 1
            if place >= 0 and mark.end <= ends[place]:
                self.dealt.setdefault(place, []).append(mark)

    def inside(self, start: int, end: int) -> list[Mark]:
        """Marks in any stretch."""
        first = bisect_left(self.marks, start, key=_START)
        last = bisect_left(self.marks, end, key=_START)
        return [mark for mark in self.marks[first:last] if mark.end <= end]


_START = attrgetter("start")
_LAYERS = ("owners", "deadlines", "recurrences", "metrics", "vague")
# as many layers of marks
_Found = list[Sequence[Mark]]


def _own(found: _Found, brackets: Sequence[Span]) -> _Found:
    """Marks in a candidate's own words, which its duty brackets are not."""
    return [
        [m for m in marks if not any(a <= m.start < b for a, b in brackets)]
        if marks
        else marks
        for marks in found
    ]


def _walk(doc: Doc) -> Iterable[tuple[int, Task | None]]:
    source = _Source(doc)
    sentences: Sequence[Sentence] = doc._.sentences
    begins = [sentence.start for sentence in sentences]
    ends = [sentence.end for sentence in sentences]
    layers = [_Layer(getattr(doc._, name), begins, ends) for name in _LAYERS]
    dealt = [layer.dealt.get for layer in layers]
    timed, recurring = layers[1], layers[2]
    # the tasks of an item share its duties
    duties: dict[Span, list[Owner]] = {}
    times: dict[Span, list[Mark]] = {}
    cadences: dict[Span, list[Mark]] = {}
    for zone, marks in doc._.duties.items():
        duties[zone] = [_owner(source, mark, "duty") for mark in marks]
        times[zone] = timed.inside(*zone)
        cadences[zone] = recurring.inside(*zone)
    cues, judgements = doc._.cues, doc._.judgements
    spoken: tuple[Sentence, tuple[Owner, ...]] | None = None
    for place, sentence in enumerate(sentences):
        judgement: Judgement = judgements[place]
        if not judgement.task:
            yield place, None
            continue
        found: _Found = [marks_of(place, ()) for marks_of in dealt]
        if zones := sentence.zones:
            brackets = [zone for zone in zones if zone[0] >= sentence.start]
            found = _own(found, brackets) if brackets else found
            found[1] = [*found[1], *(mark for zone in zones for mark in times[zone])]
            if sentence.row:
                # a row's cadence stands in its own cell; a bracket's may be another's
                rhythm = (mark for zone in zones for mark in cadences[zone])
                found[2] = [*found[2], *rhythm]
        if sentence.phase and not found[1]:
            # a task that names no time of its own takes its phase's
            found[1] = timed.inside(*sentence.phase)
        owners = _owners(source, found[0], zones, duties)
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
    if not explicit and not zones:
        return ()
    stated = [_owner(source, mark, "explicit") for mark in explicit]
    governing = [owner for zone in zones for owner in duties.get(zone, ())]
    owners: dict[str, Owner] = {}
    for owner in (*stated, *governing):
        # the subject of a sentence that its bracket names again is written once
        owners.setdefault(owner.text, owner)
    return tuple(owners.values())


def _owner(source: _Source, mark: Mark, how: Literal["explicit", "duty"]) -> Owner:
    start, end = source.span(mark.start, mark.end)
    row = _OpenOwner(source.text[start:end], start, end, mark.label, how, mark.rule)
    row.__class__ = Owner
    owner: Owner = row
    return owner


def _task(
    source: _Source,
    sentence: Sentence,
    judgement: Judgement,
    found: _Found,
    owners: tuple[Owner, ...],
    cues: Sequence[Mark],
) -> Task:
    start, end = source.span(sentence.start, sentence.end)
    speech = source.speech
    deadlines = _parts(Deadline, source, found[1], _deadline)
    recurrences = _parts(Recurrence, source, found[2], _recurrence)
    metrics = _parts(Metric, source, found[3], lambda mark: _metric(source, mark))
    rules = [mark.rule for mark in cues]
    rules += [part.rule for part in (*owners, *deadlines, *recurrences, *metrics)]
    rules += [_INDICATOR] if any(metric.indicator for metric in metrics) else []
    row = _OpenTask(
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
        kind=judgement.kind,
        actionable=judgement.actionable,
        confidence=round(judgement.probability, 4),
        owners=owners,
        deadlines=deadlines,
        recurrences=recurrences,
        metrics=metrics,
        missing=_missing(owners, deadlines, recurrences, metrics),
        vague=_phrases(source, found[4]),
        rules=tuple(dict.fromkeys(rules)),
        sources=_sources(sentence),
        place=speech.place_of(start),
    )
    row.__class__ = Task
    task: Task = row
    return task


def _phrases(source: _Source, marks: Sequence[Mark]) -> tuple[str, ...]:
    """Surfaces of the marks, each once."""
    if not marks:
        return ()
    text, span = source.text, source.span
    spans = [span(mark.start, mark.end) for mark in marks]
    return tuple(dict.fromkeys([text[start:end] for start, end in spans]))


def _parts(
    kind: Any,
    source: _Source,
    marks: Sequence[Mark],
    values: Callable[[Mark], dict[str, Any]],
) -> tuple[Any, ...]:
    if not marks:
        return ()
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


def _metric(source: _Source, mark: Mark) -> dict[str, Any]:
    value, unit, indicator = mark.value
    named = source.written(indicator)
    return {"value": value, "unit": unit, "relation": mark.label, "indicator": named}


_LACKS = {
    held: tuple(compress(("owner", "deadline", "measure"), map(not_, held)))
    for held in product((False, True), repeat=3)
}


def _missing(
    owners: Sequence[Owner],
    deadlines: Sequence[Deadline],
    recurrences: Sequence[Recurrence],
    metrics: Sequence[Metric],
) -> tuple[str, ...]:
    """What a ledger row would still need; an inherited owner is not a stated one."""
    stated = bool(owners) and owners[0].source != "inherited"  # all are, or none
    return _LACKS[stated, bool(deadlines or recurrences), bool(metrics)]


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
