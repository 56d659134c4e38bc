"""Candidates' texts and facts in, calibrated probabilities out.

Two stages, both linear. The first reads hashed character n-grams, words and facts
(fired rules, section function, enumerator, neighbours' edges) of one candidate; the
second reads the first's scores of the candidate and of those around it, so that a
plan's sentences support each other and a review's do too. Inference is NumPy only;
scikit-learn is needed to fit.
"""

from extract.classifier.blocks import NOTHING, Bundled, Features, triplets
from extract.classifier.features import featurise
from extract.classifier.fitting import Labels, constant, fit
from extract.classifier.hashing import BITS, named, pairs
from extract.classifier.model import HEADS, JUDGE, MODEL, Model, load, save, shipped
from extract.classifier.samples import Facts, Sample, joined

__all__ = [
    "BITS",
    "HEADS",
    "JUDGE",
    "MODEL",
    "NOTHING",
    "Bundled",
    "Facts",
    "Features",
    "Labels",
    "Model",
    "Sample",
    "constant",
    "featurise",
    "fit",
    "joined",
    "load",
    "named",
    "pairs",
    "save",
    "shipped",
    "triplets",
]
