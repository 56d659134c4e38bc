"""A zip archive's bytes in, the documents in it out; nothing touches the disk."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from extract.errors import ReadError
from extract.readers import container, folders
from extract.readers.container import Container
from extract.readers.sniff import sniff

__all__ = ["expand"]


def expand(data: bytes) -> Iterator[tuple[str, bytes | ReadError]]:
    """Documents of an archive, and of the archives in it.

    Parameters
    ----------
    data : bytes
        A whole zip file that is no Office or OFD document.

    Yields
    ------
    name : str
        Place within the archive, ``/`` between folders and between an archive and
        its members. No part of it is ``..``.
    content : bytes or ReadError
        The document, or why it cannot be had; the others come nevertheless.

    Raises
    ------
    ReadError
        E121 damaged, E122 too many members, E132 no documents in it.
    """
    archive = container.members(data)
    documents = [name for name in archive.names if folders.is_document(name)]
    if not documents:
        raise ReadError("E132", path="", suffixes=folders.known())
    yield from _expanded(archive, documents)


def _expanded(
    archive: Container, documents: list[str]
) -> Iterator[tuple[str, bytes | ReadError]]:
    for name in documents:
        shown = posixpath.normpath("/" + name).lstrip("/")
        try:
            content = archive.read(name)
            if content and sniff(content) == "zip":
                inner = archive.inner(name)
                inside = [name for name in inner.names if folders.is_document(name)]
                if not inside:
                    raise ReadError("E132", path="", suffixes=folders.known())
                for place, found in _expanded(inner, inside):
                    yield f"{shown}/{place}", found
                continue
        except ReadError as error:
            yield shown, error
        else:
            yield shown, content
