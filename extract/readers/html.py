"""Bytes of a web page in, a `Draft` out: what it says, without what surrounds it."""

from __future__ import annotations

import codecs
import re

from lxml import etree
from lxml import html as markup

from extract.errors import ReadError
from extract.readers import web
from extract.readers.draft import Draft
from extract.readers.text import Binary, Undecided, decode

_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]+)""", re.I)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_HEAD = 4096
_DEPTH = 2048
# what pages declare that hold Chinese nevertheless
_WESTERN = ("iso8859-1", "cp1252", "ascii")
_CHINESE = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs"}


def read(data: bytes, charset: str | None = None) -> Draft:
    """Read a web page.

    Parameters
    ----------
    data : bytes
        The whole file.
    charset : str, optional
        What the envelope of the page says about its encoding.

    Returns
    -------
    Draft
        Title, what stands between it and the body, and the body, one paragraph a
        line; rows of tables with tabs between their cells.

    Raises
    ------
    ReadError
        E103 if there is no text in it, E121 if it cannot be parsed.
    """
    text = _DECLARATION.sub("", _decoded(data, charset).replace("\0", ""))
    # nothing is fetched; the depth of the tree stays bounded (libxml2: 2048)
    parser = markup.HTMLParser(
        no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = markup.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        code = "E121" if text.strip() else "E103"
        raise ReadError(code, path="", part="HTML") from error
    if any(
        entry.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for entry in parser.error_log
    ):
        # the parser stops there, and what follows would be lost in silence
        raise ReadError("E122", path="", part="HTML", limit=_DEPTH)
    return Draft("".join(f"{line}\n" for line in web.content(root)))


def _decoded(data: bytes, charset: str | None) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    try:
        # what is valid UTF-8 is UTF-8, whatever the page says
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    found = _CHARSET.search(data[:_HEAD])
    declared = _codec(charset or (found[1].decode("ascii") if found else ""))
    if declared:
        try:
            return data.decode(declared)
        except UnicodeDecodeError:
            pass
    try:
        return decode(data)
    except (Binary, Undecided) as error:
        if not declared:
            raise ReadError("E105", path="") from error
    # one broken character must not cost the page
    return data.decode(declared, "replace")


def _codec(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except LookupError:
        return ""
    return "" if found in _WESTERN else _CHINESE.get(found, found)
