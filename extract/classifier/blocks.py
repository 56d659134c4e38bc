"""Columns of features in; their weights' sums, or a sparse matrix's entries, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from extract.classifier.hashing import Ints

Floats = npt.NDArray[np.float32]
Steps = npt.NDArray[np.int16]

NOTHING = 0
"""The column of no feature: its weights are zero."""

ABREAST = 3
"""How many features of a block stand side by side at most."""


@dataclass(frozen=True, slots=True)
class Block:
    """Features of one sort.

    Attributes
    ----------
    columns : ndarray of int, shape (m, k), k at most `ABREAST`
        Where there is no feature stands `NOTHING`.
    starts : ndarray of int, shape (p,)
        Where each piece of `columns` begins; it ends where the next begins.
    rows : ndarray of int, shape (p,)
        The candidate whose features a piece holds; -1 for a piece that is nobody's.
    scale : ndarray of float32, shape (p,)
        What each feature of a piece weighs.
    """

    columns: Ints
    starts: Ints
    rows: Ints
    scale: Floats

    def times(self, steps: Steps, count: int) -> Floats:
        """Product with a matrix, for `count` candidates."""
        sums = _sums(self.columns, self.starts, steps) * self.scale[:, None]
        # the last row takes in what is nobody's; a candidate has one piece at most
        total = np.zeros((count + 1, steps.shape[1]), dtype=np.float32)
        total[self.rows] = sums
        return total[:-1]

    def triplets(self) -> tuple[Ints, Ints, Floats]:
        """Rows, columns and weights."""
        pieces = np.diff(self.starts, append=len(self.columns))
        row = np.repeat(self.rows, pieces)[:, None]
        weight = np.repeat(self.scale, pieces)[:, None]
        there = (self.columns != NOTHING) & (row >= 0)
        rows = np.broadcast_to(row, there.shape)[there]
        return rows, self.columns[there], np.broadcast_to(weight, there.shape)[there]


@dataclass(frozen=True, slots=True)
class Bundled:
    """Facts, each of the weight `scale`.

    Attributes
    ----------
    columns : ndarray of int, shape (m, 1)
        Of all bundles.
    starts : ndarray of int, shape (b,)
        Where each bundle begins in `columns`.
    rows : ndarray of int, shape (n, k)
        The bundles of each candidate.
    """

    columns: Ints
    starts: Ints
    rows: Ints
    scale = np.float32(0.4)

    def times(self, steps: Steps, count: int) -> Floats:
        """Product with a matrix, for `count` candidates."""
        bundles = _sums(self.columns, self.starts, steps)
        total = np.zeros((count, steps.shape[1]), dtype=np.int32)
        for rows in self.rows.T:
            total += bundles.take(rows, axis=0)
        return total * self.scale

    def triplets(self) -> tuple[Ints, Ints, Floats]:
        """Rows, columns and weights."""
        sizes = np.diff(self.starts, append=len(self.columns))
        wanted = self.rows.ravel()
        many = sizes[wanted]
        first = np.cumsum(many) - many
        places = np.arange(many.sum()) + np.repeat(self.starts[wanted] - first, many)
        columns = self.columns[places, 0]
        rows = np.repeat(np.repeat(np.arange(len(self.rows)), self.rows.shape[1]), many)
        there = columns != NOTHING
        weights = np.full(there.sum(), self.scale, dtype=np.float32)
        return rows[there], columns[there], weights


def _sums(columns: Ints, starts: Ints, steps: Steps) -> npt.NDArray[np.int32]:
    """Sums of the rows that pieces of columns of shape (m, k) name."""
    # what stands side by side is summed first: `reduceat` costs most, and `clip` spares
    # the bounds check, columns being BITS wide by birth
    first, *others = columns.T
    values = steps.take(first, axis=0, mode="clip")
    for column in others:
        values += steps.take(column, axis=0, mode="clip")
    sums: npt.NDArray[np.int32]
    sums = np.add.reduceat(values, starts, axis=0, dtype=np.int32)
    return sums


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of candidates.

    Attributes
    ----------
    count : int
        Number of candidates.
    blocks : list of Block or Bundled
        What every head reads.
    context : list of Block or Bundled
        What only the first head reads.
    """

    count: int
    blocks: Sequence[Block | Bundled]
    context: Sequence[Block | Bundled]

    def times(self, steps: Steps, first: Steps | None = None) -> Floats:
        """Product with a matrix of whole numbers.

        Whole numbers have the same sum in whatever order and on whatever machine.

        Parameters
        ----------
        steps : ndarray of int16, shape (2 ** BITS, k)
            Row `NOTHING` must be zero, and `ABREAST` times the largest of all within
            16 bits.
        first : ndarray of int16, shape (2 ** BITS, 1), optional
            Its first column as an array of its own, to spare a copy.

        Returns
        -------
        ndarray of float32, shape (count, k)
        """
        if first is None:
            first = np.ascontiguousarray(steps[:, :1])
        total = np.zeros((self.count, steps.shape[1]), dtype=np.float32)
        for block in self.blocks:
            total += block.times(steps, self.count)
        for block in self.context:
            total[:, :1] += block.times(first, self.count)
        return total


def triplets(blocks: Sequence[Block | Bundled]) -> tuple[Ints, Ints, Floats]:
    """Rows, columns and weights of features in blocks, for a sparse matrix."""
    none = np.zeros(0, dtype=np.int64)
    found = [(none, none, np.zeros(0, dtype=np.float32))]
    found += [block.triplets() for block in blocks]
    rows, columns, weights = map(np.concatenate, zip(*found, strict=True))
    return rows, columns, weights
