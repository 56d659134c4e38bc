"""Everybody's readings in, how far they agree out: the figures of ``duban agree``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from extract.review.disputes import groups
from extract.review.readings import REFRESH, readings
from extract.review.tables import MACHINE, Annotator, Change, Item

if TYPE_CHECKING:
    from extract.evaluate.annotators import SharedDocument

_ALPHAS = ("kind", "actionable")


def agreement(session: Session, document: int | None = None) -> dict[str, Any]:
    """Task F1 of each two annotators, and alpha of all, over what several judged.

    Only explicit verdicts count: a task that somebody has not judged says nothing
    about them. Where everybody judged everything, the figures are those that ``duban
    agree`` prints for their gold folders.

    Parameters
    ----------
    session : Session
    document : int, optional
        Only this one.

    Returns
    -------
    dict
        ``documents`` that more than one person judged; ``pairs`` with ``first``,
        ``second``, ``f1``, ``low`` and ``high``; ``alphas`` for kind and actionable
        with ``alpha``, ``low``, ``high`` and ``units``.
    """
    # numpy: only who asks for figures waits for it
    from extract import evaluate

    query = select(Annotator).where(Annotator.name != MACHINE).order_by(Annotator.id)
    people = {person.id: person.name for person in session.scalars(query)}
    shared = []
    documents = 0
    for number in _annotated_twice(session) if document is None else [document]:
        parts = list(_shared(session, number, list(people)))
        documents += bool(parts)
        shared += parts
    found = evaluate.agree(shared, list(people.values()))
    return {
        "documents": documents,
        "pairs": [
            {
                "first": pair.first,
                "second": pair.second,
                "f1": pair.scores["task"].f1,
                "low": pair.scores["task"].low,
                "high": pair.scores["task"].high,
            }
            for pair in found.pairs
        ],
        "alphas": {
            name: {
                "alpha": found.alphas[name].alpha,
                "low": found.alphas[name].low,
                "high": found.alphas[name].high,
                "units": found.alphas[name].units,
            }
            for name in _ALPHAS
        },
    }


def _annotated_twice(session: Session) -> list[int]:
    people = func.count(Change.annotator_id.distinct())
    query = (
        select(Change.document_id)
        .where(Change.action != REFRESH)
        .group_by(Change.document_id)
        .having(people > 1)
    )
    return sorted(session.scalars(query))


def _shared(
    session: Session, document: int, people: list[int]
) -> Iterator[SharedDocument]:
    """One document's tasks, those together that the same people judged."""
    from extract.evaluate.annotators import SharedDocument
    from extract.review.exchange.gold import gold_record

    said = readings(session, document=document)
    items = session.scalars(
        select(Item).where(Item.document_id == document).order_by(Item.start, Item.id)
    ).all()
    judged: dict[frozenset[int], dict[int, list[dict[str, Any]]]] = {}
    for group in groups(items, said):
        tasks: dict[int, list[dict[str, Any]]] = {}
        for item in group:
            for who, reading in said.get(item.id, {}).items():
                record = [gold_record(reading.record)] if reading.task else []
                tasks.setdefault(who, []).extend(record)
        if len(tasks) > 1:
            together = judged.setdefault(frozenset(tasks), {})
            for who, records in tasks.items():
                together.setdefault(who, []).extend(records)
    for together in judged.values():
        yield SharedDocument(str(document), tuple(map(together.get, people)))
