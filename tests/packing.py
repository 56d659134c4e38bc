"""Zip archives and OFD documents made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

_UTF8 = 0x800
NAMESPACE = "http://www.ofdspec.org/2016"
_EM = 5.6  # mm
_LINE = 10.0


def zipped(members: Mapping[str, bytes], *, stored: bool = False) -> bytes:
    """A zip archive."""
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.compress_type = method
            archive.writestr(info, content)
    return file.getvalue()


def zipped_in_gbk(members: Mapping[str, bytes]) -> bytes:
    """A zip archive as Chinese Windows makes it: names in GBK, no flag that says so.

    The names are written as Latin letters of the same length and replaced.
    """
    standins: dict[bytes, bytes] = {}
    renamed: dict[str, bytes] = {}
    for place, (name, content) in enumerate(members.items()):
        encoded = name.encode("gbk")
        standin = f"@{place}".ljust(len(encoded), "x")
        standins[standin.encode()] = encoded
        renamed[standin] = content
    data = zipped(renamed)
    for standin, encoded in standins.items():
        data = data.replace(standin, encoded)
    return data


def ofd(
    pages: Sequence[Sequence[tuple[float, float, str]]],
    drawn: Sequence[str] = (),
    more: Mapping[str, bytes] | None = None,
) -> bytes:
    """An OFD document.

    Parameters
    ----------
    pages : sequence of sequence of (x, y, text)
        Millimetres from the upper left corner of an A4 page.
    drawn : sequence of str
        AbbreviatedData of paths, drawn on each page.
    more : mapping
        Further members, or others in place of these.
    """
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<ofd:{{}} xmlns:ofd="{NAMESPACE}">'
    numbers = range(len(pages))
    listed = "".join(
        f'<ofd:Page ID="{n + 1}" BaseLoc="Pages/Page_{n}/Content.xml"/>'
        for n in numbers
    )
    members = {
        "OFD.xml": head.format("OFD")
        + "<ofd:DocBody><ofd:DocInfo/><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "Doc_0/Document.xml": head.format("Document")
        + "<ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 297"
        f"</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData><ofd:Pages>{listed}"
        "</ofd:Pages></ofd:Document>",
    }
    paths = "".join(
        '<ofd:PathObject Boundary="0 0 210 297"><ofd:AbbreviatedData>'
        f"{path}</ofd:AbbreviatedData></ofd:PathObject>"
        for path in drawn
    )
    for n, page in enumerate(pages):
        objects = "".join(_text(*line) for line in page)
        members[f"Doc_0/Pages/Page_{n}/Content.xml"] = (
            head.format("Page")
            + f'<ofd:Content><ofd:Layer ID="9{n}">{paths}{objects}</ofd:Layer>'
            "</ofd:Content></ofd:Page>"
        )
    encoded = {name: content.encode() for name, content in members.items()}
    return zipped(encoded | dict(more or {}))


def _text(x: float, y: float, text: str) -> str:
    deltas = " ".join([str(_EM)] * (len(text) - 1))
    return (
        f'<ofd:TextObject ID="1" Boundary="{x} {y} 200 8" Size="{_EM}" Font="1">'
        f'<ofd:TextCode X="0" Y="{_EM}" DeltaX="{deltas}">{text}</ofd:TextCode>'
        "</ofd:TextObject>"
    )


def set_in_lines(*paragraphs: str, width: int = 28) -> list[tuple[float, float, str]]:
    """Lines of indented paragraphs, as a page of `ofd` wants them."""
    placed: list[tuple[float, float, str]] = []
    y = 30.0
    for text in paragraphs:
        indent = 2
        while text:
            room = width - indent
            placed.append((26 + indent * _EM, y, text[:room]))
            text, indent, y = text[room:], 0, y + _LINE
    return placed
