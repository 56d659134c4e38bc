"""A document and its tasks in, one page that needs nothing else out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from extract.review.labels import labels
from extract.task import ROLES, Speech, Task
from extract.writers.columns import folded

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a line that is painted in one way.

    Attributes
    ----------
    text : str
    classes : str
        CSS classes, parted by blanks; empty for what belongs to no task.
    anchor : str
        Id of the task that begins here, or ``""``.
    title : str
        Numbers of the tasks it belongs to, for the mouse.
    """

    text: str
    classes: str = ""
    anchor: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class _Mark:
    start: int
    end: int
    classes: tuple[str, ...]
    title: str = ""
    anchor: str = ""


def page(speech: Speech, tasks: Sequence[Task], lang: str = "zh") -> str:
    """HTML page with the highlighted source and the ledger; no script, no links out.

    Parameters
    ----------
    speech : Speech
    tasks : sequence of Task
        Of that speech.
    lang : {"zh", "en"}
    """
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    styles = [
        (_HERE / "static" / name).read_text(encoding="utf-8")
        for name in ("colours.css", "report.css")
    ]
    return environment.get_template("report.html").render(
        t=labels(lang),
        lang=lang,
        style="\n".join(styles),
        speech=speech,
        lines=segments(speech.text, tasks),
        tasks=tasks,
        roles=ROLES,
        folded=folded,
    )


def segments(text: str, tasks: Sequence[Task]) -> list[list[Segment]]:
    """Lines of a text, each cut where a task or a part of one begins or ends.

    Parameters
    ----------
    text : str
    tasks : sequence of Task
        Their spans and their parts' may overlap.

    Returns
    -------
    list of list of Segment
        One list a line; joined by line ends their texts are the text.
    """
    starts, offset = [], 0
    lines = text.split("\n")
    for line in lines:
        starts.append(offset)
        offset += len(line) + 1
    buckets: list[list[_Mark]] = [[] for _ in lines]
    for mark in _marks(tasks):
        first = bisect_right(starts, mark.start) - 1
        last = bisect_right(starts, max(mark.start, mark.end - 1)) - 1
        for place in range(first, last + 1):
            buckets[place].append(mark)
    return [
        _cut(line, start, marks)
        for line, start, marks in zip(lines, starts, buckets, strict=True)
    ]


def _marks(tasks: Sequence[Task]) -> list[_Mark]:
    marks = []
    for number, task in enumerate(tasks, 1):
        state = "accepted" if task.actionable else "open"
        anchor, title = f"s{task.id}", str(number)
        marks.append(_Mark(task.start, task.end, ("task", state), title, anchor))
        for owner in task.owners:
            colour = f"owner-{owner.role}"
            marks.append(_Mark(owner.start, owner.end, ("part", colour)))
        for name in ("deadlines", "recurrences", "metrics"):
            for part in getattr(task, name):
                marks.append(_Mark(part.start, part.end, ("part", name)))
    return marks


def _cut(line: str, start: int, marks: Sequence[_Mark]) -> list[Segment]:
    end = start + len(line)
    places = {start, end}
    for mark in marks:
        places |= {place for place in (mark.start, mark.end) if start < place < end}
    ordered = sorted(places)
    cut = []
    for first, last in pairwise(ordered):
        over = [mark for mark in marks if mark.start <= first < mark.end]
        classes = dict.fromkeys(name for mark in over for name in mark.classes)
        titles = dict.fromkeys(mark.title for mark in over if mark.title)
        anchors = [mark.anchor for mark in over if mark.start == first and mark.anchor]
        cut.append(
            Segment(
                line[first - start : last - start],
                " ".join(classes),
                anchors[0] if anchors else "",
                ", ".join(titles),
            )
        )
    return cut
