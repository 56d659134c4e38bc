"""Small files of every format, for tests that break them."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

import xlwt
from office import docx, docx_parts
from packing import ofd, set_in_lines, zipped
from printing import Print

TEXT = "要加强排查，由市水利局牵头，于3月31日前完成整改。"
_CELLS = "".join(f"<td>{cell}</td>" for cell in ("1", TEXT, "市水利局"))
_HEADS = "".join(f"<th>{cell}</th>" for cell in ("序号", "任务", "牵头单位"))
_HEXED = "".join(f"\\'{byte:02x}" for byte in TEXT.encode("gbk"))


def _pdf() -> bytes:
    page = Print()
    page.canvas.setPageCompression(0)
    page.paragraph(TEXT)
    page.table(
        [("序号", "任务", "牵头单位"), ("1", TEXT[:6], "市水利局")], (40, 90, 90)
    )
    return page.data()


def _aligned() -> bytes:
    """A table without lines."""
    page = Print()
    page.canvas.setPageCompression(0)
    rows = [("序号", "任务", "牵头单位"), ("1", TEXT, "市水利局")]
    page.table([*rows, ("2", "更新路灯", "市城管局")], (40, 330, 90), lines=False)
    return page.data()


def _xls() -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("分工表")
    for place, (head, cell) in enumerate(
        (("序号", 1), ("任务", TEXT), ("时限", dt.date(2026, 3, 31)))
    ):
        sheet.write(0, place, head)
        sheet.write(1, place, cell, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    sheet.merge(1, 2, 0, 0)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def seeds() -> dict[str, bytes]:
    """A valid file of each format, by its usual suffix."""
    html = (
        f"<html><head><meta charset='utf-8'><title>{TEXT}</title></head><body>"
        f"<p>{TEXT}<br>{TEXT}</p><table><tr>{_HEADS}</tr><tr>{_CELLS}</tr></table>"
    ).encode()
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
    part = b"--x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    lines = [*set_in_lines(TEXT), (22, 91, "任务"), (52, 91, "市水利局")]
    path = "M 20 90 L 90 90 M 20 99 L 90 99 M 20 90 L 20 99 M 50 90 L 50 99"
    return {
        "txt": TEXT.encode("gbk"),
        "html": html,
        "mht": head + part + html + b"\r\n--x--\r\n",
        "rtf": rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 x;}}\f0 "
        + f"{_HEXED}\\par\\trowd\\intbl {_HEXED}\\cell {_HEXED}\\cell\\row}}".encode(),
        "pdf": _pdf(),
        "aligned.pdf": _aligned(),
        "xls": _xls(),
        # with a text box that only the reader here finds
        "doc": (Path(__file__).parent / "files" / "boxed.doc").read_bytes(),
        "ofd": ofd([lines], [path]),
        "docx": docx(f"<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p>"),
        # stored members, so that what is broken in them is not only the compression
        "stored.ofd": zipped(_parts(ofd([lines], [path])), stored=True),
        "stored.docx": zipped(
            {
                name: text.encode() if isinstance(text, str) else text
                for name, text in docx_parts(
                    f"<w:p><w:r><w:t>{TEXT}</w:t></w:r></w:p>"
                ).items()
            },
            stored=True,
        ),
        "zip": zipped({"a.txt": TEXT.encode(), "b.html": html}, stored=True),
    }


def _parts(data: bytes) -> dict[str, bytes]:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
