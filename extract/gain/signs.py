"""What judge, rules and verdicts say of candidates in, signs of gain out."""

from __future__ import annotations

from collections import Counter

import numpy as np

from extract.gain.questions import BITS, Cues, Floats, Ints, Questions

# how often a candidate with a cue of that label is a task (corpus/train), and how many
# verdicts on a rule weigh as much as that
_USUAL = {"force": 0.9, "ban": 0.95, "veto": 0.1}
_WEIGHT = 10.0


def uncertainty(scores: Floats) -> Floats:
    """How little the judge knows, 0 to 1.

    Entropy of its three answers (no task, a task for the files, one for the ledger) as
    a share of the highest possible: entropy sampling, Settles 2009, section 3.1.

    Parameters
    ----------
    scores : ndarray of float, shape (n, 2)
        As in `Questions`.

    Returns
    -------
    ndarray of float, shape (n,)
    """
    task, actionable = scores.T
    bits: Floats = (_entropy(task) + task * _entropy(actionable)) / np.log2(3.0)
    return bits


def disagreement(rules: Floats, judge: Floats) -> Floats:
    """How far rules and judge are apart, 0 to 1; 0 where the rules say nothing.

    Jensen-Shannon divergence of their probabilities of a task in bits: the mean
    Kullback-Leibler divergence of the members of a committee from their mean, as
    McCallum and Nigam 1998 propose, is just that for two members.

    Parameters
    ----------
    rules, judge : ndarray of float, shape (n,)
        Probabilities; NaN in `rules` where no rule speaks.
    """
    silent = np.isnan(rules)
    said = np.where(silent, judge, rules)
    apart: Floats = (
        _entropy((said + judge) / 2) - (_entropy(said) + _entropy(judge)) / 2
    )
    divergence: Floats = np.maximum(apart, 0.0)
    return divergence


class Known:
    """What verdicts have taught: wordings met, and how often each cue was right.

    Attributes
    ----------
    verdicts : int
        How many it was told of.
    """

    def __init__(self) -> None:
        self.verdicts = 0
        self._met = np.zeros(1 << BITS, dtype=bool)
        self._fired: Counter[str] = Counter()
        self._right: Counter[str] = Counter()

    def tell(self, asked: Questions, place: int, task: bool) -> None:
        """Take in a person's verdict on one candidate."""
        self.verdicts += 1
        self._met[asked.grams[place]] = True
        for rule, _ in asked.cues[place]:
            self._fired[rule] += 1
            self._right[rule] += task

    def novelty(self, grams: Ints) -> float:
        """Share of character pairs that no judged candidate has, 0 to 1.

        0 while nothing is judged: what is true of all tells none from the others.
        """
        if not len(grams) or not self.verdicts:
            return 0.0
        return 1.0 - float(self._met[grams].mean())

    def opinion(self, cues: Cues) -> float:
        """Probability of a task if one believes the cues; NaN if they say nothing.

        The surest of the cues for a task and the surest against one; their mean where
        there are both. A cue is believed as often as it was right in what was judged,
        and until then as much as others of its label.
        """
        sure = [(label, self._precision(rule, label)) for rule, label in cues]
        wanting = [share for label, share in sure if label in ("force", "ban")]
        barring = [share for label, share in sure if label == "veto"]
        said = [max(wanting)] if wanting else []
        said += [min(barring)] if barring else []
        return sum(said) / len(said) if said else float("nan")

    def _precision(self, rule: str, label: str) -> float:
        usual = _WEIGHT * _USUAL.get(label, 0.5)
        return (self._right[rule] + usual) / (self._fired[rule] + _WEIGHT)


def _entropy(probability: Floats) -> Floats:
    """Entropy of a yes or no, in bits."""
    yes = np.clip(probability, 1e-12, 1.0 - 1e-12)
    bits: Floats = -(yes * np.log2(yes) + (1.0 - yes) * np.log2(1.0 - yes))
    return bits
