"""The pipes, one layer each; they meet in the Doc and never import one another.

What they leave in a Doc (see `extract.layers`):

===================  ==========================================================
``doc._.date``       reference date, set by the caller
``doc._.view``       `View`, the cleaned text all offsets below count in
``doc._.lines``      list of `Line`
``doc._.bodies``     list of `Mark`: mentions of public bodies and persons by office
``doc._.sentences``  list of `Sentence`, the candidates
``doc._.cues``       list of `Mark`
``doc._.owners``     list of `Mark`, label = role
``doc._.deadlines``  list of `Mark`, label = type, value = (from, due)
``doc._.recurrences`` list of `Mark`, value = (unit, every, times, day)
``doc._.metrics``    list of `Mark`, label = relation, value = `Measure`
``doc._.vague``      list of `Mark`
``doc._.judgements`` list of `Judgement`, one a sentence
===================  ==========================================================
"""

from spacy.tokens import Doc

LAYERS = (
    "speech",
    "date",
    "view",
    "lines",
    "bodies",
    "sentences",
    "cues",
    "duties",
    "owners",
    "deadlines",
    "recurrences",
    "metrics",
    "vague",
    "judgements",
)

for _layer in LAYERS:
    if not Doc.has_extension(_layer):
        Doc.set_extension(_layer, default=None)
