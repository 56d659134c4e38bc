"""The documents of a database and what was judged in them in, what to ask next out."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from extract import gain
from extract.gain import Known, Proposal, Questions
from extract.review.database import Database
from extract.review.intake import proposal
from extract.review.tables import MACHINE, OPEN, Change, Document, Item
from extract.review.verdicts import (
    HELD,
    Span,
    Verdict,
    held_by,
    left_of,
    share,
    verdicts_of,
)

# a sentence that is no item is asked about in the page for these reasons, or if the
# judge now takes it for a task
_WORTH = {gain.UNCERTAIN, gain.DISAGREEMENT}
_LIKELY = 0.5


@dataclass(frozen=True, slots=True)
class Asked:
    """A sentence to ask about.

    Attributes
    ----------
    document : int
        Id of the document.
    doc, title, text : str
        The document's file and title, the sentence.
    start, end : int
        Offsets into the document's text.
    task : bool
        Whether the machine proposes it as a task.
    proposal : Proposal
        Probability, gain and reasons.
    """

    document: int
    doc: str
    title: str
    text: str
    start: int
    end: int
    task: bool
    proposal: Proposal


@dataclass(frozen=True, slots=True)
class _Now:
    """What holds until the next change; `key` tells whether there was one."""

    key: tuple[Any, ...]
    pool: dict[int, Questions]
    verdicts: dict[int, list[Verdict]]
    left: list[list[int]]
    known: Known


class Proposals:
    """The order of asking, as the database and the judge are now.

    The rules and the judge read each document once; verdicts are looked up each time.

    Parameters
    ----------
    database : Database
    segmenter : str
        A name in `extract.words.NAMES`.
    only : collection of int, optional
        Ids of the documents to ask about, all by default; it may still grow.
    """

    def __init__(
        self,
        database: Database,
        *,
        segmenter: str = "jieba",
        only: Collection[int] | None = None,
    ) -> None:
        self.database = database
        self.segmenter = segmenter
        self.only = only
        self._last: _Now | None = None
        self._questions: dict[int, Questions] = {}
        self._records: dict[int, dict[Span, dict[str, Any]]] = {}
        self._reading = threading.Lock()

    def sentences(self, most: int | None = None) -> list[Asked]:
        """Sentences of all documents that nobody judged, the most gainful first."""
        with self.database.reading() as session:
            now = self._now(session)
            asked = list(now.pool.values())
            ranked = gain.ranked(asked, now.left, now.known, most=most)
            names = list(now.pool)
            rows = _texts(session, {names[one.document] for one in ranked})
        return [
            _asked(
                rows[names[one.document]],
                asked[one.document].spans[one.place],
                now.verdicts[names[one.document]],
                one,
            )
            for one in ranked
        ]

    def documents(self) -> list[int]:
        """Ids of the documents with something to judge, the most gainful first.

        What a document is worth is what its open sentences are expected to give, see
        `extract.gain.opening`.
        """
        with self.database.reading() as session:
            now = self._now(session)
        names = list(now.pool)
        order = gain.opening(now.pool.values(), now.left, now.known)
        return [names[place] for place in order]

    def empty(self) -> bool:
        """Whether there is no document to ask about."""
        with self.database.reading() as session:
            return not self._now(session).pool

    def following(self, after: int | None = None) -> int | None:
        """Document to go on with; None if nothing is left to judge.

        Parameters
        ----------
        after : int, optional
            Where one comes from: the next in the order, and after the last the first.
        """
        order = self.documents()
        place = order.index(after) + 1 if after in order else 0
        return order[place % len(order)] if order else None

    def add_to(self, whole: dict[str, Any]) -> None:
        """Put gain and reasons beside a document's items, and sentences to ask about.

        Parameters
        ----------
        whole : dict
            As `extract.review.queries.whole` gives it. Its items get ``gain`` and
            ``reasons``; sentences that are no items and worth asking about are added
            to them with ``asked``, version 0 and the record that they would have.
        """
        document = whole["document"]["id"]
        with self.database.reading() as session:
            now = self._now(session)
        if document not in now.pool:
            return
        asked = now.pool[document]
        places = now.left[list(now.pool).index(document)]
        found = {one.place: one for one in gain.ranked([asked], [places], now.known)}
        for item in whole["items"]:
            span = item["record"]["start"], item["record"]["end"]
            held = [found[at] for at in held_by(asked.spans, *span) if at in found]
            if item["verdict"] == OPEN and held:
                item |= {"gain": held[0].gain, "reasons": held[0].reasons}
        taken = [(item.start, item.end) for item in now.verdicts[document]]
        for place, one in found.items():
            worth = one.probability >= _LIKELY or _WORTH.intersection(one.reasons)
            if worth and share(asked.spans[place], taken) <= HELD:
                record = self._record(document, asked.spans[place])
                whole["items"].append(_question(record, one))
        whole["items"].sort(key=lambda item: int(item["record"]["start"]))

    def _now(self, session: Session) -> _Now:
        """What could be asked and what was judged, anew if anything changed."""
        changes = select(func.max(Change.id)).scalar_subquery()
        items = select(func.count(Item.id)).scalar_subquery()
        ids = session.scalars(select(Document.id).order_by(Document.id)).all()
        wanted = [one for one in ids if self.only is None or one in self.only]
        key = (*session.execute(select(changes, items)).one(), *wanted)
        with self._reading:
            if self._last is None or self._last.key != key:
                pool = {document: self._read(session, document) for document in wanted}
                verdicts = verdicts_of(session, pool)
                left, known = left_of(pool, verdicts)
                self._last = _Now(key, pool, verdicts, left, known)
            return self._last

    def _read(self, session: Session, document: int) -> Questions:
        if document not in self._questions:
            row = session.get_one(Document, document)
            self._questions[document] = gain.questions(self._analysed(row))
        return self._questions[document]

    def _analysed(self, row: Document) -> Any:
        from extract import pipeline
        from extract.readers import from_text

        speech = from_text(row.text, row.doc, date=row.date)
        return pipeline.analyse(speech, segmenter=self.segmenter)

    def _record(self, document: int, span: Span) -> dict[str, Any]:
        """Record that a sentence would have if it were a task."""
        if document not in self._records:
            with self.database.reading() as session:
                analysed = self._analysed(session.get_one(Document, document))
            self._records[document] = {
                (record["start"], record["end"]): proposal(record, record["id"])
                for record in _as_tasks(analysed)
            }
        return self._records[document][span]


def _as_tasks(analysed: Any) -> list[dict[str, Any]]:
    """Records of all candidates, taken for tasks."""
    from extract import harvest

    for judgement in analysed._.judgements:
        judgement.task = True
    return [task.to_dict() for task in harvest.tasks(analysed)]


def _texts(session: Session, documents: Collection[int]) -> dict[int, Any]:
    columns = (Document.id, Document.doc, Document.title, Document.text)
    rows = session.execute(select(*columns).where(Document.id.in_(documents)))
    return {row.id: row for row in rows}


def _asked(row: Any, span: Span, items: Iterable[Verdict], one: Proposal) -> Asked:
    start, end = span
    task = share(span, [(item.start, item.end) for item in items]) > HELD
    text = row.text[start:end]
    return Asked(row.id, row.doc, row.title, text, start, end, task, one)


def _question(record: Mapping[str, Any], one: Proposal) -> dict[str, Any]:
    """A sentence to ask about, as the page gets its items."""
    return {
        "id": record["id"],
        "version": 0,
        "source": MACHINE,
        "confidence": record["confidence"],
        "record": record,
        "machine": record,
        "edited": [],
        "verdict": OPEN,
        "annotator": "",
        "review": OPEN,
        "reviewer": "",
        "remark": "",
        "ruling": None,
        "disputed": 0,
        "lapsed": False,
        "gone": False,
        "asked": True,
        "gain": one.gain,
        "reasons": one.reasons,
    }
