"""Gold and predicted records in, scores and a list of errors out.

Records are plain dicts with the keys of the task record (``docs/record.md``). In gold,
deadlines, recurrences and metrics may also be plain strings. Tasks pair one to one by
the overlap of their spans; what a paired task says is then compared field by field.
"""

from __future__ import annotations

from extract.evaluate.agreement import (
    Agreement,
    Disagreement,
    PairScores,
    agree,
    gamma,
)
from extract.evaluate.alpha import Alpha, krippendorff_alpha
from extract.evaluate.annotators import SharedDocument, shared_documents
from extract.evaluate.differences import Error, errors
from extract.evaluate.gold import GoldDocument, gold_pairs
from extract.evaluate.records import pair
from extract.evaluate.scoring import Count, Score, check_floors, count, score

__all__ = [
    "Agreement",
    "Alpha",
    "Count",
    "Disagreement",
    "Error",
    "GoldDocument",
    "PairScores",
    "Score",
    "SharedDocument",
    "agree",
    "check_floors",
    "count",
    "errors",
    "gamma",
    "gold_pairs",
    "krippendorff_alpha",
    "pair",
    "score",
    "shared_documents",
]
