"""Marks of a whole document in, those that lie in each candidate out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from sys import maxsize

from extract.layers import Mark, Sentence

Found = Sequence[Sequence[Mark]]
"""Marks of several layers, in their order."""


def dealt(layers: Found, sentences: Sequence[Sentence]) -> Iterator[Found]:
    """Marks of every layer that lie in each candidate."""
    begins = [*[sentence.start for sentence in sentences], maxsize]
    ends = [sentence.end for sentence in sentences]
    return zip(*[_by_candidate(marks, begins, ends) for marks in layers], strict=True)


def _by_candidate(
    marks: Sequence[Mark], begins: Sequence[int], ends: Sequence[int]
) -> list[Sequence[Mark]]:
    """Marks, in text order, that lie in each candidate."""
    dealt: list[Sequence[Mark]] = [()] * len(ends)
    held: list[Mark] = []
    # what stands in front of the first candidate lies in none
    following, end = begins[0], -1
    for mark in marks:
        if mark.start >= following:
            after = bisect_right(begins, mark.start)
            following, end = begins[after], ends[after - 1]
            held = dealt[after - 1] = []
        if mark.end <= end:
            held.append(mark)
    return dealt
