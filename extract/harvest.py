"""A Doc in, its Tasks out: the only birthplace of a `Task`."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import compress, pairwise, product
from operator import attrgetter, not_

from spacy.tokens import Doc

from extract import subjects
from extract.layers import Judgement, Mark, Sentence, Span
from extract.parts import Source, inherited, opened
from extract.task import Deadline, Metric, Owner, Recurrence, Task

JUDGE = "judge"
_INDICATOR = "metric.indicator"
_STACK = "outline.stack"


def tasks(doc: Doc) -> list[Task]:
    """Tasks of a Doc that went through the whole pipeline, in text order."""
    return [record for record in Harvest(doc).records() if record is not None]


_START, _RULE = attrgetter("start"), attrgetter("rule")
_LAYERS = ("owners", "deadlines", "recurrences", "metrics", "vague")
_OWNERS, _DEADLINES, _RECURRENCES = range(3)
# as many layers of marks
_Found = Sequence[Sequence[Mark]]
_NOTHING: _Found = ((),) * len(_LAYERS)


class Harvest:
    """The candidates of one document, gathered in order."""

    def __init__(self, doc: Doc) -> None:
        layers = doc._
        self.source = Source(doc)
        self.sentences: Sequence[Sentence] = layers.sentences
        self.judgements: Sequence[Judgement] = layers.judgements
        self.cues: Sequence[Sequence[Mark]] = layers.cues
        self.marks: list[Sequence[Mark]] = [getattr(layers, name) for name in _LAYERS]
        self.dealt = _dealt(self.marks, self.sentences)
        self.duties: dict[Span, list[Mark]] = layers.duties
        # what a zone says is the same for all the tasks it governs
        self.times = self._zoned(_DEADLINES)
        self.cadences = self._zoned(_RECURRENCES)
        self.governing: dict[tuple[Span, ...], tuple[Owner, ...]] = {(): ()}
        # where explicit owners were named, the sentence and they
        self.spoken: tuple[int, Sentence, tuple[Owner, ...]] | None = None

    def records(self) -> Iterator[Task | None]:
        """Task of each candidate, None for those that the judge rejects."""
        dealt = self.dealt.get
        rows = zip(self.sentences, self.judgements, self.cues, strict=True)
        for place, (sentence, judgement, cues) in enumerate(rows):
            found = dealt(place, _NOTHING)
            if not judgement.task:
                if found[_OWNERS]:
                    # whoever it names, it is not who was named before
                    self.spoken = None
                yield None
                continue
            if sentence.zones or sentence.phase:
                found = self.governed(sentence, found)
            owners = self.owners(place, sentence, found[_OWNERS])
            yield _task(self.source, sentence, judgement, found, owners, cues)

    def governed(self, sentence: Sentence, own: _Found) -> _Found:
        """Marks without those of duty brackets, and with the times of all zones."""
        start, end, zones = sentence.start, sentence.end, sentence.zones
        found = list(own)
        brackets = [zone for zone in zones if start <= zone[0] < end]
        if brackets:
            found = [_outside(marks, brackets) if marks else marks for marks in found]
        zoned = [(_DEADLINES, self.times)]
        if sentence.row:
            # a row's cadence stands in its own cell; a bracket's may be another's
            zoned.append((_RECURRENCES, self.cadences))
        for layer, held in zoned:
            if held and zones:
                marks = [mark for zone in zones for mark in held.get(zone, ())]
                found[layer] = [*found[layer], *marks]
        if sentence.phase and not found[_DEADLINES]:
            # a task that names no time of its own takes its phase's
            found[_DEADLINES] = _inside(self.marks[_DEADLINES], *sentence.phase)
        return found

    def owners(
        self, place: int, sentence: Sentence, explicit: Sequence[Mark]
    ) -> tuple[Owner, ...]:
        """Owners that a sentence names, then those of its zones, each name once.

        Without any, those of the sentence that it continues.
        """
        governing = self.governing.get(sentence.zones)
        if governing is None:
            governing = self.governing[sentence.zones] = self.zoned(sentence.zones)
        if explicit:
            owner = self.source.owner
            stated = _distinct([owner(mark, "explicit") for mark in explicit])
            self.spoken = (place, sentence, stated) if _joined(stated) else None
            return _distinct([*stated, *governing]) if governing else stated
        if governing:
            self.spoken = None
        elif self.spoken and self.continues(place, sentence):
            return tuple([inherited(owner) for owner in self.spoken[2]])
        return governing

    def continues(self, place: int, sentence: Sentence) -> bool:
        """Whether a sentence without subject means that of one before."""
        if self.spoken is None:
            return False
        named, before, _ = self.spoken
        if place - named > _FAR or not _goes_on(before, sentence):
            return False
        return subjects.continues(self.source.view.text, sentence.start, sentence.end)

    def zoned(self, zones: tuple[Span, ...]) -> tuple[Owner, ...]:
        """Owners that duty zones name."""
        marks = [mark for zone in zones for mark in self.duties.get(zone, ())]
        return _distinct([self.source.owner(mark, "duty") for mark in marks])

    def _zoned(self, layer: int) -> dict[Span, list[Mark]]:
        """Marks of a layer in each duty zone that holds any."""
        marks = self.marks[layer]
        if not marks:
            return {}
        found = {zone: _inside(marks, *zone) for zone in self.duties}
        return {zone: held for zone, held in found.items() if held}


def _dealt(
    layers: Sequence[Sequence[Mark]], sentences: Sequence[Sentence]
) -> dict[int, list[list[Mark]]]:
    """Marks of every layer by the candidate that they lie in."""
    begins = [sentence.start for sentence in sentences]
    ends = [sentence.end for sentence in sentences]
    dealt: defaultdict[int, list[list[Mark]]] = defaultdict(
        lambda: [[] for _ in layers]
    )
    for layer, marks in enumerate(layers):
        for mark in marks:
            place = bisect_right(begins, mark.start) - 1
            if place >= 0 and mark.end <= ends[place]:
                dealt[place][layer].append(mark)
    return dealt


def _inside(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """Marks in any stretch."""
    first = bisect_left(marks, start, key=_START)
    last = bisect_left(marks, end, first, key=_START)
    return [mark for mark in marks[first:last] if mark.end <= end]


def _outside(marks: Sequence[Mark], brackets: Sequence[Span]) -> list[Mark]:
    """Marks in a candidate's own words, which its duty brackets are not."""
    return [m for m in marks if not any(a <= m.start < b for a, b in brackets)]


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
    found: _Found,
    owners: tuple[Owner, ...],
    cues: Sequence[Mark],
) -> Task:
    start, end = source.span(sentence.start, sentence.end)
    speech = source.speech
    number, section, item = sentence.number, sentence.section, sentence.item
    _, due, often, measured, vague = found
    deadlines = source.deadlines(due) if due else ()
    recurrences = source.recurrences(often) if often else ()
    metrics = source.metrics(measured) if measured else ()
    parts = (owners, deadlines, recurrences, metrics)
    # by position, in the order of the record: twice as fast as 24 keywords
    row = _OpenTask(
        speech.doc,
        source.task_id(start, end),
        speech.title,
        speech.date,
        start,
        end,
        source.text[start:end],
        source.written(number),
        judgement.heading,
        source.markers[section],
        source.markers[item],
        sentence.path,
        judgement.kind,
        judgement.actionable,
        round(judgement.probability, 4),
        *parts,
        _missing(*parts),
        source.phrases(vague) if vague else (),
        _rules(cues, *parts),
        _sources(sentence.rule if number else "", bool(section), bool(item)),
        speech.place_of(start) if speech.places else None,
    )
    row.__class__ = Task
    task: Task = row
    return task


def _rules(
    cues: Sequence[Mark],
    owners: Sequence[Owner],
    deadlines: Sequence[Deadline],
    recurrences: Sequence[Recurrence],
    metrics: Sequence[Metric],
) -> tuple[str, ...]:
    """Ids of all rules that had a say, each once."""
    parts = (*cues, *owners, *deadlines, *recurrences, *metrics)
    rules = dict.fromkeys(map(_RULE, parts))
    if metrics and any(metric.indicator for metric in metrics):
        rules[_INDICATOR] = None
    return tuple(rules)


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
