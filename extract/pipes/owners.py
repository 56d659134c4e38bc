"""Cleaned text in; the bodies and persons that sentences themselves name out.

Three ways to be named: as the subject (各县区要…, 设备科每周…), after a word that hands
the task over (由市住建局牵头…), as a partner (省林业局会同海洋渔业局…).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from extract import bodies, rulebook, subjects
from extract.layers import Mark

_LONGEST_PHRASE = 70


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
    handed = deque(_handed(text, book))
    marks: list[Mark] = []
    reached = 0
    for start, end, strong in _candidates(text, book):
        while handed and handed[0][0] < end:
            reached = _take(handed.popleft(), marks, reached)
        if end <= reached:
            continue
        if start < reached:
            start = _opened(text, reached, end, book)
        if found := _first(text, start, end, strong, book):
            marks += found
            reached = max(found[-1].end, end)
    for phrase in handed:
        reached = _take(phrase, marks, reached)
    return marks


def _candidates(text: str, book: rulebook.Rulebook) -> Iterator[tuple[int, int, bool]]:
    """What may be a subject: where it begins and ends, and whether a command follows.

    The first of each clause; `_first` looks for the others.
    """
    # the text's first clause has no stop before it
    for match in book["owner.clause"].pattern.finditer("\n" + text):
        yield match.start(1) - 1, match.end() - 1, match.lastindex != 1


def _first(
    text: str, start: int, end: int, strong: bool, book: rulebook.Rulebook
) -> list[Mark]:
    """Marks of the first phrase of the clause that is a subject."""
    stop = 0
    named = bodies.opens(text[start:end])
    further = book["owner.subject" if named else "owner.commanded"].pattern
    while True:
        if strong or named:
            if found := _subject(text, start, end, strong, book):
                return found
        stop = stop or _stop(text, end, book)
        if not (match := further.search(text, end, stop)):
            return []
        end, strong = match.end(), not named or match.lastindex is not None


_Handed = tuple[int, int, list[Mark]]


def _take(phrase: _Handed, marks: list[Mark], reached: int) -> int:
    """Add the marks of a phrase unless they stand there; the end of what is read."""
    start, end, found = phrase
    if start < reached:
        return reached
    marks += found
    return end


def _handed(text: str, book: rulebook.Rulebook) -> Iterator[_Handed]:
    """Bodies after 由 and 会同: what follows them need not be a known predicate."""
    rule = book["owner.handed"]
    for match in rule.pattern.finditer(text):
        start, end = match.end(), _listed(text, match.end(), book)
        joint = book["owner.jointly"].pattern.match(text, match.start())
        if end == start or (
            not joint and book["owner.not-handed"].pattern.match(text, end)
        ):
            continue
        found = _names(text, start, end, book)
        for mark in found:
            mark.rule = "owner.jointly" if joint else rule.id
            mark.label = "cooperating" if joint else mark.label
        yield start, end, found


def _listed(text: str, start: int, book: rulebook.Rulebook) -> int:
    """End of the names that begin there, joined by 、 and 和; `start` if none does."""
    if (end := bodies.longest(text, start, start + bodies.LONGEST)) == start:
        return start
    stop = _stop(text, end, book)
    separator = book["owner.separator"].pattern
    alone = bodies.whole(text[start:end])
    while joined := separator.match(text, end, stop):
        reach = bodies.longest(text, joined.end(), stop)
        if reach == joined.end():
            break
        alone = bodies.whole(text[joined.end() : reach])
        end = reach
    if others := book["owner.others"].pattern.match(text, end):
        return others.end()
    return end if alone else start


def _stop(text: str, start: int, book: rulebook.Rulebook) -> int:
    """Where the clause that goes on there ends."""
    reach = min(len(text), start + _LONGEST_PHRASE)
    match = book["owner.boundary"].pattern.search(text, start, reach)
    return match.start() if match else reach


@cache
def _words() -> dict[str, frozenset[str]]:
    lists = rulebook.load("owner").lists
    return {name: frozenset(words) for name, words in lists.items()}


def _subject(
    text: str, start: int, end: int, strong: bool, book: rulebook.Rulebook
) -> list[Mark]:
    """Marks of the subject that ends there, none if it is no subject."""
    if bodies.broken(text, end) or _transmits(text, start, book):
        return []
    joint = book["owner.jointly"].pattern.match(text, start, end)
    start = joint.end() if joint else start
    phrase = text[start:end]
    if length := subjects.called(phrase, strong):
        end, phrase = start + length, phrase[:length]
    if not 1 <= len(phrase) <= _LONGEST_PHRASE:
        return []
    commanded = text[end : end + 1] in _words()["strong"]
    if not (strong and subjects.headed(phrase, commanded)) and not subjects.complete(
        phrase, commanded
    ):
        return []
    if bracket := book["owner.bracket"].pattern.match(text, end):
        end = bracket.end()
    marks = _names(text, _quoted(text, start, book), end, book)
    for mark in marks if joint else ():
        mark.rule, mark.label = "owner.jointly", "cooperating"
    return marks


def _transmits(text: str, start: int, book: rulebook.Rulebook) -> bool:
    """Whether 现印发给你们，请 stands before it: no task for anybody by name."""
    if text[start - 1 : start] not in _words()["asking"]:
        return False
    rule = book["owner.transmittal"].pattern
    return bool(rule.search(text, max(0, start - 24), start))


def _opened(text: str, start: int, end: int, book: rulebook.Rulebook) -> int:
    """Skip stops, enumerators, dates and adverbs before the noun phrase."""
    match = book["owner.opener"].pattern.match(text, start, end - 1)
    return match.end() if match else start


def _quoted(text: str, start: int, book: rulebook.Rulebook) -> int:
    """Take in a quotation that the name begins with: “两客一危”企业."""
    rule = book["owner.quoted"].pattern
    reach = max(0, start - 16)
    for match in rule.finditer(text, reach, start):
        if match.end() == start:
            return match.start()
    return start


def _names(text: str, start: int, end: int, book: rulebook.Rulebook) -> list[Mark]:
    """One mark a body, with its role."""
    role, rule = _role(text, end, book)
    return [
        Mark(start + a, start + b, rule, _named_role(text[start + a : start + b], role))
        for a, b in subjects.names(text[start:end])
    ]


def _role(text: str, end: int, book: rulebook.Rulebook) -> tuple[str, str]:
    for name in ("owner.lead", "owner.cooperating"):
        rule = book[name]
        if rule.pattern.match(text, end):
            return rule.value, rule.id
    return "responsible", "owner.subject"


def _named_role(name: str, role: str) -> str:
    words = _words()
    for label in ("lead", "cooperating"):
        if name.endswith(tuple(words[f"{label}_heads"])):
            return label
    return role
