"""What must hold for every text, whatever stands in it."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import extract
from extract import rulebook
from extract.task import Task
from extract.view import clean

ROOT = Path(__file__).parents[1]
SCHEMA = json.loads((ROOT / "docs" / "task.schema.json").read_text(encoding="utf-8"))
RULES = {
    rule.id for table in rulebook.phenomena() for rule in rulebook.load(table).rules
}

# what official documents are made of, and what copies of them suffer from
FRAGMENTS = [
    *'。；，、：！？（）〔〕[]“”"‘’《》.,;:()%/-—…·\t\n　 \r\u200b\ufeff\xa0',
    *"一二三十要是1290年月日前底内个",
    *[
        "\n\n",
        "\r\n",
        "……",
        "（一）",
        "（二）",
        "一、",
        "二、",
        "1.",
        "2.",
        "（1）",
        "①",
    ],
    *["一要", "二要", "三是", "一是要", "首先，", "第一，", "第三条 ", "■", "同志们："],
    *[
        "5.5%",
        "3亿元",
        "30个",
        "2026年",
        "6月底前",
        "年内",
        "XX月底前",
        "每月",
        "“十五五”末",
    ],
    *[
        "各县区",
        "市住建局",
        "各级各部门",
        "市政府督查室",
        "县（市、区）",
        "我们",
        "大家",
    ],
    *[
        "由",
        "会同",
        "牵头",
        "配合",
        "负责",
        "督促",
        "责任单位：",
        "完成时限：",
        "牵头单位：",
    ],
    *["要加快项目建设", "必须压实责任", "严禁弄虚作假", "确保完成", "不得", "去年以来"],
    *[
        "取得明显成效",
        "习近平总书记强调，",
        "会议议定，",
        "（市发改委牵头，6月底前完成）",
    ],
    *[
        "逐5/8一查明",
        "- 3 -",
        "第3页 共8页",
        "来源：新华网",
        "⼆⼗",
        "單位",
        "序号\t任务\t责任单位",
    ],
]
PROSE = st.lists(st.sampled_from(FRAGMENTS), max_size=60).map("".join)
ANY = st.text(max_size=200)
BROKEN = st.text(
    alphabet=st.characters(categories=["Cs", "Lo", "Po", "Cc"]), max_size=80
)
TEXTS = st.one_of(PROSE, ANY, BROKEN)
many = settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def parts(task: Task) -> list[object]:
    return [*task.owners, *task.deadlines, *task.recurrences, *task.metrics]


def test_fragments_reach_every_field() -> None:
    """The strategy is no proof of anything if no field is ever filled."""
    chance = random.Random(0)
    text = "".join(chance.choices(FRAGMENTS, k=5_000))
    tasks = extract.tasks(text, date="2026-03-05")
    fields = ["owners", "deadlines", "recurrences", "metrics", "number", "item"]
    assert [name for name in fields if not any(getattr(t, name) for t in tasks)] == []


@many
@given(TEXTS)
def test_every_span_gives_its_text(text: str) -> None:
    for task in extract.tasks(text, date="2026-03-05"):
        spans = [(task.start, task.end, task.text)]
        spans += [(p.start, p.end, p.text) for p in parts(task)]  # type: ignore[attr-defined]
        assert [text[start:end] for start, end, _ in spans] == [s for _, _, s in spans]
        assert min(start for start, _, _ in spans) >= 0
        assert all(start < end for start, end, _ in spans)


@many
@given(TEXTS)
def test_tasks_are_sorted_disjoint_and_the_same_again(text: str) -> None:
    tasks = extract.tasks(text)
    edges = [edge for task in tasks for edge in (task.start, task.end)]
    assert edges == sorted(edges)
    ids = [task.id for task in tasks]
    assert len(ids) == len(set(ids))
    assert extract.tasks(text) == tasks


@many
@given(TEXTS)
def test_every_field_names_what_filled_it(text: str) -> None:
    for task in extract.tasks(text, date="2026-03-05"):
        named = [part.rule for part in parts(task)]  # type: ignore[attr-defined]
        assert [rule for rule in (*named, *task.rules) if rule not in RULES] == []
        filled = {"kind", "actionable", "confidence", "heading"}
        filled |= {
            name for name in ("number", "section", "item") if getattr(task, name)
        }
        assert set(task.sources) == filled
        assert all(task.sources.values())


@many
@given(TEXTS)
def test_record_fits_its_schema(text: str) -> None:
    for task in extract.tasks(text, date="2026-03-05"):
        record = json.loads(json.dumps(task.to_dict(), ensure_ascii=True))
        jsonschema.validate(record, SCHEMA)
        assert 0 <= task.confidence <= 1
        assert task.text.startswith(task.number)


@many
@given(TEXTS)
def test_explanations_agree_with_tasks(text: str) -> None:
    rows = extract.explain(extract.Speech(text))
    assert [row.record for row in rows if row.record] == extract.tasks_of(
        extract.Speech(text)
    )
    assert [row.task for row in rows] == [row.record is not None for row in rows]


def test_a_text_may_end_anywhere() -> None:
    text = "由各县区、市水务局会同市财政局牵头，每月督查一次，6月底前完成10个以上。"
    for start in range(len(text)):
        for end in range(start, len(text)):
            extract.tasks(text[start:end])


@many
@given(TEXTS)
def test_view_leads_back(text: str) -> None:
    view = clean(text)
    places = [view.at(offset) for offset in range(len(view.text))]
    assert places == sorted(set(places))
    assert all(0 <= place < len(text) for place in places)
    for offset in range(len(view.text)):
        start, end = view.source(offset, offset + 1)
        assert end == start + 1


PROSE_LINE = (
    "一要压实责任。各县区要在6月底前完成30个小区改造（市住建局牵头，市财政局配合）。\n"
)
# what a rule, a list or a stack could take square time over
PIECES = [
    *[
        "各县区要抓好落实，市住建局牵头，6月底前完成，",
        "加快建设。\n责任单位：市发改委\n",
    ],
    *["1.加强巡查；（1）压实责任；一是强化督查；", "1\t加快建设\t市发改委\n", "各县\n"],
    *[
        "（",
        "）",
        "（（））",
        "（一",
        "“",
        "”",
        '"',
        "[",
        "〔",
        "《",
        "各单位要“",
        "。（",
    ],
    *[
        "一",
        "、",
        "1",
        "；",
        "：",
        "要",
        "。",
        "各",
        "局",
        "年",
        "的",
        "和",
        "由",
        "第",
        "每",
    ],
    *[
        "\n",
        "\t",
        " ",
        "　",
        "\x00",
        "\ud800",
        "a ",
        "1.",
        "3/8",
        "。\n",
        "、\n",
        "一、\n",
    ],
    *["：一是", "，一是", "一要", "首先，", "（一）", "二是要。", "市局和", "市局要"],
    *[
        "市住建局、",
        "；市住建局",
        "（市局牵头",
        "牵头单位：",
        "来源：",
        "\t任务",
        "2026年",
    ],
]


def seconds(piece: str, size: int) -> float:
    """Best of three runs over a text of that many characters."""
    text = (piece * (size // len(piece) + 1))[:size]
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        extract.tasks(text)
        best = min(best, time.process_time() - began)
        if best > 5:
            break  # slow enough to tell
    return best


def grows_linearly(piece: str, size: int) -> bool:
    seconds(piece, 100)  # loads the model, compiles the tables
    # a floor keeps a few milliseconds' noise from deciding
    return seconds(piece, 8 * size) < 8 * 2.0 * max(seconds(piece, size), 0.004)


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_time_is_linear(piece: str) -> None:
    assert grows_linearly(piece, 1_500)


@pytest.mark.parametrize("piece", [PROSE_LINE, "，", "（"], ids=["prose", "，", "（"])
def test_time_is_linear_in_a_long_text(piece: str) -> None:
    assert grows_linearly(piece, 20_000)
