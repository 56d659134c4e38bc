"""Vague phrases: `examples/vague.md`."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacy.tokens import Doc
from spacy.vocab import Vocab

from extract import markup
from extract.pipes import vagueness
from extract.view import clean

EXAMPLES = Path(__file__).parent / "examples" / "vague.md"


def examples():
    lines = EXAMPLES.read_text("utf-8").splitlines()
    return [
        pytest.param(line[2:], id=f"{EXAMPLES.name}:{number}")
        for number, line in enumerate(lines, start=1)
        if line.startswith("- ")
    ]


@pytest.mark.parametrize("line", examples())
def test_example(line):
    text, marks = markup.parse(line)
    found = [(mark.start, mark.end, mark.label) for mark in vagueness.find(text)]
    assert found == [(mark.start, mark.end, mark.value) for mark in marks]


def test_component_writes_the_layer():
    text = "尽快上报。"
    doc = Doc(Vocab(), words=list(text), spaces=[False] * len(text))
    doc._.view = clean(text)
    made = vagueness.Vagueness()(doc)
    assert [(mark.start, mark.end, mark.rule) for mark in made._.vague] == [
        (0, 2, "vague.urgency")
    ]
