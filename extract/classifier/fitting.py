"""Gold labels in, a fitted model out: the scikit-learn part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from extract.classifier.features import BITS, Ints, Sample, featurise
from extract.classifier.model import HEADS, Floats, Model, surroundings
from extract.task import KINDS


@dataclass(frozen=True, slots=True)
class Labels:
    """Gold of one document's candidates; -1 where there is none.

    Attributes
    ----------
    task, actionable, heading, kind : ndarray of int, shape (n,)
        0/1, and for `kind` an index into `extract.task.KINDS`. The last three are
        -1 for candidates that are no tasks.
    """

    task: Ints
    actionable: Ints
    heading: Ints
    kind: Ints


def fit(
    samples: Sequence[Sample],
    labels: Sequence[Labels],
    *,
    strength: float = 4.0,
    stack_strength: float = 0.3,
    folds: int = 5,
) -> Model:
    """Train both stages; the same input gives the same model.

    The second stage learns from first-stage scores of documents that the first
    stage did not see (stacking, Wolpert 1992), which also calibrates it.

    Parameters
    ----------
    samples, labels : sequences of the same length
        One of each a document.
    strength, stack_strength : float
        Inverse regularisation of the stages (scikit-learn's C).
    folds : int, default=5
        Into which the documents are dealt for the second stage.

    Returns
    -------
    Model
    """
    from scipy import sparse

    designs = []
    for sample in samples:
        features = featurise(sample)
        rows, columns, values = features.triplets()
        shape = (features.count, 1 << BITS)
        designs.append(sparse.csr_matrix((values, (rows, columns)), shape=shape))
    weights, bias = _fit_first(designs, labels, strength)
    held_out: list[Floats] = [np.zeros((0, len(HEADS)))] * len(designs)
    for fold in range(folds):
        inside = [place for place in range(len(designs)) if place % folds != fold]
        part, offset = _fit_first(
            [designs[place] for place in inside],
            [labels[place] for place in inside],
            strength,
        )
        for place in range(fold, len(designs), folds):
            held_out[place] = np.asarray(designs[place] @ part + offset)
    seen = [place for place, scores in enumerate(held_out) if len(scores)]
    stack, stack_bias = _fit_second(
        np.vstack([surroundings(held_out[place]) for place in seen]),
        [labels[place] for place in seen],
        stack_strength,
    )
    thresholds = {"task": 0.5, "actionable": 0.5, "heading": 0.5}
    return Model(weights, bias, stack, stack_bias, thresholds)


def constant(labels: Sequence[Labels]) -> Model:
    """Judge that says of every candidate what is most frequent (a dummy's scores)."""
    gold = _stacked(labels)
    tasks = gold.task == 1
    bias = np.full(len(HEADS), -8.0, dtype=np.float32)
    for head, values in enumerate((gold.task, gold.actionable, gold.heading)):
        known = values[values >= 0]
        bias[head] = 8.0 if len(known) and known.mean() >= 0.5 else -8.0
    counts = np.bincount(gold.kind[tasks], minlength=len(KINDS))
    bias[len(HEADS) - len(KINDS) + int(counts.argmax())] = 8.0
    width = surroundings(np.zeros((1, len(HEADS)))).shape[1]
    return Model(
        np.zeros((1 << BITS, len(HEADS)), dtype=np.float32),
        np.zeros(len(HEADS), dtype=np.float32),
        np.zeros((width, len(HEADS)), dtype=np.float32),
        bias,
        dict.fromkeys(HEADS[:3], 0.5),
        "dummy",
    )


def _fit_first(
    designs: Sequence[Any], labels: Sequence[Labels], strength: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    design = sparse.vstack(designs).tocsr()
    gold = _stacked(labels)
    tasks = gold.task == 1
    targets = [(np.ones_like(tasks), gold.task == 1)]
    targets += [(tasks, gold.actionable == 1), (tasks, gold.heading == 1)]
    targets += [(tasks, gold.kind == kind) for kind in range(len(KINDS))]
    weights = np.zeros((1 << BITS, len(HEADS)), dtype=np.float32)
    bias = np.zeros(len(HEADS), dtype=np.float32)
    for head, (rows, target) in enumerate(targets):
        wanted = target[rows]
        if wanted.all() or not wanted.any():
            bias[head] = 8.0 if wanted.any() else -8.0
            continue
        learner = LogisticRegression(
            C=strength,
            solver="liblinear",
            dual=True,
            tol=1e-2,
            max_iter=300,
            random_state=0,
        )
        learner.fit(design[np.nonzero(rows)[0]], wanted)
        weights[:, head] = learner.coef_[0]
        bias[head] = learner.intercept_[0]
    return weights, bias


def _fit_second(
    design: Floats, labels: Sequence[Labels], strength: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from sklearn.linear_model import LogisticRegression

    gold = _stacked(labels)
    tasks = gold.task == 1
    stack = np.zeros((design.shape[1], len(HEADS)), dtype=np.float32)
    bias = np.zeros(len(HEADS), dtype=np.float32)
    binary = [(np.ones_like(tasks), gold.task), (tasks, gold.actionable)]
    binary.append((tasks, gold.heading))
    for head, (rows, target) in enumerate(binary):
        if len(set(target[rows].tolist())) < 2:
            bias[head] = 8.0 if target[rows].any() else -8.0
            continue
        learner = LogisticRegression(C=strength, max_iter=1000)
        learner.fit(design[rows], target[rows])
        stack[:, head], bias[head] = learner.coef_[0], learner.intercept_[0]
    first = len(binary)
    bias[first:] = -20.0
    kinds = sorted(set(gold.kind[tasks].tolist()))
    if len(kinds) == 1:
        bias[first + kinds[0]] = 0.0
        return stack, bias
    learner = LogisticRegression(C=strength, max_iter=1000)
    learner.fit(design[tasks], gold.kind[tasks])
    coefficients, intercepts = learner.coef_, learner.intercept_
    if len(kinds) == 2:
        # scikit-learn keeps one row for two classes
        coefficients = np.vstack([-coefficients[0], coefficients[0]]) / 2
        intercepts = np.array([-intercepts[0], intercepts[0]]) / 2
    for place, kind in enumerate(kinds):
        stack[:, first + kind] = coefficients[place]
        bias[first + kind] = intercepts[place]
    return stack, bias


def _stacked(labels: Sequence[Labels]) -> Labels:
    return Labels(
        *(
            np.concatenate([getattr(label, name) for label in labels])
            for name in ("task", "actionable", "heading", "kind")
        )
    )
