"""Folders in, frames of the documents in them out: the same that a batch takes."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extract.errors import ReadError, UsageError
from extract.readers import MOST_BYTES, documents
from extract.readers.folders import is_document, is_ledger, known

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame, SparkSession

_LIMIT = 2**31 - 16
# a few seconds of work: neither many tasks of nothing nor one that all wait for
_DOCUMENTS_A_TASK = 64
_LOCAL = "file"
_SHEET = ".xlsx"
# names that Spark's sources pass over, files and folders alike
_HIDDEN_HEAD, _HIDDEN_TAIL = "_", "._COPYING_"


def read_folder(session: SparkSession, folder: str) -> DataFrame:
    """Documents of a folder, for `extract`: those that `extract.batch` would take.

    Foreign formats that might be documents are among them, to fail with a reason;
    what is no document (pictures, programs, hidden files, ledgers) is not.

    Parameters
    ----------
    session : SparkSession
    folder : str
        A path, or a URI of a file system that Spark reads; searched recursively. The
        name of a document is its path as given.

    Returns
    -------
    DataFrame
        ``doc`` and ``file``, a path, where all executors see the folder as theirs;
        else ``doc``, ``content`` and ``length``.

    Raises
    ------
    UsageError
        E509 not a folder.
    ReadError
        E102 a folder without documents.
    """
    root, system = _root(session, folder)
    if system.getScheme() == _LOCAL:
        return _local(session, folder)
    return _remote(session, folder, root, system)


def _root(session: SparkSession, folder: str) -> tuple[str, Any]:
    """Full name of a folder, and its file system."""
    jvm: Any = session._jvm
    place = jvm.org.apache.hadoop.fs.Path(folder)
    system = place.getFileSystem(session.sparkContext._jsc.hadoopConfiguration())
    if not system.exists(place) or not system.getFileStatus(place).isDirectory():
        raise UsageError("E509", path=folder)
    root = place.makeQualified(system.getUri(), system.getWorkingDirectory())
    return root.toString(), system


def _local(session: SparkSession, folder: str) -> DataFrame:
    """Paths, which the executors open: what cannot be read fails by itself there."""
    place, given, cut = folder, "", 0
    if folder.startswith(f"{_LOCAL}:"):
        jvm: Any = session._jvm
        place = str(jvm.org.apache.hadoop.fs.Path(folder).toUri().getPath())
        given, cut = folder.rstrip("/"), len(str(Path(place)))
    rows = []
    for path in documents([place]):
        # a file name need not be text, but a name in a table must
        doc = (given + str(path)[cut:]).encode("utf-8", "replace").decode()
        rows.append((doc, os.fsencode(path)))
    parts = math.ceil(len(rows) / _DOCUMENTS_A_TASK)
    frame = session.createDataFrame(rows, "doc string, file binary")
    return frame.repartition(max(parts, session.sparkContext.defaultParallelism))


def _remote(session: SparkSession, folder: str, root: str, system: Any) -> DataFrame:
    from pyspark.sql import functions as f

    given = folder.rstrip("/")
    plain: list[tuple[str, int]] = []
    odd: list[tuple[str, int]] = []
    for path, length in _listed(session, root, system):
        inside = path[len(root) :]
        if _is_wanted(inside):
            lists = odd if _is_odd(inside, length) else plain
            lists.append((inside, length))
    if not plain and not odd:
        raise ReadError("E102", path=folder, suffixes=known())
    rows = [
        (given + inside, _content(session, system, root + inside, length), length)
        for inside, length in odd
    ]
    layout = "doc string, content binary, length long"
    frame = session.createDataFrame(rows, layout)
    suffixes = sorted({Path(inside).suffix for inside, _ in plain})
    sheets = [suffix for suffix in suffixes if suffix.lower() == _SHEET]
    others = [suffix for suffix in suffixes if suffix not in sheets]
    for chosen in filter(None, (sheets, others)):
        files = (
            session.read.format("binaryFile")
            .option("recursiveFileLookup", "true")
            .option("pathGlobFilter", f"*{{{','.join(chosen)}}}")
            .load(folder)
            # told to the source, which does not even open them
            .where(f.col("length") <= MOST_BYTES)
        )
        place = f.substring("path", len(root) + 1, _LIMIT)
        hidden = place.rlike(r"/\.") | place.rlike(r"/(?:~\$|__MACOSX)[^/]*$")
        name = f.concat(f.lit(given), place)
        found = files.where(~hidden).select(name.alias("doc"), "content", "length")
        if chosen is sheets:
            found = found.mapInPandas(_without_ledgers, layout)
        frame = frame.union(found)
    return frame


def _listed(session: SparkSession, root: str, system: Any) -> Iterator[tuple[str, int]]:
    jvm: Any = session._jvm
    files = system.listFiles(jvm.org.apache.hadoop.fs.Path(root), True)
    while files.hasNext():
        status = files.next()
        yield status.getPath().toString(), status.getLen()


def _is_wanted(inside: str) -> bool:
    """Whether a batch would take the file, by its place in the folder."""
    *folders, name = inside.split("/")[1:]
    return is_document(name) and not any(part.startswith(".") for part in folders)


def _is_odd(inside: str, length: int) -> bool:
    """Whether Spark's source would pass over a file, or could not carry it."""
    return (
        not 0 < length <= MOST_BYTES
        or any(part.startswith(_HIDDEN_HEAD) for part in inside.split("/"))
        or inside.endswith(_HIDDEN_TAIL)
    )


def _content(
    session: SparkSession, system: Any, path: str, length: int
) -> bytes | None:
    """Content of a file, through the driver; None for one that is too large."""
    if not 0 < length <= MOST_BYTES:
        return None if length else b""
    jvm: Any = session._jvm
    stream = system.open(jvm.org.apache.hadoop.fs.Path(path))
    try:
        return bytes(jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
    finally:
        stream.close()


def _without_ledgers(frames: Iterator[pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for frame in frames:
        ledgers = [
            is_ledger(Path(doc), io.BytesIO(content))
            for doc, content in zip(frame["doc"], frame["content"], strict=True)
        ]
        yield frame[[not found for found in ledgers]]
