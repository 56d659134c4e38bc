"""Tasks in, how much of them can be supervised out, and what the rest lacks.

A task is *supervisable* if all of this holds:

* it is actionable: it could later be judged done or not done;
* a body is named that must act (an inherited one is none);
* a deadline or a recurrence is stated;
* a measure is stated, or its wording is free of vague words, so that the thing to be
  delivered stands there by itself.

It is what district rules for task lists demand of every row: no 推进, no 加快, but a
body, a date and a result. Everything is derived from ``Task.missing`` and
``Task.vague``; headings announce tasks and are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from extract.task import Task

LACKS = ("owner", "deadline", "measure", "wording")
"""What a task may lack; ``wording`` if vague words leave open what is delivered."""


@dataclass(frozen=True, slots=True)
class Count:
    """Figures of a section or a document.

    Attributes
    ----------
    section : str
        The outermost heading above the tasks, as written; ``""`` where none is, and
        for a whole document.
    tasks, actionable, supervisable : int
        Numbers of tasks; each is part of the one before.
    owner, deadline, measure : int
        Tasks that lack it, actionable or not.
    vague : int
        Tasks with vague words.
    words : tuple of (str, int)
        Vague words and the number of tasks they stand in, most frequent first.
    """

    section: str
    tasks: int
    actionable: int
    supervisable: int
    owner: int
    deadline: int
    measure: int
    vague: int
    words: tuple[tuple[str, int], ...]

    @property
    def share(self) -> float | None:
        """Supervisable tasks among all; None where there is no task."""
        return self.supervisable / self.tasks if self.tasks else None


@dataclass(frozen=True, slots=True)
class Lacking:
    """An actionable task that cannot be supervised yet, and why."""

    task: Task
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """What stands in the way of supervising one document.

    Attributes
    ----------
    doc, title : str
        As in its tasks.
    total : Count
        The whole document.
    sections : tuple of Count
        Its sections, the one with the smallest share of supervisable tasks first.
    lacking : tuple of Lacking
        Actionable tasks that lack something, those that lack most first.
    """

    doc: str
    title: str
    total: Count
    sections: tuple[Count, ...]
    lacking: tuple[Lacking, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values: what ``duban audit --json`` prints."""
        return {
            "doc": self.doc,
            "title": self.title,
            "total": _plain(self.total),
            "sections": [_plain(section) for section in self.sections],
            "lacking": [
                {
                    "id": row.task.id,
                    "start": row.task.start,
                    "end": row.task.end,
                    "text": row.task.text,
                    "lacks": list(row.lacks),
                    "vague": list(row.task.vague),
                }
                for row in self.lacking
            ],
        }


def lacks(task: Task) -> tuple[str, ...]:
    """What keeps a task from being supervised, in the order of `LACKS`.

    Examples
    --------
    A task with body and date that tells to 加快建设园区 lacks ``measure`` and
    ``wording``; one that tells to 建成污水处理厂 lacks the measure and needs none.
    """
    found: list[str] = [key for key in LACKS[:2] if key in task.missing]
    if "measure" in task.missing and task.vague:
        found += ["measure", "wording"]
    return tuple(found)


def supervisable(task: Task) -> bool:
    """Whether a task could be supervised as it stands; see the module's definition."""
    return task.actionable and not task.heading and not lacks(task)


def audit(tasks: Sequence[Task]) -> Audit:
    """Audit the tasks of one document.

    Parameters
    ----------
    tasks : sequence of Task
        In text order; headings among them are left out.

    Returns
    -------
    Audit

    Raises
    ------
    ValueError
        If the tasks come from more than one document.
    """
    docs = {(task.doc, task.title) for task in tasks}
    if len(docs) > 1:
        raise ValueError(f"tasks of {len(docs)} documents")
    doc, title = docs.pop() if docs else ("", "")
    counted = [task for task in tasks if not task.heading]
    sections = _grouped(counted, lambda task: task.path[0] if task.path else "")
    lacking = [
        Lacking(task, lacks(task))
        for task in counted
        if task.actionable and lacks(task)
    ]
    return Audit(
        doc=doc,
        title=title,
        total=_count("", counted),
        # sorting is stable: of equally bad sections the first in the text comes first
        sections=tuple(
            sorted(
                (_count(name, part) for name, part in sections.items()),
                key=lambda section: (section.share or 0.0, -section.tasks),
            )
        ),
        lacking=tuple(
            sorted(lacking, key=lambda row: (-len(row.lacks), -len(row.task.vague)))
        ),
    )


def audits(tasks: Iterable[Task]) -> list[Audit]:
    """Audit every document the tasks come from, in order of appearance."""
    return [audit(part) for part in _grouped(tasks, lambda task: task.doc).values()]


def _grouped(
    tasks: Iterable[Task], key: Callable[[Task], str]
) -> dict[str, list[Task]]:
    groups: dict[str, list[Task]] = {}
    for task in tasks:
        groups.setdefault(key(task), []).append(task)
    return groups


def _count(section: str, tasks: Sequence[Task]) -> Count:
    lacking = Counter(key for task in tasks for key in task.missing)
    words = Counter(word for task in tasks for word in dict.fromkeys(task.vague))
    return Count(
        section=section,
        tasks=len(tasks),
        actionable=sum(task.actionable for task in tasks),
        supervisable=sum(supervisable(task) for task in tasks),
        owner=lacking["owner"],
        deadline=lacking["deadline"],
        measure=lacking["measure"],
        vague=sum(bool(task.vague) for task in tasks),
        words=tuple(words.most_common()),
    )


def _plain(count: Count) -> dict[str, Any]:
    share = None if count.share is None else round(count.share, 4)
    figures = asdict(count)
    words = dict(figures.pop("words"))
    return {**figures, "share": share, "words": words}
