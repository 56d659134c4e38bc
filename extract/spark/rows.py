"""One document of a frame in, its rows out: what runs on the executors."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from extract.batch.document import Report, results
from extract.batch.records import schema, typed
from extract.errors import DubanError, ReadError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from extract.task import Speech

PARTITION = "document"
"""Column by which the tables are partitioned: ``d`` and 16 hex digits of ``doc``.

Of the ``doc`` that came in: the documents of an archive stay together.
"""
INPUT = ("doc", "text", "content", "file", "length", "date")
"""Columns that are read."""
OUTPUT = (
    PARTITION, "doc", "digest", "characters", "tasks", "code", "reason_zh", "reason_en",
)  # fmt: skip
"""Columns that are made."""
_ROWS_AT_ONCE = 32


def worked(
    frames: Iterator[pd.DataFrame], date: dt.date | None, segmenter: str
) -> Iterator[pd.DataFrame]:
    """Rows of `OUTPUT` of frames of `INPUT`, for ``mapInPandas``."""
    import pandas as pd

    rows = (
        row
        for frame in frames
        for document in frame.to_dict("records")
        for row in _rows(document, date, segmenter)
    )
    while chunk := list(islice(rows, _ROWS_AT_ONCE)):
        yield pd.DataFrame(chunk, columns=list(OUTPUT))


def partition_of(doc: str) -> str:
    """Value of `PARTITION` for a document's name."""
    # a letter in front: Spark would take 1e5 in a path for a number
    digest = hashlib.sha256(doc.encode("utf-8", "surrogatepass")).hexdigest()
    return f"d{digest[:16]}"


def layout() -> str:
    """Types of `OUTPUT`, as Spark writes them."""
    return (
        f"{PARTITION} string, doc string, digest string, characters bigint,"
        f" tasks array<struct<{_fields(schema())}>>, code string, reason_zh string,"
        " reason_en string"
    )


def _rows(
    document: Mapping[Any, Any], date: dt.date | None, segmenter: str
) -> Iterator[tuple[Any, ...]]:
    doc = str(document["doc"])
    speeches = _speeches(document, doc, _day(document.get("date")) or date)
    for lines, report in results(speeches, doc, segmenter):
        # not splitlines(): U+2028 may stand inside a string
        records = [typed(json.loads(line)) for line in lines.split(b"\n") if line]
        yield (
            partition_of(doc), report.doc, report.digest, report.characters, records,
            report.code, *_reasons(report),
        )  # fmt: skip


def _speeches(
    document: Mapping[Any, Any], doc: str, date: dt.date | None
) -> Iterator[Speech | ReadError]:
    from extract import readers

    text, content, file = (document.get(key) for key in ("text", "content", "file"))
    if isinstance(text, str) and text.strip():
        yield readers.from_text(text, doc, date=date)
    elif content is not None:
        yield from readers.read_all(bytes(content), doc, date=date)
    elif file is not None:
        yield from _opened(os.fsdecode(bytes(file)), doc, date)
    elif (document.get("length") or 0) > readers.MOST_BYTES:
        yield readers.too_large(int(document["length"])).at(doc)
    else:
        yield ReadError("E103", path=doc)


def _opened(path: str, doc: str, date: dt.date | None) -> Iterator[Speech | ReadError]:
    """Documents of a file, by the name `doc` in place of its path."""
    from extract import readers

    for found in readers.read_all(path, date=date):
        if isinstance(found, ReadError):
            place = str(found.details.get("path", path))
            yield found.at(doc + place[len(path) :])
        else:
            yield replace(found, doc=doc + found.doc[len(path) :])


def _day(value: Any) -> dt.date | None:
    if isinstance(value, str) and value:
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else None


def _reasons(report: Report) -> tuple[str, str]:
    if not report.code:
        return "", ""
    error = DubanError(report.code, **report.details)
    return error.message("zh"), error.message("en")


def _fields(parts: Iterable[pa.Field]) -> str:
    # `from` is a word of SQL too
    return ", ".join(f"`{part.name}`: {_type(part.type)}" for part in parts)


def _type(kind: pa.DataType) -> str:
    """Spark's name of an Arrow type."""
    import pyarrow.types as of

    if of.is_list(kind):
        return f"array<{_type(kind.value_type)}>"
    if of.is_struct(kind):
        return f"struct<{_fields(kind)}>"
    return {"int64": "bigint", "date32[day]": "date", "bool": "boolean"}.get(
        str(kind), str(kind)
    )
