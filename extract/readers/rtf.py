"""Bytes of an RTF file in, a `Draft` out."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from extract.errors import ReadError
from extract.readers import table
from extract.readers.draft import Draft
from extract.readers.table import Cell

# Word marks what is not to be read with words that its text goes on after; in their
# place stands the sign that hides a group (RTF 1.9.1, "Destinations")
_HIDDEN = re.compile(r"\\(?:deleted|v)(?=[\\\s{}])")
# numbers that Word has written out for readers that cannot count
_NUMBERS = re.compile(r"\\pntext(?![a-z])")
# a link's address is not its text
_LINKS = re.compile(r"HYPERLINK", re.IGNORECASE)
_NESTED = re.compile(r"\\nest(?:cell|row)(?![a-z])[ ]?")
_NUMBER_TABS = re.compile(r"\\tab(?=[ \r\n]*\})")
# signs that no text uses stand for the borders of tables until the text is out
_CELL, _ROW, _TABLE = "\ue000", "\ue001", "\ue002"
_BORDERS = (
    (re.compile(r"\\cell(?![a-z])[ ]?"), _CELL),
    (re.compile(r"\\row(?![a-z])[ ]?"), _ROW),
    (re.compile(r"\\trowd(?![a-z])[ ]?"), _TABLE),
)
_BINARY = re.compile(rb"\\bin(\d{1,9}) ?")
# pictures are written in hexadecimal, a character a half byte
_PICTURE = re.compile(rb"[0-9a-fA-F]{64,}(?:[\r\n]+[0-9a-fA-F]{2,})*")
_HIGH = re.compile(rb"[\x80-\xff]")
_PAGE = re.compile(rb"\\ansicpg(\d{1,5})")
_BYTES = re.compile(r"((?:\\'[0-9a-fA-F]{2})+)(?:\r?\n)*([!-\[\]-z|~])?")
_DOUBLE = {"936": "gb18030", "950": "cp950", "932": "cp932", "949": "cp949"}
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LONE = re.compile("[\ud800-\udfff]")
_SPACE = " \t\n\xa0\u3000"


def read(data: bytes) -> Draft:
    """Read an RTF file.

    Parameters
    ----------
    data : bytes
        The whole file, Chinese in it escaped as code page 936 or 950 or as Unicode.

    Returns
    -------
    Draft
        A paragraph or a row of a table a line, cells parted by tabs. Headers, notes,
        hidden and deleted text, pictures are left out.

    Raises
    ------
    ReadError
        E105 if bytes in it are no characters of their code page.
    """
    from striprtf.striprtf import rtf_to_text

    try:
        text: str = rtf_to_text(_prepared(data))  # type: ignore[no-untyped-call]
    except UnicodeDecodeError as error:
        raise ReadError("E105", path="") from error
    # Unicode beyond the first plane is written as two halves
    text = _SURROGATES.sub(_united, text)
    text = _LONE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return Draft("".join(f"{line}\n" for line in _lines(text)))


def _prepared(data: bytes) -> str:
    """The file in a form that the library reads right."""
    data = _PICTURE.sub(b"", _without_binary(data))
    data = _HIGH.sub(lambda match: b"\\'" + match[0].hex().encode(), data)
    text = data.decode("ascii")
    text = _LINKS.sub("LINK", text)
    text = _HIDDEN.sub(r"\\*", text)
    text = _NUMBERS.sub(r"\\listtext", text)
    text = _NUMBER_TABS.sub("", text)
    text = _NESTED.sub(" ", text)
    for border, sign in _BORDERS:
        text = border.sub(sign, text)
    page = _PAGE.search(data)
    encoding = _DOUBLE.get(page[1].decode("ascii") if page else "")
    return _BYTES.sub(lambda m: _paired(m, encoding), text) if encoding else text


def _without_binary(data: bytes) -> bytes:
    pieces: list[bytes] = []
    start = 0
    while match := _BINARY.search(data, start):
        pieces.append(data[start : match.start()])
        start = min(match.end() + int(match[1]), len(data))
    return b"".join([*pieces, data[start:]])


def _paired(match: re.Match[str], encoding: str) -> str:
    """The second byte of a character, which may be a letter, escaped as the first."""
    run, following = match[1], match[2]
    if not following:
        return match[0]
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    decoder.decode(bytes.fromhex(run.replace("\\'", "")))
    pending = bool(decoder.getstate()[0])
    return f"{run}\\'{ord(following):02x}" if pending else match[0]


def _united(match: re.Match[str]) -> str:
    return match[0].encode("utf-16", "surrogatepass").decode("utf-16")


def _lines(text: str) -> Iterator[str]:
    """Paragraphs, and the rows of tables."""
    rows: list[list[Cell]] = []
    *ended, rest = text.split(_ROW)
    for piece in ended:
        # a row is announced before its first cell, and once more before its end
        before, _, row = piece.partition(_TABLE)
        if paragraphs := list(_paragraphs(before)):
            yield from filter(None, table.lines(rows))
            rows = []
            yield from paragraphs
        cells = row.replace(_TABLE, "").split(_CELL)[:-1]
        rows.append([Cell(cell.strip(_SPACE)) for cell in cells])
    yield from filter(None, table.lines(rows))
    yield from _paragraphs(rest.replace(_TABLE, "").replace(_CELL, "\n"))


def _paragraphs(text: str) -> Iterator[str]:
    return filter(None, (line.strip(_SPACE) for line in text.split("\n")))
