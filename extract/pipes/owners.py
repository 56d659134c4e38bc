"""Cleaned text in; the bodies and persons that sentences themselves name out.

Three ways to be named: as the subject (各县区要…, 设备科每周…), after a word that hands
the task over (由市住建局牵头…), as a partner (省林业局会同海洋渔业局…).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from operator import attrgetter

from spacy.language import Language
from spacy.tokens import Doc

from extract import bodies, rulebook
from extract.layers import Mark
from extract.phrases import Phrases


@Language.factory("duban_owners", assigns=["doc._.owners"], requires=["doc._.view"])
def make_owners(nlp: Language, name: str) -> Owners:
    """Make an `Owners`."""
    return Owners()


class Owners:
    """Mark the explicit owners; reads ``doc._.view``, writes ``doc._.owners``."""

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        doc._.owners = find(doc._.view.text)
        return doc


def find(text: str) -> list[Mark]:
    """Explicit owners of a view, in order.

    Parameters
    ----------
    text : str
        `View.text`.

    Returns
    -------
    list of Mark
        ``label`` is the role; coordinated bodies are one mark each. Only marks that
        lie in a task's own words are owners of it.
    """
    book = rulebook.load("owner")
    phrases = Phrases(text)
    handed = deque(_handed(phrases, book))
    opened = book.patterns["owner.opener"].match
    marks: list[Mark] = []
    reached = 0
    for start, end, strong in _candidates(text, book):
        while handed and handed[0][0] < end:
            reached = _take(handed.popleft(), marks, reached)
        if end <= reached:
            continue
        if start < reached:
            # skip stops, enumerators, dates and adverbs before the noun phrase
            skipped = opened(text, reached, end - 1)
            start = skipped.end() if skipped else reached
        if found := _first(phrases, start, end, strong):
            marks += found
            reached = max(found[-1].end, end)
    for phrase in handed:
        reached = _take(phrase, marks, reached)
    if asked := list(_asked(phrases, marks, book)):
        marks = sorted([*marks, *asked], key=attrgetter("start"))
    return _divided(text, marks)


def _candidates(text: str, book: rulebook.Rulebook) -> Iterator[tuple[int, int, bool]]:
    """What may be a subject: where it begins and ends, and whether a command follows.

    The first of each clause; `_first` looks for the others.
    """
    # the text's first clause has no stop before it
    for match in book.patterns["owner.clause"].finditer("\n" + text):
        yield match.start(1) - 1, match.end() - 1, match.lastindex != 1


def _first(phrases: Phrases, start: int, end: int, strong: bool) -> list[Mark]:
    """Marks of the first phrase of the clause that is a subject."""
    if strong and (found := phrases.subject(start, end, strong)):
        return found
    named = bodies.opens(phrases.text[start:end])
    if named and not strong and (found := phrases.subject(start, end, strong)):
        return found
    stop = phrases.stop(end)
    further = phrases.ask["owner.subject" if named else "owner.commanded"].search
    while match := further(phrases.text, end, stop):
        end, strong = match.end(), not named or match.lastindex is not None
        if found := phrases.subject(start, end, strong):
            return found
    return []


_Handed = tuple[int, int, list[Mark]]


def _take(phrase: _Handed, marks: list[Mark], reached: int) -> int:
    """Add the marks of a phrase unless they stand there; the end of what is read."""
    start, end, found = phrase
    if start < reached:
        return reached
    marks += found
    return end


def _handed(phrases: Phrases, book: rulebook.Rulebook) -> Iterator[_Handed]:
    """Bodies after 由 and 会同: what follows them need not be a known predicate."""
    rule, ask, text = book["owner.handed"], phrases.ask, phrases.text
    for match in rule.pattern.finditer(text):
        start, end = match.end(), phrases.listed(match.end())
        joint = ask["owner.jointly"].match(text, match.start())
        if end == start and not joint:
            end = phrases.asked(start)
        if end == start or (not joint and ask["owner.not-handed"].match(text, end)):
            continue
        found = phrases.names(start, end)
        for mark in found:
            mark.rule = "owner.jointly" if joint else rule.id
            mark.label = "cooperating" if joint else mark.label
        yield start, end, found


def _asked(
    phrases: Phrases, marks: list[Mark], book: rulebook.Rulebook
) -> Iterator[Mark]:
    """Whom a 请 or 希望 asks, where no known predicate has told."""
    rule = book["owner.asked"]
    if not (asked := list(rule.pattern.finditer(phrases.text))):
        return
    taken = [mark.start for mark in marks]
    for start in (match.end() for match in asked):
        place = bisect_left(taken, start)
        if place < len(taken) and taken[place] < phrases.stop(start):
            continue
        if (end := phrases.asked(start)) > start:
            for mark in phrases.names(start, end):
                mark.rule = rule.id
                yield mark


def _divided(text: str, marks: list[Mark]) -> list[Mark]:
    """牵头单位 leads and 配合单位 cooperates only where the sentence has both."""
    lead, either = _titles()
    titled = [mark for mark in marks if text.endswith(either, mark.start, mark.end)]
    roles = [
        "lead" if text.endswith(lead, mark.start, mark.end) else "cooperating"
        for mark in titled
    ]
    told = zip(titled, roles, strict=True)
    for (mark, role), (other, opposite) in pairwise(told):
        if role != opposite and _ENDS.isdisjoint(text[mark.end : other.start]):
            mark.label, other.label = role, opposite
    return marks


_ENDS = frozenset("。！？\n")


@cache
def _titles() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ends of the names of those that lead, and of those that lead or cooperate."""
    lists = rulebook.load("owner").lists
    lead = lists["lead_heads"]
    return lead, lead + lists["cooperating_heads"]
