"""XML bytes in, an element tree out: nothing is fetched and nothing expanded."""

from __future__ import annotations

from lxml import etree

from extract.errors import ReadError

# ISO/IEC 29500 Strict says the same things in namespaces of its own
_STRICT = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)
PARSING: dict[str, bool] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
"""Options of lxml's parsers under which a document brings in nothing from outside."""
# an XML part may be in UTF-16 as well
_ENCODINGS = ("ascii", "utf-16-le", "utf-16-be")


def parse(data: bytes, part: str) -> etree._Element:
    """Root element of an XML part of an Office file.

    Parameters
    ----------
    data : bytes
        The part. Strict Office Open XML is read as Transitional.
    part : str
        Its name, for the message.

    Raises
    ------
    ReadError
        E121 not well-formed, E123 with a document type declaration: Office writes
        none, and what entities it brings could expand without end.
    """
    for strict, transitional in _STRICT:
        data = data.replace(strict, transitional)
    parser = etree.XMLParser(**PARSING)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        code = "E123" if b"<!ENTITY" in data else "E121"
        raise ReadError(code, path="", part=part) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ReadError("E123", path="", part=part)
    return root


def refuse_declarations(data: bytes, part: str) -> None:
    """Raise ReadError E123 if an XML part for another library declares a DTD."""
    if any("<!DOCTYPE".encode(code) in data for code in _ENCODINGS):
        raise ReadError("E123", path="", part=part)
