"""Candidates with their signs in, the order to ask about them out."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from extract.gain.questions import BITS, Questions
from extract.gain.signs import Known, disagreement, uncertainty

UNCERTAIN, DISAGREEMENT, NOVEL = "uncertain", "disagreement", "novel"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What the signs count for.

    gain = (a * uncertainty + b * disagreement + c * novelty) * fresh ** diversity

    Attributes
    ----------
    uncertainty, disagreement, novelty : float
        The weights a, b and c.
    diversity : float
        Exponent of the share of a candidate's character pairs that nothing proposed
        before it has; 0 leaves it out.
    """

    uncertainty: float = 1.0
    disagreement: float = 1.0
    novelty: float = 0.2
    diversity: float = 0.5


RECIPE = Recipe()
"""What `ranked` goes by unless told otherwise; docs/active.md says why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A candidate to ask about, and why.

    Attributes
    ----------
    document, place : int
        Which candidate of which `Questions`.
    gain : float
        What it is ranked by; means nothing by itself.
    probability : float
        Of its being a task.
    uncertainty, disagreement, novelty : float
        0 to 1 each.
    """

    document: int
    place: int
    gain: float
    probability: float
    uncertainty: float
    disagreement: float
    novelty: float

    @property
    def reasons(self) -> tuple[str, ...]:
        """Which of the signs speak for asking, the strongest first."""
        signs = {
            UNCERTAIN: self.uncertainty / _TELLING[UNCERTAIN],
            DISAGREEMENT: self.disagreement / _TELLING[DISAGREEMENT],
            NOVEL: self.novelty / _TELLING[NOVEL],
        }
        strongest = sorted(signs, key=lambda name: -signs[name])
        return tuple(name for name in strongest if signs[name] >= 1.0)


# from what value on a sign is named as a reason
_TELLING = {UNCERTAIN: 0.4, DISAGREEMENT: 0.25, NOVEL: 0.6}


def ranked(
    pool: Sequence[Questions],
    left: Sequence[Iterable[int]],
    known: Known,
    *,
    most: int | None = None,
    recipe: Recipe = RECIPE,
) -> list[Proposal]:
    """Candidates that nobody judged, the most gainful first.

    Greedy: each is the best given those before it. What a candidate has fresh only
    shrinks, so a bound once computed stays one (lazy evaluation, Minoux 1978).

    Parameters
    ----------
    pool : sequence of Questions
        One a document.
    left : sequence of iterable of int
        For each document the places that nobody judged.
    known : Known
    most : int, optional
        How many to propose; all by default.
    recipe : Recipe

    Returns
    -------
    list of Proposal
        Ties in the order of documents and sentences.
    """
    waiting = [
        (-one.gain, one.document, one.place, one)
        for one in _unordered(pool, left, known, recipe)
    ]
    heapq.heapify(waiting)
    proposed = np.zeros(1 << BITS, dtype=bool)
    found: list[Proposal] = []
    while waiting and len(found) != most:
        _, document, place, one = heapq.heappop(waiting)
        grams = pool[document].grams[place]
        repeated = float(proposed[grams].mean()) if len(grams) else 0.0
        gain = one.gain * (1.0 - repeated) ** recipe.diversity
        if waiting and (-gain, document, place) > waiting[0][:3]:
            heapq.heappush(waiting, (-gain, document, place, one))
            continue
        found.append(replace(one, gain=gain))
        proposed[grams] = True
    return found


def opening(
    pool: Iterable[Questions],
    left: Iterable[Iterable[int]],
    known: Known,
    *,
    recipe: Recipe = RECIPE,
) -> list[int]:
    """Documents with something to judge in the order to open them.

    The one first whose sentences gain most a verdict, on average: what a document
    costs is its length (cost-sensitive learning, Settles 2009, section 6.2).

    Parameters
    ----------
    pool, left, known, recipe
        As for `ranked`; diversity is left out.

    Returns
    -------
    list of int
        Their places in `pool`; ties in its order.
    """
    gains: dict[int, list[float]] = {}
    for one in _unordered(pool, left, known, recipe):
        gains.setdefault(one.document, []).append(one.gain)
    means = {document: sum(found) / len(found) for document, found in gains.items()}
    return sorted(means, key=lambda document: (-means[document], document))


def _unordered(
    pool: Iterable[Questions],
    left: Iterable[Iterable[int]],
    known: Known,
    recipe: Recipe,
) -> Iterator[Proposal]:
    """Every candidate that is left with its gain if it were the only one."""
    for document, (asked, places) in enumerate(zip(pool, left, strict=True)):
        judge = asked.scores[:, 0]
        rules = np.array([known.opinion(cues) for cues in asked.cues])
        unsure, apart = uncertainty(asked.scores), disagreement(rules, judge)
        plain = recipe.uncertainty * unsure + recipe.disagreement * apart
        for place in places:
            novel = known.novelty(asked.grams[place])
            yield Proposal(
                document=document,
                place=place,
                gain=float(plain[place]) + recipe.novelty * novel,
                probability=float(judge[place]),
                uncertainty=float(unsure[place]),
                disagreement=float(apart[place]),
                novelty=novel,
            )
