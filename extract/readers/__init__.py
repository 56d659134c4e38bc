"""Documents in, `Speech` out: `read` one, `documents` to find them in folders."""

from __future__ import annotations

import datetime as dt
import glob
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from extract.errors import ReadError, UsageError
from extract.readers import head
from extract.readers.text import LIMIT, Binary, Undecided, decode
from extract.task import Speech

__all__ = ["SUFFIXES", "documents", "from_text", "read", "read_bytes"]

SUFFIXES = (".txt", ".md", ".text", ".markdown")
"""Suffixes of text documents; a folder is searched for them."""

# Not read yet. In a folder they become rows of the failure table instead of being
# passed over in silence: a clerk must see that a speech is lacking.
_FOREIGN = (".doc", ".docx", ".wps", ".pdf", ".ofd", ".rtf", ".htm", ".html")
_MARKUP = (".rtf", ".htm", ".html")
# what a character can take up at most, in every encoding that is read
_BYTES_PER_CHARACTER = 4
STDIN = "-"


def read(source: str | Path | bytes, *, date: dt.date | None = None) -> Speech:
    """Read one document.

    Parameters
    ----------
    source : str, Path or bytes
        Path of a text file, or a file's content.
    date : datetime.date, optional
        Reference date for relative deadlines; by default the document's own, if its
        head states one.

    Returns
    -------
    Speech
        `doc` is the path as given, or ``""`` for bytes.

    Raises
    ------
    ReadError
        E101 missing, E103 empty, E104 binary, E105 undecodable, E106 too large,
        E107 not permitted, E108 other failure of the system, E109 a format that is
        not supported.
    """
    if isinstance(source, bytes):
        return read_bytes(source, date=date)
    path = Path(source)
    suffix = path.suffix.lower()
    try:
        size = path.stat().st_size
        if size > LIMIT * _BYTES_PER_CHARACTER:
            raise ReadError(
                "E106", path=source, size=size // _BYTES_PER_CHARACTER, limit=LIMIT
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ReadError("E101", path=source) from error
    except PermissionError as error:
        raise ReadError("E107", path=source) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ReadError("E108", path=source, reason=reason) from error
    if suffix in _MARKUP and data:
        raise _unsupported(source, suffix)
    return read_bytes(data, doc=str(source), date=date)


def read_bytes(data: bytes, doc: str = "", *, date: dt.date | None = None) -> Speech:
    """Read one document from its content; parameters and errors as in `read`.

    Parameters
    ----------
    data : bytes
        The content of a text file.
    doc : str
        What to call it: a path, or ``"-"`` for standard input.
    date : datetime.date, optional
        Reference date.
    """
    suffix = Path(doc).suffix.lower()
    if not data:
        raise ReadError("E103", path=doc)
    try:
        text = decode(data)
    except Binary as error:
        if suffix in ("", *SUFFIXES):
            raise ReadError("E104", path=doc) from error
        raise _unsupported(doc, suffix) from error
    except Undecided as error:
        raise ReadError("E105", path=doc) from error
    if not text.strip():
        raise ReadError("E103", path=doc)
    if len(text) > LIMIT:
        raise ReadError("E106", path=doc, size=len(text), limit=LIMIT)
    return from_text(text, doc, date=date)


def from_text(text: str, doc: str = "", *, date: dt.date | None = None) -> Speech:
    """Make a `Speech` of a text at hand: its title, and its date unless given."""
    found, source = (date, "given") if date else head.date(text)
    return Speech(text, doc, head.title(text), found, source)


def documents(paths: Iterable[str | Path]) -> list[Path]:
    """Files behind files, folders and globs.

    Parameters
    ----------
    paths : iterable of str or Path
        Folders are searched recursively, in sorted order; hidden files and whatever
        is no document (records, tables, pictures) are passed over there. A file that
        is named is always taken. ``-`` (standard input) is passed on.

    Returns
    -------
    list of Path
        In the order given, each file once.

    Raises
    ------
    ReadError
        E101 for a path that does not exist, E102 for a folder without documents.
    UsageError
        E205 if no path was given.
    """
    given = list(paths)
    if not given:
        raise UsageError("E205")
    found: dict[str, Path] = {}
    for path in given:
        for file in _expanded(str(path)):
            found.setdefault(os.path.realpath(file), file)
    return list(found.values())


def _expanded(path: str) -> list[Path]:
    place = Path(path)
    if path == STDIN:
        return [place]
    if place.is_dir():
        return _inside(place)
    # a file whose name holds brackets is a file, not a pattern
    if os.path.lexists(path) or not glob.has_magic(path):
        if not os.path.lexists(path):
            raise ReadError("E101", path=path)
        return [place]
    matches = [Path(match) for match in sorted(glob.glob(path, recursive=True))]
    files = [file for match in matches for file in _glob_match(match)]
    if not files:
        raise ReadError("E101", path=path)
    return files


def _glob_match(match: Path) -> list[Path]:
    return list(_walk(match)) if match.is_dir() else [match]


def _inside(folder: Path) -> list[Path]:
    files = list(_walk(folder))
    if not files:
        raise ReadError("E102", path=folder, suffixes=_known())
    return files


def _walk(folder: Path) -> Iterator[Path]:
    files: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(parent, name) for name in names if _is_document(name)]
    yield from sorted(files)


def _is_document(name: str) -> bool:
    # ~$讲话.docx is the lock file of an open document
    if name.startswith((".", "~$")):
        return False
    return Path(name).suffix.lower() in (*SUFFIXES, *_FOREIGN)


def _unsupported(path: str | Path, suffix: str) -> ReadError:
    return ReadError("E109", path=path, suffix=suffix, suffixes=_known())


def _known() -> str:
    return " ".join(SUFFIXES)
