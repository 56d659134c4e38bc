"""Documents in a Spark DataFrame in, tasks out: the local records, on a cluster.

Python workers live on between tasks (``spark.python.worker.reuse``, on by default) and
`extract.pipeline.load` is cached, so each loads rules and model once.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from extract.batch.records import plain
from extract.errors import DubanError, ReadError, UsageError
from extract.spark.folder import read_folder
from extract.spark.rows import INPUT, PARTITION, layout, partition_of, worked
from extract.spark.storage import Written, failures, tasks, write

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = [
    "PARTITION",
    "Written",
    "extract",
    "failing",
    "failures",
    "outcomes",
    "partition_of",
    "read_folder",
    "record",
    "session",
    "tasks",
    "write",
]


def extract(
    documents: DataFrame,
    *,
    date: dt.date | None = None,
    segmenter: str = "jieba",
) -> DataFrame:
    """Tasks of documents, one row each.

    Parameters
    ----------
    documents : DataFrame
        Columns ``doc`` (the name that the records carry), and ``text`` (string),
        ``content`` (binary, a file of any format that is read) or ``file`` (binary,
        the path of one that every executor sees); perhaps ``date`` (the reference
        date; null takes `date`).
    date : datetime.date, optional
        Reference date for documents without; by default the document's own.
    segmenter : str
        A name in `extract.words.NAMES`.

    Returns
    -------
    DataFrame
        `PARTITION`, the columns of the record (``docs/record.md``; dates are dates,
        parts are structures), and ``row``, the task's rank in its document from 0.
        Documents that fail give no rows here: `outcomes` has both.

    Raises
    ------
    UsageError
        E512 if a column is missing.
    """
    return tasks(outcomes(documents, date=date, segmenter=segmenter))


def outcomes(
    documents: DataFrame,
    *,
    date: dt.date | None = None,
    segmenter: str = "jieba",
) -> DataFrame:
    """One row a document, several for an archive; parameters and errors as `extract`.

    Returns
    -------
    DataFrame
        `PARTITION`, ``doc``, ``digest`` and ``characters`` of the text, ``tasks`` (an
        array of records), and for those that failed ``code`` and the reason in Chinese
        and English, ``reason_zh`` and ``reason_en``; else these are ``""``.
    """
    known = [name for name in INPUT if name in documents.columns]
    if "doc" not in known or not {"text", "content", "file"} & set(known):
        found = ", ".join(documents.columns)
        raise UsageError("E512", path="DataFrame", columns=found)
    worker = functools.partial(worked, date=date, segmenter=segmenter)
    return documents.select(*known).mapInPandas(worker, layout())


def record(row: Any) -> dict[str, Any]:
    """Record of a row of `extract`: what the local run writes as a line of JSON."""
    found = plain(row.asDict(recursive=True))
    del found[PARTITION], found["row"]
    return found


@contextmanager
def failing(path: str) -> Iterator[None]:
    """Turn what Spark says of its work on `path` into errors of ours.

    Raises
    ------
    ReadError
        E108 if it is not there or cannot be read.
    DubanError
        E517 if the work could not be done.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import AnalysisException, PySparkException

    try:
        yield
    except AnalysisException as error:
        raise ReadError("E108", path=path, reason=_first(error)) from error
    except (PySparkException, Py4JJavaError) as error:
        raise DubanError("E517", path=path, reason=_first(error)) from error


def _first(error: Exception) -> str:
    """First line of what Spark says that says something."""
    # Py4J's own words only tell which method was called
    words = str(getattr(error, "java_exception", None) or error)
    lines = [line.strip() for line in words.splitlines()]
    return next((line for line in lines if line), type(error).__name__)


def session(master: str = "") -> SparkSession:
    """Spark session for duban; one that runs already is taken as it is.

    Parameters
    ----------
    master : str
        As ``local[2]``; ``""`` leaves it to ``spark-submit`` and its settings.

    Raises
    ------
    DubanError
        E510 if pyspark is not installed, E511 if Spark does not start.
    """
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise DubanError("E510") from error
    builder = SparkSession.builder.appName("duban")
    # whole documents: ten thousand at a time, the default, would not fit into memory
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", "128")
    if master:
        builder = builder.master(master)
    if master.startswith("local"):
        # or workers would take whatever python3 comes first
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        builder = builder.config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1")
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise DubanError("E511", reason=str(error).splitlines()[0]) from error
