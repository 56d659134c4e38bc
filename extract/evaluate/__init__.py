"""Gold and predicted records in, scores and a list of errors out.

Records are plain dicts with the keys of the task record (``docs/record.md``). In gold,
deadlines, recurrences and metrics may also be plain strings. Tasks pair one to one by
the overlap of their spans; what a paired task says is then compared field by field.
"""

from __future__ import annotations

from extract.evaluate.differences import Error, errors
from extract.evaluate.gold import GoldDocument, gold_pairs
from extract.evaluate.records import pair
from extract.evaluate.scoring import Score, check_floors, score

__all__ = [
    "Error",
    "GoldDocument",
    "Score",
    "check_floors",
    "errors",
    "gold_pairs",
    "pair",
    "score",
]
