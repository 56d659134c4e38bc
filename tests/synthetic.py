"""A document and its tasks, written by hand: writers and records are tried on it."""

from __future__ import annotations

import datetime as dt

from extract.task import Deadline, Metric, Owner, Recurrence, Speech, Task, task_id

LED = (
    "一要市应急局牵头，市住建局配合，6月底前排查老旧小区30个以上，"
    "每月通报一次进展，进一步压实责任。"
)
WRAPPED = "会后要把台账\n　　报送市政府办公室，严禁弄虚作假。"
FORMULA = "=HYPERLINK(1)、+1、*号和\x07#都要清理。"
SLOGAN = "让我们同心协力、再立新功！"
TEXT = (
    "在全市安全生产会议上的讲话\n（2026年3月5日）\n二、突出重点，抓好排查整治\n"
    f"{LED}\n{WRAPPED}\n{FORMULA}\n{SLOGAN}\n"
)
SPEECH = Speech(
    TEXT,
    "speeches/plenary.txt",
    "在全市安全生产会议上的讲话",
    dt.date(2026, 3, 5),
    "（2026年3月5日）",
)
PATH = ("二、突出重点，抓好排查整治",)


def task(text: str, **values: object) -> Task:
    """The task whose span is `text`."""
    start = TEXT.index(text)
    given: dict[str, object] = {
        "doc": SPEECH.doc,
        "id": task_id(SPEECH.digest, start, start + len(text)),
        "title": SPEECH.title,
        "date": SPEECH.date,
        "start": start,
        "end": start + len(text),
        "text": text,
        "number": "",
        "heading": False,
        "section": "二、",
        "item": "",
        "path": PATH,
        "kind": "action",
        "actionable": True,
        "confidence": 0.9,
    }
    return Task(**(given | values))  # type: ignore[arg-type]


def span(text: str, nth: int = 0) -> dict[str, object]:
    """Text, start and end of a surface in the document."""
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(text, start + 1)
    return {"text": text, "start": start, "end": start + len(text)}


TASKS = [
    task(
        LED,
        number="一要",
        item="一要",
        confidence=0.926,
        owners=(
            Owner(**span("市应急局"), role="lead", source="explicit", rule="owner.a"),
            Owner(
                **span("市住建局"), role="cooperating", source="duty", rule="owner.b"
            ),
        ),
        deadlines=(
            Deadline(
                **span("6月底前"),
                type="date",
                from_=None,
                due=dt.date(2026, 6, 30),
                rule="deadline.before-month-end",
            ),
        ),
        recurrences=(
            Recurrence(
                **span("每月"), unit="month", every=1, times=1, day=None, rule="r.unit"
            ),
        ),
        metrics=(
            Metric(
                **span("30个以上"), value=30.0, unit="个", relation="ge", rule="m.count"
            ),
        ),
        vague=("进一步",),
        rules=("sentence.must",),
        sources={"kind": "judge"},
    ),
    task(
        WRAPPED,
        kind="report",
        owners=(
            Owner(
                **span("市住建局"),
                role="responsible",
                source="inherited",
                rule="owner.c",
            ),
        ),
        missing=("deadline", "measure"),
    ),
    task(FORMULA, missing=("owner", "deadline", "measure")),
    task(SLOGAN, kind="conduct", actionable=False, confidence=0.51),
]
