"""Metrics: `examples/metric.md`, and what must hold for every text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

import extract
from extract import markup
from extract.pipes import metrics
from extract.view import clean

EXAMPLES = Path(__file__).parent / "examples" / "metric.md"


def examples():
    lines = EXAMPLES.read_text("utf-8").splitlines()
    return [
        pytest.param(line[2:], id=f"{EXAMPLES.name}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.startswith("- ")
    ]


def shown(mark):
    value, unit, _ = mark.value
    return f"{mark.label}:{'?' if value is None else format(value, '.15g')}{unit}"


@pytest.mark.parametrize("line", examples())
def test_example(line):
    text, marks = markup.parse(line)
    found = [(mark.start, mark.end, shown(mark)) for mark in metrics.find(text)]
    assert found == [(mark.start, mark.end, mark.value) for mark in marks]


@pytest.mark.parametrize(
    ("text", "indicators"),
    [
        ("确保全市粮食产量达到25亿斤以上。", ["粮食产量"]),
        ("2027年底前，重点行业减排率要提高到90%以上。", ["重点行业减排率"]),
        ("将企业开办时间压缩到3个工作日以内。", ["企业开办时间"]),
        ("补助标准由每人320元提高到380元。", ["补助标准"]),
        ("实现营业收入40亿元、利润总额3亿元。", ["营业收入", "利润总额"]),
        ("生产总值增长6%左右，失业率5.5%以内。", ["生产总值", "失业率"]),
        ("“一窗”受理率达到100%。", ["“一窗”受理率"]),
        # two indicators share the figure: naming one of them would be wrong
        ("就业率、升学率均达到95%。", [""]),
        # things that are counted are no indicators
        ("新建泵站3座，改造老旧小区45个。", ["", ""]),
        ("整改完成率达到100%。", ["整改完成率"]),
        ("新增城镇就业6200人。", ["城镇就业"]),
        ("主汛期前完成70%以上。", [""]),
    ],
)
def test_indicator(text, indicators):
    spans = [mark.value.indicator for mark in metrics.find(text)]
    assert [text[slice(*span)] if span else "" for span in spans] == indicators


def test_indicator_of_a_task_is_in_its_text():
    # the gap of a bad copy stays in what is quoted from it
    [task] = extract.tasks("一、主要目标\n要确保粮食 产量达到25亿斤，新建泵站3座。")
    assert [(m.text, m.indicator) for m in task.metrics] == [
        ("25亿斤", "粮食 产量"),
        ("3座", ""),
    ]
    assert "metric.indicator" in task.rules


@given(
    st.text(
        alphabet="0129.,，。、一二两十百万亿个项%元年以上内第从至达到超过的X\n ",
        max_size=60,
    )
)
def test_marks_are_disjoint_and_in_order(text):
    marks = metrics.find(text)
    edges = [edge for mark in marks for edge in (mark.start, mark.end)]
    assert edges == sorted(edges)
    assert {mark.label for mark in marks} <= {"ge", "le", "eq", "about"}
    assert all(mark.start < mark.end <= len(text) for mark in marks)


@pytest.mark.parametrize(
    "unit",
    ["1", "一", "X", "从1元", "“3个", "对3", "1.", "每一", "其中甲区1家、", "3个，"],
)
def test_time_is_linear(unit):
    # ten times the text in well under the hundred times a square would take
    def seconds(size):
        text = unit * size
        began = time.process_time()
        metrics.find(text)
        return time.process_time() - began

    seconds(100)
    assert seconds(20_000) < 40 * seconds(2_000) + 0.2


def test_component_writes_the_layer():
    text = "新建泵站3座。"
    doc = Doc(Vocab(), words=list(text), spaces=[False] * len(text))
    doc._.view = clean(text)
    made = metrics.Metrics()(doc)
    assert [(mark.start, mark.end, mark.rule) for mark in made._.metrics] == [
        (4, 6, "metric.count")
    ]
