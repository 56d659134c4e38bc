"""Workbooks come out row by row, with what their cells show."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from office import zipped
from openpyxl import Workbook
from openpyxl.chart import BarChart
from workbooks import HEAD, SHEETS

from extract.errors import ReadError
from extract.readers import sheets, xlsx
from extract.readers.shown import shown
from extract.readers.table import Cell, lines
from extract.task import Place

EPOCH = dt.datetime(1899, 12, 30)


def saved(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def sheet_of(*rows: list[Any], merged: str = "") -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged.split():
        book.active.merge_cells(area)
    return saved(book)


def read(*rows: list[Any], merged: str = "") -> list[str]:
    return xlsx.read(sheet_of(*rows, merged=merged)).text.split("\n")[:-1]


@pytest.mark.parametrize(("rows", "merged", "expected"), SHEETS)
def test_sheet(rows: list[list[Any]], merged: str, expected: list[str]) -> None:
    assert read(*rows, merged=merged) == expected


def test_sheets_and_places() -> None:
    book = Workbook()
    book.active.title = "一季度"
    book.active.append(HEAD[:2])
    book.active["A4"], book.active["B4"] = 1, "修路"
    book.create_sheet("空表")
    book.create_sheet("选项").append(["未启动"])
    book["选项"].sheet_state = "hidden"
    book.create_chartsheet("图").add_chart(BarChart())
    book.create_sheet("二季度").append(["架桥"])
    draft = xlsx.read(saved(book))
    assert draft.text == "序号\t工作任务\n1\t修路\n\n架桥\n"
    assert draft.places == (
        (0, Place("row", 1, "一季度")),
        (8, Place("row", 4, "一季度")),
        (14, Place("row", 1, "二季度")),
    )


@pytest.mark.parametrize(
    ("value", "style", "layout", "expected"),
    [
        ("  抓好\n落实 ", 0, "General", "抓好\n落实"),
        ("一_x000D_\n二", 0, "General", "一\n二"),
        ("#N/A", 0, "General", ""),
        ("#1路", 0, "General", "#1路"),
        (None, 0, "General", ""),
        (True, 0, "General", "TRUE"),
        (12, 0, "General", "12"),
        (12.0, 0, "General", "12"),
        (0.1 + 0.2, 0, "General", "0.3"),
        (12345678901234, 0, "General", "12345678901234"),
        (0.00001, 0, "General", "0.00001"),
        (0.955, 10, "0.00%", "95.50%"),
        (0.3, 9, "0%", "30%"),
        (1234.5, 4, "#,##0.00", "1234.50"),
        (1234.5, 3, "#,##0_ ", "1234"),
        (8, 170, '0"个"', "8"),
        (dt.datetime(2026, 6, 30), 14, "mm-dd-yy", "2026年6月30日"),
        (dt.datetime(2026, 6, 30, 9, 5), 22, "m/d/yy h:mm", "2026年6月30日09:05"),
        (dt.datetime(2026, 6, 1), 170, 'yyyy"年"m"月"', "2026年6月"),
        (dt.datetime(2026, 6, 1), 170, '[$-804]yyyy"年"m"月"d"日";@', "2026年6月1日"),
        (dt.time(9, 5), 20, "h:mm", "09:05"),
        (46203, 31, "General", "2026年6月30日"),
        (46203, 57, "General", "2026年6月"),
        (46203, 58, "General", "2026年6月30日"),
        (0.375, 32, "General", "09:00"),
        (dt.timedelta(hours=30), 46, "[h]:mm:ss", "1 day, 6:00:00"),
    ],
)
def test_shown(value: object, style: int, layout: str, expected: str) -> None:
    assert shown(value, style, layout, EPOCH) == expected


def test_dates_in_formats_that_only_a_language_defines() -> None:
    data = edited(
        sheet_of(["完成时限"], [46203]),
        "xl/styles.xml",
        lambda xml: re.sub(r'(<cellXfs[^>]*><xf [^>]*?numFmtId=)"0"', r'\1"31"', xml),
    )
    assert xlsx.read(data).text == "完成时限\n2026年6月30日\n"


def test_formulas_show_their_stored_value() -> None:
    data = edited(
        sheet_of(["=1+1", "=2+2"]),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace("<f>1+1</f><v></v>", "<f>1+1</f><v>2</v>").replace(
            "<f>1+1</f><v />", "<f>1+1</f><v>2</v>"
        ),
    )
    assert xlsx.read(data).text == "2\n"


def edited(data: bytes, name: str, change: Callable[[str], str]) -> bytes:
    """A package with one part changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        parts = {each: package.read(each) for each in package.namelist()}
    changed = change(parts[name].decode())
    assert changed != parts[name].decode()
    return zipped(parts | {name: changed})


SHEET = "xl/worksheets/sheet1.xml"
SOUND = sheet_of(HEAD)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (SOUND[:-100], "E121"),
        (edited(SOUND, SHEET, lambda xml: xml[:-40]), "E121"),
        (edited(SOUND, SHEET, lambda xml: xml.replace('r="1"', 'r="9999999"')), "E121"),
        (
            edited(SOUND, "xl/workbook.xml", lambda xml: "<!DOCTYPE a []>" + xml),
            "E123",
        ),
        (
            edited(SOUND, SHEET, lambda xml: xml + " " * (5 * 2**20)),
            "E122",
        ),
        (zipped({"xl/workbook.xml": "<workbook/>"}), "E121"),
    ],
    ids=["cut off", "unclosed", "row", "declaration", "bomb", "empty"],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        xlsx.read(data)
    assert caught.value.code == code
    assert "台账" in caught.value.at("台账.xlsx").message()


@pytest.mark.parametrize(
    ("name", "most", "code"), [("CELLS", 3, "E122"), ("LIMIT", 10, "E106")]
)
def test_too_much(
    monkeypatch: pytest.MonkeyPatch, name: str, most: int, code: str
) -> None:
    monkeypatch.setattr(sheets, name, most)
    with pytest.raises(ReadError) as caught:
        xlsx.read(SOUND)
    assert (caught.value.code, caught.value.details["limit"]) == (code, most)
    assert f"{most:,}" in caught.value.at("台账").message()


# the rows of any table


def test_a_cell_that_covers_columns_is_written_in_the_first() -> None:
    rows = [[Cell("甲", span=2), Cell("乙")], [Cell("丙"), Cell("丁"), Cell("戊")]]
    assert lines(rows) == ["甲\t\t乙", "丙\t丁\t戊"]


def test_without_known_headings_a_merged_cell_stands_once() -> None:
    rows = [[Cell("甲"), Cell("乙")], [Cell("", above=True), Cell("丙")]]
    assert lines(rows) == ["甲\t乙", "丙"]


def test_tabs_and_line_ends_stay_out_of_cells() -> None:
    assert lines([[Cell("a\tb\n c"), Cell("  一\n\n二 ")]]) == ["a b c\t一二"]
