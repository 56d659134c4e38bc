"""Files made to do harm: each gives one clear error, or its text; the others are read.

Nothing may hang, fill the memory, reach for the network or the disk, or end the run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from office import docx, docx_parts
from packing import ofd, set_in_lines, zipped
from printing import Print, printed

from extract.errors import MESSAGES, ReadError
from extract.readers import documents, read_all, read_bytes, worker

TEXT = "要加强排查，由市水利局牵头，于3月31日前完成整改。"
PARAGRAPH = f"<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p>"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a0 "要抓好落实">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)
# seconds of processor time that no file may take
LONGEST = 20.0


def with_part(name: str, content: str) -> bytes:
    return zipped(
        {
            part: text.encode() if isinstance(text, str) else text
            for part, text in (docx_parts(PARAGRAPH) | {name: content}).items()
        }
    )


def nested(depth: int) -> bytes:
    data = zipped({"a.txt": TEXT.encode()})
    for _ in range(depth):
        data = zipped({"a.zip": data})
    return data


def pdf(*objects: str) -> bytes:
    """A PDF of these objects, as they are."""
    body = "".join(f"{n} 0 obj\n{o}\nendobj\n" for n, o in enumerate(objects, 1))
    return f"%PDF-1.4\n{body}trailer << /Root 1 0 R /Size 99 >>\n%%EOF".encode()


def huge_picture() -> bytes:
    stream = "q 595 0 0 842 0 0 cm /I Do Q"
    return pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /XObject << /I 5 0 R >> >> >>",
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000"
        " /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length 9 >>\n"
        "stream\n123456789\nendstream",
    )


def round_pages() -> bytes:
    return pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 10 >>",
    )


def round_form() -> bytes:
    stream = "/F Do " * 50
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        " /Resources << /XObject << /F 5 0 R >> >> >>"
    )
    return pdf(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page,
        f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject"
        f" << /F 5 0 R >> >> /Length {len(stream)} >>\nstream\n{stream}\nendstream",
    )


def many_lines() -> bytes:
    page = Print()
    for place in range(9000):
        page.canvas.line(place % 500, place // 20, place % 500 + 40, place // 20)
        page.canvas.line(place // 20, place % 500, place // 20, place % 500 + 40)
    page.paragraph(TEXT)
    return page.data()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

# name, content, the code of the error; "" where the text is read all the same
HOSTILE: list[tuple[str, Callable[[], bytes], str]] = [
    ("空.docx", lambda: b"", "E103"),
    ("截断.docx", lambda: docx(PARAGRAPH)[:-100], "E121"),
    ("截断.pdf", lambda: printed(TEXT)[:500], "E121"),
    ("截断.ofd", lambda: ofd([set_in_lines(TEXT)])[:-100], "E121"),
    ("截断.zip", lambda: zipped({"a.txt": TEXT.encode() * 9})[:-9], "E121"),
    ("炸弹.docx", lambda: with_part("word/document.xml", "a" * 2**26), "E122"),
    ("炸弹.zip", lambda: zipped({"a.txt": b"a" * 2**26}), "E122"),
    ("套娃.zip", lambda: nested(8), "E122"),
    (
        "实体.docx",
        lambda: with_part("word/document.xml", LAUGHS + "<a>&a9;</a>"),
        "E123",
    ),
    (
        "实体.ofd",
        lambda: zipped({"OFD.xml": (LAUGHS + "<OFD>&a9;</OFD>").encode()}),
        "E123",
    ),
    (
        "外部.docx",
        lambda: with_part(
            "word/document.xml",
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        ),
        "E123",
    ),
    (
        "外部.html",
        lambda: (
            '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]><html><head>'
            '<link rel="stylesheet" href="http://127.0.0.1:9/a.css"></head><body>'
            f'<img src="http://127.0.0.1:9/a.png"><p>&x;{TEXT}</p></body></html>'
        ).encode(),
        "",
    ),
    ("深.html", lambda: b"<html>" + b"<div>" * 50_000 + TEXT.encode(), "E122"),
    ("表.html", lambda: f"<html>{'<table><tr><td>' * 900}{TEXT}".encode(), "E122"),
    (
        "格.html",
        lambda: (
            "<html><table>"
            + "<tr><td rowspan=99999 colspan=99999>甲</td><td>乙</td></tr>" * 300
            + f"</table><p>{TEXT}"
        ).encode(),
        "",
    ),
    ("扫描.pdf", huge_picture, "E130"),
    ("循环.pdf", round_pages, "E121"),
    ("递归.pdf", round_form, "E134"),
    ("线.pdf", many_lines, ""),
    ("字节.rtf", lambda: rb"{\rtf1 {\pict\bin999999999 x}}", "E103"),
    ("括号.rtf", lambda: b"{\\rtf1 " + b"{" * 200_000, "E103"),
    ("目录.doc", lambda: OLE + b"\xff" * 4000, "E121"),
    ("假.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 9, "E121"),
    ("图片.docx", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "E109"),
    ("压缩.txt", lambda: b"Rar!\x1a\x07\x00" + bytes(99), "E104"),
]


@pytest.mark.parametrize(
    ("name", "make", "code"), HOSTILE, ids=[name for name, _, _ in HOSTILE]
)
def test_one_clear_error(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    make: Callable[[], bytes],
    code: str,
) -> None:
    # only what never ends has to be ended soon: a busy machine is slow at all
    if code == "E134":
        monkeypatch.setattr(worker, "SECONDS", 3.0)
    path = tmp_path / name
    path.write_bytes(make())
    start = time.process_time()
    [found] = list(read_all(path))
    assert time.process_time() - start < LONGEST
    if isinstance(found, ReadError):
        assert (found.code, str(path) in found.message("en")) == (code, True)
        assert (found.code in MESSAGES, found.message() != found.message("en")) == (
            True,
            True,
        )
    else:
        assert (code, TEXT in found.text, "root:" in found.text) == ("", True, False)
    assert [entry.name for entry in tmp_path.iterdir()] == [name]


def test_the_others_are_still_written(tmp_path: Path) -> None:
    folder = tmp_path / "文件"
    folder.mkdir()
    # the command waits a minute for a PDF that never ends
    hostile = [file for file in HOSTILE if file[2] != "E134"]
    for name, make, _ in hostile:
        (folder / name).write_bytes(make())
    (folder / "好.txt").write_text(TEXT, encoding="gbk")
    (folder / "好.zip").write_bytes(
        zipped({"内/好.txt": TEXT.encode(), "坏.pdf": b"%PDF-"})
    )
    (folder / "圈").symlink_to(folder, target_is_directory=True)
    (folder / "断.txt").symlink_to(folder / "没有.txt")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "管.txt")
    output = tmp_path / "out.jsonl"
    code = "from extract.cli import main; main()"
    command = [sys.executable, "-c", code, "extract", str(folder)]
    run = subprocess.run(
        [*command, "-o", str(output)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    failed = {name for name, _, code in hostile if code} | {"断.txt", "好.zip/坏.pdf"}
    named = [line for line in run.stderr.splitlines() if line.startswith("[E")]
    assert (run.returncode, len(named)) == (1, len(failed))
    assert {
        name for name in failed if sum(name in line for line in named) != 1
    } == set()
    written = output.read_text(encoding="utf-8")
    assert ("好.txt" in written, "好.zip/内/好.txt" in written) == (True, True)


def test_a_folder_with_a_document_s_name(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").mkdir()
    (tmp_path / "b.txt").write_text(TEXT, encoding="utf-8")
    assert [path.name for path in documents([tmp_path])] == ["b.txt"]


def test_the_reader_of_pdf_starts_anew_when_it_was_ended() -> None:
    assert read_bytes(printed(TEXT)).text == f"{TEXT}\n"
    process = worker._READER._process
    assert process is not None
    process.kill()
    process.wait()
    assert read_bytes(printed(TEXT)).text == f"{TEXT}\n"
    assert worker._READER._process is not process


def test_a_file_that_never_ends_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SECONDS", 1.0)
    with pytest.raises(ReadError) as caught:
        read_bytes(round_form(), "a.pdf")
    assert (caught.value.code, caught.value.details["path"]) == ("E134", "a.pdf")
    monkeypatch.undo()
    assert read_bytes(printed(TEXT)).text == f"{TEXT}\n"
