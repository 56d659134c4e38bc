"""Tasks as they leave the pipeline: the very class that the record describes."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any

import pytest

import extract
from extract import harvest, pipeline
from extract.layers import Judgement, Mark
from extract.task import Deadline, Metric, Owner, Recurrence, Speech, Task, task_id

TEXT = "由市住建局牵头，市财政局配合，2026年6月底前完成30个小区改造。"


@pytest.fixture(scope="module")
def task() -> Task:
    [task] = extract.tasks(TEXT)
    return task


def test_records_are_of_the_public_classes(task: Task) -> None:
    assert type(task) is Task
    assert [type(owner) for owner in task.owners] == [Owner, Owner]


def test_a_record_equals_one_made_by_hand(task: Task) -> None:
    values = {field.name: getattr(task, field.name) for field in fields(Task)}
    assert task == Task(**values)
    assert repr(task) == repr(Task(**values))
    assert replace(task, doc="讲话.txt").doc == "讲话.txt"


LISTED = """二、重点任务
1.加快改造。由市住建局牵头，2026年6月底前完成30个小区，每月25日前报送。
（市城管局负责，9月底前完成）
"""


def harvested(text: str, judgements: list[Judgement]) -> list[Task]:
    """Tasks of a text whose judge and cues are played by the test."""
    speech = Speech(text, "讲话.txt", "讲话", dt.date(2026, 3, 5), "given")
    doc = pipeline.analyse(speech, judged=False)
    doc._.judgements = judgements
    doc._.cues = [[Mark(s.start, s.start + 1, "cue.test")] for s in doc._.sentences]
    return harvest.tasks(doc)


def record(text: str, surface: str, **fields: Any) -> Task:
    """Record of a sentence of `LISTED` or `TEXT`, with what all of them share."""
    start = text.index(surface)
    end = start + len(surface)
    judged = dict.fromkeys(("kind", "actionable", "confidence", "heading"), "judge")
    shared = {
        "doc": "讲话.txt",
        "id": task_id(Speech(text).digest, start, end),
        "title": "讲话",
        "date": dt.date(2026, 3, 5),
        "start": start,
        "end": end,
        "text": surface,
        "kind": "action",
        "actionable": True,
        "confidence": 0.9123,
    }
    empty = {"number": "", "heading": False, "section": "", "item": "", "path": ()}
    sources = judged | fields.pop("sources", {})
    return Task(**(shared | empty | fields), sources=sources)


JUDGED = Judgement(True, 0.91234, "action", True, False)
REJECTED = Judgement(False, 0.2, "action", False, False)
CLEANERS = Owner("市城管局", 50, 54, "responsible", "duty", "duty.responsible")
SEPTEMBER = Deadline(
    "9月底前", 57, 61, "date", None, dt.date(2026, 9, 30), "deadline.before"
)


def test_whole_record() -> None:
    expected = record(
        TEXT,
        TEXT,
        owners=(
            Owner("市住建局", 1, 5, "lead", "explicit", "owner.handed"),
            Owner("市财政局", 8, 12, "cooperating", "explicit", "owner.cooperating"),
        ),
        deadlines=(
            Deadline(
                *("2026年6月底前", 15, 24, "date", None),
                *(dt.date(2026, 6, 30), "deadline.before"),
            ),
        ),
        metrics=(Metric("30个", 26, 29, 30.0, "个", "eq", "metric.count"),),
        rules=(
            *("cue.test", "owner.handed", "owner.cooperating"),
            *("deadline.before", "metric.count"),
        ),
    )
    assert harvested(TEXT, [JUDGED]) == [expected]


def test_whole_records_of_an_item() -> None:
    first, second = "1.加快改造。", LISTED[LISTED.index("由") : -1]
    places = {"section": "二、", "item": "1"}
    stack = dict.fromkeys(places, "outline.stack")
    assert harvested(LISTED, [JUDGED, JUDGED]) == [
        record(
            LISTED,
            first,
            **places,
            number="1.",
            path=("二、重点任务",),
            owners=(CLEANERS,),
            deadlines=(SEPTEMBER,),
            missing=("measure",),
            vague=("加快",),
            rules=("cue.test", "duty.responsible", "deadline.before"),
            sources={"number": "outline.arabic", **stack},
        ),
        record(
            LISTED,
            second,
            **places,
            path=("二、重点任务", "1.加快改造。"),
            owners=(
                Owner("市住建局", 15, 19, "lead", "explicit", "owner.handed"),
                CLEANERS,
            ),
            deadlines=(
                Deadline(
                    *("2026年6月底前", 22, 31, "date", None),
                    *(dt.date(2026, 6, 30), "deadline.before"),
                ),
                SEPTEMBER,
            ),
            recurrences=(
                Recurrence(
                    *("每月25日前", 39, 45, "month", None, None, 25),
                    "recurrence.every-day-of",
                ),
            ),
            metrics=(Metric("30个", 33, 36, 30.0, "个", "eq", "metric.count"),),
            rules=(
                *("cue.test", "owner.handed", "duty.responsible", "deadline.before"),
                *("recurrence.every-day-of", "metric.count"),
            ),
            sources=stack,
        ),
    ]


def test_a_rejected_candidate_is_no_record() -> None:
    assert harvested(TEXT, [REJECTED]) == []


def test_a_record_is_frozen(task: Task) -> None:
    with pytest.raises(FrozenInstanceError):
        task.text = ""  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        task.owners[0].text = ""  # type: ignore[misc]


def test_a_record_survives_pickling(task: Task) -> None:
    assert pickle.loads(pickle.dumps(task)) == task
