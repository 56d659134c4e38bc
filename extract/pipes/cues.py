"""Candidates in; the cues that speak for and against a task in them out."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from extract import joint, rulebook
from extract.layers import Mark, Sentence
from extract.rule import gate


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
    # what stands in front of the first candidate lies in none
    ends = [*[sentence.end for sentence in sentences], -1]
    for rule, matches in joint.found(text, "cue"):
        name, label = rule.id, rule.label
        for match in matches:
            start, end = match.span()
            place = bisect_right(starts, start) - 1
            if end <= ends[place]:
                cues[place].append(Mark(start, end, name, label))
    return cues


def name_functions(sentences: list[Sentence]) -> None:
    """Fill ``Sentence.function`` from the innermost heading that tells it."""
    known: dict[str, str] = {}
    function = ""
    path: tuple[str, ...] = ()
    for sentence in sentences:
        # one heading stands above many candidates
        if sentence.path is not path:
            path = sentence.path
            function = _function(path, known)
        if function:
            sentence.function = function


def _function(path: tuple[str, ...], known: dict[str, str]) -> str:
    """Function that the innermost of some headings tells, or ""."""
    for title in reversed(path):
        if title not in known:
            known[title] = _told(title)
        if known[title]:
            return known[title]
    return ""


def _told(title: str) -> str:
    if not _any_function().search(title):
        return ""
    rules = rulebook.load("section").rules
    return next(rule.label for rule in rules if rule.pattern.search(title))


@cache
def _any_function() -> re.Pattern[str]:
    return gate(rulebook.load("section").rules)
