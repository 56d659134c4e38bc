"""How many verdicts the order of asking saves: active learning, simulated on gold.

    active.py POOL_DIR --folds 4 --seeds 5 --batch 100 --plot docs/img/active.svg

Documents of the folder are dealt into folds. For each, a judge that has learned from
``--start`` alone asks about the documents of the other folds, batch after batch; the
gold answers, and the judge is fitted anew, as ``duban train`` does it. After every
batch the whole pipeline's output on the fold's own documents is scored. What stands in
the table are F1 over all folds at so many verdicts, for random order the mean over the
seeds. docs/active.md says what came of it.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from curves import RANDOM, Curve, plot, savings, table
from judges import Case, cases, judged

from extract import gain, training
from extract.classifier import Labels, Model
from extract.evaluate.scoring import Count, count
from extract.gain import Known, Questions, Recipe
from extract.training import Example

CORPUS = Path(__file__).parent.parent / "corpus"
ORDERS: dict[str, Recipe | None] = {
    RANDOM: None,
    "gain": gain.RECIPE,
    "uncertainty": Recipe(1.0, 0.0, 0.0, 0.0),
    "disagreement": Recipe(0.0, 1.0, 0.0, 0.0),
    "novelty": Recipe(0.0, 0.0, 1.0, 0.5),
}
SCORES = ("task", "ledger")
Scored = dict[str, Count]


@dataclass(frozen=True, slots=True)
class Plan:
    """How one simulation goes.

    Attributes
    ----------
    order : str
        Key of `ORDERS`.
    recipe : Recipe or None
        None asks at random.
    batch, rounds : int
        Verdicts between two fits, and how many times.
    whole : bool
        Whether whole documents are judged, not single sentences.
    seed : int
        Of random order.
    """

    order: str
    recipe: Recipe | None
    batch: int = 100
    rounds: int = 10
    whole: bool = False
    seed: int = 0


class Pool:
    """Documents whose verdicts are known to the simulation, and which it has shown.

    Parameters
    ----------
    start : sequence of Case
        What the judge has learned from before the first question.
    asked : sequence of Case
        What is asked about.
    """

    def __init__(self, start: Sequence[Case], asked: Sequence[Case]) -> None:
        self.start, self.asked = start, asked
        self.questions = [questions_of(case) for case in asked]
        self.left = [list(range(len(q.spans))) for q in self.questions]
        self.known = Known()
        for case in start:
            told = questions_of(case)
            for place, task in enumerate(case.example.labels.task):
                self.known.tell(told, place, bool(task))

    def fitted(self) -> Model:
        """The judge that these verdicts make."""
        seen = [
            revealed(case.example, left)
            for case, left in zip(self.asked, self.left, strict=True)
            if len(left) < len(case.example.labels.task)
        ]
        documents = [case.example for case in self.start] + seen
        # as the annotators of the pool say it, once anything is known of them
        return training.train(documents, like=seen[0].source if seen else "")

    def choose(self, plan: Plan, model: Model, chance: np.random.Generator) -> None:
        """Let the next batch be judged."""
        for document, place in self._order(plan, model, chance):
            self.left[document].remove(place)
            task = bool(self.asked[document].example.labels.task[place])
            self.known.tell(self.questions[document], place, task)

    def _order(
        self, plan: Plan, model: Model, chance: np.random.Generator
    ) -> list[tuple[int, int]]:
        if plan.recipe is None:
            places = [(d, p) for d, left in enumerate(self.left) for p in left]
            if not plan.whole:
                order = chance.permutation(len(places))[: plan.batch]
                return [places[one] for one in order]
            documents = chance.permutation(len(self.left)).tolist()
            return self._whole(documents, plan.batch)
        now = [
            replace(told, scores=model.scores(case.example.sample)[:, :2])
            for told, case in zip(self.questions, self.asked, strict=True)
        ]
        if plan.whole:
            order = gain.opening(now, self.left, self.known, recipe=plan.recipe)
            return self._whole(order, plan.batch)
        ranked = gain.ranked(
            now, self.left, self.known, recipe=plan.recipe, most=plan.batch
        )
        return [(one.document, one.place) for one in ranked]

    def _whole(self, documents: Iterable[int], batch: int) -> list[tuple[int, int]]:
        """All that is left in the first documents, until the batch is full."""
        found: list[tuple[int, int]] = []
        for document in documents:
            if len(found) < batch:
                found += [(document, place) for place in self.left[document]]
        return found

    @property
    def verdicts(self) -> int:
        """How many were given."""
        total = sum(len(case.example.labels.task) for case in self.asked)
        return total - sum(map(len, self.left))


def questions_of(case: Case) -> Questions:
    """Questions of a document that no judge has seen yet."""
    case.doc._.judgements = []
    return gain.questions(case.doc)


def revealed(example: Example, left: Sequence[int]) -> Example:
    """A gold document of which nobody has judged the candidates that are left."""
    names = ("task", "actionable", "heading", "kind")
    columns = [getattr(example.labels, name).copy() for name in names]
    for column in columns:
        column[list(left)] = -1
    return replace(example, labels=Labels(*columns))


def simulated(
    plan: Plan, start: Sequence[Case], asked: Sequence[Case], unseen: Sequence[Case]
) -> Iterator[tuple[int, list[Scored]]]:
    """Verdicts so far, and what the judge of these verdicts scores on unseen documents.

    Yields
    ------
    (int, list of dict of str to Count)
        Before the first batch and after every batch; counts are one mapping a document.
    """
    pool, chance = Pool(start, asked), np.random.default_rng(plan.seed)
    for _ in range(plan.rounds):
        model = pool.fitted()
        yield pool.verdicts, scored(model, unseen)
        pool.choose(plan, model, chance)
    yield pool.verdicts, scored(pool.fitted(), unseen)


def scored(model: Model, unseen: Sequence[Case]) -> list[Scored]:
    """Hits of the whole pipeline with that judge, one mapping a document."""
    return [
        count(case.example.gold, judged(case, model.scores(case.example.sample)))
        for case in unseen
    ]


def cross_validated(
    plan: Plan, start: Sequence[Case], gold: Sequence[Case], folds: int
) -> list[tuple[float, dict[str, float]]]:
    """Verdicts a fold, and F1 over the documents of all folds, after each batch."""
    order = np.random.RandomState(0).permutation(len(gold))
    runs = []
    for fold in range(folds):
        unseen = [gold[place] for place in order[fold::folds]]
        asked = [case for case in gold if case not in unseen]
        mixed = replace(plan, seed=plan.seed * folds + fold)
        runs.append(list(simulated(mixed, start, asked, unseen)))
    curve = []
    for points in zip(*runs, strict=True):
        counts = [one for _, scored_ in points for one in scored_]
        verdicts = float(np.mean([number for number, _ in points]))
        curve.append((verdicts, {name: f1(counts, name) for name in SCORES}))
    return curve


def f1(counts: Iterable[Scored], name: str) -> float:
    """F1 of a field over several documents."""
    return sum((one.get(name, Count()) for one in counts), Count()).rates()[2]


def curve_of(
    plan: Plan, start: Sequence[Case], gold: Sequence[Case], folds: int, seeds: int
) -> Curve:
    """Learning curve of an order; mean and spread over the seeds if it has any."""
    runs = [
        cross_validated(replace(plan, seed=seed), start, gold, folds)
        for seed in range(seeds if plan.recipe is None else 1)
    ]
    given = np.array([[verdicts for verdicts, _ in run] for run in runs])
    values = {
        name: np.array([[scores[name] for _, scores in run] for run in runs])
        for name in SCORES
    }
    return Curve(
        plan.order,
        given.mean(axis=0).tolist(),
        {name: found.mean(axis=0).tolist() for name, found in values.items()},
        {name: found.std(axis=0).tolist() for name, found in values.items()},
    )


def main() -> None:
    """Simulate, print, draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "gold", nargs="?", type=Path, default=CORPUS / "heldout", metavar="POOL_DIR"
    )
    parser.add_argument("--start", type=Path, default=CORPUS / "train", metavar="DIR")
    parser.add_argument("--only", nargs="+", choices=ORDERS, default=list(ORDERS))
    parser.add_argument("--folds", type=int, default=4, metavar="N")
    parser.add_argument("--seeds", type=int, default=5, metavar="N")
    parser.add_argument("--batch", type=int, default=100, metavar="VERDICTS")
    parser.add_argument("--rounds", type=int, default=10, metavar="N")
    parser.add_argument(
        "--documents", action="store_true", help="judge whole documents"
    )
    parser.add_argument("--recipe", nargs=4, type=float, metavar="W", help="for gain")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg")
    options = parser.parse_args()
    start, gold = cases(options.start), cases(options.gold)
    total = sum(len(case.example.labels.task) for case in gold)
    print(f"{len(gold)} documents, {total} sentences; {len(start)} to start from")
    curves = []
    for name in options.only:
        recipe = ORDERS[name]
        if name == "gain" and options.recipe:
            recipe = Recipe(*options.recipe)
        plan = Plan(name, recipe, options.batch, options.rounds, options.documents)
        curves.append(curve_of(plan, start, gold, options.folds, options.seeds))
    for name in SCORES:
        print("\n".join(table(curves, name)))
    if RANDOM in options.only:
        for name in SCORES:
            print("\n".join(savings(curves, name)))
    if options.plot:
        options.plot.parent.mkdir(parents=True, exist_ok=True)
        drawn = plot(curves, "ledger", "F1 of the ledger by verdicts given")
        options.plot.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
