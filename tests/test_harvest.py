"""Tasks as they leave the pipeline: the very class that the record describes."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

import extract
from extract.task import Owner, Task

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


def test_a_record_is_frozen(task: Task) -> None:
    with pytest.raises(FrozenInstanceError):
        task.text = ""  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        task.owners[0].text = ""  # type: ignore[misc]


def test_a_record_survives_pickling(task: Task) -> None:
    assert pickle.loads(pickle.dumps(task)) == task
