"""Candidates in, the words they begin with out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Cut = Callable[[str], Sequence[str]]
"""A segmenter's: the words of a text, which joined are the text again."""

_OPENING = 12
_NONE = np.zeros((0, 2), dtype=np.int64)


def first_words(parts: Sequence[tuple[str, Ints]], cut: Cut | None) -> list[Ints]:
    """Words of the first `_OPENING` characters of spans, as spans of each of the texts.

    What a sentence wants stands at its beginning: the words behind it moved no
    cross-validated score, and cost as much as the ones before it.

    Parameters
    ----------
    parts : sequence of (str, ndarray of int, shape (n, 2))
        Texts and some spans of each.
    cut : callable or None
        None for no words. It is called once: a segmenter's dictionary is too large to
        stay in the processor's cache from one document to the next.
    """
    first, tails = np.concatenate([_NONE, *[spans for _, spans in parts]]).T
    if cut is None or not len(first):
        return [_NONE for _ in parts]
    lengths = np.minimum(tails - first, _OPENING)
    bounds = zip(first.tolist(), (first + lengths).tolist(), strict=True)
    openings = [
        text[start:end]
        for text, spans in parts
        for start, end in islice(bounds, len(spans))
    ]
    # no segmenter joins words across a line break: one call cuts them all
    widths = np.fromiter(map(len, cut("\n".join(openings))), dtype=np.int64)
    starts = widths.cumsum() - widths
    origins = (lengths + 1).cumsum() - lengths - 1
    row = origins.searchsorted(starts, side="right") - 1
    inside = (starts < (origins + lengths).take(row)).nonzero()[0]
    row = row.take(inside)
    moved = starts.take(inside) + (first - origins).take(row)
    words = np.array((moved, moved + widths.take(inside))).T
    ends = row.searchsorted(np.cumsum([len(spans) for _, spans in parts])).tolist()
    return [words[start:end] for start, end in zip([0, *ends], ends, strict=False)]
