"""Keys of candidates in, the bundles of facts that they share out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import count
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from extract.classifier import Facts

Key = TypeVar("Key", bound=Hashable)
Ints = npt.NDArray[np.int64]
Columns = Sequence[int]


class Bundles:
    """Facts that come together, each bundle kept once.

    Attributes
    ----------
    columns : list of sequence of int
        The bundles that were added so far.
    """

    def __init__(self) -> None:
        self.columns: list[Columns] = []
        self._first: list[int] = []
        self._which: list[Ints] = []

    def add(self, bundles: Iterable[Columns], which: Ints) -> None:
        """Give each candidate one of a few bundles."""
        self._first.append(len(self.columns))
        self._which.append(which)
        self.columns += bundles

    def tell(self, keys: Sequence[Key], told: Callable[[Key], Columns]) -> None:
        """Give each candidate, which has one of the keys, what is told of that."""
        which, distinct = numbered(keys)
        self.add(map(told, distinct), which)

    def facts(self) -> Facts:
        """All that was added."""
        return Facts(self.columns, np.array(self._which).T + self._first)


def numbered(keys: Sequence[Key]) -> tuple[Ints, list[Key]]:
    """Which of the distinct keys each one is, and those in the order they come in."""
    numbers: defaultdict[Key, int] = defaultdict(count().__next__)
    which = np.fromiter(map(numbers.__getitem__, keys), np.int64, len(keys))
    return which, list(numbers)
