"""Behaviour, line by line: ``tests/examples/*.md``; the markup is in tests/README.md.

Candidates, outline, owners and duties are read from their layers, so that these
cases do not depend on what the judge has learned; only task.md asks the whole
pipeline.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from spacy.tokens import Doc

import extract
from extract import pipeline
from extract.markup import Mark, parse
from extract.pipes import owners
from extract.task import ROLES, Speech
from extract.view import clean

EXAMPLES = Path(__file__).parent / "examples"
DATE = dt.date(2026, 3, 5)


def lines(name: str) -> list[object]:
    """One case a list item; its id is file and line."""
    file = EXAMPLES / f"{name}.md"
    rows = file.read_text(encoding="utf-8").splitlines()
    return [
        pytest.param(row.removeprefix("- "), id=f"{file.name}:{number}")
        for number, row in enumerate(rows, 1)
        if row.startswith("- ")
    ]


def read(line: str) -> tuple[str, list[Mark]]:
    return parse(line.replace("⏎", "\n"))


def analysed(text: str) -> Doc:
    return pipeline.analyse(Speech(text, date=DATE), judged=False)


@pytest.mark.parametrize("line", lines("sentence"))
def test_sentence(line: str) -> None:
    text, marks = read(line)
    doc = analysed(text)
    spans = [doc._.view.source(each.start, each.end) for each in doc._.sentences]
    assert [text[start:end] for start, end in spans] == [
        text[mark.start : mark.end] for mark in marks
    ]
    assert spans == [(mark.start, mark.end) for mark in marks]


@pytest.mark.parametrize("line", lines("outline"))
def test_outline(line: str) -> None:
    text, marks = read(line)
    found = [
        (row.start, row.end, f"{row.section}/{row.item}/{row.number}")
        for row in extract.explain(Speech(text))
    ]
    assert found == [(mark.start, mark.end, mark.value) for mark in marks]


@pytest.mark.parametrize("line", lines("owner"))
def test_owner(line: str) -> None:
    text, marks = read(line)
    view = clean(text)
    found = [
        (text[slice(*view.source(mark.start, mark.end))], mark.label)
        for mark in owners.find(view.text)
    ]
    assert found == [(text[mark.start : mark.end], mark.role) for mark in marks]


@pytest.mark.parametrize("line", lines("duty"))
def test_duty(line: str) -> None:
    text, marks = read(line)
    doc = analysed(text)
    found = [
        (*doc._.view.source(mark.start, mark.end), mark.label, number)
        for number, sentence in enumerate(doc._.sentences, 1)
        for zone in sentence.zones
        for mark in doc._.duties[zone]
    ]
    assert sorted(found) == sorted(
        (mark.start, mark.end, mark.role, mark.n) for mark in marks
    )


def hulls(marks: list[Mark]) -> list[tuple[int, int]]:
    """Span of each task: from its first ``task`` mark to its last."""
    numbers = sorted({mark.n for mark in marks})
    groups = [[m for m in marks if m.n == n and m.role == "task"] for n in numbers]
    return [(group[0].start, group[-1].end) for group in groups]


def stated(task: extract.Task) -> list[tuple[int, int, str, str]]:
    """Every part of a task as the examples write it."""
    parts = [(o.start, o.end, o.role, "") for o in task.owners]
    parts += [
        (d.start, d.end, "deadline", d.due.isoformat() if d.due else d.type)
        for d in task.deadlines
    ]
    parts += [(r.start, r.end, "recurrence", r.unit) for r in task.recurrences]
    parts += [
        (m.start, m.end, "metric", f"{m.relation}:{m.value:g}{m.unit}")
        for m in task.metrics
    ]
    if task.number:
        parts.append((task.start, task.start + len(task.number), "number", ""))
    return sorted(parts)


@pytest.mark.parametrize("line", lines("task"))
def test_task(line: str) -> None:
    text, marks = read(line)
    found = extract.tasks(text, date=DATE)
    assert [(task.start, task.end) for task in found] == hulls(marks)
    wanted = [[mark for mark in marks if mark.n == n + 1] for n in range(len(found))]
    assert [stated(task) for task in found] == [
        sorted((m.start, m.end, m.role, m.value) for m in each if m.role != "task")
        for each in wanted
    ]
    said = ["".join(m.value for m in each if m.role == "task") for each in wanted]
    assert [
        judged(task, value) for task, value in zip(found, said, strict=True)
    ] == said


def judged(task: extract.Task, value: str) -> str:
    """Kind, and + or - for the ledger, as far as the example says them."""
    kind = task.kind if value.rstrip("+-") else ""
    return kind + (("-+"[task.actionable]) if value[-1:] in ("+", "-") else "")


@pytest.mark.parametrize("name", ["sentence", "outline", "owner", "duty", "task"])
def test_marks_are_known(name: str) -> None:
    """A misspelt role must not pass as a mark that nobody asks for."""
    parts = {"number", "deadline", "recurrence", "metric"}
    known = {
        "sentence": {"sentence"},
        "outline": {"at"},
        "owner": set(ROLES),
        "duty": set(ROLES),
        "task": {"task", *ROLES, *parts},
    }[name]
    used = {mark.role for case in lines(name) for mark in read(case.values[0])[1]}
    assert used
    assert used <= known
