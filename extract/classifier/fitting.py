"""Gold labels in, a fitted model out: the scikit-learn part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from extract.classifier.blocks import triplets
from extract.classifier.features import featurise
from extract.classifier.hashing import BITS, Ints
from extract.classifier.latent import Latent
from extract.classifier.model import FIRST, HEADS, Model, in_steps
from extract.classifier.samples import Sample
from extract.classifier.surroundings import Floats, surroundings
from extract.task import KINDS

# what a foreign document counts for where annotators differ, in how much is actionable
_FOREIGN_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Labels:
    """Gold of one document's candidates; -1 where there is none.

    Attributes
    ----------
    task, actionable, heading, kind : ndarray of int, shape (n,)
        0/1, and for `kind` an index into `extract.task.KINDS`. The last three are
        -1 for candidates that are no tasks, all four for those that nobody judged:
        they are seen as neighbours of the others, and not learned from.
    """

    task: Ints
    actionable: Ints
    heading: Ints
    kind: Ints


def fit(
    samples: Sequence[Sample],
    labels: Sequence[Labels],
    *,
    sources: Sequence[int] | None = None,
    strength: float = 4.0,
    stack_strength: float = 0.1,
    folds: int = 5,
) -> Model:
    """Train both stages; the same input gives the same model.

    The second stage learns from first-stage scores of documents that the first
    stage did not see (stacking, Wolpert 1992), which also calibrates it.

    Parameters
    ----------
    samples, labels : sequences of the same length
        One of each a document.
    sources : sequence of int, optional
        Who annotated each document; 0 are those whose judgement the model is to have.
        The others say what wording makes a task actionable, but how often one is, is
        learned apart for each of them. Without it all are 0.
    strength, stack_strength : float
        Inverse regularisation of the stages (scikit-learn's C).
    folds : int, default=5
        Into which the documents are dealt for the second stage.

    Returns
    -------
    Model
    """
    known = [0] * len(samples) if sources is None else sources
    documents = [
        _document(sample, label, source)
        for sample, label, source in zip(samples, labels, known, strict=True)
    ]
    latent = _latent(documents, samples)
    weights, bias = _fit_first(documents, latent, strength)
    held_out: list[Floats] = [np.zeros((0, len(FIRST)))] * len(documents)
    for fold in range(folds):
        inside = [one for place, one in enumerate(documents) if place % folds != fold]
        part, offset = _fit_first(inside, latent, strength)
        for place in range(fold, len(documents), folds):
            one = documents[place]
            scores = np.asarray(one.local @ part + offset)
            scores[:, 0] += one.context @ part[:, 0]
            held_out[place] = scores
    seen = [place for place, scores in enumerate(held_out) if len(scores)]
    stack, stack_bias = _fit_second(
        np.vstack(
            [surroundings(held_out[place], samples[place].series) for place in seen]
        ),
        [documents[place] for place in seen],
        stack_strength,
    )
    thresholds = {"task": 0.5, "actionable": 0.5, "heading": 0.5}
    return Model(*in_steps(weights), bias, stack, stack_bias, thresholds)


@dataclass(frozen=True, slots=True)
class _Document:
    """A document as matrices: what every head reads, and what only the first does."""

    local: Any
    context: Any
    labels: Labels
    source: int


def _document(sample: Sample, labels: Labels, source: int) -> _Document:
    from scipy import sparse

    features = featurise(sample)
    shape = (features.count, 1 << BITS)
    local, context = (
        sparse.csr_matrix((weights, (rows, columns)), shape=shape)
        for rows, columns, weights in map(triplets, (features.blocks, features.context))
    )
    return _Document(local, context, labels, source)


def _latent(documents: Sequence[_Document], samples: Sequence[Sample]) -> Latent:
    """Projection of the tasks' words."""
    from scipy import sparse

    facts = {fact for one in samples for row in one.facts.bundles for fact in row}
    barred = np.array(sorted(facts), dtype=np.int64)
    tasks = [one.local[one.labels.task == 1] for one in documents]
    return Latent(sparse.vstack(tasks).tocsr(), barred)


def _foreign(documents: Sequence[_Document]) -> npt.NDArray[np.bool_]:
    """Candidates by foreign source, shape (candidates, sources but 0)."""
    counts = [len(one.labels.task) for one in documents]
    source = np.repeat([one.source for one in documents], counts)
    foreign: npt.NDArray[np.bool_] = source[:, None] == np.arange(
        1, source.max(initial=0) + 1
    )
    return foreign


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
    width = surroundings(np.zeros((1, len(FIRST)))).shape[1]
    return Model(
        np.zeros((1 << BITS, len(FIRST)), dtype=np.int16),
        1.0,
        np.zeros(len(FIRST), dtype=np.float32),
        np.zeros((width, len(HEADS)), dtype=np.float32),
        bias,
        dict.fromkeys(HEADS[:3], 0.5),
        "dummy",
    )


def _fit_first(
    documents: Sequence[_Document], latent: Latent, strength: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    local = sparse.vstack([one.local for one in documents]).tocsr()
    context = sparse.vstack([one.context for one in documents]).tocsr()
    gold = _stacked([one.labels for one in documents])
    tasks = gold.task == 1
    foreign = _foreign(documents)
    targets = [(gold.task >= 0, gold.task == 1)]
    targets += [(tasks, gold.actionable == 1), (tasks, gold.heading == 1)]
    targets += [(tasks, gold.kind == kind) for kind in range(1, len(KINDS))]
    weights = np.zeros((1 << BITS, len(FIRST)), dtype=np.float32)
    bias = np.zeros(len(FIRST), dtype=np.float32)
    for head, (mask, target) in enumerate(targets):
        rows = np.flatnonzero(mask)
        wanted = target[rows]
        if wanted.all() or not wanted.any():
            bias[head] = 8.0 if wanted.any() else -8.0
            continue
        design, share = local[rows], None
        if FIRST[head] == "task":
            design = design + context[rows]
        elif FIRST[head] == "actionable":
            topics = latent.features(design)
            design = sparse.hstack([design, topics, foreign[rows]]).tocsr()
            share = np.where(foreign[rows].any(axis=1), _FOREIGN_SHARE, 1.0)
        learner = LogisticRegression(
            C=strength,
            solver="liblinear",
            dual=True,
            tol=1e-2,
            max_iter=300,
            random_state=0,
        )
        learner.fit(design, wanted, sample_weight=share)
        learned = learner.coef_[0]
        weights[:, head] = learned[: 1 << BITS]
        if FIRST[head] == "actionable":
            # what it is to be foreign is left out: no document is at prediction
            count = latent.loading.shape[1]
            weights[:, head] += latent.folded(learned[1 << BITS :][:count])
        bias[head] = learner.intercept_[0]
    return weights, bias


def _fit_second(
    design: Floats, documents: Sequence[_Document], strength: float
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    from sklearn.linear_model import LogisticRegression

    gold = _stacked([one.labels for one in documents])
    tasks = gold.task == 1
    foreign = _foreign(documents)
    apart = np.hstack([design, foreign])
    stack = np.zeros((design.shape[1], len(HEADS)), dtype=np.float32)
    bias = np.zeros(len(HEADS), dtype=np.float32)
    binary = [(gold.task >= 0, gold.task), (tasks, gold.actionable)]
    binary.append((tasks, gold.heading))
    for head, (rows, target) in enumerate(binary):
        if len(set(target[rows].tolist())) < 2:
            bias[head] = 8.0 if target[rows].any() else -8.0
            continue
        learner = LogisticRegression(C=strength, max_iter=1000)
        share = None
        if HEADS[head] == "actionable":
            share = np.where(foreign[rows].any(axis=1), _FOREIGN_SHARE, 1.0)
        learner.fit(apart[rows], target[rows], sample_weight=share)
        stack[:, head] = learner.coef_[0][: len(stack)]
        bias[head] = learner.intercept_[0]
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
