"""Items in, which candidates were judged out, and what was said of them."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from extract.gain import Known, Questions
from extract.review.tables import ACCEPTED, OPEN, Document, Item

Span = tuple[int, int]

HELD = 0.5
"""A candidate was judged if a judged item holds more than this share of it."""
_END = itemgetter(1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An item as far as it matters here; `task` is None while it is open."""

    start: int
    end: int
    task: bool | None


def verdicts_of(session: Session, documents: Iterable[int]) -> dict[int, list[Verdict]]:
    """Items of each document; those of a finished one hold all that is a task in it."""
    found: dict[int, list[Verdict]] = {document: [] for document in documents}
    columns = (Item.document_id, Item.start, func.length(Item.text), Item.verdict)
    query = select(*columns, Item.ruling).where(~Item.gone)
    for document, start, length, verdict, ruling in session.execute(query):
        if document in found:
            task = None if verdict == OPEN else verdict == ACCEPTED
            task = bool(ruling["task"]) if ruling else task
            found[document].append(Verdict(start, start + length, task))
    finished = select(Document.id).where(Document.finished_by.is_not(None))
    for document in session.scalars(finished):
        if document in found:
            # what nobody took for a task is none
            found[document].append(Verdict(0, sys.maxsize, False))
    return found


def left_of(
    pool: Mapping[int, Questions], verdicts: Mapping[int, list[Verdict]]
) -> tuple[list[list[int]], Known]:
    """Places that nobody judged, by document, and what the verdicts have taught."""
    known, left = Known(), []
    for document, asked in pool.items():
        said = judged(asked.spans, verdicts[document])
        for place, task in said.items():
            known.tell(asked, place, task)
        left.append([place for place in range(len(asked.spans)) if place not in said])
    return left, known


def judged(spans: Sequence[Span], verdicts: Iterable[Verdict]) -> dict[int, bool]:
    """Places of the candidates that were judged, and whether each is a task."""
    said: dict[int, bool] = {}
    for verdict in verdicts:
        if verdict.task is None:
            continue
        for place in held_by(spans, verdict.start, verdict.end):
            said[place] = said.get(place, False) or verdict.task
    return said


def held_by(spans: Sequence[Span], start: int, end: int) -> Iterator[int]:
    """Places of the spans, in text order, that a stretch holds for the most part."""
    place = bisect_right(spans, start, key=_END)
    while place < len(spans) and spans[place][0] < end:
        if share(spans[place], [(start, end)]) > HELD:
            yield place
        place += 1


def share(span: Span, over: Iterable[Span]) -> float:
    """Largest share of a span that one of the others holds."""
    start, end = span
    held = [min(end, last) - max(start, first) for first, last in over]
    return max(held, default=0) / max(end - start, 1)
