"""A file's bytes in, the name of its format out: content decides, never the suffix.

Files lie about their suffix: a .wps is often plain text, a .doc often HTML, RTF or
docx, and what a mail gateway calls .dat may be anything.
"""

from __future__ import annotations

import re

from extract.errors import ReadError
from extract.readers import container

TEXT = "text"

# Opening bytes of formats that need no second look; those without a reader are named
# so that the message can say what the file is.
_MAGIC = (
    (b"{\\rtf", "rtf"),
    (b"\x89PNG", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"II*\0", "tif"),
    (b"MM\0*", "tif"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"\x1f\x8b", "gz"),
    (b"\x7fELF", "exe"),
    (b"MZ\x90", "exe"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# a PDF may start behind some bytes of a mailer's (ISO 32000, implementation notes)
_PDF_WITHIN = 1024
_HEAD = 4096

# members that tell what a zip is, the telling ones first
_ZIPPED = (
    ("OFD.xml", "ofd"),
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsb"),
    ("ppt/presentation.xml", "pptx"),
)
_PARTED = "[Content_Types].xml"
_OFFICE = (("wordprocessingml", "docx"), ("spreadsheetml", "xlsx"))
# streams of an OLE file, the telling ones first
_STREAMS = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
)

_TAGS = (
    "!doctype html|html|head|meta|title|link|style|script|body|center|font|table|div"
    "|article|section|span|p|h[1-6]|ul|ol|br"
)
_HTML = re.compile(
    rf"\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?(?:-->|\Z)\s*)*<(?:{_TAGS})[\s>/]",
    re.IGNORECASE | re.DOTALL,
)
_MHT = re.compile(rb"(?:mime-version|from|content-type|subject|date):", re.IGNORECASE)
_XML = re.compile(r"\s*<\?xml\s", re.IGNORECASE)


def sniff(data: bytes) -> str:
    """Name of a format.

    Parameters
    ----------
    data : bytes
        The whole file, not empty.

    Returns
    -------
    str
        A key of `extract.readers.FORMATS`, ``"zip"``, ``"text"`` for whatever shows
        no sign of another format, or the usual suffix of a format that is known and
        not read (``"ppt"``, ``"rar"``, ``"jpg"``, ``"encrypted"`` …).
    """
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return "pdf"
    if data.startswith(_OLE):
        return _ole(data)
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped(data)
    return _marked_up(data)


def _ole(data: bytes) -> str:
    """What an OLE file is, by the streams at the root of its directory."""
    try:
        streams = container.ole_streams(data)
    except ReadError:
        # damaged: the reader of .doc files says so
        return "doc"
    return next((name for stream, name in _STREAMS if stream in streams), "ole")


def _zipped(data: bytes) -> str:
    try:
        names = container.members(data).names
    except ReadError:
        # broken or bomb: the reader of archives says which
        return "zip"
    present = {name.lower() for name in names}
    for member, name in _ZIPPED:
        if member.lower() in present:
            return name
    if "mimetype" in present and "content.xml" in present:
        return "odt"
    return "zip"


def _marked_up(data: bytes) -> str:
    head = _decoded(data[:_HEAD])
    if _HTML.match(head):
        return "html"
    if _XML.match(head):
        return "html" if re.search(r"<html[\s>]", head, re.IGNORECASE) else "xml"
    if _MHT.match(data) and b"multipart/related" in data[:_HEAD].lower():
        return "mht"
    return TEXT


def _decoded(head: bytes) -> str:
    """Enough of a head to see its tags, whatever the encoding."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(encoding, "replace")
    return head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
