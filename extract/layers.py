"""What the pipes write into a Doc, and read from one another.

Pipes never import each other: they meet here. Offsets are half open and count
characters of `View.text`; `View.source` takes them back to the document.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Span = tuple[int, int]


@dataclass(slots=True)
class Mark:
    """A stretch of the view that one rule recognised.

    Attributes
    ----------
    start, end : int
        Offsets into the view.
    rule : str
        Id of the rule.
    label : str
        The rule's label: a role, a deadline type, a cue's effect.
    value : object
        What the pipe made of it (dates, numbers), or None.
    """

    start: int
    end: int
    rule: str
    label: str = ""
    value: Any = None


@dataclass(slots=True)
class Line:
    """A line of the view and what it is for.

    Attributes
    ----------
    start, end : int
        Offsets into the view, surrounding space left out.
    kind : str
        ``text``, ``heading``, ``duty`` (牵头单位：… below an item) or ``chrome``.
    marker : str
        Enumerator it opens with, as written, or "".
    sort : str
        Sort of that enumerator: a label of the outline table.
    rule : str
        Id of the rule that decided the kind.
    """

    start: int
    end: int
    kind: str
    marker: str = ""
    sort: str = ""
    rule: str = ""


@dataclass(slots=True)
class Sentence:
    """A candidate: one sentence, or one part of it that could be a task of its own.

    Attributes
    ----------
    start, end : int
        Offsets into the view: from the enumerator to the final punctuation and a
        bracket that directly follows it.
    number, section, item : (int, int) or None
        Spans of the enumerators in the view (see the record contract).
    sort, rule : str
        Sort of the enumerator it opens with and id of the rule that knew it, or "".
    tail : int
        Where its own words end and a bracket that directly follows begins.
    outer : (int, int) or None
        Enumerator of the item that its own numbered item stands in.
    heading : bool
        It only announces a numbered requirement that follows.
    path : tuple of str
        Headings above it, outermost first.
    function : str
        Function of the section it stands in (``review``, ``problems``, ``plan`` …).
    block : int
        Number of the paragraph it stands in.
    group : int
        Number of the item it belongs to: duty brackets and lines govern a group.
    initial : bool
        It opens its line.
    row : bool
        It stands in the task column of a table.
    zones : tuple of spans
        Duty brackets and duty lines that govern it, in order; the bracket that
        directly follows it may be one of them.
    phase : (int, int) or None
        Heading above it that names a time in brackets, for tasks that name none.
    """

    start: int
    end: int
    tail: int
    number: Span | None = None
    sort: str = ""
    rule: str = ""
    section: Span | None = None
    item: Span | None = None
    outer: Span | None = None
    heading: bool = False
    path: tuple[str, ...] = ()
    function: str = ""
    block: int = 0
    group: int = 0
    initial: bool = False
    row: bool = False
    zones: tuple[Span, ...] = ()
    phase: Span | None = None


@dataclass(slots=True)
class Judgement:
    """What the judge made of a candidate; probabilities are calibrated."""

    task: bool
    probability: float
    kind: str
    actionable: bool
    heading: bool
    actionable_probability: float = 0.0
