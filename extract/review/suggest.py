"""A stretch of a speech in, what the machine reads in it out: to be checked."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from typing import Any

from extract.errors import DubanError
from extract.review.record import LISTS, Record

_UNREAD: dict[str, Record] = {
    "owners": {"role": "responsible", "source": "explicit"},
    "deadlines": {"type": "date", "from": None, "due": None},
    "recurrences": {"unit": "month", "every": None, "times": None, "day": None},
    "metrics": {"value": None, "unit": "", "relation": "eq"},
}
"""Values of a part that no rule understands."""


def parts(text: str, start: int, end: int, date: dt.date | None) -> dict[str, Any]:
    """Owners, deadlines, recurrences and metrics of a stretch of a document.

    Parameters
    ----------
    text : str
        The document.
    start, end : int
        The stretch.
    date : datetime.date or None
        Reference date.

    Returns
    -------
    dict
        The four lists of a record, offsets counted in the document.
    """
    from extract import harvest, pipeline
    from extract.layers import Judgement, Sentence
    from extract.readers import from_text

    if not 0 <= start < end <= len(text):
        raise DubanError("E711", field="start, end", value=(start, end))
    # the whole document: its headings may say which year is meant
    doc = pipeline.analyse(from_text(text, date=date), judged=False)
    view = doc._.view
    offsets = range(len(view.text))
    first, last = (bisect_left(offsets, place, key=view.at) for place in (start, end))
    if first == last:
        return {name: [] for name in LISTS}
    doc._.sentences = [Sentence(first, last, last)]
    doc._.judgements = [Judgement(True, 1.0, "action", False, False)]
    doc._.cues, doc._.duties = [[]], {}
    [task] = harvest.tasks(doc)
    record = task.to_dict()
    return {name: record[name] for name in LISTS}


def part(
    text: str, start: int, end: int, date: dt.date | None, name: str
) -> dict[str, Any]:
    """One part of the kind a person named, with the values the machine reads in it."""
    if name not in LISTS:
        raise DubanError("E711", field="field", value=name)
    for found in parts(text, start, end, date)[name]:
        if (found["start"], found["end"]) == (start, end):
            return dict(found)
    surface = {"text": text[start:end], "start": start, "end": end}
    return surface | _UNREAD[name] | {"rule": "annotator"}
