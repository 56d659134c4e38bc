"""Paths, folders and globs in, the files to read out."""

from __future__ import annotations

import glob
import os
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from extract.errors import ReadError, UsageError

__all__ = [
    "MARK",
    "STDIN",
    "SUFFIXES",
    "documents",
    "is_document",
    "is_ledger",
    "known",
]

STDIN = "-"
MARK = "duban-ledger"
"""Category that workbooks written here have in their properties."""
_PROPERTIES = "docProps/core.xml"
_PROPERTIES_SIZE = 2**16

SUFFIXES = (
    *(".txt", ".text", ".md", ".markdown"),
    *(".docx", ".docm", ".doc", ".wps", ".pdf", ".ofd", ".rtf"),
    *(".htm", ".html", ".mht", ".mhtml", ".zip"),
    *(".xlsx", ".xlsm", ".xls", ".et"),
)
"""Suffixes that documents usually have; a folder is searched for them.

They only choose what is looked at: what a file is, its content says.
"""

# Documents that are not read. In a folder they become rows of the failure table instead
# of being passed over in silence: a clerk must see that a speech is lacking.
_FOREIGN = (
    *(".ppt", ".pptx", ".dps", ".odt", ".ods", ".pages"),
    *(".ceb", ".caj", ".rar", ".7z", ".tar", ".gz", ".tgz"),
)
# what programs leave beside documents: lock files of an open one, hidden files,
# resource forks in archives from a Mac
_LEFTOVERS = (".", "~$", "__MACOSX")
_DOTS = (".", "..")


def documents(paths: Iterable[str | Path]) -> list[Path]:
    """Files behind files, folders and globs.

    Parameters
    ----------
    paths : iterable of str or Path
        Folders are searched recursively, in sorted order; hidden files and whatever
        is no document (records, pictures, ledgers of ours) are passed over there, and
        so are links to folders, which may run in circles. A file that is named is
        always taken.
        ``-`` (standard input) is passed on.

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


def is_document(name: str) -> bool:
    """Whether a file of that name is one, to a search of a folder or an archive.

    Parameters
    ----------
    name : str
        With or without folders in front, ``/`` between them.
    """
    parts = name.split("/")
    if any(part.startswith(_LEFTOVERS) and part not in _DOTS for part in parts):
        return False
    return Path(parts[-1]).suffix.lower() in (*SUFFIXES, *_FOREIGN)


def known() -> str:
    """Suffixes for messages."""
    return " ".join(SUFFIXES)


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
        raise ReadError("E102", path=folder, suffixes=known())
    return files


def _walk(folder: Path) -> Iterator[Path]:
    files: list[Path] = []
    # links to folders are not followed, links to files are read
    for parent, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        files += [Path(parent, name) for name in names if is_document(name)]
    yield from (f for f in sorted(files) if _is_file(f) and not is_ledger(f))


def _is_file(path: Path) -> bool:
    """Whether a path is a file or a link that leads nowhere, which is an error."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        # a pipe would be waited for without end; what is missing must be named
        return True


def is_ledger(file: Path, content: IO[bytes] | None = None) -> bool:
    """Whether a workbook is a ledger written here, which is no speech.

    Parameters
    ----------
    file : Path
        Its name.
    content : binary stream, optional
        Its content, if it is not to be opened by that name.
    """
    if file.suffix.lower() != ".xlsx":
        return False
    try:
        with zipfile.ZipFile(content or file) as workbook:
            properties = workbook.getinfo(_PROPERTIES)
            small = properties.file_size < _PROPERTIES_SIZE
            return small and MARK.encode() in workbook.read(properties)
    except (
        OSError,
        KeyError,
        ValueError,
        RuntimeError,
        zipfile.BadZipFile,
        zlib.error,
    ):
        return False
