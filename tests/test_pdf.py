"""PDF: paragraphs whole, tables as rows, page furniture gone, scans refused."""

from __future__ import annotations

import pytest
from printing import EM, LEADING, LEFT, WIDTH, Print, printed
from reportlab.lib.pdfencrypt import StandardEncryption

import extract
from extract.errors import ReadError
from extract.readers import pdf, read_bytes
from extract.task import Place

LONG = (
    "各县（市、区）、各部门要压实责任、细化措施，对照年度目标任务逐项排查，"
    "确保6月底前完成老旧管网改造120公里，年底前整改率达到95%以上，不得弄虚作假。"
)
SHORT = "各单位要于3月31日前报送方案。"


def lines(data: bytes) -> list[str]:
    return read_bytes(data, "讲话.pdf").text.splitlines()


def refused(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        read_bytes(data, "讲话.pdf")
    assert "讲话.pdf" in caught.value.message()
    return caught.value.code


@pytest.mark.parametrize(
    "paragraphs",
    [
        (SHORT,),
        (LONG,),
        (LONG, SHORT, LONG),
        ("一、总体要求", LONG, "（一）压实责任", LONG, SHORT),
        (LONG * 20, SHORT),
        # exactly one line, and one line and its full stop
        ("各" * (WIDTH - 3) + "。", SHORT),
        ("各" * (WIDTH - 2) + "。", SHORT),
    ],
)
def test_paragraphs_are_whole(paragraphs: tuple[str, ...]) -> None:
    assert lines(printed(*paragraphs)) == list(paragraphs)


def test_a_wrapped_title_is_one_line_and_the_body_starts_below() -> None:
    page = Print()
    page.centred("关于在全市开展老旧管网改造和安全隐患", 22)
    page.centred("专项整治行动的通知", 22)
    page.centred("（2024年3月5日）")
    page.paragraph("各区县人民政府：", 0)
    page.paragraph(LONG)
    page.line("某市人民政府", 18)
    page.line("2024年3月5日", 18)
    speech = read_bytes(page.data())
    assert speech.text.splitlines() == [
        "关于在全市开展老旧管网改造和安全隐患专项整治行动的通知",
        "（2024年3月5日）",
        "各区县人民政府：",
        LONG,
        "某市人民政府",
        "2024年3月5日",
    ]
    assert str(speech.date) == "2024-03-05"


def test_paragraphs_told_by_the_space_between_them() -> None:
    page = Print()
    for text in (LONG, LONG):
        page.paragraph(text, 0)
        page.y -= LEADING * 0.7
    assert lines(page.data()) == [LONG, LONG]


def test_text_that_was_wrapped_before_it_was_set() -> None:
    page = Print()
    text = (
        "各部门要压实责任、细化措施，对照全年目标任务逐项排查，确保按期完成改造。" * 15
    )
    for start in range(0, len(text), 40):
        chunk = text[start : start + 40]
        page.line(chunk[:WIDTH])
        if chunk[WIDTH:]:
            page.line(chunk[WIDTH:])
    found = lines(page.data())
    assert ("".join(found), len(found) <= 5) == (text, True)


def furnished(number: str, pages: int = 5) -> bytes:
    page = Print()
    for place in range(1, pages + 1):
        page.at(LEFT, page.size[1] - 50, "某市人民政府公报", 10)
        page.at(280, 40, number.format(n=place, of=pages), 10)
        page.y = page.size[1] - 100
        page.line(LONG[:25], 2)
        for start in range(25, 25 + 27 * 18, 27):
            page.line((LONG * 8)[start : start + 27])
        page.next_page()
    return page.data()


@pytest.mark.parametrize(
    "number",
    [
        "{n}",
        "- {n} -",
        "— {n} —",
        "第{n}页",
        "第 {n} 页 共 {of} 页",
        "{n}/{of}",
        "Page {n} of {of}",
    ],
)
def test_page_furniture_is_left_out(number: str) -> None:
    plain = "".join(lines(furnished(" ")))
    assert "".join(lines(furnished(number))) == plain
    assert "公报" not in plain


def test_numbers_that_do_not_count_pages_stay() -> None:
    page = Print()
    for number in ("40", "7", "120"):
        page.paragraph(SHORT)
        page.at(280, 60, number, 12)
        page.next_page()
    assert [line for line in lines(page.data()) if line != SHORT] == ["40", "7", "120"]


ROWS = [
    ("序号", "工作任务", "牵头单位", "完成时限"),
    ("1", "要完成水毁堤防\n修复。", "市水利局", "5月底前"),
    ("2", "要整治河道三十\n公里。", "市水利局\n市城管局", "6月底前"),
]
WIDTHS = (40, 100, 110, 90)
TABLE = [
    "序号\t工作任务\t牵头单位\t完成时限",
    "1\t要完成水毁堤防修复。\t市水利局\t5月底前",
    "2\t要整治河道三十公里。\t市水利局、市城管局\t6月底前",
]


@pytest.mark.parametrize("strips", [False, True], ids=["strokes", "filled strips"])
def test_a_ruled_table_becomes_rows(strips: bool) -> None:
    page = Print()
    page.paragraph(LONG)
    page.strips = strips
    page.table(ROWS, WIDTHS)
    page.paragraph(SHORT)
    assert lines(page.data()) == [LONG, *TABLE, SHORT]


def test_the_repeated_head_of_a_table_stands_once() -> None:
    page = Print()
    page.table(ROWS[:2], WIDTHS)
    page.next_page()
    page.table([ROWS[0], ROWS[2]], WIDTHS)
    speech = read_bytes(page.data())
    assert speech.text.splitlines() == TABLE
    assert speech.page_of(speech.text.index("要整治")) == 2


def test_a_row_that_the_page_cuts_in_two_is_one() -> None:
    page = Print()
    page.table([ROWS[0], ("1", "要完成水毁堤防", "市水利局", "5月底前")], WIDTHS)
    page.next_page()
    page.table([("", "修复。", "", ""), ROWS[2]], WIDTHS)
    assert lines(page.data()) == TABLE


def test_rows_cut_on_two_pages_running_with_the_same_rest() -> None:
    page = Print()
    for number in ("1", "2"):
        page.table([ROWS[0], (number, "要完成水毁堤防", "市水利局", "5月底前")], WIDTHS)
        page.next_page()
        page.table([ROWS[0], ("", "修复。", "", "")], WIDTHS)
        page.next_page()
    rows = [f"{number}\t{TABLE[1][2:]}" for number in ("1", "2")]
    assert lines(page.data()) == [TABLE[0], *rows]


def test_merged_cells() -> None:
    page = Print()
    x, y = LEFT, page.y
    for left, width, top, height in (
        (0, 90, 0, 30),
        (90, 90, 0, 30),
        (0, 90, 30, 60),
        (90, 90, 30, 30),
        (90, 90, 60, 30),
        (0, 180, 90, 30),
    ):
        page.canvas.rect(x + left, y - top - height, width, height)
    for dx, dy, text in (
        (5, 20, "牵头单位"),
        (95, 20, "任务内容"),
        (5, 60, "市水利局"),
        (95, 50, "修复堤防"),
        (95, 80, "清理河道"),
        (5, 110, "注：按季度通报"),
    ):
        page.at(x + dx, y - dy, text, 12)
    assert lines(page.data()) == [
        "牵头单位\t任务内容",
        "市水利局\t修复堤防",
        "市水利局\t清理河道",
        "注：按季度通报",
    ]


def test_tables_become_tasks_with_roles_and_dates() -> None:
    page = Print()
    page.table(ROWS, WIDTHS)
    speech = read_bytes(page.data(), date=None)
    tasks = extract.tasks_of(speech)
    assert [
        (task.text, [(owner.text, owner.role) for owner in task.owners])
        for task in tasks
    ] == [
        ("要完成水毁堤防修复。", [("市水利局", "lead")]),
        ("要整治河道三十公里。", [("市水利局", "lead"), ("市城管局", "lead")]),
    ]


def test_a_frame_around_text_is_no_table() -> None:
    page = Print()
    page.canvas.rect(LEFT - 10, 100, WIDTH * EM + 20, 700)
    page.paragraph(LONG)
    assert lines(page.data()) == [LONG]


def test_pages_are_places() -> None:
    page = Print()
    texts = ["各县要报送方案。", "各区要报送名单。", "各镇要报送总结。"]
    for text in texts:
        page.paragraph(text)
        page.next_page()
    speech = read_bytes(page.data())
    step = len(texts[0]) + 1
    assert speech.places == tuple(
        (place * step, Place("page", place + 1)) for place in range(3)
    )


def test_a_sentence_across_a_page_break_knows_both_pages() -> None:
    speech = read_bytes(printed(LONG * 20))
    assert speech.text == LONG * 20 + "\n"
    assert [place.number for _, place in speech.places] == [1, 2, 3][
        : len(speech.places)
    ]
    assert len(speech.places) > 1


@pytest.mark.parametrize("angle", [90, 270])
def test_landscape_text_on_a_portrait_page(angle: int) -> None:
    page = Print()
    page.canvas.translate(*((500, 60) if angle == 90 else (90, 780)))
    page.canvas.rotate(angle)
    page.canvas.translate(-LEFT, -page.y + 100 if angle == 90 else -page.y)
    page.paragraph(LONG)
    assert lines(page.data()) == [LONG]


def test_an_oblique_watermark_is_no_text() -> None:
    page = Print()
    page.paragraph(LONG)
    page.canvas.rotate(45)
    page.at(300, 100, "内部资料", 60)
    assert lines(page.data()) == [LONG]


def test_type_printed_twice_to_look_bold_is_read_once() -> None:
    page = Print()
    page.at(LEFT, page.y, SHORT)
    page.at(LEFT + 0.4, page.y, SHORT)
    assert lines(page.data()) == [SHORT]


def test_no_space_between_ideographs_and_one_between_words() -> None:
    page = Print()
    for place, char in enumerate("各单位要抓好落实。"):
        page.at(LEFT + place * EM * 1.2, page.y, char)
    page.y -= LEADING
    page.line("使用 Open Data 平台")
    page.at(LEFT, page.y, "市政府办公室")
    page.at(LEFT + 10 * EM, page.y, "王某")
    assert lines(page.data()) == [
        "各单位要抓好落实。",
        "使用 Open Data 平台",
        "市政府办公室 王某",
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    page = Print(size=(842, 595))
    left, right = LONG * 3, "第二栏" + LONG * 3
    rows = [
        (left[start : start + 20], right[start : start + 20])
        for start in range(0, len(right), 20)
    ]
    for one, other in rows:
        page.at(60, page.y, one)
        page.at(440, page.y, other)
        page.y -= LEADING
    text = "".join(lines(page.data()))
    assert text == "".join(one for one, _ in rows) + "".join(other for _, other in rows)


def test_radicals_become_the_characters_they_look_like() -> None:
    assert [pdf._read_as(ord(char)) for char in "⼆⽇二\u3000ﬁ\uf06c\x02"] == [
        *("二", "日", "二", " ", "fi", "", "-"),
    ]


def test_a_scan_is_refused_with_advice() -> None:
    page = Print()
    for number in (1, 2):
        page.picture()
        page.at(280, 40, str(number), 10)
        page.next_page()
    data = page.data()
    assert refused(data) == "E130"


def test_a_picture_beside_text_does_no_harm() -> None:
    page = Print()
    page.picture()
    page.paragraph(LONG)
    assert lines(page.data()) == [LONG]


@pytest.mark.parametrize(
    ("user", "code"), [("secret", "E120"), ("", "")], ids=["password", "copy-protected"]
)
def test_protected(user: str, code: str) -> None:
    page = Print(encrypt=StandardEncryption(user, "owner", canPrint=0, canCopy=0))
    page.paragraph(SHORT)
    data = page.data()
    if code:
        assert refused(data) == code
    else:
        assert lines(data) == [SHORT]


def blank() -> bytes:
    page = Print()
    page.next_page()
    return page.data()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "E121"),
        (b"%PDF-1.7\n" + bytes(1000), "E121"),
        (printed(LONG)[:700], "E121"),
        (blank(), "E103"),
    ],
    ids=["header", "zeros", "truncated", "blank"],
)
def test_damaged(data: bytes, code: str) -> None:
    assert refused(data) == code


def test_same_bytes_same_text() -> None:
    data = printed(LONG * 9)
    assert read_bytes(data) == read_bytes(data)
