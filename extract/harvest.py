"""A Doc in, its Tasks out: the only birthplace of a `Task`."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import compress, pairwise, product
from operator import not_
from typing import NamedTuple

from spacy.tokens import Doc

from extract import dealing, subjects
from extract.dealing import Found
from extract.layers import Judgement, Mark, Sentence, Span
from extract.parts import Source, locked, opened, shared
from extract.task import Deadline, Metric, Owner, Recurrence, Task

JUDGE = "judge"
_INDICATOR = "metric.indicator"
_STACK = "outline.stack"


def tasks(doc: Doc) -> list[Task]:
    """Tasks of a Doc that went through the whole pipeline, in text order."""
    return [record for record in Harvest(doc).records() if record is not None]


_LAYERS = ("owners", "deadlines", "recurrences", "metrics", "vague")
_OWNERS, _DEADLINES, _RECURRENCES = range(3)


class _Governing(NamedTuple):
    """What duty zones say is the same for all the tasks that they govern."""

    owners: tuple[Owner, ...] = ()
    times: Sequence[Mark] = ()
    cadences: Sequence[Mark] = ()


class Harvest:
    """The candidates of one document, gathered in order."""

    def __init__(self, doc: Doc) -> None:
        layers = doc._
        self.source = Source(doc)
        self.sentences: Sequence[Sentence] = layers.sentences
        self.judgements: Sequence[Judgement] = layers.judgements
        self.cues: Sequence[Sequence[Mark]] = layers.cues
        self.marks: list[Sequence[Mark]] = [getattr(layers, name) for name in _LAYERS]
        self.starts = {
            layer: [mark.start for mark in self.marks[layer]]
            for layer in (_DEADLINES, _RECURRENCES)
        }
        self.duties: dict[Span, list[Mark]] = layers.duties
        self.governing: dict[tuple[Span, ...], _Governing] = {(): _Governing()}
        # where explicit owners were named, the sentence and they
        self.spoken: tuple[int, Sentence, tuple[Owner, ...]] | None = None

    def records(self) -> Iterator[Task | None]:
        """Task of each candidate, None for those that the judge rejects."""
        dealt = dealing.dealt(self.marks, self.sentences)
        rows = zip(self.sentences, self.judgements, self.cues, dealt, strict=True)
        for place, (sentence, judgement, cues, found) in enumerate(rows):
            if not judgement.task:
                if found[_OWNERS]:
                    # whoever it names, it is not who was named before
                    self.spoken = None
                yield None
                continue
            zones = sentence.zones
            governing = self.governing.get(zones)
            if governing is None:
                governing = self.governing[zones] = self.governed(zones)
            if zones or sentence.phase:
                found = self.gathered(sentence, found, governing)
            owners = self.owners(place, sentence, found[_OWNERS], governing.owners)
            yield _task(self.source, sentence, judgement, found, owners, cues)

    def gathered(self, sentence: Sentence, own: Found, governing: _Governing) -> Found:
        """Marks without those of duty brackets, and with the times of all zones."""
        start, end = sentence.start, sentence.end
        _, times, cadences = governing
        found = list(own)
        for zone in sentence.zones:
            if start <= zone[0] < end:
                found = [_outside(marks, zone) if marks else marks for marks in found]
        if times:
            found[_DEADLINES] = [*found[_DEADLINES], *times]
        if cadences and sentence.row:
            # a row's cadence stands in its own cell; a bracket's may be another's
            found[_RECURRENCES] = [*found[_RECURRENCES], *cadences]
        if sentence.phase and not found[_DEADLINES]:
            # a task that names no time of its own takes its phase's
            found[_DEADLINES] = self.inside(_DEADLINES, [sentence.phase])
        return found

    def owners(
        self,
        place: int,
        sentence: Sentence,
        explicit: Sequence[Mark],
        governing: tuple[Owner, ...],
    ) -> tuple[Owner, ...]:
        """Owners that a sentence names, then those of its zones, each name once.

        Without any, those of the sentence that it continues.
        """
        if explicit:
            stated = self.source.owners(explicit, "explicit")
            self.spoken = (place, sentence, stated) if _joined(stated) else None
            return _distinct([*stated, *governing]) if governing else stated
        if governing:
            self.spoken = None
        elif self.spoken and self.continues(place, sentence):
            owners = self.spoken[2]
            return tuple([replace(owner, source="inherited") for owner in owners])
        return governing

    def continues(self, place: int, sentence: Sentence) -> bool:
        """Whether a sentence without subject means that of one before."""
        if self.spoken is None:
            return False
        named, before, _ = self.spoken
        if place - named > _FAR or not _goes_on(before, sentence):
            return False
        return subjects.continues(self.source.view.text, sentence.start, sentence.end)

    def governed(self, zones: tuple[Span, ...]) -> _Governing:
        """Owners that duty zones name, and times and cadences in them."""
        duties = self.duties
        zones = tuple([zone for zone in zones if zone in duties])
        marks = [mark for zone in zones for mark in duties[zone]]
        return _Governing(
            self.source.owners(marks, "duty"),
            self.inside(_DEADLINES, zones),
            self.inside(_RECURRENCES, zones),
        )

    def inside(self, layer: int, spans: Sequence[Span]) -> Sequence[Mark]:
        """Marks of a layer in any stretches."""
        marks = self.marks[layer]
        if not marks:
            return ()
        starts = self.starts[layer]
        found: list[Mark] = []
        for start, end in spans:
            first = bisect_left(starts, start)
            last = bisect_left(starts, end, first)
            if first < last:
                found += [mark for mark in marks[first:last] if mark.end <= end]
        return found


def _outside(marks: Sequence[Mark], bracket: Span) -> list[Mark]:
    """Marks in a candidate's own words, which its duty bracket is not."""
    start, end = bracket
    return [mark for mark in marks if not start <= mark.start < end]


def _goes_on(before: Sentence, sentence: Sentence) -> bool:
    """Whether a sentence without subject continues the one before."""
    same = before.block == sentence.block and before.item == sentence.item
    return same and sentence.number is None


# 、 or 和 or a bracket's end stand between them
_JOINT = 3
# so many sentences after a subject one without still means it
_FAR = 3


def _joined(owners: Sequence[Owner]) -> bool:
    """Whether owners are one subject: 各县区、各部门."""
    return all(two.start - one.end <= _JOINT for one, two in pairwise(owners))


def _distinct(owners: Sequence[Owner]) -> tuple[Owner, ...]:
    """Each name once: a bracket may name the subject of its sentence again."""
    named: dict[str, Owner] = {}
    for owner in owners:
        named.setdefault(owner.text, owner)
    return tuple(named.values())


_OpenTask = opened(Task)


def _task(
    source: Source,
    sentence: Sentence,
    judgement: Judgement,
    found: Found,
    owners: tuple[Owner, ...],
    cues: Sequence[Mark],
) -> Task:
    speech, offsets = source.speech, source.offsets
    start, end = offsets[sentence.start], offsets[sentence.end - 1] + 1
    number, section, item = sentence.number, sentence.section, sentence.item
    _, due, often, measured, vague = found
    deadlines = source.deadlines(due) if due else ()
    recurrences = source.recurrences(often) if often else ()
    metrics = source.metrics(measured) if measured else ()
    parts = (owners, deadlines, recurrences, metrics)
    row = _OpenTask()
    row.doc = speech.doc
    row.id = source.task_id(start, end)
    row.title = speech.title
    row.date = speech.date
    row.start = start
    row.end = end
    row.text = source.text[start:end]
    row.number = source.written(number) if number else ""
    row.heading = judgement.heading
    row.section = source.markers[section]
    row.item = source.markers[item]
    row.path = sentence.path
    row.kind = judgement.kind
    row.actionable = judgement.actionable
    row.confidence = round(judgement.probability, 4)
    row.owners, row.deadlines, row.recurrences, row.metrics = parts
    row.missing = _missing(*parts)
    row.vague = source.phrases(vague) if vague else ()
    row.rules = _rules(cues, *parts)
    row.sources = _sources(sentence.rule if number else "", bool(section), bool(item))
    row.place = speech.place_of(start) if speech.places else None
    return locked(row, Task)


def _rules(
    cues: Sequence[Mark],
    owners: Sequence[Owner],
    deadlines: Sequence[Deadline],
    recurrences: Sequence[Recurrence],
    metrics: Sequence[Metric],
) -> tuple[str, ...]:
    """Ids of all rules that had a say, each once."""
    rules: dict[str, None] = {}
    for cue in cues:
        rules[cue.rule] = None
    for owner in owners:
        rules[owner.rule] = None
    if deadlines or recurrences or metrics:
        parts: tuple[Deadline | Recurrence | Metric, ...]
        parts = (*deadlines, *recurrences, *metrics)
        for part in parts:
            rules[part.rule] = None
        if any(metric.indicator for metric in metrics):
            rules[_INDICATOR] = None
    return shared(tuple(rules))


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


@cache
def _sources(number: str, section: bool, item: bool) -> dict[str, str]:
    """Which rule or model filled each single-valued field: one object for all alike."""
    sources = dict.fromkeys(("kind", "actionable", "confidence", "heading"), JUDGE)
    if number:
        sources["number"] = number
    if section:
        sources["section"] = _STACK
    if item:
        sources["item"] = _STACK
    return sources
