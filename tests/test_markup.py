"""The inline markup that rules, examples and documentation share."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.errors import DubanError
from extract.markup import Mark, parse, render


@pytest.mark.parametrize(
    ("marked", "text", "marks"),
    [
        ("抓好落实。", "抓好落实。", []),
        ("", "", []),
        (
            "[6月底前](deadline=2026-06-30)完成",
            "6月底前完成",
            [Mark(0, 4, "deadline", "2026-06-30")],
        ),
        ("由[市住建局](owner@2)负责", "由市住建局负责", [Mark(1, 5, "owner", "", 2)]),
        (
            "[禁止](kind=ban actionable@3)",
            "禁止",
            [Mark(0, 2, "kind", "ban"), Mark(0, 2, "actionable", "", 3)],
        ),
        ("[3个](metric=eq:3个@12)", "3个", [Mark(0, 2, "metric", "eq:3个", 12)]),
        (r"见\[附件\]，[抓好](a)", "见[附件]，抓好", [Mark(6, 8, "a")]),
        (r"[附\[1\]件](a)", "附[1]件", [Mark(0, 5, "a")]),
        ("[一要](run-in)", "一要", [Mark(0, 2, "run-in")]),
        ("[a](x)[b](y)", "ab", [Mark(0, 1, "x"), Mark(1, 2, "y")]),
        ("（市发改委）(x)", "（市发改委）(x)", []),
        ("[\U00020000字](x)后", "\U00020000字后", [Mark(0, 2, "x")]),
    ],
)
def test_parse(marked: str, text: str, marks: list[Mark]) -> None:
    assert parse(marked) == (text, marks)


@pytest.mark.parametrize(
    "marked",
    [
        "[6月底前",
        "6月底前]",
        "[6月底前]完成",
        "[6月底前] (deadline)",
        "[](deadline)",
        "[6月](  )",
        "[6月](Deadline)",
        "[6月](due@0)",
        "[6月](due@2=30)",
        "[[6月](a)底](b)",
    ],
)
def test_refuses(marked: str) -> None:
    with pytest.raises(DubanError) as caught:
        parse(marked)
    assert caught.value.code == "E404"
    assert marked in caught.value.message()


def test_render_refuses_overlap() -> None:
    with pytest.raises(DubanError, match="E404"):
        render("抓好落实", [Mark(0, 3, "a"), Mark(2, 4, "b")])


@st.composite
def marked(draw: st.DrawFn) -> tuple[str, list[Mark]]:
    text = draw(st.text(alphabet="抓好[]()\\=@ab\n", max_size=30))
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    role = st.from_regex("[a-z]{1,5}", fullmatch=True)
    value = st.from_regex("[A-Z0-9:./甲-]{0,5}", fullmatch=True)
    marks = [
        Mark(start, end, draw(role), draw(value), draw(st.integers(1, 9)))
        for start, end in spans
    ]
    # a backslash before a mark would escape its bracket
    return text.replace("\\", "、"), marks


@given(marked())
def test_render_is_the_inverse(case: tuple[str, list[Mark]]) -> None:
    text, marks = case
    assert parse(render(text, marks)) == (text, marks)
