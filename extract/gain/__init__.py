"""Candidates and what was judged so far in, the order to ask a person about them out.

What a verdict on a sentence is expected to teach is guessed from three signs:

* *uncertainty*: the judge does not know (uncertainty sampling, Lewis and Gale, "A
  sequential algorithm for training text classifiers", 1994);
* *disagreement*: the rules and the judge say different things (query by committee,
  Seung, Opper and Sompolinsky 1992; divergence of the members from their mean, McCallum
  and Nigam, "Employing EM and pool-based active learning for text classification",
  1998);
* *novelty*: nothing like it was judged yet (Settles, "Active learning literature
  survey", 2009, section 3.6, on density and outliers).

What is proposed together should differ too, or one wording would be asked about again
and again: each proposal counts as known for those after it (maximal marginal
relevance, Carbonell and Goldstein 1998). ``benchmarks/active.py`` measures what each
sign is worth.
"""

from extract.gain.order import (
    DISAGREEMENT,
    NOVEL,
    RECIPE,
    UNCERTAIN,
    Proposal,
    Recipe,
    opening,
    ranked,
)
from extract.gain.questions import Questions, questions
from extract.gain.signs import Known, disagreement, uncertainty

__all__ = [
    "DISAGREEMENT",
    "NOVEL",
    "RECIPE",
    "UNCERTAIN",
    "Known",
    "Proposal",
    "Questions",
    "Recipe",
    "disagreement",
    "opening",
    "questions",
    "ranked",
    "uncertainty",
]
