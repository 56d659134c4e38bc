"""Everything the other pipes found in; a verdict on every candidate out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spacy.language import Language
from spacy.tokens import Doc

from extract import situation
from extract.classifier import Model, joined, shipped
from extract.words import segmenter as words_of

# characters of the Docs that are scored at once: so many that NumPy's calls cost
# little, so few that what they leave behind stays in the processor's cache
_TOGETHER = 64_000


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
        self._judge([doc])
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Run the pipe on many Docs, which it yields, several at once.

        Parameters
        ----------
        stream : iterable of Doc
        batch_size : int, default=128
            How many Docs are taken from the stream before the first is yielded, at
            most.
        """
        together: list[Doc] = []
        size = 0
        for doc in stream:
            together.append(doc)
            size += len(doc._.view.text)
            if size >= _TOGETHER or len(together) >= batch_size:
                self._judge(together)
                yield from together
                together, size = [], 0
        self._judge(together)
        yield from together

    def _judge(self, docs: list[Doc]) -> None:
        """Write the verdicts on several Docs' candidates, which are scored at once."""
        speaking = []
        for doc in docs:
            if doc._.sentences:
                speaking.append(doc)
            else:
                doc._.judgements = []
        if not speaking:
            return
        if self.model is None:
            self.model = shipped()
        cut = words_of(self.segmenter).cut
        samples = situation.samples(speaking, cut)
        verdicts = self.model.verdicts(self.model.scores(joined(samples)))
        end = 0
        for doc, one in zip(speaking, samples, strict=True):
            start, end = end, end + len(one.spans)
            doc._.judgements = verdicts[start:end]
