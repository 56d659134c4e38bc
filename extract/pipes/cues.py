"""Candidates in; the cues that speak for and against a task in them out."""

from __future__ import annotations

from bisect import bisect_right

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Mark, Sentence


@Language.factory(
    "duban_cues",
    assigns=["doc._.cues"],
    requires=["doc._.view", "doc._.sentences"],
)
def make_cues(nlp: Language, name: str) -> Cues:
    """Make a `Cues`."""
    return Cues()


class Cues:
    """Let every cue rule speak, and name the function of every section.

    Reads ``doc._.view`` and ``doc._.sentences``; writes ``doc._.cues`` (one list of
    marks a candidate) and each candidate's ``function``.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        doc._.cues = find(doc._.view.text, doc._.sentences)
        name_functions(doc._.sentences)
        return doc


def find(text: str, sentences: list[Sentence]) -> list[list[Mark]]:
    """Cue marks of each candidate's own words, in table order."""
    cues: list[list[Mark]] = [[] for _ in sentences]
    starts = [sentence.start for sentence in sentences]
    for rule, match in rulebook.load("cue").matches(text):
        start, end = match.span()
        place = bisect_right(starts, start) - 1
        if place >= 0 and end <= sentences[place].end:
            cues[place].append(Mark(start, end, rule.id, rule.label))
    return cues


def name_functions(sentences: list[Sentence]) -> None:
    """Fill ``Sentence.function`` from the innermost heading that tells it."""
    rules = rulebook.load("section").rules
    known: dict[str, str] = {}
    for sentence in sentences:
        for title in reversed(sentence.path):
            if title not in known:
                found = (rule.label for rule in rules if rule.pattern.search(title))
                known[title] = next(found, "")
            if known[title]:
                sentence.function = known[title]
                break
