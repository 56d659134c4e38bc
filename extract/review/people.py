"""A person in, whether they may review out: four eyes see more than two.

Nobody reviews what they annotated themselves, unless there is nobody else: one person
alone on a database may do both, and of a dispute in which everybody took part any of
them may settle it. The log keeps who did.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from extract.errors import DubanError
from extract.review.tables import MACHINE, Annotator


def others(session: Session, apart: Collection[int]) -> bool:
    """Whether anybody but these people has given a name to this database."""
    query = select(Annotator.id).where(
        Annotator.name != MACHINE, Annotator.id.not_in(apart)
    )
    return session.scalar(query.limit(1)) is not None


def require_other_eyes(
    session: Session, reviewer: int, annotator: int | None, code: str = "E731"
) -> None:
    """Refuse a review of one's own annotation.

    Parameters
    ----------
    session : Session
    reviewer, annotator : int
        Who reviews, and whose annotation.
    code : str
        Of the error.

    Raises
    ------
    DubanError
        E731 unless nobody else works on the database.
    """
    if reviewer == annotator and others(session, [reviewer]):
        raise DubanError(code)


def require_no_party(session: Session, reviewer: int, parties: Collection[int]) -> None:
    """Refuse a ruling by somebody whose own reading is disputed.

    Raises
    ------
    DubanError
        E732 if there is anybody who took no part.
    """
    if reviewer in parties and others(session, parties):
        raise DubanError("E732")
