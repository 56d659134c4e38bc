"""Phrases that no supervisor can hold anybody to: a document's words in, marks out."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from extract import joint
from extract.layers import Mark


def find(text: str) -> list[Mark]:
    """Vague phrases of a text, in order and disjoint.

    Parameters
    ----------
    text : str
        A view's text, or any part of it.

    Returns
    -------
    list of Mark
        `label` says what is left open: ``degree``, ``urgency``, ``effort`` or
        ``extent``.

    Examples
    --------
    >>> [mark.label for mark in find("要进一步加强管理，尽快见效。")]
    ['degree', 'effort', 'urgency']
    """
    return [
        Mark(start, end, rule.id, rule.label)
        for start, end, rule, _ in joint.find(text, "vague")
    ]


@Language.factory("duban_vagueness", assigns=["doc._.vague"], requires=["doc._.view"])
def make_vagueness(nlp: Language, name: str) -> Vagueness:
    """Build the component; spaCy calls this."""
    return Vagueness()


class Vagueness:
    """Wording that leaves open how much, when or how far.

    Reads ``doc._.view``; writes ``doc._.vague``, a list of `Mark`.

    Examples
    --------
    进一步加强管理 gives 进一步 (degree) and 加强 (effort); 新建泵站3座 gives nothing.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Fill ``doc._.vague``."""
        doc._.vague = find(doc._.view.text)
        return doc
