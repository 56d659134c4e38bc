"""Classifiers that `judges.py` sets beside the judge.

Each learns from documents and gives back what judges one: probabilities of shape
(candidates, len(HEADS)), the kinds' summing to one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.cluster import MiniBatchKMeans
from sklearn.decomposition import TruncatedSVD
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, Normalizer
from spacy.tokens import Doc

from extract import training
from extract.classifier import BITS, HEADS, Bundled, Labels, featurise, triplets
from extract.classifier.model import probabilities
from extract.task import KINDS
from extract.training import Example
from extract.words import segmenter

Floats = npt.NDArray[np.float64]
FIRST_KIND = len(HEADS) - len(KINDS)
PSEUDO = "self-training"


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A gold document and what the pipes before the judge made of it."""

    example: Example
    doc: Doc


Judge = Callable[[Case], Floats]
Learner = Callable[[Sequence[Case]], Judge]
Design = Callable[[Case], Any]


def texts(case: Case) -> list[str]:
    """Words of each candidate."""
    text = case.example.sample.text
    return [text[start:end] for start, end in case.example.sample.spans]


def facts(case: Case) -> Any:
    """Fired rules, form, place, headings and genre, as hashed columns."""
    told = featurise(case.example.sample)
    blocks = [b for b in (*told.blocks, *told.context) if isinstance(b, Bundled)]
    rows, columns, weights = triplets(blocks)
    shape = (told.count, 1 << BITS)
    return sparse.csr_matrix((weights, (rows, columns)), shape=shape)


def edges(text: str) -> list[str]:
    """How a candidate opens and closes, for a vectoriser."""
    return [f"^{text[:n]}" for n in range(1, 7)] + [
        f"{text[-n:]}$" for n in range(1, 7)
    ]


def gold(cases: Sequence[Case]) -> Labels:
    """Labels of all candidates of all documents."""
    names = ("task", "actionable", "heading", "kind")
    return Labels(
        *(
            np.concatenate([getattr(c.example.labels, name) for c in cases])
            for name in names
        )
    )


def logistic() -> Any:
    """The linear model of all linear contestants."""
    one = LogisticRegression(
        C=4.0, solver="liblinear", dual=True, tol=1e-2, max_iter=300, random_state=0
    )
    return OneVsRestClassifier(one)


def fitted(design: Any, labels: Labels, make: Callable[[], Any]) -> list[Any]:
    """One model a question: task, actionable, heading, and the kind."""
    tasks = np.flatnonzero(labels.task == 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return [
            make().fit(design, labels.task),
            make().fit(design[tasks], labels.actionable[tasks]),
            make().fit(design[tasks], labels.heading[tasks]),
            make().fit(design[tasks], labels.kind[tasks]),
        ]


def answered(models: Sequence[Any], design: Any) -> Floats:
    """Probabilities of what `fitted` gave."""
    scores = np.zeros((design.shape[0], len(HEADS)))
    for head, model in enumerate(models[:FIRST_KIND]):
        scores[:, head] = model.predict_proba(design)[:, 1]
    scores[:, FIRST_KIND + models[-1].classes_] = models[-1].predict_proba(design)
    return scores


def vectorised(
    cases: Sequence[Case],
    vectoriser: Any,
    make: Callable[[], Any] = logistic,
    *,
    with_facts: bool = False,
) -> Judge:
    """Learn from texts that a vectoriser turns into rows, or from the facts alone."""

    def design(case: Case) -> Any:
        if vectoriser is None:
            return facts(case)
        rows = vectoriser.transform(texts(case))
        return sparse.hstack([rows, facts(case)]).tocsr() if with_facts else rows

    if vectoriser is not None:
        vectoriser.fit([text for case in cases for text in texts(case)])
    told = [case for case in cases if case.doc._.sentences]
    parts = [design(case) for case in told]
    stacked = (
        sparse.vstack(parts).tocsr() if sparse.issparse(parts[0]) else np.vstack(parts)
    )
    models = fitted(stacked, gold(told), make)
    return lambda case: answered(models, design(case))


def characters() -> Any:
    """Vectorise by character n-grams."""
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True
    )


def words(name: str) -> Any:
    """Vectorise by a segmenter's words and their pairs."""
    return TfidfVectorizer(
        tokenizer=segmenter(name).cut,
        token_pattern=None,
        ngram_range=(1, 2),
        min_df=2,
        sublinear_tf=True,
    )


def topics(dimensions: int = 100) -> Any:
    """Vectorise by latent topics of the character n-grams."""
    reduced = TruncatedSVD(dimensions, n_iter=2, random_state=0)
    return make_pipeline(characters(), reduced, Normalizer())


def clusters(count: int = 200) -> Any:
    """Each sentence as the cluster its topics fall into."""
    told_apart = MiniBatchKMeans(count, random_state=0, n_init=1)
    return make_pipeline(topics(), told_apart, FunctionTransformer(nearest))


def nearest(distances: Floats) -> Floats:
    """One-hot rows of the nearest clusters."""
    return np.eye(distances.shape[1])[distances.argmin(axis=1)]


def boosted() -> Any:
    """Small gradient-boosted trees."""
    return HistGradientBoostingClassifier(
        max_iter=80, max_leaf_nodes=8, learning_rate=0.1, random_state=0
    )


def shipped(cases: Sequence[Case]) -> Judge:
    """The judge as `duban train` fits it."""
    model = training.train([case.example for case in cases])
    return lambda case: model.scores(case.example.sample)


def unstacked(cases: Sequence[Case]) -> Judge:
    """The judge's first stage alone."""
    model = training.train([case.example for case in cases])
    return lambda case: probabilities(model.first(case.example.sample))


def pooled(cases: Sequence[Case]) -> Judge:
    """The judge, not told that the folders were annotated by different people."""
    model = training.train([replace(case.example, source="") for case in cases])
    return lambda case: model.scores(case.example.sample)


def dummy(cases: Sequence[Case]) -> Judge:
    """What is most frequent."""
    model = training.dummy([case.example for case in cases])
    return lambda case: model.scores(case.example.sample)


def rules(cases: Sequence[Case]) -> Judge:
    """The cues alone: something is wanted, and nothing speaks against it."""
    kinds = {"ban": "ban", "report": "report", "oversight": "oversight"}
    kinds |= {"target": "target", "conduct": "conduct"}

    def judge(case: Case) -> Floats:
        scores = np.zeros((len(case.doc._.cues), len(HEADS)))
        for row, sentence, marks in zip(
            scores, case.doc._.sentences, case.doc._.cues, strict=True
        ):
            labels = {mark.label for mark in marks}
            kind = next((kinds[label] for label in kinds if label in labels), "action")
            row[0] = bool(labels & {"force", "ban"}) and "veto" not in labels
            row[1] = bool(sentence.zones) or bool(
                labels & {"action", "target", "report"}
            )
            row[2] = sentence.heading
            row[HEADS.index(kind)] = 1.0
        return scores

    return judge


def decoded(cases: Sequence[Case]) -> Judge:
    """The judge's first stage, and a chain over the candidates instead of a second.

    Forward and backward messages (Rabiner 1989) between task and no task; the
    transitions are counted.
    """
    first = unstacked(cases)
    counts = np.ones((2, 2))
    for case in cases:
        task = case.example.labels.task
        np.add.at(counts, (task[:-1], task[1:]), 1)
    steps = counts / counts.sum(axis=1, keepdims=True)
    usual = counts.sum(axis=0) / counts.sum()

    def judge(case: Case) -> Floats:
        scores = first(case)
        told = np.stack([1 - scores[:, 0], scores[:, 0]], axis=1).clip(1e-9) / usual
        scores[:, 0] = posterior(told, steps, usual)
        return scores

    return judge


def posterior(told: Floats, steps: Floats, usual: Floats) -> Floats:
    """Probability of the second state at each place of a chain."""
    ahead, behind = np.ones_like(told), np.ones_like(told)
    for place in range(len(told)):
        ahead[place] = (ahead[place - 1] @ steps if place else usual) * told[place]
        ahead[place] /= ahead[place].sum()
    for place in range(len(told) - 2, -1, -1):
        behind[place] = steps @ (behind[place + 1] * told[place + 1])
        behind[place] /= behind[place].sum()
    both = ahead * behind
    chained: Floats = both[:, 1] / both.sum(axis=1)
    return chained


def pseudo_labelled(extra: Sequence[Case]) -> Learner:
    """Self-training: what the judge says of documents without gold becomes gold."""

    def learn(cases: Sequence[Case]) -> Judge:
        model = training.train([case.example for case in cases])
        told = []
        for case in extra:
            scores = model.scores(case.example.sample)
            task = (scores[:, 0] >= 0.5).astype(int)
            said = [(scores[:, head] >= 0.5).astype(int) for head in (1, 2)]
            said.append(scores[:, FIRST_KIND:].argmax(axis=1))
            labels = Labels(task, *(np.where(task == 1, one, -1) for one in said))
            told.append(replace(case.example, labels=labels))
        again = training.train([case.example for case in cases] + told)
        return lambda case: again.scores(case.example.sample)

    return learn


def textcat(cases: Sequence[Case], epochs: int = 3) -> Judge:
    """A convolution over characters, one for all heads (spaCy's text classifier)."""
    import spacy
    from spacy.training import Example as Told
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(0)
    nlp = spacy.blank("zh")
    architecture = {
        "@architectures": "spacy.TextCatCNN.v2",
        "exclusive_classes": False,
        "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2",
            "pretrained_vectors": None,
            "width": 64,
            "depth": 3,
            "embed_size": 4000,
            "window_size": 1,
            "maxout_pieces": 2,
            "subword_features": False,
        },
    }
    nlp.add_pipe("textcat_multilabel", config={"model": architecture})
    told = []
    for case in cases:
        labels = case.example.labels
        for place, text in enumerate(texts(case)):
            answers = dict.fromkeys(HEADS, 0.0)
            for head in HEADS[:FIRST_KIND]:
                answers[head] = float(getattr(labels, head)[place] == 1)
            if labels.task[place]:
                answers[KINDS[labels.kind[place]]] = 1.0
            told.append(Told.from_dict(nlp.make_doc(text), {"cats": answers}))
    optimizer = nlp.initialize(lambda: told[:500])
    random = np.random.default_rng(0)
    for _ in range(epochs):
        mixed = [told[place] for place in random.permutation(len(told))]
        for batch in minibatch(mixed, 64):
            nlp.update(batch, sgd=optimizer, drop=0.2)

    def judge(case: Case) -> Floats:
        answers = [doc.cats for doc in nlp.pipe(texts(case), batch_size=64)]
        scores = np.array([[one[head] for head in HEADS] for one in answers])
        scores = scores.reshape(-1, len(HEADS))
        # whether it is a task, and what a task is, were asked together
        scores[:, 1:] /= scores[:, :1].clip(1e-6)
        scores = scores.clip(0, 1)
        scores[:, FIRST_KIND:] /= (
            scores[:, FIRST_KIND:].sum(axis=1, keepdims=True).clip(1e-9)
        )
        return scores

    return judge


CONTESTANTS: dict[str, Learner] = {
    "dummy": dummy,
    "rules": rules,
    "linear-char": lambda cases: vectorised(cases, characters()),
    "linear-jieba": lambda cases: vectorised(cases, words("jieba")),
    "linear-pkuseg": lambda cases: vectorised(cases, words("pkuseg")),
    "linear-edges": lambda cases: vectorised(cases, TfidfVectorizer(analyzer=edges)),
    "linear-facts": partial(vectorised, vectoriser=None),
    "linear-char-facts": lambda cases: vectorised(cases, characters(), with_facts=True),
    "svd": lambda cases: vectorised(cases, topics()),
    "clusters": lambda cases: vectorised(cases, clusters()),
    "boosting-svd": lambda cases: vectorised(cases, topics(), boosted),
    "textcat": textcat,
    "unstacked": unstacked,
    "sequence": decoded,
    "pooled": pooled,
    PSEUDO: pseudo_labelled([]),
    "judge": shipped,
}
