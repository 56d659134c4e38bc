"""Tasks come out of every format as they went in, whole or not at all."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from synthetic import FORMULA, LED, SLOGAN, TASKS, WRAPPED, task

from extract.errors import DubanError, ReadError, UsageError
from extract.task import Place
from extract.writers import columns, dump_csv, read_jsonl, to_frame, write

HEADINGS = (
    "序号 编号 来源 标题 章节 要求 任务内容 类别 可督办 牵头单位 责任单位 配合单位 "
    "督办单位 完成时限 截止日期 频次 量化指标 缺项 置信度 起 止 出处"
).split()
FAILURES = [ReadError("E103", path="空.txt"), ReadError("E105", path="=乱码.txt")]


def csv_rows(path: Path) -> list[list[str]]:
    with open(path, encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream))


def test_csv_chinese(tmp_path: Path) -> None:
    write(TASKS, tmp_path / "台账.csv")
    assert (tmp_path / "台账.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    title, path = "在全市安全生产会议上的讲话", "二、突出重点，抓好排查整治"
    doc = "speeches/plenary.txt"
    spans = [[str(one.start), str(one.end), ""] for one in TASKS]
    assert csv_rows(tmp_path / "台账.csv") == [
        HEADINGS,
        ["1", TASKS[0].id, doc, title, path, "一要", LED, "工作任务", "是", "市应急局",
         "", "市住建局", "", "6月底前", "2026-06-30", "每月", "30个以上", "", "0.93",
         *spans[0]],
        ["2", TASKS[1].id, doc, title, path, "",
         "会后要把台账报送市政府办公室，严禁弄虚作假。", "报告反馈", "是", "",
         "市住建局（承前）", "", "", "", "", "", "", "完成时限、量化指标", "0.9",
         *spans[1]],
        ["3", TASKS[2].id, doc, title, path, "",
         "'=HYPERLINK(1)、+1、*号和#都要清理。", "工作任务", "是", "", "", "", "", "",
         "", "", "", "责任单位、完成时限、量化指标", "0.9", *spans[2]],
        ["4", TASKS[3].id, doc, title, path, "", SLOGAN, "作风要求", "否", "", "", "",
         "", "", "", "", "", "", "0.51", *spans[3]],
    ]  # fmt: skip


def test_csv_english(tmp_path: Path) -> None:
    write(TASKS[1:2], tmp_path / "ledger.csv", lang="en")
    head, row = csv_rows(tmp_path / "ledger.csv")
    chosen = {name: row[head.index(name)] for name in ("Kind", "Actionable", "Missing")}
    assert chosen == {
        "Kind": "report",
        "Actionable": "yes",
        "Missing": "deadline; measure",
    }
    assert row[head.index("Responsible")] == "市住建局 (inherited)"


def test_dump_csv_for_a_pipe() -> None:
    pipe = io.StringIO()
    dump_csv(TASKS[3:], pipe, "zh")
    lines = pipe.getvalue().split("\n")
    assert lines[0] == ",".join(HEADINGS)
    assert (len(lines), lines[2]) == (3, "")


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-5%", "'-5%"),
        ("@市长", "'@市长"),
        ("＝1", "'＝1"),
        ("\t=1", "'=1"),
        ("\r\n=1", "'=1"),
        ("a=1", "a=1"),
        ("一、做好", "一、做好"),
        ("——做好", "——做好"),
    ],
)
def test_formulas_are_neutralised(text: str, cell: str) -> None:
    assert columns.neutral(columns.folded(text)) == cell


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("部党组\n成员", "部党组成员"),
        ("部党组\r\n　　成员", "部党组成员"),
        ("of the\n plan", "of the plan"),
        ("建成5G\n基站", "建成5G基站"),
        ("一\x00二\x1f三\x7f四\ud800五\uffff", "一二三四五"),
        ("一\u2028二", "一二"),
        ("甲\t乙", "甲 乙"),
        ("  首尾 ", "首尾"),
    ],
)
def test_folded(text: str, folded: str) -> None:
    assert columns.folded(text) == folded


@given(st.text())
def test_csv_cells_are_one_safe_line(text: str) -> None:
    cell = columns.neutral(columns.folded(text))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert [char for char in cell if char in "\n\r\0\x0b\x0c\x1f"] == []
    cell.encode("utf-8")


def test_workbook(tmp_path: Path) -> None:
    path = tmp_path / "台账.xlsx"
    write(TASKS, path, failures=FAILURES)
    book = load_workbook(path)
    assert book.sheetnames == ["任务台账", "全部要求", "失败文件"]
    ledger = book["任务台账"]
    assert [cell.value for cell in ledger[1]] == [*HEADINGS, "状态"]
    texts = [cell.value for cell in ledger["G"][1:]]
    assert texts == [LED, WRAPPED.replace("\n　　", ""), FORMULA.replace("\x07", "")]
    assert [cell.value for cell in book["全部要求"]["G"][1:]] == [*texts, SLOGAN]
    failed = [[cell.value for cell in row] for row in book["失败文件"].iter_rows()]
    assert failed == [
        ["文件", "代码", "原因"],
        ["空.txt", "E103", "[E103] 空.txt：文件是空的"],
        [
            "=乱码.txt",
            "E105",
            "[E105] =乱码.txt：无法辨认文字编码，请另存为 UTF-8 后再试",
        ],
    ]


def test_workbook_cells_are_typed(tmp_path: Path) -> None:
    write(TASKS, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["任务台账"]
    due, formula = sheet["O2"], sheet["G4"]
    assert (due.value, due.is_date) == (dt.datetime(2026, 6, 30), True)
    assert (formula.data_type, formula.quotePrefix) == ("s", True)
    assert (sheet["A2"].value, sheet["S2"].value, sheet["T2"].value) == (
        1,
        0.93,
        TASKS[0].start,
    )
    assert (sheet["O3"].value, sheet["W2"].value) == (None, None)


def test_workbook_is_ready_for_use(tmp_path: Path) -> None:
    write(TASKS, tmp_path / "a.xlsx")
    sheet = load_workbook(tmp_path / "a.xlsx")["任务台账"]
    (choice,) = sheet.data_validations.dataValidation
    assert (str(choice.sqref), choice.formula1) == (
        "W2:W4",
        '"未启动,进行中,已完成,已销号,逾期"',
    )
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:W4"
    assert sheet.print_title_rows == "$1:$1"
    setup = sheet.page_setup
    assert (setup.orientation, setup.paperSize) == ("landscape", 9)
    # one page wide (the default), as many pages high as it takes
    assert (setup.fitToWidth or 1, setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage is True
    assert sheet["G2"].alignment.wrap_text is True
    assert sheet.column_dimensions["G"].width > sheet.column_dimensions["A"].width


def test_workbook_english_and_ledger_only(tmp_path: Path) -> None:
    write(TASKS, tmp_path / "a.xlsx", lang="en", ledger=True)
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["Ledger", "Failed files"]
    assert [cell.value for cell in book["Ledger"]["H"]] == [
        "Kind",
        "action",
        "report",
        "action",
    ]


def test_workbook_holds_what_excel_can_hold(tmp_path: Path) -> None:
    long = task(LED)
    object.__setattr__(long, "text", "长" * 40_000)
    write([long], tmp_path / "a.xlsx")
    text = load_workbook(tmp_path / "a.xlsx")["任务台账"]["G2"].value
    assert (len(text), text[-2:]) == (32_767, "长…")


@pytest.mark.parametrize(
    ("place", "zh", "en"),
    [
        (None, "", ""),
        (Place("page", 3), "第3页", "page 3"),
        (Place("paragraph", 12), "第12段", "paragraph 12"),
        (Place("row", 5, "一季度"), "一季度 第5行", "一季度 row 5"),
    ],
)
def test_place(place: Place | None, zh: str, en: str) -> None:
    rows = [columns.rows([task(LED, place=place)], lang)[0] for lang in ("zh", "en")]
    assert [row[-1] for row in rows] == [zh, en]


def test_markdown_names_the_place(tmp_path: Path) -> None:
    write([task(LED, place=Place("page", 3))], tmp_path / "a.md")
    assert "出处：第3页" in (tmp_path / "a.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl", "md"])
def test_no_tasks(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"空.{suffix}"
    write([], path)
    assert path.is_file()
    if suffix == "csv":
        assert csv_rows(path) == [HEADINGS]
    if suffix == "jsonl":
        assert read_jsonl(path) == []


def test_jsonl_round_trip(tmp_path: Path) -> None:
    path = tmp_path / "任务.jsonl"
    write(TASKS, path)
    assert read_jsonl(path) == json.loads(json.dumps([t.to_dict() for t in TASKS]))
    assert "市应急局" in path.read_text(encoding="utf-8")
    assert len(path.read_bytes().split(b"\n")) == len(TASKS) + 1


def test_ledger_only(tmp_path: Path) -> None:
    write(TASKS, tmp_path / "a.jsonl", ledger=True)
    texts = [record["text"] for record in read_jsonl(tmp_path / "a.jsonl")]
    assert texts == [LED, WRAPPED, FORMULA]


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b'{"a": 1}\n\n{"a": \n', "E110", 3),
        (b"[1]\n", "E110", 1),
        (b"\xff\xfe", "E105", None),
    ],
)
def test_read_jsonl_refuses(
    tmp_path: Path, content: bytes, code: str, line: int | None
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        read_jsonl(path)
    assert (caught.value.code, caught.value.details.get("line")) == (code, line)


def test_read_jsonl_missing(tmp_path: Path) -> None:
    with pytest.raises(ReadError) as caught:
        read_jsonl(tmp_path / "a.jsonl")
    assert caught.value.code == "E101"


def test_read_jsonl_keeps_line_separators_in_strings(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "一\u2028二"}\n', encoding="utf-8")
    assert read_jsonl(path) == [{"text": "一\u2028二"}]


def test_markdown(tmp_path: Path) -> None:
    path = tmp_path / "台账.md"
    write([TASKS[0], TASKS[2]], path, failures=FAILURES[:1])
    assert path.read_text(encoding="utf-8").split("\n") == [
        "# 在全市安全生产会议上的讲话",
        "",
        "`speeches/plenary.txt`",
        "",
        "## 二、突出重点，抓好排查整治",
        "",
        f"- [ ] {LED}",
        "  类别：工作任务；牵头单位：市应急局；配合单位：市住建局；完成时限：6月底前；"
        "截止日期：2026-06-30；频次：每月；量化指标：30个以上",
        "- [ ] =HYPERLINK(1)、+1、\\*号和\\#都要清理。",
        "  类别：工作任务；缺项：责任单位、完成时限、量化指标",
        "",
        "# 失败文件",
        "",
        "- \\[E103\\] 空.txt：文件是空的",
        "",
    ]


def test_to_frame() -> None:
    frame = to_frame(TASKS)
    assert list(frame.columns) == [column.key for column in columns.COLUMNS]
    assert list(frame["due"]) == [pd.Timestamp("2026-06-30"), pd.NaT, pd.NaT, pd.NaT]
    assert list(frame["kind"]) == ["action", "report", "action", "conduct"]
    assert list(frame["actionable"]) == [True, True, True, False]
    assert list(frame["text"]) == [LED, WRAPPED, FORMULA, SLOGAN]


def test_empty_frame_has_the_same_types() -> None:
    full, empty = to_frame(TASKS), to_frame([])
    assert len(empty) == 0
    typed = ["no", "actionable", "due", "confidence", "start", "end"]
    assert empty[typed].dtypes.to_dict() == full[typed].dtypes.to_dict()


@pytest.mark.parametrize("name", ["a.txt", "a", "a.docx"])
def test_unknown_format(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        write(TASKS, tmp_path / name)
    assert caught.value.code == "E202"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl", "md"])
def test_unwritable(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(DubanError) as caught:
        write(TASKS, tmp_path / "missing" / f"a.{suffix}")
    assert caught.value.code == "E203"


def test_target_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(DubanError) as caught:
        write(TASKS, tmp_path / "a.csv")
    assert caught.value.code == "E203"
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_interrupted_run_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old", encoding="utf-8")

    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(TASKS, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="no symbolic links, no umask")
def test_links_and_permissions_are_kept(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "a.csv"
    link.symlink_to(tmp_path / "real" / "b.csv")
    before = os.umask(0o022)
    try:
        write(TASKS, link)
    finally:
        os.umask(before)
    assert link.is_symlink()
    assert (tmp_path / "real" / "b.csv").stat().st_mode & 0o777 == 0o644
