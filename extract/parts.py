"""Marks of the view in, parts of a record out: spans of the source and their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import make_dataclass
from typing import Any, Literal, TypeVar

from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Mark, Span
from extract.task import Deadline, Metric, Owner, Recurrence, Speech, id_maker
from extract.view import View

_Part = TypeVar("_Part", Owner, Deadline, Recurrence, Metric)


def opened(kind: type) -> Any:
    """Twin of a frozen record with the same slots, to be filled and then locked.

    A frozen dataclass sets every field through ``object.__setattr__``, which makes
    3.3 µs a Task; its twin is filled in 0.4 µs and becomes one by its ``__class__``.
    """
    names: Iterable[str] = kind.__slots__  # type: ignore[attr-defined]
    return make_dataclass(f"_Open{kind.__name__}", names, slots=True)


_OpenOwner = opened(Owner)
_OpenDeadline = opened(Deadline)
_OpenRecurrence = opened(Recurrence)
_OpenMetric = opened(Metric)


class _Markers(dict[Span | None, str]):
    """Many tasks stand below one enumerator."""

    def __init__(self, written: Callable[[Span], str]) -> None:
        super().__init__({None: ""})
        self._written = written
        self._end = rulebook.load("outline").patterns["outline.marker-end"]

    def __missing__(self, span: Span) -> str:
        marker = self[span] = self._end.sub("", self._written(span))
        return marker


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
        self.markers = _Markers(self.written)

    def written(self, span: Span | None) -> str:
        """Source text of a span of the view; empty for None."""
        if span is None:
            return ""
        start, end = self.span(*span)
        return self.text[start:end]

    def owner(self, mark: Mark, how: Literal["explicit", "duty"]) -> Owner:
        """Owner of an explicit mark, or of one in a duty zone."""
        start, end = self.offsets[mark.start], self.offsets[mark.end - 1] + 1
        row = _OpenOwner(self.text[start:end], start, end, mark.label, how, mark.rule)
        return _locked(row, Owner)

    def deadlines(self, marks: Sequence[Mark]) -> tuple[Deadline, ...]:
        """Deadlines; a mark's value is (from, due), or None if nothing is known."""
        return self._parts(marks, self._deadline)

    def recurrences(self, marks: Sequence[Mark]) -> tuple[Recurrence, ...]:
        """Recurrences; a mark's value is (unit, every, times, day)."""
        return self._parts(marks, self._recurrence)

    def metrics(self, marks: Sequence[Mark]) -> tuple[Metric, ...]:
        """Metrics; a mark's value is (value, unit, span of the indicator or None)."""
        return self._parts(marks, self._metric)

    def phrases(self, marks: Sequence[Mark]) -> tuple[str, ...]:
        """Surfaces of the marks, each once."""
        text, offsets = self.text, self.offsets
        found = [text[offsets[m.start] : offsets[m.end - 1] + 1] for m in marks]
        return tuple(dict.fromkeys(found)) if len(found) > 1 else tuple(found)

    def _parts(
        self, marks: Sequence[Mark], part: Callable[[Mark, int, int, str], Any]
    ) -> tuple[Any, ...]:
        spans = [self.span(mark.start, mark.end) for mark in marks]
        return tuple(
            [
                part(mark, start, end, self.text[start:end])
                for mark, (start, end) in zip(marks, spans, strict=True)
            ]
        )

    def _deadline(self, mark: Mark, start: int, end: int, text: str) -> Deadline:
        first, due = mark.value or (None, None)
        row = _OpenDeadline(text, start, end, mark.label, first, due, mark.rule)
        return _locked(row, Deadline)

    def _recurrence(self, mark: Mark, start: int, end: int, text: str) -> Recurrence:
        unit, every, times, day = mark.value
        row = _OpenRecurrence(text, start, end, unit, every, times, day, mark.rule)
        return _locked(row, Recurrence)

    def _metric(self, mark: Mark, start: int, end: int, text: str) -> Metric:
        value, unit, indicator = mark.value
        named = self.written(indicator)
        relation, rule = mark.label, mark.rule
        row = _OpenMetric(text, start, end, value, unit, relation, rule, named)
        return _locked(row, Metric)


def inherited(owner: Owner) -> Owner:
    """Owner of the sentence before, for one that goes on without a subject."""
    text, start, end, role = owner.text, owner.start, owner.end, owner.role
    row = _OpenOwner(text, start, end, role, "inherited", owner.rule)
    return _locked(row, Owner)


def _locked(row: Any, kind: type[_Part]) -> _Part:
    row.__class__ = kind
    part: _Part = row
    return part
