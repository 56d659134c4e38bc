"""Names of bodies: their level, where they end, and which phrases join them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extract import Speech, bodies, rulebook, subjects
from extract.pipeline import analyse
from extract.pipes import owners

UNLABELLED = Path(__file__).parents[2] / "shared" / "corpus" / "unlabelled"


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("国家发展改革委", "national"),
        ("生态环境部", "national"),
        ("人行南昌中心支行", "branch"),
        ("省住房和城乡建设厅", "local"),
        ("市公安局交警支队", "local"),
        ("县委农办", "local"),
        ("云溪县政府", "local"),
        ("镇农业农村办", "township"),
        ("村务监督委员会", "township"),
        ("集团应急救援大队", "enterprise"),
        ("校团委", "school"),
        ("医院感染管理科", "hospital"),
        ("设备科", "department"),
        ("教育行政部门", "department"),
        ("各县（市、区）", "collective"),
        ("各级各部门", "collective"),
        ("全市上下", "collective"),
        ("主要负责同志", "person"),
        ("网格员", "person"),
        ("湖北", "place"),
        ("海洋渔业", "field"),
        ("", ""),
        ("市财政局督促", ""),
        ("有关规定", ""),
        ("市场主体", ""),
        ("各项工作", ""),
        ("省委部署要求", ""),
    ],
)
def test_level(name: str, level: str) -> None:
    assert bodies.level(name) == level


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("市政府办公室每月通报", "市政府办公室"),
        ("公安局组建专业队伍", "公安局"),
        ("市贸促会会同市外事办", "市贸促会"),
        ("各相关部门统一规划", "各相关部门"),
        ("抓好落实", ""),
    ],
)
def test_longest(text: str, name: str) -> None:
    assert text[: bodies.longest(text, 0, len(text))] == name


@pytest.mark.parametrize(
    ("phrase", "names"),
    [
        ("市财政局", ["市财政局"]),
        ("市教育局、市财政局和市审计局", ["市教育局", "市财政局", "市审计局"]),
        ("市工业和信息化局", ["市工业和信息化局"]),
        ("各市、县人民政府", ["各市、县人民政府"]),
        ("省级农业农村、乡村振兴部门", ["省级农业农村、乡村振兴部门"]),
        ("公安、林业等部门", ["公安", "林业"]),
        ("市财政局等有关部门", ["市财政局"]),
        ("各单位特别是窗口单位", ["各单位", "窗口单位"]),
        ("县（市、区）政府、市教育局", ["县（市、区）政府", "市教育局"]),
    ],
)
def test_names(phrase: str, names: list[str]) -> None:
    assert [phrase[a:b] for a, b in subjects.names(phrase)] == names


def alternatives(body: str) -> list[str]:
    """Top-level alternatives of a part, without the group around it."""
    found, depth, klass, start = [], 0, False, 0
    body = body.removeprefix("(?:(?:").removesuffix("))")
    for place, char in enumerate(body):
        escaped = place and body[place - 1] == "\\"
        if escaped:
            continue
        if klass or char in "[]":
            klass = char == "[" or (klass and char != "]")
        elif char in "()":
            depth += 1 if char == "(" else -1
        elif char == "|" and not depth:
            found.append(body[start:place])
            start = place + 1
    return [*found, body[start:]]


def guarded() -> list[object]:
    """Every alternative that begins with a plain character, and its guard."""
    parts = rulebook.load("owner").parts
    guards = {
        "modal": "command_first",
        "adverb": "command_first",
        "plain": "other_first",
        "predicates": "other_first",
        "weak": "other_first",
        "openers": "opener_first",
    }
    return [
        pytest.param(guard, piece, id=f"{part}-{piece[:6]}")
        for part, guard in guards.items()
        for piece in alternatives(parts[part])
        if re.match("[\u4e00-\u9fff]", piece)
    ]


@pytest.mark.parametrize(("guard", "piece"), guarded())
def test_guard_lets_every_word_pass(guard: str, piece: str) -> None:
    assert re.match(rulebook.load("owner").parts[guard], piece)


@pytest.mark.parametrize(
    "word",
    [
        *rulebook.load("owner").lists["heads"],
        *rulebook.load("owner").lists["people"],
        *rulebook.load("body").lists["group"],
        *rulebook.load("body").lists["person"],
    ],
)
def test_tail_knows_the_end_of_every_head(word: str) -> None:
    tail = re.compile(rulebook.load("owner").parts["tail"])
    assert tail.match(word, len(word) - 1)


def zone_names() -> list[str]:
    """Bodies in the duty brackets and lines of division plans that nobody labelled."""
    names = []
    for path in sorted(UNLABELLED.glob("task_division/*.txt"))[:20]:
        doc = analyse(Speech(path.read_text(encoding="utf-8")), judged=False)
        text = doc._.view.text
        for marks in doc._.duties.values():
            names += [text[mark.start : mark.end] for mark in marks]
    return names


def known(phrase: str) -> bool:
    return all(bodies.level(phrase[a:b]) for a, b in subjects.names(phrase))


@pytest.mark.skipif(not UNLABELLED.is_dir(), reason="no unlabelled documents here")
def test_most_bodies_in_brackets_are_known() -> None:
    names = zone_names()
    assert len(names) > 1000
    assert sum(map(known, names)) / len(names) > 0.8


@pytest.mark.parametrize(
    "text",
    ["上次会上，我提出今年全县要争先进位。", "我们多次强调全市要稳住阵脚。"],
)
def test_who_speaks_is_no_part_of_a_name(text: str) -> None:
    assert owners.find(text) == []
