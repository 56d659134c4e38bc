"""duban (督办): from speech to supervision ledger.

>>> import extract
>>> [task] = extract.tasks("由市住建局牵头，6月底前完成改造。", date="2026-03-05")
>>> task.owners[0].text, task.deadlines[0].due.isoformat()
('市住建局', '2026-06-30')
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from extract.task import Speech, Task

if TYPE_CHECKING:
    import pandas
    from spacy.language import Language

    from extract.explanation import Explanation

__version__ = "0.1.0"
__all__ = [
    "Speech",
    "Task",
    "explain",
    "load",
    "pipe",
    "read",
    "tasks",
    "tasks_of",
    "to_frame",
]

# heavy imports wait for the first call: `import extract` takes milliseconds


def load(segmenter: str = "jieba") -> Language:
    """Pipeline whose Docs have ``doc._.tasks``; see `extract.pipeline.load`."""
    from extract.pipeline import load

    return load(segmenter)


def read(path: str | Path, *, date: dt.date | str | None = None) -> Speech:
    """Read a document; see `extract.readers.read`."""
    from extract.readers import read

    return read(path, date=_day(date))


def tasks(
    text: str,
    *,
    date: dt.date | str | None = None,
    doc: str = "",
    segmenter: str = "jieba",
) -> list[Task]:
    """Tasks of a text, in text order.

    Parameters
    ----------
    text : str
        The speech; offsets of the tasks count its code points.
    date : datetime.date or str, optional
        Reference date for relative deadlines (ISO if a string). Without it a date
        in the text's head is used, if there is one.
    doc : str
        Name that the records carry.
    segmenter : {"jieba", "pkuseg", "char"}
        Whose words the classifier reads.

    Returns
    -------
    list of Task
    """
    from extract.readers import from_text

    return tasks_of(from_text(text, doc=doc, date=_day(date)), segmenter=segmenter)


def tasks_of(speech: Speech, *, segmenter: str = "jieba") -> list[Task]:
    """Tasks of a document that was read, in text order."""
    from extract.pipeline import records

    return records(speech, segmenter=segmenter)


def pipe(
    texts: Iterable[str | Speech], *, segmenter: str = "jieba"
) -> Iterator[list[Task]]:
    """Tasks of each of many texts or documents that were read, as a stream.

    The same tasks as `tasks` and `tasks_of` find, a tenth faster: texts are worked on
    in batches of some hundred thousand characters.

    Parameters
    ----------
    texts : iterable of str or Speech
        May be endless; a batch of them is held at a time.
    segmenter : {"jieba", "pkuseg", "char"}
        Whose words the classifier reads.

    Yields
    ------
    list of Task
        One list a text, in their order.
    """
    from extract.pipeline import stream
    from extract.readers import from_text

    speeches = (from_text(one) if isinstance(one, str) else one for one in texts)
    return stream(speeches, segmenter=segmenter)


def explain(speech: Speech, *, segmenter: str = "jieba") -> list[Explanation]:
    """Every candidate sentence of a document and why it is or is not a task."""
    from extract import explanation, pipeline

    return explanation.explain(pipeline.analyse(speech, segmenter=segmenter))


def to_frame(tasks: list[Task]) -> pandas.DataFrame:
    """One row a task, list fields joined; see `extract.writers.to_frame`."""
    from extract.writers import to_frame

    return to_frame(tasks)


def _day(date: dt.date | str | None) -> dt.date | None:
    return dt.date.fromisoformat(date) if isinstance(date, str) else date
