"""Metrics: `examples/metric.md`, and what must hold for every text."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Doc
from spacy.vocab import Vocab

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
    value, unit = mark.value
    return f"{mark.label}:{'?' if value is None else format(value, '.15g')}{unit}"


@pytest.mark.parametrize("line", examples())
def test_example(line):
    text, marks = markup.parse(line)
    found = [(mark.start, mark.end, shown(mark)) for mark in metrics.find(text)]
    assert found == [(mark.start, mark.end, mark.value) for mark in marks]


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
