"""The judge beside other classifiers: the same candidates, cross-validated by document.

    judges.py GOLD_DIR [GOLD_DIR ...] --only judge linear-char --folds 4

Documents of the first folder are dealt into folds; each is judged by a classifier that
saw the first folder's other folds and all further folders. What is scored is the whole
pipeline's output, so a contestant is worth what it changes in the ledger.
docs/accuracy.md says what came of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from learners import CONTESTANTS, PSEUDO, Case, Learner, pseudo_labelled

from extract import classifier, harvest, pipeline, readers, training
from extract.evaluate import gold_pairs, score
from extract.situation import sample
from extract.words import segmenter

Floats = npt.NDArray[np.float64]

FIELDS = ("task", "task_strict", "ledger", "kind", "actionable")
BINS = 10


def cases(folder: Path) -> list[Case]:
    """Gold documents of a folder, analysed once for all contestants."""
    found = []
    for document in gold_pairs(folder):
        example = replace(training.example(document), source=str(folder))
        found.append(Case(example, pipeline.analyse(example.speech, judged=False)))
    return found


def unlabelled(folder: Path, limit: int) -> list[Case]:
    """Documents without gold, evenly chosen: candidates whose labels mean nothing."""
    paths = list(readers.documents([folder]))
    cut = segmenter("jieba").cut
    found = []
    for path in paths[:: max(len(paths) // limit, 1)][:limit]:
        speech = readers.read(path)
        doc = pipeline.analyse(speech, judged=False)
        none = np.full(len(doc._.sentences), -1)
        labels = classifier.Labels(none, none, none, none)
        example = training.Example(speech, [], sample(doc, cut), labels, PSEUDO)
        found.append(Case(example, doc))
    return found


def judged(case: Case, scores: Floats) -> list[dict[str, Any]]:
    """Records that the pipeline makes of a document with these probabilities."""
    model = classifier.constant([case.example.labels])
    case.doc._.judgements = model.verdicts(scores)
    return [task.to_dict() for task in harvest.tasks(case.doc)]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A contestant's probabilities for every document, and what they took."""

    scores: list[tuple[Case, Floats]]
    fitting: float
    judging: float


def cross_validated(
    learner: Learner, measured: Sequence[Case], further: Sequence[Case], folds: int
) -> Outcome:
    """Judge each measured document by what was learned from the others.

    Seconds are of this process alone; `judging` is microseconds a character, without
    the rules, which are the same for all.
    """
    order = np.random.RandomState(0).permutation(len(measured))
    scores: list[tuple[Case, Floats]] = []
    fitting = judging = 0.0
    for fold in range(folds):
        unseen = [measured[place] for place in order[fold::folds]]
        seen = [case for case in measured if case not in unseen]
        start = time.process_time()
        judge = learner([*seen, *further])
        middle = time.process_time()
        scores += [(case, judge(case)) for case in unseen]
        fitting += middle - start
        judging += time.process_time() - middle
    characters = sum(len(case.example.speech.text) for case in measured)
    return Outcome(scores, fitting / folds, judging / characters * 1e6)


def bins(probabilities: Floats, truth: Floats) -> Iterator[tuple[int, float, float]]:
    """Reliability by tenths: how many, what was said, what was so."""
    place = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    for one in range(BINS):
        inside = place == one
        if inside.any():
            said, so = probabilities[inside].mean(), truth[inside].mean()
            yield int(inside.sum()), float(said), float(so)


def calibration_error(probabilities: Floats, truth: Floats) -> float:
    """Expected calibration error in ten bins (Guo et al. 2017)."""
    total = len(probabilities)
    found = bins(probabilities, truth)
    return sum(count / total * abs(said - so) for count, said, so in found)


def certainties(outcome: Outcome, head: str) -> tuple[Floats, Floats]:
    """Probabilities of a head, and gold: of candidates for "task", else of tasks."""
    column = classifier.HEADS.index(head)
    said, so = [], []
    for case, scores in outcome.scores:
        labels = case.example.labels
        rows = labels.task >= 0 if head == "task" else labels.task == 1
        said.append(scores[rows, column])
        so.append(getattr(labels, head)[rows])
    return np.concatenate(said), np.concatenate(so).astype(float)


def line(outcome: Outcome) -> str:
    """One row of the table."""
    documents = [
        (case.example.gold, judged(case, scores)) for case, scores in outcome.scores
    ]
    found = score(documents)
    ledger = found["ledger"]
    errors = [
        calibration_error(*certainties(outcome, head))
        for head in ("task", "actionable")
    ]
    values = [found[name].f1 for name in FIELDS]
    values += [ledger.precision, ledger.recall, *errors]
    numbers = " ".join(f"{value:8.3f}" for value in values)
    return f"{numbers} {outcome.fitting:8.1f} {outcome.judging:8.2f}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("gold", nargs="+", type=Path, metavar="GOLD_DIR")
    parser.add_argument(
        "--only", nargs="+", choices=sorted(CONTESTANTS), metavar="NAME"
    )
    parser.add_argument("--folds", type=int, default=4, metavar="N")
    parser.add_argument(
        "--share",
        type=float,
        default=1.0,
        help="of the training documents that is used",
    )
    parser.add_argument("--unlabelled", type=Path, help="documents for self-training")
    parser.add_argument("--limit", type=int, default=60, help="how many of them")
    parser.add_argument("--bins", action="store_true", help="print reliability tables")
    options = parser.parse_args()
    measured = cases(options.gold[0])
    further = [case for folder in options.gold[1:] for case in cases(folder)]
    extra = unlabelled(options.unlabelled, options.limit) if options.unlabelled else []
    head = ("tasks", "strict", "ledger", "kind", "action.", "ledg. P", "ledg. R")
    columns = " ".join(
        f"{name:>8}" for name in (*head, "ECE t", "ECE a", "fit s", "us/ch")
    )
    print(f"{len(measured)} documents, {len(further)} more to learn from\n")
    print(f"{'':<18} {columns}")
    for name in options.only or CONTESTANTS:
        learner = CONTESTANTS[name]
        if name == PSEUDO:
            if not extra:
                continue
            learner = pseudo_labelled(extra)
        try:
            outcome = cross_validated(
                thinned(learner, options.share), measured, further, options.folds
            )
        except ImportError as error:
            print(f"{name:<18} {error}", file=sys.stderr)
            continue
        print(f"{name:<18} {line(outcome)}", flush=True)
        for shown in ("task", "actionable") if options.bins else ():
            print(f"  {shown}: candidates, said, so")
            for count, said, so in bins(*certainties(outcome, shown)):
                print(f"  {count:6} {said:.2f} {so:.2f}")


def thinned(learner: Learner, share: float) -> Learner:
    """Let it learn from that share of the documents only, evenly chosen."""
    if share >= 1:
        return learner

    def learn(documents: Sequence[Case]) -> Any:
        count = max(int(share * len(documents)), 2)
        places = np.linspace(0, len(documents) - 1, count).astype(int)
        return learner([documents[place] for place in places])

    return learn


if __name__ == "__main__":
    main()
