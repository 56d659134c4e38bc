"""Workbooks of Excel 97-2003 and WPS come out like newer ones."""

from __future__ import annotations

import datetime as dt
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import xlwt
from office import ole
from workbooks import HEAD, SHEETS

import extract
from extract.errors import ReadError
from extract.readers import read_bytes, sheets, xls, xlsx
from extract.task import Place

DATE = 'yyyy"年"m"月"d"日"'


def workbook(*rows: list[Any], merged: str = "", layout: str = "") -> bytes:
    """A workbook of one sheet; the layout is that of all its values but text."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("分工表")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None:
                style = layout or (DATE if isinstance(value, dt.date) else "General")
                sheet.write(number, place, value, xlwt.easyxf(num_format_str=style))
    for area in merged.split():
        (left, top), (right, bottom) = (
            (ord(corner[0]) - ord("A"), int(corner[1:]) - 1)
            for corner in area.split(":")
        )
        sheet.merge(top, bottom, left, right)
    return saved(book)


def saved(book: xlwt.Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def read(*rows: list[Any], merged: str = "", layout: str = "") -> list[str]:
    return xls.read(workbook(*rows, merged=merged, layout=layout)).text.split("\n")[:-1]


@pytest.mark.parametrize(("rows", "merged", "expected"), SHEETS)
def test_sheet(rows: list[list[Any]], merged: str, expected: list[str]) -> None:
    assert read(*rows, merged=merged) == expected


@pytest.mark.parametrize(
    ("value", "layout", "expected"),
    [
        (12.0, "General", "12"),
        (0.955, "0.00%", "95.50%"),
        (1234.5, "#,##0.00", "1234.50"),
        (8, '0"个"', "8"),
        (True, "General", "TRUE"),
        (dt.date(2026, 6, 30), "yyyy-mm-dd", "2026年6月30日"),
        (dt.date(2026, 6, 1), 'yyyy"年"m"月"', "2026年6月"),
        (dt.datetime(2026, 6, 30, 9, 5), "m/d/yy h:mm", "2026年6月30日09:05"),
        (dt.time(9, 5), "h:mm", "09:05"),
        (9e9, "yyyy-mm-dd", ""),
    ],
)
def test_cells_as_they_look(value: object, layout: str, expected: str) -> None:
    wanted = [f"时限\t{expected}"] if expected else ["时限"]
    assert read(["时限", value], layout=layout) == wanted


def test_errors_and_blank_cells_are_empty() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write(0, 0, "修路")
    sheet.row(0).set_cell_error(1, "#REF!")
    sheet.row(0).set_cell_blank(2, xlwt.easyxf("borders: left thin"))
    assert xls.read(saved(book)).text == "修路\n"


def test_sheets_and_places() -> None:
    book = xlwt.Workbook(encoding="utf-8")
    first = book.add_sheet("一季度")
    first.write(0, 0, HEAD[0])
    first.write(0, 1, HEAD[1])
    first.write(3, 0, 1)
    first.write(3, 1, "修路")
    book.add_sheet("空表")
    hidden = book.add_sheet("选项")
    hidden.write(0, 0, "未启动")
    hidden.visibility = 1
    book.add_sheet("二季度").write(0, 0, "架桥")
    draft = xls.read(saved(book))
    assert draft.text == "序号\t工作任务\n1\t修路\n\n架桥\n"
    assert draft.places == (
        (0, Place("row", 1, "一季度")),
        (8, Place("row", 4, "一季度")),
        (14, Place("row", 1, "二季度")),
    )


def test_dates_that_count_from_1904() -> None:
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("表")
    sheet.write(0, 0, 0.0, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.write(0, 1, 1.0, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    assert xls.read(saved(book)).text.split()[-1] == "1904年1月2日"


@pytest.mark.parametrize("name", ["台账.xls", "台账.et", "台账.xlsx"])
def test_by_content_whatever_the_name(name: str) -> None:
    data = workbook(HEAD, [1, "要改造泵站。", "市水务局", "6月底前"])
    [task] = extract.tasks_of(read_bytes(data, name, date=dt.date(2026, 3, 1)))
    assert [(owner.text, owner.role) for owner in task.owners] == [("市水务局", "lead")]
    assert [deadline.due for deadline in task.deadlines] == [dt.date(2026, 6, 30)]
    assert (task.text, task.place) == ("要改造泵站。", Place("row", 2, "分工表"))


def test_what_office_systems_export_as_xls_is_often_a_web_page() -> None:
    cells = "".join(f"<td>{cell}</td>" for cell in ("1", "修路", "市交通局"))
    heads = "".join(f"<td>{head}</td>" for head in HEAD[:3])
    page = f"<html><table><tr>{heads}</tr><tr>{cells}</tr></table></html>"
    assert read_bytes(page.encode("gbk"), "台账.xls").text == (
        "序号\t工作任务\t牵头单位\n1\t修路\t市交通局\n"
    )


SOUND = workbook(HEAD)
# the record behind the first one, made the one of a password ([MS-XLS] 2.4.117)
LOCKED = SOUND.replace(b"\xe1\x00\x02\x00\xb0\x04", b"\x2f\x00\x02\x00\x00\x00", 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (LOCKED, "E120"),
        (ole("EncryptedPackage"), "E120"),
        (ole("Workbook"), "E121"),
        (ole("WordDocument"), "E121"),
        (SOUND[:600], "E121"),
        (SOUND.replace(b"\x09\x08\x10\x00", b"\x09\x08\x10\x70"), "E121"),
    ],
    ids=["password", "encrypted xlsx", "empty", "no workbook", "cut off", "damaged"],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        xls.read(data)
    assert caught.value.code == code
    assert "台账" in caught.value.at("台账.xls").message()


@pytest.mark.parametrize(
    ("name", "most", "code"), [("CELLS", 3, "E122"), ("LIMIT", 10, "E106")]
)
def test_too_much(
    monkeypatch: pytest.MonkeyPatch, name: str, most: int, code: str
) -> None:
    monkeypatch.setattr(sheets, name, most)
    with pytest.raises(ReadError) as caught:
        xls.read(SOUND)
    assert (caught.value.code, caught.value.details["limit"]) == (code, most)
    assert f"{most:,}" in caught.value.at("台账").message()


@pytest.mark.skipif(
    not shutil.which("soffice"), reason="LibreOffice (soffice) is not installed"
)
def test_the_same_as_libreoffice_makes_of_it(tmp_path: Path) -> None:
    rows = [
        ["重点任务分工"],
        HEAD,
        [1, "改造泵站\n清淤河道", "市水务局\n市财政局", dt.date(2026, 6, 30)],
        [2, "更新路灯", None, dt.date(2026, 12, 31)],
    ]
    source = tmp_path / "a.xls"
    source.write_bytes(workbook(*rows, merged="A1:D1 C3:C4"))
    command = ["soffice", "--headless", f"-env:UserInstallation={tmp_path.as_uri()}/p"]
    command += ["--convert-to", "xlsx", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    converted = tmp_path / "a.xlsx"
    if not converted.exists():
        pytest.skip("LibreOffice is installed without Calc")
    assert xls.read(source.read_bytes()) == xlsx.read(converted.read_bytes())
