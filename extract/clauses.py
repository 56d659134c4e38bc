"""A text in, the clauses in which a name may stand before a predicate out.

A clause is promising if the last character of some name stands in it right before
the beginning of some predicate: two clauses of three are not, and no regex need be
asked there.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from extract import rulebook
from extract.openings import ELSEWHERE, first_characters
from extract.sieve import Sieve


def promising(text: str) -> list[int]:
    """Where promising clauses begin.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of int
        Offsets of the stops before them, ascending. A closing quotation mark may end
        a name and open a clause; it belongs to the clause before.
    """
    places = [place for place, _ in _predicates().openings(text, 0, len(text))]
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    breaks = np.flatnonzero(_breaks().take(np.minimum(codes, ELSEWHERE)))
    numbers = np.searchsorted(breaks, np.array(places, np.intp) - 1) - 1
    numbers = numbers[np.flatnonzero(np.diff(numbers, prepend=-1))]
    found: list[int] = breaks.take(numbers).tolist()
    return found


@cache
def _predicates() -> Sieve[str]:
    rule = rulebook.load("owner")["owner.edge"]
    return Sieve([(rule.id, rule.pattern)])


@cache
def _breaks() -> npt.NDArray[np.bool_]:
    """Whether a character, by its code point, opens a clause."""
    known = first_characters(rulebook.load("owner")["owner.break"].pattern)
    table = np.zeros(ELSEWHERE + 1, np.bool_)
    table[[ord(character) for character in known or ()]] = True
    return table
