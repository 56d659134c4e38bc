"""Office files made in memory from their XML, part by part, for the readers' tests."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    f'xmlns:r="{_OFFICE}/relationships"'
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NONE = 0xFFFFFFFF
_WORDML = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def docx(body: str, *, numbering: str = "", styles: str = "") -> bytes:
    """A Word document of these pieces of WordprocessingML."""
    return zipped(docx_parts(body, numbering=numbering, styles=styles))


def docx_parts(body: str, *, numbering: str = "", styles: str = "") -> dict[str, str]:
    links = "".join(
        f'<Relationship Id="r{place}" Type="{_OFFICE}/relationships/{kind}" '
        f'Target="{kind}.xml"/>'
        for place, kind in enumerate(("styles", "numbering"))
    )
    kinds = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_WORDML}.{kind}+xml"/>'
        for name, kind in (
            ("document", "document.main"),
            ("styles", "styles"),
            ("numbering", "numbering"),
        )
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{kinds}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
        f'Id="r1" Type="{_OFFICE}/relationships/officeDocument" '
        'Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}'
        f'/relationships">{links}</Relationships>',
        "word/document.xml": _root("document", f"<w:body>{body}</w:body>"),
        "word/styles.xml": _root("styles", styles),
        "word/numbering.xml": _root("numbering", numbering),
    }


def _root(name: str, content: str) -> str:
    return f"<w:{name} {_NAMESPACES}>{content}</w:{name}>"


def run(text: str, properties: str = "") -> str:
    return (
        f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'
    )


def paragraph(content: str, properties: str = "") -> str:
    """A paragraph; content without tags is one run."""
    inner = content if content.startswith("<") or not content else run(content)
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def item(text: str, num: int = 1, level: int = 0) -> str:
    """A paragraph of a list."""
    return paragraph(
        text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'
    )


def level(depth: int, style: str, text: str, *, start: int = 1, extra: str = "") -> str:
    """A level of a list definition; `extra` stands where the schema has the rest."""
    return (
        f'<w:lvl w:ilvl="{depth}"><w:start w:val="{start}"/>'
        f'<w:numFmt w:val="{style}"/>{extra}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def definition(number: int, *levels: str, extra: str = "") -> str:
    return (
        f'<w:abstractNum w:abstractNumId="{number}">'
        f'<w:multiLevelType w:val="multilevel"/>{extra}{"".join(levels)}'
        "</w:abstractNum>"
    )


def num(number: int, of: int, *overrides: str) -> str:
    return (
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>'
        f"{''.join(overrides)}</w:num>"
    )


def start_override(depth: int, start: int) -> str:
    return (
        f'<w:lvlOverride w:ilvl="{depth}"><w:startOverride w:val="{start}"/>'
        "</w:lvlOverride>"
    )


def row(*cells: str, properties: str = "") -> str:
    inner = "".join(each if each.startswith("<w:tc>") else cell(each) for each in cells)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{inner}</w:tr>"


def cell(*paragraphs: str, properties: str = "") -> str:
    inner = "".join(
        each if each.startswith("<") else paragraph(each) for each in paragraphs
    )
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>"


def grid(*rows: str) -> str:
    return f"<w:tbl>{''.join(rows)}</w:tbl>"


def ole(*streams: str) -> bytes:
    """An OLE file with empty streams of these names ([MS-CFB])."""
    entries = [_entry("Root Entry", 5, child=1)]
    entries += [
        _entry(name, 2, right=place + 2 if place + 1 < len(streams) else _NONE)
        for place, name in enumerate(streams)
    ]
    entries += [bytes(128)] * (4 - len(entries))
    header = (
        OLE
        + bytes(16)
        + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(6)
        + struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
        + struct.pack("<I", _NONE) * 108
    )
    table = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff" * 504
    return header + table + b"".join(entries)


def _entry(name: str, kind: int, child: int = _NONE, right: int = _NONE) -> bytes:
    raw = name.encode("utf-16-le")
    links = struct.pack("<III", _NONE, right, child)
    return (
        raw.ljust(64, b"\0")
        + struct.pack("<HBB", len(raw) + 2, kind, 1)
        + links
        + bytes(36)
        + struct.pack("<IQ", 0xFFFFFFFE, 0)
    )
