"""An analysed document in, its candidates as far as asking about them goes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from spacy.tokens import Doc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Cues = tuple[tuple[str, str], ...]
"""Id and label of every cue that fired in a candidate."""

BITS = 22
"""Hashed character pairs are columns below 2 ** BITS."""
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """The candidates of one document, as far as asking about them goes.

    Attributes
    ----------
    spans : tuple of (int, int)
        Offsets into the document's text.
    scores : ndarray of float, shape (n, 2)
        Calibrated probabilities of task, and of actionable if it is one.
    grams : tuple of ndarray of int
        Hashed character pairs of each candidate, each once.
    cues : tuple of tuple of (str, str)
        Id and label of the cues that fired in each candidate.
    """

    spans: tuple[tuple[int, int], ...]
    scores: Floats
    grams: tuple[Ints, ...]
    cues: tuple[Cues, ...]


def questions(doc: Doc) -> Questions:
    """What could be asked about a Doc that went through the whole pipeline."""
    view, sentences = doc._.view, doc._.sentences
    judged = doc._.judgements
    scores = [(one.probability, one.actionable_probability) for one in judged]
    return Questions(
        spans=tuple(view.source(one.start, one.end) for one in sentences),
        scores=np.array(scores, dtype=np.float64).reshape(-1, 2),
        grams=tuple(_grams(view.text[one.start : one.tail]) for one in sentences),
        cues=tuple(
            tuple((mark.rule, mark.label) for mark in marks) for marks in doc._.cues
        ),
    )


def _grams(text: str) -> Ints:
    """Hashes of the character pairs of a text, each once (multiply-shift hashing)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    wide = codes.astype(np.uint64)
    joined = (wide[:-1] << np.uint64(21)) | wide[1:]
    with np.errstate(over="ignore"):
        return np.unique((joined * _FACTOR) >> np.uint64(64 - BITS)).astype(np.int64)
