"""Documents in, `Speech` out: `read` one, `read_all` what may be an archive of many."""

from __future__ import annotations

import datetime as dt
import stat
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from extract.errors import ReadError
from extract.readers import archive, head, worker
from extract.readers.draft import Draft
from extract.readers.folders import SUFFIXES, documents, known
from extract.readers.sniff import TEXT, sniff
from extract.readers.text import LIMIT, Binary, Undecided, decode
from extract.task import Place, Speech

__all__ = [
    "FORMATS",
    "MOST_BYTES",
    "SUFFIXES",
    "documents",
    "from_text",
    "read",
    "read_all",
    "read_bytes",
    "too_large",
]

FORMATS = {
    "docx": "docx",
    "doc": "doc",
    "xlsx": "xlsx",
    "xls": "xls",
    "pdf": "pdf",
    "ofd": "ofd",
    "html": "html",
    "mht": "mht",
    "rtf": "rtf",
}
"""What `extract.readers.sniff.sniff` finds, and the module here that reads it.

Such a module has ``read(data: bytes) -> Draft`` and raises `ReadError`. It is imported
when the first file of its format comes.
"""

ARCHIVE = "zip"
# formats whose library can be made to run without end
_APART = ("pdf", "xls")
_TEXTS = ("", ".txt", ".text", ".md", ".markdown")
# what a character can take up at most, in every encoding that is read
_BYTES_PER_CHARACTER = 4
MOST_BYTES = LIMIT * _BYTES_PER_CHARACTER
"""Larger files are not opened."""
_NONE_LOST: Mapping[int, ReadError] = MappingProxyType({})


def read(source: str | Path | bytes, *, date: dt.date | None = None) -> Speech:
    """Read one document.

    Parameters
    ----------
    source : str, Path or bytes
        Path of a file, or a file's content. A path may lead into a zip archive:
        ``2026.zip/讲话.docx``.
    date : datetime.date, optional
        Reference date for relative deadlines; by default the document's own, if its
        head states one.

    Returns
    -------
    Speech
        `doc` is the path as given, or ``""`` for bytes. Of an archive with one
        document in it, that one.

    Raises
    ------
    ReadError
        E101 missing, E103 empty, E104 binary, E105 undecodable, E106 too large,
        E107 not permitted, E108 other failure of the system, E109 a format that is
        not supported, E133 an archive of several documents; E120 to E132 what the
        readers of formats find.
    """
    if isinstance(source, bytes):
        return read_bytes(source, date=date)
    doc = str(source)
    try:
        return read_bytes(_content(source), doc, date=date)
    except ReadError as error:
        if error.code not in ("E101", "E108") or not (outer := _outer(doc)):
            raise
    for speech in read_all(outer, date=date):
        if (speech.doc if isinstance(speech, Speech) else _path(speech)) == doc:
            return _or_raise(speech)
    raise ReadError("E101", path=source)


def read_bytes(data: bytes, doc: str = "", *, date: dt.date | None = None) -> Speech:
    """Read one document from its content; parameters and errors as in `read`.

    Parameters
    ----------
    data : bytes
        The content of a file.
    doc : str
        What to call it: a path, or ``"-"`` for standard input.
    date : datetime.date, optional
        Reference date.
    """
    if data and sniff(data) == ARCHIVE:
        found = list(islice(_members(data, doc, date), 2))
        if len(found) > 1:
            raise ReadError("E133", path=doc)
        return _or_raise(found[0])
    return _one(data, doc, date)


def read_all(
    source: str | Path | bytes,
    doc: str = "",
    *,
    date: dt.date | None = None,
    lost: Mapping[int, ReadError] = _NONE_LOST,
) -> Iterator[Speech | ReadError]:
    """Read a file that may be an archive of documents.

    Parameters
    ----------
    source : str, Path or bytes
        Path of a file, or a file's content.
    doc : str
        What to call a content; a path keeps its own name.
    date : datetime.date, optional
        Reference date for each of them.
    lost : mapping of int to ReadError, optional
        Documents, counted from 0, that are not to be read, and what is given in their
        place: a batch lost its process at them.

    Yields
    ------
    Speech or ReadError
        In the order of the archive; an error, with the document's name in it, for
        every one that cannot be read. `doc` of a member is the archive's with the
        place in it: ``2026.zip/一季度/讲话.docx``.
    """
    try:
        if isinstance(source, bytes):
            data = source
        else:
            doc = str(source)
            data = _content(source)
        if data and sniff(data) == ARCHIVE:
            yield from _members(data, doc, date, lost)
        elif 0 in lost:
            raise lost[0]
        else:
            yield _one(data, doc, date)
    except ReadError as error:
        yield error.at(doc)


def from_text(
    text: str,
    doc: str = "",
    *,
    date: dt.date | None = None,
    places: tuple[tuple[int, Place], ...] = (),
) -> Speech:
    """Make a `Speech` of a text at hand: its title, and its date unless given."""
    title, found, source = head.read(text)
    if date:
        found, source = date, "given"
    return Speech(text, doc, title, found, source, places)


def too_large(size: int) -> ReadError:
    """Error of a file of more than `MOST_BYTES`."""
    return ReadError("E106", path="", size=size // _BYTES_PER_CHARACTER, limit=LIMIT)


def _members(
    data: bytes,
    doc: str,
    date: dt.date | None,
    lost: Mapping[int, ReadError] = _NONE_LOST,
) -> Iterator[Speech | ReadError]:
    try:
        for number, (name, content) in enumerate(archive.expand(data)):
            place = f"{doc}/{name}" if doc else name
            try:
                if number in lost:
                    raise lost[number]
                if isinstance(content, ReadError):
                    raise content
                yield _one(content, place, date)
            except ReadError as error:
                yield error.at(place)
    except ReadError as error:
        raise error.at(doc) from error


def _one(data: bytes, doc: str, date: dt.date | None) -> Speech:
    """One document that is no archive."""
    if not data:
        raise ReadError("E103", path=doc)
    if len(data) > MOST_BYTES:
        raise too_large(len(data)).at(doc)
    try:
        draft = _draft(data, doc)
    except ReadError as error:
        raise error.at(doc) from error
    if not draft.text.strip():
        raise ReadError("E103", path=doc)
    if len(draft.text) > LIMIT:
        raise ReadError("E106", path=doc, size=len(draft.text), limit=LIMIT)
    return from_text(draft.text, doc, date=date, places=draft.places)


def _draft(data: bytes, doc: str) -> Draft:
    name = sniff(data)
    if name == TEXT:
        return _text(data, doc)
    if name == "encrypted":
        raise ReadError("E120", path=doc)
    if name not in FORMATS:
        # the suffix of a text, or none, promises one
        if Path(doc).suffix.lower() in _TEXTS:
            raise ReadError("E104", path=doc)
        raise ReadError("E109", path=doc, suffix=name, suffixes=known())
    try:
        if name in _APART:
            return worker.read(FORMATS[name], data)
        reader = import_module(f"extract.readers.{FORMATS[name]}")
        draft: Draft = reader.read(data)
    except (ReadError, ImportError, MemoryError):
        raise
    except Exception as error:
        # what a broken file sets off inside a library is not for us to list
        raise ReadError("E121", path=doc, part=name) from error
    return draft


def _text(data: bytes, doc: str) -> Draft:
    try:
        return Draft(decode(data))
    except Binary as error:
        suffix = Path(doc).suffix.lower()
        if suffix in _TEXTS:
            raise ReadError("E104", path=doc) from error
        raise ReadError("E109", path=doc, suffix=suffix, suffixes=known()) from error
    except Undecided as error:
        raise ReadError("E105", path=doc) from error


def _content(source: str | Path) -> bytes:
    path = Path(source)
    try:
        status = path.stat()
        # /dev/zero has no end
        if stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode):
            raise ReadError("E108", path=source, reason="device")
        if status.st_size > MOST_BYTES:
            raise too_large(status.st_size).at(source)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError("E101", path=source) from error
    except PermissionError as error:
        raise ReadError("E107", path=source) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReadError("E108", path=source, reason=reason) from error


def _outer(doc: str) -> str | None:
    """The file that a path leads into, if it does."""
    for parent in Path(doc).parents:
        try:
            if parent.is_file():
                return doc[: len(str(parent))]
        except (OSError, ValueError):
            return None
    return None


def _path(error: ReadError) -> str:
    return str(error.details.get("path", ""))


def _or_raise(found: Speech | ReadError) -> Speech:
    if isinstance(found, ReadError):
        raise found
    return found
