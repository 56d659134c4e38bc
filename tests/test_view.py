"""The view: what rules read, and the way back to the document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.view import clean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("抓好落实。", "抓好落实。"),
        # half-width punctuation, but not in numbers, times and Latin words
        ("抓好落实,做好值守;请重视!", "抓好落实，做好值守；请重视！"),
        ("抓好(市住建局牵头)落实", "抓好（市住建局牵头）落实"),
        ("投资1,200万元", "投资1,200万元"),
        ("上午8:30开会", "上午8:30开会"),
        ("见http://www.gov.cn", "见http://www.gov.cn"),
        ("抓好落实.各单位要重视.", "抓好落实。各单位要重视。"),
        ("增长5.5%", "增长5.5%"),
        ("1.加强领导", "1.加强领导"),
        ("一.加强领导", "一.加强领导"),
        ("抓好落实。\n十一.加强领导", "抓好落实。\n十一.加强领导"),
        # compatibility characters, one to one
        ("⼆⼗个", "二十个"),
        ("２０２６年", "2026年"),
        ("⺠生", "民生"),
        ("各單位", "各单位"),
        # nothing to see
        ("抓好\u200b落\ufeff实\u00ad", "抓好落实"),
        # spaces
        ("　　抓好落实", "抓好落实"),
        ("抓 好 落 实", "抓好落实"),
        ("办好 APP 平台", "办好APP平台"),
        ("用好Open Data平台", "用好Open Data平台"),
        ("序号\t任务", "序号\t任务"),
        # page furniture: fractions only in a run or with a large total
        ("逐5/8一查明", "逐一查明"),
        ("完成2/3工程量", "完成2/3工程量"),
        ("抓好（第5/6页）落实", "抓好落实"),
        ("抓好落实。\n- 3 -\n各单位", "抓好落实。\n各单位"),
        # a line feed in the view is a real end of a line
        ("进一步提高认识，\n切实抓好落实。", "进一步提高认识，切实抓好落实。"),
        ("一、提高认识\n各单位要重视。", "一、提高认识\n各单位要重视。"),
        ("抓好落实。\n\n\n各单位要重视。", "抓好落实。\n各单位要重视。"),
        ("二、重点任务\n年内完成改造。", "二、重点任务\n年内完成改造。"),
        ("力争2026\n年底前完成。", "力争2026年底前完成。"),
        ("压实责任，\n- 3 -\n\n确保落实。", "压实责任，确保落实。"),
        ("加快建设。\n（市住建局负责）", "加快建设。（市住建局负责）"),
        ("四、时间安排 （一）启动实施", "四、时间安排\n（一）启动实施"),
        ("抓好落实。\r\n各单位要重视。", "抓好落实。\n各单位要重视。"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text).text == expected


@pytest.mark.parametrize(
    "text",
    [
        "任务\t时限\n修路\t2026年9月30日\n架桥\t9月",
        "号\t任务\t时限\n\t\t年底\n\t修路\t\n1\t架桥\t6月，\n2\t清淤\t9月",
        "任务分解表，\n号\t任务\t单位",
    ],
    ids=["a date and a number", "empty cells at the ends", "below a title"],
)
def test_rows_of_a_table_stay_as_they_are(text: str) -> None:
    assert clean(text).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\t各区要\n\t抓好落实。", "各区要\n抓好落实。"),
        ("一、\t统一思想，\n提高认识。", "一、\t统一思想，提高认识。"),
    ],
    ids=["indent", "enumerator"],
)
def test_other_tabs_make_no_table(text: str, expected: str) -> None:
    assert clean(text).text == expected


def test_lines_of_a_wrapped_page_are_joined() -> None:
    body = "各级各部门要进一步提高政治站位切实把思想和行动统一到市委决策部署上来"
    lines = [body[:30], body[4:34], body[2:32], body[:30], body[1:31]]
    assert clean("\n".join([*lines, "抓好落实。"])).text == "".join(
        [*lines, "抓好落实。"]
    )


@pytest.mark.parametrize(
    ("text", "surface", "source"),
    [
        ("逐5/8一查明", "逐一", "逐5/8一"),
        ("　　抓好", "抓好", "抓好"),
        ("各县区\u200b要", "县区要", "县区\u200b要"),
        ("提高认识，\n切实落实", "认识，切实", "认识，\n切实"),
        ("各 县 区", "各县区", "各 县 区"),
        ("各單位", "各单位", "各單位"),
    ],
)
def test_source_spans_include_what_was_cut_out_inside(
    text: str, surface: str, source: str
) -> None:
    view = clean(text)
    start = view.text.index(surface)
    first, last = view.source(start, start + len(surface))
    assert text[first:last] == source


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("各县区要抓好落实。", []),
        ("修路　市交通局　年底", [2, 6]),
        ("　　修路", []),
        ("提高认识，\n切实落实。", [5]),
        ("压实责任，\n- 3 -\n\n确保落实。", [5]),
    ],
    ids=["none", "blanks", "an indent", "a wrap", "a page break"],
)
def test_gaps_are_where_something_was_cut_out(text: str, gaps: list[int]) -> None:
    view = clean(text)
    assert view.gaps(0, len(view.text)) == gaps


@pytest.mark.parametrize(
    "text",
    ["抓好\U00020000落实 ，\ud800要", "𠮷田 单位", "\ud83d"],
    ids=["beyond the basic plane and half a pair", "a name", "half a pair alone"],
)
def test_rare_characters_stay(text: str) -> None:
    assert clean(text).text == text.replace(" ", "")


@given(
    st.text(
        alphabet="要抓好落实一1/8.,;()（）。，\n\r\t 　\u200b年內單⼆-第页", max_size=80
    )
)
def test_every_character_of_the_view_comes_from_one_of_the_text(text: str) -> None:
    view = clean(text)
    places = [view.at(offset) for offset in range(len(view.text))]
    assert places == sorted(set(places))
    assert len(view.text) <= len(text)
    folded = [(shown, text[at]) for shown, at in zip(view.text, places, strict=True)]
    known = {
        ",，",
        ";；",
        "(（",
        ")）",
        ".。",
        "內内",
        "單单",
        "⼆二",
        "\r\n",
        " \n",
        "　\n",
    }
    assert [f"{b}{a}" for a, b in folded if a != b and f"{b}{a}" not in known] == []
