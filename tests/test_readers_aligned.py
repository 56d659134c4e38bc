"""Tables without ruled lines become rows, and nothing else does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest
from packing import ofd
from printing import EM, LEADING, LEFT, WIDTH, Print

import extract
from extract.readers import ofd as ofd_reader
from extract.readers import read_bytes
from extract.readers.table import listed

HEAD = ("序号", "工作任务", "牵头单位", "完成时限")
WIDTHS = (60.0, 150.0, 110.0, 100.0)
SMALL = 12.0
STEP = 20.0
LONG = (
    "各县（市、区）、各部门要压实责任、细化措施，对照年度目标任务逐项排查，"
    "确保6月底前完成老旧管网改造120公里，年底前整改率达到95%以上，不得弄虚作假。"
)


def lines(page: Print) -> list[str]:
    return read_bytes(page.data(), "分工.pdf").text.splitlines()


def rows_of(*rows: str) -> list[str]:
    """Expected rows, with | for tabs."""
    return [row.replace("|", "\t") for row in rows]


def place(page: Print, x: float, width: float, y: float, text: str, side: str) -> None:
    """One line of a cell."""
    own = sum(SMALL if ord(char) > 255 else SMALL / 2 for char in text)
    x += {"l": 0.0, "c": (width - own) / 2, "r": width - own}[side]
    page.at(x, y, text, SMALL)


def tabulate(
    page: Print,
    rows: Sequence[Sequence[str]],
    widths: Sequence[float] = WIDTHS,
    *,
    sides: str = "llll",
    middle: bool = False,
    padding: float = 0.0,
) -> None:
    """Rows of cells with line feeds in them, no lines drawn.

    `sides` aligns each column (l, c, r), `middle` centres cells in the row's height.
    """
    for row in rows:
        high = max(cell.count("\n") + 1 for cell in row)
        x = LEFT
        for cell, width, side in zip(row, widths, sides, strict=True):
            parts = cell.split("\n")
            down = (high - len(parts)) / 2 if middle else 0
            for number, part in enumerate(filter(None, parts)):
                place(page, x, width - 12, page.y - (number + down) * STEP, part, side)
            x += width
        page.y -= high * STEP + padding


PLAIN = [
    HEAD,
    ("1", "修复水毁堤防", "市水利局", "5月底前"),
    ("2", "更新路灯", "市城管局", "6月底前"),
]
FOLDED = [
    HEAD,
    ("1", "完成水毁堤防修复并通\n过验收", "市水利局", "5月底前"),
    ("2", "更新城区路灯", "市城管局\n市财政局", "6月底前"),
    (
        "3",
        "整治河道三十公里，逐\n项建立台账，对账销号\n管理",
        "市水利局",
        "2026年9\n月底前",
    ),
]
FOLDED_ROWS = rows_of(
    "序号|工作任务|牵头单位|完成时限",
    "1|完成水毁堤防修复并通过验收|市水利局|5月底前",
    "2|更新城区路灯|市城管局、市财政局|6月底前",
    "3|整治河道三十公里，逐项建立台账，对账销号管理|市水利局|2026年9月底前",
)


@pytest.mark.parametrize("sides", ["llll", "rlll", "clcc", "cccc"])
@pytest.mark.parametrize("middle", [False, True], ids=["top", "middle"])
@pytest.mark.parametrize("padding", [0.0, 8.0], ids=["tight", "padded"])
def test_cells_of_several_lines(sides: str, middle: bool, padding: float) -> None:
    page = Print()
    page.paragraph(LONG)
    tabulate(page, FOLDED, sides=sides, middle=middle, padding=padding)
    page.y -= LEADING
    page.paragraph(LONG)
    assert lines(page) == [LONG, *FOLDED_ROWS, LONG]


@pytest.mark.parametrize(
    ("rows", "widths", "expected"),
    [
        pytest.param(
            PLAIN,
            WIDTHS,
            [
                "序号|工作任务|牵头单位|完成时限",
                "1|修复水毁堤防|市水利局|5月底前",
                "2|更新路灯|市城管局|6月底前",
            ],
            id="one line a row",
        ),
        pytest.param(
            [
                ("序 号", "工 作 任 务", "牵 头 单 位", "完 成 时 限"),
                *PLAIN[1:],
            ],
            WIDTHS,
            [
                "序号|工作任务|牵头单位|完成时限",
                "1|修复水毁堤防|市水利局|5月底前",
                "2|更新路灯|市城管局|6月底前",
            ],
            id="headings spread out",
        ),
        pytest.param(
            [("序号", "工作任务", "牵头\n单位", "完成\n时限"), *PLAIN[1:]],
            WIDTHS,
            [
                "序号|工作任务|牵头单位|完成时限",
                "1|修复水毁堤防|市水利局|5月底前",
                "2|更新路灯|市城管局|6月底前",
            ],
            id="headings of two lines",
        ),
        pytest.param(
            [
                ("类别", "序号", "任务", "牵头单位"),
                ("城建", "1", "修复水毁堤防", "市水利局"),
                ("", "2", "更新路灯", "市城管局"),
                ("民生", "3", "改造旱厕", "市住建局"),
            ],
            (80.0, 60.0, 150.0, 100.0),
            [
                "类别|序号|任务|牵头单位",
                "城建|1|修复水毁堤防|市水利局",
                "|2|更新路灯|市城管局",
                "民生|3|改造旱厕|市住建局",
            ],
            id="a first column that covers rows",
        ),
        pytest.param(
            [
                ("任务", "责任单位", "配合单位", "时限"),
                ("修复水毁堤防", "市水利局", "市财政局", "5月底前"),
                ("更新路灯", "市城管局", "", "6月底前"),
            ],
            WIDTHS[::-1],
            [
                "任务|责任单位|配合单位|时限",
                "修复水毁堤防|市水利局|市财政局|5月底前",
                "更新路灯|市城管局||6月底前",
            ],
            id="no numbers, an empty cell",
        ),
        pytest.param(
            [
                HEAD,
                ("1", "修复水毁堤防", "市水利局", "5月底前"),
                ("一、城市管理方面的重点工作任务", "", "", ""),
                ("2", "更新路灯", "市城管局", "6月底前"),
            ],
            WIDTHS,
            [
                "序号|工作任务|牵头单位|完成时限",
                "1|修复水毁堤防|市水利局|5月底前",
                "一、城市管理方面的重点工作任务",
                "2|更新路灯|市城管局|6月底前",
            ],
            id="a heading between rows",
        ),
        pytest.param(
            PLAIN[:2],
            WIDTHS,
            [
                "序号|工作任务|牵头单位|完成时限",
                "1|修复水毁堤防|市水利局|5月底前",
            ],
            id="one row that fills its columns",
        ),
    ],
)
def test_layouts(
    rows: list[tuple[str, ...]], widths: tuple[float, ...], expected: list[str]
) -> None:
    page = Print()
    tabulate(page, rows, widths)
    assert lines(page) == rows_of(*expected)


def test_who_signs_below_is_no_part_of_it() -> None:
    page = Print()
    tabulate(page, FOLDED)
    page.y -= LEADING
    page.line("某市人民政府", 18)
    page.line("2026年3月5日", 18)
    assert lines(page) == [*FOLDED_ROWS, "某市人民政府", "2026年3月5日"]


@pytest.mark.parametrize("headings", [True, False], ids=["repeated", "once"])
@pytest.mark.parametrize("middle", [False, True], ids=["top", "middle"])
def test_over_several_pages(headings: bool, middle: bool) -> None:
    page = Print()
    for row in FOLDED[1:]:
        rows = [HEAD, row] if headings or row == FOLDED[1] else [row]
        tabulate(page, rows, middle=middle)
        page.next_page()
    speech = read_bytes(page.data())
    assert speech.text.splitlines() == FOLDED_ROWS
    assert speech.page_of(speech.text.index("整治河道")) == 3


def test_a_row_that_the_page_cuts_in_two() -> None:
    page = Print()
    task = "整治河道三十公里，逐\n项建立台账，对账销号"
    tabulate(page, [*FOLDED[:3], ("3", task, "市水利局", "2026年9")])
    page.next_page()
    tabulate(page, [("", "管理", "", "月底前"), ("4", "改造旱厕", "市住建局", "年底")])
    assert lines(page) == [*FOLDED_ROWS, "4\t改造旱厕\t市住建局\t年底"]


def test_text_at_the_top_of_the_next_page_is_no_row() -> None:
    page = Print()
    tabulate(page, FOLDED)
    page.next_page()
    page.centred("附件2")
    page.paragraph(LONG)
    assert lines(page) == [*FOLDED_ROWS, "附件2", LONG]


def test_two_tables_on_a_page() -> None:
    page = Print()
    tabulate(page, PLAIN)
    page.y -= LEADING
    page.paragraph(LONG)
    tabulate(page, FOLDED)
    assert lines(page) == [
        *rows_of(
            "序号|工作任务|牵头单位|完成时限",
            "1|修复水毁堤防|市水利局|5月底前",
            "2|更新路灯|市城管局|6月底前",
        ),
        LONG,
        *FOLDED_ROWS,
    ]


def test_rows_become_tasks_with_roles_and_dates() -> None:
    page = Print()
    tabulate(
        page,
        [
            ("序号", "工作任务", "牵头单位", "配合单位", "完成时限"),
            ("1", "要修复水毁堤防。", "市水利局", "市财政局", "5月底前"),
            ("2", "要更新路灯。", "市城管局", "", "9月15日前"),
        ],
        (50.0, 120.0, 90.0, 90.0, 90.0),
        sides="lllll",
    )
    speech = read_bytes(page.data(), date=dt.date(2026, 3, 1))
    assert [
        (
            task.text,
            [(owner.text, owner.role) for owner in task.owners],
            [deadline.due for deadline in task.deadlines],
        )
        for task in extract.tasks_of(speech)
    ] == [
        (
            "要修复水毁堤防。",
            [("市水利局", "lead"), ("市财政局", "cooperating")],
            [dt.date(2026, 5, 31)],
        ),
        ("要更新路灯。", [("市城管局", "lead")], [dt.date(2026, 9, 15)]),
    ]


def test_the_same_in_ofd() -> None:
    xs = (20.0, 40.0, 95.0, 140.0)
    page = [
        (x, 40.0 + 8 * number, cell)
        for number, row in enumerate(PLAIN)
        for x, cell in zip(xs, row, strict=True)
    ]
    assert ofd_reader.read(ofd([page])).text.splitlines() == rows_of(
        "序号|工作任务|牵头单位|完成时限",
        "1|修复水毁堤防|市水利局|5月底前",
        "2|更新路灯|市城管局|6月底前",
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("市水利局", "市城管局", True),
        ("市水利局、市财政局", "各县（市、区）人民政府、市城管局", True),
        ("市农业农村", "局", False),
        ("市水利局、市", "城管局", False),
        ("各县（市、区）人民", "政府", False),
        ("修复水毁", "堤防", False),
    ],
)
def test_names_below_one_another(before: str, after: str, expected: bool) -> None:
    assert listed(before, after) is expected


# what is no table


def newsletter(page: Print) -> None:
    left, right = LONG * 3, "第二栏" + LONG * 3
    page.at(60, page.y, "工作任务")
    page.at(330, page.y, "责任单位")
    page.y -= LEADING
    for start in range(0, len(right), 14):
        page.at(60, page.y, left[start : start + 14])
        page.at(330, page.y, right[start : start + 14])
        page.y -= LEADING


def contents(page: Print) -> None:
    page.centred("目 录")
    for number, title in enumerate(("工作任务", "牵头单位", "完成时限"), 1):
        page.at(LEFT, page.y, f"{'一二三'[number - 1]}、{title}")
        page.at(LEFT + (WIDTH - 1) * EM, page.y, str(number))
        page.y -= LEADING


def signatures(page: Print) -> None:
    page.paragraph(LONG)
    for left, right in (("市水利局（盖章）", "市财政局（盖章）"), ("3月5日", "3月6日")):
        page.at(LEFT, page.y, left)
        page.at(LEFT + 16 * EM, page.y, right)
        page.y -= LEADING


def hanging(page: Print) -> None:
    for number in range(1, 5):
        page.at(LEFT, page.y, f"{number}.")
        page.at(LEFT + 3 * EM, page.y, "要完成水毁堤防修复，按时通过验收。")
        page.y -= LEADING


def unknown(page: Print) -> None:
    tabulate(
        page,
        [("姓名", "职务", "电话"), ("张某", "科长", "01"), ("李某", "主任", "02")],
        (120.0, 120.0, 120.0),
        sides="lll",
    )


def headings_alone(page: Print) -> None:
    tabulate(page, [HEAD])
    page.y -= LEADING
    page.paragraph(LONG)


def in_a_sentence(page: Print) -> None:
    page.line("台账要写明 工作任务 牵头单位 完成时限 四项内容。", 2)
    page.paragraph(LONG)


@pytest.mark.parametrize(
    "draw",
    [
        newsletter,
        contents,
        signatures,
        hanging,
        unknown,
        headings_alone,
        in_a_sentence,
    ],
)
def test_no_tables(draw: Callable[[Print], None]) -> None:
    page = Print()
    draw(page)
    assert "\t" not in "\n".join(lines(page))
