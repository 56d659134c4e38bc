"""Features in, verdicts out: the two fitted stages, and how they are kept on disk."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from extract.classifier.blocks import ABREAST, Steps
from extract.classifier.features import featurise
from extract.classifier.hashing import BITS
from extract.classifier.samples import Sample
from extract.classifier.surroundings import Floats, surroundings
from extract.errors import DubanError
from extract.layers import Judgement
from extract.resources import folder
from extract.task import KINDS

FORMAT = 2
HEADS = ("task", "actionable", "heading", *KINDS)
# the first kind is what the others leave, which the second stage sees by itself; and
# eight numbers of 16 bits are what NumPy fetches at once
FIRST = ("task", "actionable", "heading", *KINDS[1:])
JUDGE = "judge"


@dataclass(frozen=True)
class Model:
    """Two linear stages and their thresholds; see the module's docstring.

    Attributes
    ----------
    steps : ndarray of int16, shape (2 ** BITS, len(FIRST))
        First stage: its weights, in whole steps (see `in_steps`).
    unit : float
        What a step weighs.
    bias : ndarray of float32, shape (len(FIRST),)
        Intercepts of the first stage.
    stack : ndarray of float32, shape (second-stage features, len(HEADS))
        Second stage.
    stack_bias : ndarray of float32, shape (len(HEADS),)
        Its intercepts.
    thresholds : dict
        Probability from which ``task``, ``actionable`` and ``heading`` are said.
    name : str
        What records name as their source.
    """

    steps: Steps
    unit: float
    bias: npt.NDArray[np.float32]
    stack: npt.NDArray[np.float32]
    stack_bias: npt.NDArray[np.float32]
    thresholds: dict[str, float]
    name: str = "judge"

    def first(self, sample: Sample) -> Floats:
        """First-stage scores (log odds), shape (n, len(FIRST))."""
        sums = featurise(sample).times(self.steps, self._first)
        return sums.astype(np.float64) * self.unit + self.bias

    def scores(self, sample: Sample) -> Floats:
        """Probabilities, shape (n, len(HEADS)); the kinds' sum to one."""
        first = self.first(sample)
        second = np.zeros((len(first), len(HEADS)))
        if not len(first):
            return second
        features = surroundings(first, sample.series, sample.sizes)
        end = 0
        for size in sample.sizes:
            # apart, for the last digits depend on how many rows BLAS is given
            start, end = end, end + size
            np.matmul(features[start:end], self._stack, out=second[start:end])
        second += self.stack_bias
        return probabilities(second)

    def verdicts(self, scores: Floats) -> list[Judgement]:
        """Decisions, one a candidate."""
        if not len(scores):
            return []
        limits = [self.thresholds[name] for name in HEADS[:3]]
        task, actionable, heading = (scores[:, :3] >= limits).T
        kinds = scores[:, 3:].argmax(axis=1).tolist()
        columns = (
            task.tolist(),
            scores[:, 0].tolist(),
            [KINDS[kind] for kind in kinds],
            (actionable & ~heading).tolist(),
            heading.tolist(),
            scores[:, 1].tolist(),
        )
        return list(map(Judgement, *columns))

    @cached_property
    def _first(self) -> Steps:
        """What the first head makes of the context, by itself."""
        return np.ascontiguousarray(self.steps[:, :1])

    @cached_property
    def _stack(self) -> Floats:
        """The second stage as numbers of the size of its features."""
        return self.stack.astype(np.float64)


def probabilities(scores: Floats) -> Floats:
    """Probabilities of second-stage scores; both of shape (n, len(HEADS))."""
    kinds = len(HEADS) - len(KINDS)
    sure = 1.0 / (1.0 + np.exp(-np.clip(scores[:, :kinds], -30, 30)))
    raised = np.exp(scores[:, kinds:] - scores[:, kinds:].max(axis=1, keepdims=True))
    return np.hstack([sure, raised / raised.sum(axis=1, keepdims=True)])


MODEL = "judge.npz"
CARD = "judge.json"
# what a card or an archive raises that is not what it should be
_MALFORMED = (KeyError, TypeError, ValueError, zipfile.BadZipFile)


# weights below this change no decision; without them the file is a third as large
_NEGLIGIBLE = 0.02


def in_steps(weights: npt.NDArray[np.float32]) -> tuple[Steps, float]:
    """First-stage weights as whole steps, and what a step weighs.

    The largest weight is the most steps of which `ABREAST` fit into 16 bits: a
    quarter of the memory's traffic, which is what the first stage spends its time on.
    """
    largest = float(np.abs(weights).max(initial=0.0)) or 1.0
    unit = largest / (np.iinfo(np.int16).max // ABREAST)
    kept = np.abs(weights).max(axis=1, keepdims=True) > _NEGLIGIBLE
    return np.rint(np.where(kept, weights, 0.0) / unit).astype(np.int16), unit


def save(model: Model, into: Path, card: dict[str, Any]) -> None:
    """Write ``judge.npz`` (plain arrays) and its card with the file's hash."""
    kept = np.flatnonzero(model.steps.any(axis=1))
    into.mkdir(parents=True, exist_ok=True)
    path = into / MODEL
    np.savez_compressed(
        path,
        columns=kept.astype(np.uint32),
        steps=model.steps[kept],
        unit=np.float64(model.unit),
        bias=model.bias,
        stack=model.stack,
        stack_bias=model.stack_bias,
        thresholds=np.array([model.thresholds[name] for name in HEADS[:3]]),
    )
    card = {
        "format": FORMAT,
        "heads": list(HEADS),
        "bits": BITS,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        **card,
    }
    text = json.dumps(card, ensure_ascii=False, indent=2, sort_keys=True)
    (into / CARD).write_text(text + "\n", encoding="utf-8")


def load(place: Path) -> Model:
    """Read a model that `save` wrote.

    Raises
    ------
    DubanError
        E302, if a file is missing, of another format, or not the one that the card
        describes.
    """
    path = place / MODEL
    try:
        card = json.loads((place / CARD).read_text(encoding="utf-8"))
        data = path.read_bytes()
        if (card["format"], card["bits"]) != (FORMAT, BITS):
            found = f"format {card['format']}, {card['bits']} bits"
            raise ValueError(f"{found}; this duban reads {FORMAT}, {BITS} bits")
        if card["heads"] != list(HEADS):
            raise ValueError("heads differ")
        if hashlib.sha256(data).hexdigest() != card["sha256"]:
            raise ValueError("SHA-256")
        # the bytes that were checked, not the file once more
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            steps = np.zeros((1 << BITS, len(FIRST)), dtype=np.int16)
            steps[arrays["columns"]] = arrays["steps"]
            limits = arrays["thresholds"].tolist()
            thresholds = dict(zip(HEADS[:3], limits, strict=True))
            return Model(
                steps,
                float(arrays["unit"]),
                arrays["bias"],
                arrays["stack"],
                arrays["stack_bias"],
                thresholds,
                f"{JUDGE}-{card['sha256'][:8]}",
            )
    except (OSError, EOFError, *_MALFORMED) as error:
        raise DubanError("E302", path=path, reason=error) from error


@cache
def shipped() -> Model:
    """The model that ships, loaded once per process."""
    return load(folder("models"))
