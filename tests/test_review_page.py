"""The static page of a document: everything in it, nothing around it."""

from __future__ import annotations

import re

import pytest

from extract.readers import from_text
from extract.review.page import page, segments
from extract.task import Deadline, Owner, Task

TEXT = """关于<b>防汛</b>的讲话
（2026年3月5日）
一要市水利局牵头，5月底前
查完水库。二要"传达"。

完。"""


def task(words, **fields):
    start = TEXT.index(words)
    blank = {
        "doc": "", "id": f"{start:016x}", "title": "", "date": None, "number": "",
        "heading": False, "section": "", "item": "", "path": (), "kind": "action",
        "actionable": True, "confidence": 0.9,
    }  # fmt: skip
    span = {"start": start, "end": start + len(words), "text": words}
    return Task(**(blank | span | fields))


def tasks():
    body, day = "市水利局", "5月底前"
    at, due = TEXT.index(body), TEXT.index(day)
    owner = Owner(body, at, at + 4, "lead", "explicit", "r")
    deadline = Deadline(day, due, due + 4, "date", None, None, "r")
    whole = "一要市水利局牵头，5月底前\n查完水库。"
    return [
        task(whole, owners=(owner,), deadlines=(deadline,), missing=("measure",)),
        task('二要"传达"。', actionable=False),
    ]


def test_segments_are_the_text():
    lines = segments(TEXT, tasks())
    assert "\n".join("".join(s.text for s in line) for line in lines) == TEXT


def test_segments_are_painted():
    lines = segments(TEXT, tasks())
    assert [(s.text, s.classes, s.title) for s in lines[2]] == [
        ("一要", "task accepted", "1"),
        ("市水利局", "task accepted part owner-lead", "1"),
        ("牵头，", "task accepted", "1"),
        ("5月底前", "task accepted part deadlines", "1"),
    ]
    assert [(s.text, s.classes, bool(s.anchor)) for s in lines[3]] == [
        ("查完水库。", "task accepted", False),
        ('二要"传达"。', "task open", True),
    ]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_page_needs_nothing_else(lang):
    made = page(from_text(TEXT, "<i>a</i>.txt"), tasks(), lang)
    assert re.findall(r"<script|<link|<img|<iframe|@import|url\(|https?:", made) == []
    assert re.findall(r'href="(?!#)', made) == []
    assert "default-src 'none'" in made


def test_page_holds_the_ledger_and_leads_to_the_source():
    made = page(from_text(TEXT, "a.txt"), tasks())
    links = re.findall(r'href="#(s\w+)"', made)
    assert links == [f"s{t.id}" for t in tasks()]
    assert [made.count(f'id="{link}"') for link in links] == [1, 1]
    row = made[made.index("<tbody>") :].split("</tr>")[0]
    cells = [re.sub(r"<[^>]+>", "", cell).strip() for cell in row.split("</td>")[:-1]]
    assert cells == [
        "1", "一要市水利局牵头，5月底前查完水库。", "工作任务", "✓", "市水利局",
        "5月底前", "", "", "缺量化指标",
    ]  # fmt: skip


def test_hostile_text_stays_text():
    made = page(from_text(TEXT, "<i>a</i>.txt"), tasks())
    assert "<b>" not in made
    assert "&lt;b&gt;防汛" in made
    assert "<i>" not in made


def test_document_without_tasks():
    assert "没有找到任务" in page(from_text("讲话\n谢谢。"), [])


def test_same_document_gives_the_same_page():
    made = [page(from_text(TEXT, "a.txt"), tasks()) for _ in range(2)]
    assert made[0] == made[1]
