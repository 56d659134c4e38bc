"""Candidates' texts and facts in, calibrated probabilities out.

Two stages, both linear. The first reads hashed character n-grams, words and facts
(fired rules, section function, enumerator, neighbours' edges) of one candidate; the
second reads the first's scores of the candidate and of those around it, so that a
plan's sentences support each other and a review's do too. Inference is NumPy only;
scikit-learn is needed to fit.

The text features are hashes of stretches of the document, computed for all
candidates at once from one polynomial prefix hash (Karp & Rabin 1987): no n-gram is
ever built as a string.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from extract.errors import DubanError
from extract.resources import folder
from extract.task import KINDS

Block = tuple["Ints", "Ints", npt.NDArray[np.float32]]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Hashes = npt.NDArray[np.uint64]

FORMAT = 1
BITS = 18
ORDERS = (1, 2, 3, 4)
HEADS = ("task", "actionable", "heading", *KINDS)
# neighbours that the second stage looks at, in candidates before and after
WINDOW = 3

_BASE = np.uint64(0x9E3779B97F4A7C15)
_INVERSE = np.uint64(pow(0x9E3779B97F4A7C15, -1, 1 << 64))
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_SALTS = {
    name: np.uint64(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))
    for name in ("gram", "word", "bigram", "head", "tail", "before", "after")
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the classifier is told of one document.

    Attributes
    ----------
    text : str
        The view's text.
    spans : ndarray of int, shape (n, 2)
        The candidates' own words, in order, disjoint.
    words : ndarray of int, shape (m, 2)
        The segmenter's words as spans of the text; empty for no words.
    facts : sequence of sequence of int
        Facts of each candidate, as columns that `named` gave them.
    """

    text: str
    spans: Ints
    words: Ints
    facts: Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Features:
    """Hashed features of one document's candidates, in blocks of one kind each.

    Attributes
    ----------
    count : int
        Number of candidates.
    blocks : list of (rows, columns, scale)
        ``rows`` and ``columns`` are of one length, rows ascend; ``scale`` holds the
        weight that a block's features have in each row, shape (count,).
    """

    count: int
    blocks: list[Block]

    def times(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Product with a matrix of shape (2 ** BITS, k), shape (count, k)."""
        total = np.zeros((self.count, matrix.shape[1]), dtype=np.float32)
        for rows, columns, scale in self.blocks:
            if len(rows):
                starts = np.flatnonzero(np.diff(rows, prepend=-1))
                present = rows[starts]
                # `clip` spares the bounds check: columns are BITS wide by birth
                values = np.take(matrix, columns, axis=0, mode="clip")
                sums = np.add.reduceat(values, starts, axis=0)
                total[present] += sums * scale[present, None]
        return total


def featurise(sample: Sample) -> Features:
    """Hash a document's candidates; linear in the text."""
    codes = np.frombuffer(
        sample.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32
    ).astype(np.uint64)
    prefix, powers = _prefix(codes)
    blocks = [
        *_grams(prefix, powers, sample.spans),
        *_word_features(prefix, powers, sample),
        *_edges(prefix, powers, sample.spans),
        _facts(sample.facts),
    ]
    return Features(len(sample.spans), blocks)




def _prefix(codes: Hashes) -> tuple[Hashes, Hashes]:
    """Prefix hashes P with P[j] - P[i] = sum of codes[k] * B^k, and powers B^-k."""
    n = len(codes)
    with np.errstate(over="ignore"):
        powers = np.ones(n + 1, dtype=np.uint64)
        inverse = np.ones(n + 1, dtype=np.uint64)
        if n:
            np.multiply.accumulate(np.full(n, _BASE), out=powers[1:])
            np.multiply.accumulate(np.full(n, _INVERSE), out=inverse[1:])
        prefix = np.zeros(n + 1, dtype=np.uint64)
        np.cumsum((codes + np.uint64(1)) * powers[:n], out=prefix[1:])
    return prefix, inverse


def _range_hash(
    prefix: Hashes, inverse: Hashes, starts: Ints, ends: Ints, salt: str
) -> Ints:
    """Column of each stretch ``[starts, ends)`` of the text."""
    with np.errstate(over="ignore"):
        value = (prefix[ends] - prefix[starts]) * inverse[starts]
        value = (value ^ _SALTS[salt]) * _MIX
        value ^= value >> np.uint64(29)
        value *= _BASE
    return (value >> np.uint64(64 - BITS)).astype(np.int64)


def _within(spans: Ints, order: int) -> tuple[Ints, Ints]:
    """Every start of an n-gram inside the spans, and the row it belongs to."""
    counts = np.maximum(spans[:, 1] - spans[:, 0] - order + 1, 0)
    rows = np.repeat(np.arange(len(spans)), counts)
    offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, spans[rows, 0] + offsets


def _grams(prefix: Hashes, inverse: Hashes, spans: Ints) -> Iterator[Block]:
    lengths = spans[:, 1] - spans[:, 0]
    counts = sum(np.maximum(lengths - order + 1, 0) for order in ORDERS)
    # long sentences would drown the rest: unit-length rows, roughly
    scale = (2.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    for order in ORDERS:
        row, start = _within(spans, order)
        column = _range_hash(prefix, inverse, start, start + order, "gram")
        yield row, column, scale


def _word_features(prefix: Hashes, inverse: Hashes, sample: Sample) -> Iterator[Block]:
    words, spans = sample.words, sample.spans
    if not len(words) or not len(spans):
        return
    row = np.searchsorted(spans[:, 0], words[:, 0], side="right") - 1
    inside = (row >= 0) & (words[:, 1] <= spans[np.maximum(row, 0), 1])
    words, row = words[inside], row[inside]
    single = _range_hash(prefix, inverse, words[:, 0], words[:, 1], "word")
    follows = (row[1:] == row[:-1]) & (words[1:, 0] == words[:-1, 1])
    pair = _range_hash(
        prefix, inverse, words[:-1, 0][follows], words[1:, 1][follows], "bigram"
    )
    pairs = row[:-1][follows]
    counts = np.bincount(row, minlength=len(spans))
    counts += np.bincount(pairs, minlength=len(spans))
    scale = (1.0 / np.sqrt(np.maximum(counts, 1))).astype(np.float32)
    yield row, single, scale
    yield pairs, pair, scale


def _edges(prefix: Hashes, inverse: Hashes, spans: Ints) -> Iterator[Block]:
    """How a candidate opens and closes, and how its neighbours open."""
    lengths = spans[:, 1] - spans[:, 0]
    scale = np.full(len(spans), 0.3, dtype=np.float32)
    for order in (1, 2, 3, 4, 6):
        row = np.nonzero(lengths >= order)[0]
        ends = (("head", spans[row, 0]), ("tail", spans[row, 1] - order))
        for salt, start in ends:
            column = _range_hash(prefix, inverse, start, start + order, salt)
            yield row, column, scale
        if order not in (2, 3):
            continue
        for salt, shift in (("before", -1), ("after", 1)):
            near = row + shift
            there = (near >= 0) & (near < len(spans))
            there[there] = lengths[near[there]] >= order
            start = spans[near[there], 0]
            column = _range_hash(prefix, inverse, start, start + order, salt)
            yield row[there], column, scale


def _facts(facts: Sequence[Sequence[int]]) -> Block:
    counts = np.fromiter(map(len, facts), np.int64, len(facts))
    rows = np.repeat(np.arange(len(facts)), counts)
    columns = np.fromiter(chain.from_iterable(facts), np.int64, len(rows))
    return rows, columns, np.full(len(facts), 0.4, dtype=np.float32)


@lru_cache(maxsize=200_000)
def named(fact: str) -> int:
    """Column of a fact, any string; facts share the columns with the text."""
    digest = hashlib.blake2b(fact.encode("utf-8", "replace"), digest_size=8)
    return int.from_bytes(digest.digest(), "big") >> (64 - BITS)


@dataclass(frozen=True)
class Model:
    """Two linear stages and their thresholds; see the module's docstring.

    Attributes
    ----------
    weights : ndarray of float32, shape (2 ** BITS, len(HEADS))
        First stage.
    bias : ndarray of float32, shape (len(HEADS),)
        Its intercepts.
    stack : ndarray of float32, shape (second-stage features, len(HEADS))
        Second stage.
    stack_bias : ndarray of float32, shape (len(HEADS),)
        Its intercepts.
    thresholds : dict
        Probability from which ``task``, ``actionable`` and ``heading`` are said.
    name : str
        What records name as their source.
    """

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    stack: npt.NDArray[np.float32]
    stack_bias: npt.NDArray[np.float32]
    thresholds: dict[str, float]
    name: str = "judge"

    def first(self, sample: Sample) -> Floats:
        """First-stage scores (log odds), shape (n, len(HEADS))."""
        first = featurise(sample).times(self.weights) + self.bias
        return np.asarray(first, dtype=np.float64)

    def scores(self, sample: Sample) -> Floats:
        """Probabilities, shape (n, len(HEADS)); the kinds' sum to one."""
        first = self.first(sample)
        if not len(first):
            return np.zeros((0, len(HEADS)))
        second = surroundings(first) @ self.stack + self.stack_bias
        return _probabilities(second)

    def verdicts(self, scores: Floats) -> list[dict[str, Any]]:
        """Decisions, one a candidate, as keyword arguments of a judgement."""
        kinds = len(HEADS) - len(KINDS)
        best = scores[:, kinds:].argmax(axis=1) if len(scores) else []
        return [
            {
                "task": bool(row[0] >= self.thresholds["task"]),
                "probability": float(row[0]),
                "kind": KINDS[kind],
                "actionable": bool(row[1] >= self.thresholds["actionable"])
                and not row[2] >= self.thresholds["heading"],
                "actionable_probability": float(row[1]),
                "heading": bool(row[2] >= self.thresholds["heading"]),
            }
            for row, kind in zip(scores, best, strict=True)
        ]


def surroundings(first: Floats) -> Floats:
    """Second-stage features: own, neighbours' and the document's first-stage scores.

    Parameters
    ----------
    first : ndarray of float, shape (n, len(HEADS))

    Returns
    -------
    ndarray of float, shape (n, len(HEADS) + 2 * WINDOW * 3 + 6)
    """
    squashed = np.tanh(first / 2.0)
    columns = [first]
    near = squashed[:, :3]
    for shift in range(1, WINDOW + 1):
        for step in (shift, -shift):
            moved = np.zeros_like(near)
            if step > 0:
                moved[step:] = near[:-step]
            else:
                moved[:step] = near[-step:]
            columns.append(moved)
    mean = np.broadcast_to(near.mean(axis=0), near.shape)
    return np.hstack([*columns, mean, near * mean])


def _probabilities(scores: Floats) -> Floats:
    kinds = len(HEADS) - len(KINDS)
    sure = 1.0 / (1.0 + np.exp(-np.clip(scores[:, :kinds], -30, 30)))
    raised = np.exp(scores[:, kinds:] - scores[:, kinds:].max(axis=1, keepdims=True))
    return np.hstack([sure, raised / raised.sum(axis=1, keepdims=True)])


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
        blocks = features.blocks
        rows = np.concatenate([block[0] for block in blocks])
        columns = np.concatenate([block[1] for block in blocks])
        values = np.concatenate([block[2][block[0]] for block in blocks])
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


MODEL = "judge.npz"
CARD = "judge.json"
# weights below this change no decision; without them the file is a third as large
_NEGLIGIBLE = 0.02


def save(model: Model, into: Path, card: dict[str, Any]) -> None:
    """Write ``judge.npz`` (plain arrays) and its card with the file's hash."""
    kept = np.nonzero(np.abs(model.weights).max(axis=1) > _NEGLIGIBLE)[0]
    into.mkdir(parents=True, exist_ok=True)
    path = into / MODEL
    np.savez_compressed(
        path,
        columns=kept.astype(np.uint32),
        weights=model.weights[kept].astype(np.float16),
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
            raise ValueError(f"format {card['format']}, this duban reads {FORMAT}")
        if card["heads"] != list(HEADS):
            raise ValueError("heads differ")
        if hashlib.sha256(data).hexdigest() != card["sha256"]:
            raise ValueError("SHA-256")
        with np.load(path, allow_pickle=False) as arrays:
            weights = np.zeros((1 << BITS, len(HEADS)), dtype=np.float32)
            weights[arrays["columns"]] = arrays["weights"]
            thresholds = dict(zip(HEADS[:3], arrays["thresholds"].tolist(), strict=True))
            return Model(
                weights,
                arrays["bias"],
                arrays["stack"],
                arrays["stack_bias"],
                thresholds,
                f"{JUDGE}-{card['sha256'][:8]}",
            )
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise DubanError("E302", path=path, reason=error) from error


JUDGE = "judge"


@cache
def shipped() -> Model:
    """The model that ships, loaded once per process."""
    return load(folder("models"))
