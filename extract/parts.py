"""Marks of the view in, parts of a record out: spans of the source and their values."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal, TypeVar

from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Mark, Span
from extract.task import Deadline, Metric, Owner, Recurrence, Speech, id_maker
from extract.view import View

_Record = TypeVar("_Record")
_WRITTEN = 5_000


def opened(kind: type) -> Any:
    """Twin of a frozen record with the same slots, to be filled and then `locked`.

    A frozen dataclass sets every field through ``object.__setattr__``, which makes
    3.3 µs a Task; its twin is filled in 0.3 µs and becomes one by its ``__class__``.
    """
    slots: Any = kind.__dict__["__slots__"]
    return type(f"_Open{kind.__name__}", (), {"__slots__": slots})


def locked(row: Any, kind: type[_Record]) -> _Record:
    """A twin whose fields are all filled, as the record that it is from now on."""
    row.__class__ = kind
    record: _Record = row
    return record


_OpenOwner = opened(Owner)
_OpenDeadline = opened(Deadline)
_OpenRecurrence = opened(Recurrence)
_OpenMetric = opened(Metric)


class _Markers(dict[Span | None, str]):
    """Many tasks stand below one enumerator."""

    def __init__(self, text: str, offsets: array[int]) -> None:
        super().__init__({None: ""})
        self._text, self._offsets = text, offsets

    def __missing__(self, span: Span) -> str:
        start, end = span
        written = self._text[self._offsets[start] : self._offsets[end - 1] + 1]
        marker = self[span] = _marker(written)
        return marker


@lru_cache(maxsize=_WRITTEN)
def _marker(written: str) -> str:
    """An enumerator without the punctuation that follows it."""
    return rulebook.load("outline").patterns["outline.marker-end"].sub("", written)


@lru_cache(maxsize=_WRITTEN)
def shared(strings: tuple[str, ...]) -> tuple[str, ...]:
    """One object for all tasks alike: the garbage collector looks through each."""
    return strings


class Source:
    """The document behind the view.

    Attributes
    ----------
    view : View
    speech : Speech
    text : str
        The document's; every span of a record points into it.
    span : callable
        `View.source`.
    offsets : array of int
        `View.offsets`, for loops over thousands of spans.
    task_id : callable
        Id of the task at a span of the text.
    markers : mapping of (int, int) or None to str
        Enumerators at spans of the view, without the punctuation that follows them
        (第四，-> 第四).
    """

    def __init__(self, doc: Doc) -> None:
        self.view: View = doc._.view
        self.speech: Speech = doc._.speech or Speech(doc.text, date=doc._.date)
        self.text = self.speech.text
        self.span = self.view.source
        self.offsets = self.view.offsets
        self.task_id = id_maker(self.speech.digest)
        # that has no way back to its Source: no cycle keeps the document alive
        self.markers = _Markers(self.text, self.offsets)

    def written(self, span: Span | None) -> str:
        """Source text of a span of the view; empty for None."""
        if span is None:
            return ""
        start, end = self.span(*span)
        return self.text[start:end]

    def owners(
        self, marks: Sequence[Mark], how: Literal["explicit", "duty"]
    ) -> tuple[Owner, ...]:
        """Owners of explicit marks, or of those in duty zones, each name once."""
        text, offsets = self.text, self.offsets
        named: dict[str, Owner] = {}
        for mark in marks:
            start, end = offsets[mark.start], offsets[mark.end - 1] + 1
            name = text[start:end]
            if name in named:
                continue
            row = _OpenOwner()
            row.text, row.start, row.end = name, start, end
            row.role, row.source, row.rule = mark.label, how, mark.rule
            named[name] = locked(row, Owner)
        return tuple(named.values())

    def deadlines(self, marks: Sequence[Mark]) -> tuple[Deadline, ...]:
        """Deadlines; a mark's value is (from, due), or None if nothing is known."""
        return tuple([self._deadline(mark) for mark in marks])

    def recurrences(self, marks: Sequence[Mark]) -> tuple[Recurrence, ...]:
        """Recurrences; a mark's value is (unit, every, times, day)."""
        return tuple([self._recurrence(mark) for mark in marks])

    def metrics(self, marks: Sequence[Mark]) -> tuple[Metric, ...]:
        """Metrics; a mark's value is (value, unit, span of the indicator or None)."""
        return tuple([self._metric(mark) for mark in marks])

    def phrases(self, marks: Sequence[Mark]) -> tuple[str, ...]:
        """Surfaces of the marks, each once."""
        text, offsets = self.text, self.offsets
        found = [text[offsets[m.start] : offsets[m.end - 1] + 1] for m in marks]
        return shared(tuple(dict.fromkeys(found) if len(found) > 1 else found))

    def _deadline(self, mark: Mark) -> Deadline:
        row = self._placed(_OpenDeadline(), mark)
        row.type = mark.label
        row.from_, row.due = mark.value or (None, None)
        return locked(row, Deadline)

    def _recurrence(self, mark: Mark) -> Recurrence:
        row = self._placed(_OpenRecurrence(), mark)
        row.unit, row.every, row.times, row.day = mark.value
        return locked(row, Recurrence)

    def _metric(self, mark: Mark) -> Metric:
        row = self._placed(_OpenMetric(), mark)
        row.relation = mark.label
        row.value, row.unit, indicator = mark.value
        row.indicator = self.written(indicator)
        return locked(row, Metric)

    def _placed(self, row: Any, mark: Mark) -> Any:
        """A part with the fields that all kinds share."""
        start, end = self.span(mark.start, mark.end)
        row.text, row.start, row.end = self.text[start:end], start, end
        row.rule = mark.rule
        return row
