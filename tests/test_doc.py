"""Word 97–2003 documents come out like Word documents."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from office import cell, docx, grid, ole, paragraph, row, run

from extract.errors import ReadError
from extract.readers import doc, read_bytes
from extract.readers.draft import Draft
from extract.readers.textboxes import Box, Story, insert
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


@pytest.mark.parametrize("name", ["讲话.doc", "讲话.wps", "讲话.docx"])
def test_by_content_whatever_the_name(alone: None, name: str) -> None:
    assert read_bytes(FLOOD, name).text == TEXT


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
    assert doc._by_library(source) == (b"", set())
    assert doc.docx.read(doc._by_libreoffice(source)).text == "各区要抓好落实。\n"


BOXED = (Path(__file__).parent / "files" / "boxed.doc").read_bytes()


def test_text_boxes_the_library_does_not_know(alone: None) -> None:
    draft = doc.read(BOXED)
    assert draft.text == "正文\n框里的话\n第二行\n后文\n"
    assert draft.places == tuple(
        (start, Place("paragraph", number))
        for number, start in enumerate((0, 3, 8, 12), 1)
    )


def unboxed(data: bytes) -> bytes:
    """The document with a broken table of its text boxes ([MS-DOC] 2.5.6)."""
    header = data.index(b"\xec\xa5")
    changed = bytearray(data)
    place = header + 154 + 8 * 56
    changed[place : place + 8] = b"\xff\xff\xff\x7f" * 2
    return bytes(changed)


def test_boxes_that_cannot_be_found_are_lost_alone(alone: None) -> None:
    assert doc.read(unboxed(BOXED)).text == "正文\n后文\n"


def box(*paragraphs: str, place: int = 0) -> str:
    """A run with a text box anchored in it."""
    inner = "".join(map(paragraph, paragraphs))
    style = f"position:absolute;margin-top:{place * 70}pt;width:120pt;height:60pt"
    style += f";z-index:{place + 1}"
    return (
        f'<w:r><w:pict><v:rect id="r{place}" style="{style}"><v:textbox>'
        f"<w:txbxContent>{inner}</w:txbxContent></v:textbox></v:rect></w:pict></w:r>"
    )


def group(*texts: str) -> str:
    """A run with a group of text boxes anchored in it."""
    shapes = "".join(
        f'<v:rect style="position:absolute;left:{place * 1000};width:900;height:900">'
        f"<v:textbox><w:txbxContent>{paragraph(text)}</w:txbxContent></v:textbox>"
        "</v:rect>"
        for place, text in enumerate(texts)
    )
    style = "position:absolute;width:200pt;height:60pt"
    return (
        f'<w:r><w:pict><v:group style="{style}" coordsize="4000,1000">{shapes}'
        "</v:group></w:pict></w:r>"
    )


MANY = "".join(paragraph(f"第{number}条，各区要抓好落实。") for number in range(60))
TABLE = grid(
    row("序号", "任务"), row("1", cell(paragraph(run("修路") + box("表里的框"))))
)
MADE = {
    "two paragraphs": (
        paragraph(run("一、总体要求") + box("框里的话", "第二行")) + paragraph("后"),
        ["一、总体要求", "框里的话", "第二行", "后"],
    ),
    "several boxes": (
        paragraph(run("甲") + box("第一框") + box("第二框", place=1))
        + paragraph("乙")
        + paragraph(run("丙") + box("第三框", place=2)),
        ["甲", "第一框", "第二框", "乙", "丙", "第三框"],
    ),
    "empty paragraph": (
        paragraph("前") + paragraph(box("框")) + paragraph("后"),
        ["前", "框", "后"],
    ),
    "in front of all": (
        paragraph(box("最前面的框")) + paragraph("正文"),
        ["最前面的框", "正文"],
    ),
    "in a table": (
        paragraph("表前") + TABLE + paragraph("表后"),
        ["表前", "序号\t任务", "1\t修路表里的框", "表后"],
    ),
    "group": (
        paragraph(run("组前") + group("组一", "组二")) + paragraph("组后"),
        ["组前", "组一", "组二", "组后"],
    ),
    "says what the text says": (
        paragraph("相同的话") + paragraph(run("锚") + box("相同的话")),
        ["相同的话", "锚", "相同的话"],
    ),
    "behind many paragraphs": (
        MANY + paragraph(run("末段") + box("末框")),
        [*(f"第{number}条，各区要抓好落实。" for number in range(60)), "末段", "末框"],
    ),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents with text boxes, saved by LibreOffice as Word 97-2003."""
    folder = tmp_path_factory.mktemp("made")
    for name, (body, _) in MADE.items():
        (folder / f"{name}.docx").write_bytes(docx(body))
    program = shutil.which("soffice") or shutil.which("libreoffice") or ""
    command = [program, "--headless", f"-env:UserInstallation={folder.as_uri()}/p"]
    command += ["--convert-to", "doc:MS Word 97", "--outdir", str(folder)]
    command += map(str, sorted(folder.glob("*.docx")))
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return folder


@OFFICE
@pytest.mark.parametrize("name", MADE)
def test_text_boxes_stand_below_their_paragraph(
    made: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (made / f"{name}.doc").read_bytes()
    monkeypatch.setenv("PATH", "")
    read = doc.read(data).text.splitlines()
    assert [line for line in read if line] == MADE[name][1]


STORY = Story(("甲", "", "乙乙", "丙"), (Box(1, ("框",)), Box(3, ("尾", "末"))))


@pytest.mark.parametrize(
    ("text", "story", "expected"),
    [
        ("甲\n乙乙\n丙\n", STORY, "甲\n框\n乙乙\n丙\n尾\n末\n"),
        ("甲\n\n1. 乙 乙\n丙\n", STORY, "甲\n框\n\n1. 乙 乙\n丙\n尾\n末\n"),
        ("甲\n框\n乙乙\n丙\n尾\n末\n", STORY, "甲\n框\n乙乙\n丙\n尾\n末\n"),
        ("甲\n", Story((), ()), "甲\n"),
        ("", Story((), (Box(0, ("框",)),)), "框\n"),
        ("丁\n", Story(("甲",), (Box(0, ("框",)),)), "框\n丁\n"),
        ("框\n甲\n", Story(("框", "甲"), (Box(9, ("框",)),)), "框\n甲\n框\n"),
    ],
    ids=["below", "numbered", "kept", "none", "alone", "unknown", "repeated"],
)
def test_insert(text: str, story: Story, expected: str) -> None:
    def drafted(text: str) -> Draft:
        starts = [0] + [n + 1 for n, char in enumerate(text) if char == "\n"]
        filled = [n for n in starts if text[n : n + 1] not in ("", "\n")]
        return Draft(
            text,
            tuple((n, Place("paragraph", k)) for k, n in enumerate(filled, 1)),
        )

    assert insert(drafted(text), story) == drafted(expected)


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
