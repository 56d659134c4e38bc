"""Everything the other pipes found in; a verdict on every candidate out."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from extract.classifier import Model, shipped
from extract.situation import sample
from extract.words import segmenter as words_of


@Language.factory(
    "duban_judge",
    default_config={"segmenter": "jieba"},
    assigns=["doc._.judgements"],
    requires=[
        "doc._.view",
        "doc._.sentences",
        "doc._.cues",
        "doc._.owners",
        "doc._.deadlines",
        "doc._.recurrences",
        "doc._.metrics",
    ],
)
def make_judge(nlp: Language, name: str, segmenter: str) -> Judge:
    """Make a `Judge`."""
    return Judge(segmenter)


class Judge:
    """Decide task or no task, kind, actionable and heading for every candidate.

    Reads what all other pipes wrote, writes ``doc._.judgements``.

    Parameters
    ----------
    segmenter : str, default="jieba"
        Whose words the classifier reads.
    model : Model, optional
        Instead of the one that ships.
    """

    def __init__(self, segmenter: str = "jieba", model: Model | None = None) -> None:
        self.segmenter = segmenter
        self.model = model

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        if self.model is None:
            self.model = shipped()
        if not doc._.sentences:
            doc._.judgements = []
            return doc
        cut = words_of(self.segmenter).cut
        scores = self.model.scores(sample(doc, cut))
        doc._.judgements = self.model.verdicts(scores)
        return doc
