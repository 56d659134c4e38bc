"""Content decides what a file is, whatever its name says."""

from __future__ import annotations

from pathlib import Path

import pytest
from packing import ofd, set_in_lines, zipped
from printing import printed

from extract.readers import FORMATS, read
from extract.readers.sniff import sniff

TEXT = "在全市会议上的讲话\n各单位要于3月31日前报送方案。\n"
PAGE = f"<html><body><p>{TEXT}</p></body></html>"
RTF = (
    rb"{\rtf1\ansi\ansicpg936 "
    + b"".join(b"\\'%02x" % byte for byte in "各单位要抓好落实。".encode("gbk"))
    + b"}"
)
MHT = (
    b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/html; charset=gb2312\r\n\r\n"
    + PAGE.encode("gbk")
    + b"\r\n--x--\r\n"
)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (TEXT.encode(), "text"),
        (TEXT.encode("gbk"), "text"),
        (TEXT.encode("utf-16"), "text"),
        ("# 讲话\n\n<b>各单位</b>要抓好落实".encode(), "text"),
        ("3 < 5，各单位要抓好落实".encode(), "text"),
        ("<讲话>各单位要抓好落实".encode(), "text"),
        (PAGE.encode(), "html"),
        (b"\xef\xbb\xbf<!DOCTYPE html>" + PAGE.encode(), "html"),
        (b"\n <!-- x --><!DOCTYPE html>" + PAGE.encode("gbk"), "html"),
        (PAGE.encode("utf-16"), "html"),
        (b'<?xml version="1.0"?><html xmlns="a">', "html"),
        ("<P>各单位</P>".encode(), "html"),
        (b'<?xml version="1.0"?><w:wordDocument/>', "xml"),
        (MHT, "mht"),
        (RTF, "rtf"),
        (b"%PDF-1.4\n", "pdf"),
        (b"\r\n\x00junk%PDF-1.4\n", "pdf"),
        (zipped({"OFD.xml": b""}), "ofd"),
        (zipped({"[Content_Types].xml": b"", "word/document.xml": b""}), "docx"),
        (zipped({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), "xlsx"),
        (zipped({"ppt/presentation.xml": b""}), "pptx"),
        (zipped({"mimetype": b"x", "content.xml": b""}), "odt"),
        (zipped({"a.txt": b""}), "zip"),
        # a stored document's own directory stands in the archive's bytes
        (zipped({"a.docx": zipped({"word/document.xml": b"x"})}, stored=True), "zip"),
        (b"PK\x03\x04" + bytes(30), "zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "doc"),
        (b"Rar!\x1a\x07\x00", "rar"),
        (b"\x89PNG\r\n", "png"),
    ],
)
def test_sniff(data: bytes, name: str) -> None:
    assert sniff(data) == name


@pytest.mark.parametrize("suffix", [".wps", ".doc", ".docx", ".txt", ".pdf", ""])
@pytest.mark.parametrize(
    ("data", "first"),
    [
        (TEXT.encode("gbk"), "在全市会议上的讲话"),
        (PAGE.encode("gbk"), "在全市会议上的讲话各单位要于3月31日前报送方案。"),
        (MHT, "在全市会议上的讲话各单位要于3月31日前报送方案。"),
        (RTF, "各单位要抓好落实。"),
        (printed("各单位要抓好落实。"), "各单位要抓好落实。"),
        (ofd([set_in_lines("各单位要抓好落实。")]), "各单位要抓好落实。"),
    ],
    ids=["text", "html", "mht", "rtf", "pdf", "ofd"],
)
def test_the_suffix_does_not_matter(
    tmp_path: Path, data: bytes, first: str, suffix: str
) -> None:
    path = tmp_path / f"文件{suffix}"
    path.write_bytes(data)
    assert read(path).text.splitlines()[0] == first


def test_every_format_has_a_reader() -> None:
    from importlib import import_module

    modules = [import_module(f"extract.readers.{name}") for name in FORMATS.values()]
    assert [module.__name__ for module in modules if not hasattr(module, "read")] == []
