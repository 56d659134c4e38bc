"""Word 97–2003 documents come out like Word documents."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from office import docx, ole, paragraph

from extract.errors import ReadError
from extract.readers import doc
from extract.task import Place

# written for these tests and saved by LibreOffice Writer as "Word 97-2003"
FLOOD = (Path(__file__).parent / "files" / "flood.doc").read_bytes()
TEXT = """\
在全市防汛工作会议上的讲话
（2026年5月8日）
一、压实防汛责任
（一）市水务局要在5月底前完成泵站检修。
（二）各区政府要每周巡查河道一次。
二、做好物资储备
1. 市应急局牵头，市财政局配合，储备编织袋5万条。
序号\t工作任务\t牵头单位\t完成时限
1\t清淤河道3条\t市水务局\t6月底前
"""


OFFICE = pytest.mark.skipif(
    not (shutil.which("soffice") or shutil.which("libreoffice")),
    reason="LibreOffice is not installed",
)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No LibreOffice within reach."""
    monkeypatch.setenv("PATH", "")


def test_numbers_and_tables(alone: None) -> None:
    draft = doc.read(FLOOD)
    assert draft.text == TEXT
    last = (TEXT.index("1\t清淤"), Place("paragraph", 9))
    assert (len(draft.places), draft.places[-1]) == (9, last)


def locked(data: bytes) -> bytes:
    """The document with fEncrypted set in its header ([MS-DOC] 2.5.2)."""
    header = data.index(b"\xec\xa5")
    changed = bytearray(data)
    changed[header + 11] |= 1
    return bytes(changed)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (locked(FLOOD), "E120"),
        (ole("EncryptedPackage"), "E120"),
        (ole("WordDocument", "1Table"), "E124"),
        (ole("Workbook"), "E124"),
        (FLOOD[:600], "E121"),
    ],
    ids=["password", "encrypted docx", "empty", "no document", "cut off"],
)
def test_refused(alone: None, data: bytes, code: str) -> None:
    with pytest.raises(ReadError) as caught:
        doc.read(data)
    assert caught.value.code == code
    assert "讲话.doc" in caught.value.at("讲话.doc").message()


@OFFICE
def test_what_the_library_cannot_read_goes_to_libreoffice(tmp_path: Path) -> None:
    source = tmp_path / "in.doc"
    source.write_bytes(docx(paragraph("各区要抓好落实。")))
    assert doc._by_library(source) == (b"", False)
    assert doc.docx.read(doc._by_libreoffice(source)).text == "各区要抓好落实。\n"


BOXED = (Path(__file__).parent / "files" / "boxed.doc").read_bytes()


def test_text_boxes_the_library_does_not_know_are_lost_alone(alone: None) -> None:
    assert doc.read(BOXED).text == "正文\n后文\n"


@OFFICE
def test_words_that_the_library_leaves_out() -> None:
    assert doc.read(BOXED).text == "正文\n框里的话\n第二行\n后文\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
def test_a_converter_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\n/bin/sleep 60 & wait\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(doc, "_PATIENCE", 0.2)
    with pytest.raises(ReadError) as caught:
        doc.read(ole("WordDocument"))
    assert caught.value.code == "E121"
