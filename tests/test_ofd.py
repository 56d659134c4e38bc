"""OFD: paragraphs whole, pages as places, tables as rows, damaged ones refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from packing import ofd, set_in_lines, zipped

import extract
from extract.errors import ReadError
from extract.readers import read_bytes
from extract.task import Place

SHARED = Path(__file__).resolve().parent.parent.parent / "shared/corpus/files"
FILES = sorted(SHARED.glob("*.ofd"))
LONG = (
    "各县（市、区）、各部门要压实责任、细化措施，对照年度目标任务逐项排查，"
    "确保６月底前完成老旧管网改造，年底前整改率达到百分之九十五以上，不得弄虚作假。"
)
SHORT = "各单位要于本月底前报送方案。"


def test_paragraphs_are_whole() -> None:
    speech = read_bytes(ofd([set_in_lines("一、总体要求", LONG, SHORT, LONG)]))
    assert speech.text.splitlines() == ["一、总体要求", LONG, SHORT, LONG]
    assert speech.places == ((0, Place("page", 1)),)


def test_a_paragraph_goes_on_over_the_page() -> None:
    lines = set_in_lines(LONG, LONG)
    first = [line for line in lines if line[1] < 60]
    second = [(x, y - 30, text) for x, y, text in lines if y >= 60]
    speech = read_bytes(ofd([first, second]))
    assert speech.text.splitlines() == [LONG, LONG]
    assert [place for _, place in speech.places] == [Place("page", 1), Place("page", 2)]
    assert speech.page_of(len(LONG) * 2) == 2


def test_page_numbers_are_left_out() -> None:
    pages = [
        [*set_in_lines(text), (100, 285, f"－{n}－")]
        for n, text in enumerate((LONG, LONG), 1)
    ]
    assert read_bytes(ofd(pages)).text.splitlines() == [LONG, LONG]


def test_a_ruled_table_becomes_rows() -> None:
    rows = [20.0, 32.0, 44.0]
    columns = [20.0, 80.0, 140.0]
    drawn = [f"M {columns[0]} {y} L {columns[-1]} {y}" for y in rows]
    drawn += [f"M {x} {rows[0]} L {x} {rows[-1]} S 0 0" for x in columns]
    cells = [
        (22, 22, "工作任务"),
        (82, 22, "牵头单位"),
        (22, 34, "整治河道"),
        (82, 34, "市水利局"),
    ]
    assert read_bytes(ofd([cells], drawn)).text.splitlines() == [
        "工作任务\t牵头单位",
        "整治河道\t市水利局",
    ]


DTD = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><OFD>&b;</OFD>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (zipped({"OFD.xml": b"<OFD"}), "E121"),
        (zipped({"OFD.xml": b"<OFD/>"}), "E121"),
        (zipped({"OFD.xml": DTD}), "E123"),
        (ofd([], more={"Doc_0/Document.xml": b"<Document/>"}), "E103"),
        (ofd([[]], more={"Doc_0/Res/scan.jpg": b"\xff\xd8\xff"}), "E130"),
        (ofd([[]]), "E103"),
        (ofd([set_in_lines(SHORT)])[:-40], "E121"),
    ],
    ids=["xml", "empty", "entities", "no pages", "scan", "blank", "truncated"],
)
def test_refused(data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        read_bytes(data, "文件.ofd")
    assert (caught.value.code, caught.value.details["path"]) == (code, "文件.ofd")


@pytest.mark.skipif(not FILES, reason="needs the shared files")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_real_files_have_no_broken_paragraphs(path: Path) -> None:
    speech = extract.read(path)
    lines = speech.text.splitlines()
    ended = [line for line in lines if len(line) > 60 and line[-1] in "。！？：；”）"]
    long = [line for line in lines if len(line) > 60 and "://" not in line]
    assert (speech.title, len(ended) >= 0.9 * len(long)) == (lines[0], True)
