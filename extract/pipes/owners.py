"""Cleaned text in; the bodies and persons that sentences themselves name out.

各县区要…, 由市住建局牵头…, 省林业局会同海洋渔业局…: a head noun (部门, 局, 同志 …)
directly before a modal or a predicate, with nothing in front of it in its clause
that would make it an object.
"""

from __future__ import annotations

from functools import cache

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Mark, Span

_LONGEST = 110
_LONGEST_HEAD = 7


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
    generic, strong = _words()["generic"], _words()["strong"]
    each = tuple(_words()["each"])
    marks: list[Mark] = []
    reached = 0
    for match in book["owner.subject"].pattern.finditer(text):
        end = match.end()
        if end <= reached:
            continue
        start = max(reached, end - _LONGEST)
        if not (head := _head(text, start, end)):
            continue
        start = _clause(text, start, end, book)
        # 镇要… is an owner, 乡镇开展… may be, 城镇开展… is none
        if head in generic and text[end : end + 1] not in strong:
            if not text[start:end].startswith(each):
                continue
        found = _subject(text, start, end, book)
        if found:
            marks += found
            reached = end
    return marks


@cache
def _words() -> dict[str, frozenset[str]]:
    lists = rulebook.load("owner").lists
    return {name: frozenset(words) for name, words in lists.items()}


@cache
def _stops() -> tuple[str, ...]:
    return rulebook.load("owner").lists["stops"]


def _clause(text: str, start: int, end: int, book: rulebook.Rulebook) -> int:
    """Where the clause around the head noun begins."""
    start = max(start, max(text.rfind(mark, start, end) for mark in _stops()) + 1)
    for match in book["owner.boundary"].pattern.finditer(text, start, end):
        start = match.end()
    return start


def _subject(text: str, start: int, end: int, book: rulebook.Rulebook) -> list[Mark]:
    words = _words()
    if called := book["owner.called"].pattern.search(text, start, end):
        # `end` of the search stands for the end of the phrase
        end = called.start() if called.start() > start else end
    head = _head(text, start, end)
    if not head:
        return []
    start = _opened(text, start, end, book)
    phrase = text[start:end]
    following = text[end : end + 1]
    if book["owner.not-a-head"].pattern.search(text, start, end):
        return []
    generic = head in words["generic"]
    if (
        generic
        and following not in words["strong"]
        and not phrase.startswith(tuple(words["each"]))
    ):
        return []
    if not 1 < len(phrase) <= 70 and phrase not in words["generic"]:
        return []
    if _object(phrase, book):
        return []
    if bracket := book["owner.bracket"].pattern.match(text, end):
        end = bracket.end()
    return _names(text, start, end, book)


def _head(text: str, start: int, end: int) -> str:
    """Longest head noun that ends there, or ""."""
    heads, people = _words()["heads"], _words()["people"]
    for length in range(min(_LONGEST_HEAD, end - start), 0, -1):
        piece = text[end - length : end]
        if piece in heads or piece in people:
            return piece
    return ""


def _opened(text: str, start: int, end: int, book: rulebook.Rulebook) -> int:
    """Skip enumerators, dates and adverbs before the noun phrase."""
    moved = True
    openers = _words()["openers"]
    while moved:
        moved = False
        for name in ("owner.number", "owner.time-lead"):
            if (
                match := book[name].pattern.match(text, start, end)
            ) and match.end() < end:
                start, moved = match.end(), True
        for length in (5, 4, 3, 2, 1):
            if text[start : start + length] in openers and start + length < end - 1:
                start, moved = start + length, True
                break
    return start


def _object(phrase: str, book: rulebook.Rulebook) -> bool:
    """Whether words in the phrase make its head an object rather than a subject."""
    if book["owner.urged"].pattern.match(phrase):
        return True
    verb = book["owner.verb"].pattern
    if first := verb.match(phrase):
        if first.start() == 0 and first.end() == 1:
            return True
    # 受到表彰的同志: a relative clause may hold any verb
    after = 1 + max(phrase.rfind(particle) for particle in _words()["relative"])
    return bool(verb.search(phrase, after))


def _names(text: str, start: int, end: int, book: rulebook.Rulebook) -> list[Mark]:
    """One mark a body, with its role."""
    role, rule = _role(text, end, book)
    atomic = book["owner.shared-head"].pattern
    if joint := book["owner.jointly"].pattern.search(text, start, end):
        # 市住建局要会同……: the body ends before the modal
        stop = joint.start()
        while stop > start and not _head(text, start, stop):
            stop -= 1
        first = _names(text, start, stop, book) if stop > start else []
        for mark in first:
            mark.label = "lead" if role == "lead" else "responsible"
            mark.rule = rule
        partners = _names(text, joint.end(), end, book)
        for mark in partners:
            mark.label, mark.rule = "cooperating", "owner.jointly"
        return first + partners
    pieces: list[Span] = []
    place = start
    whole = [match.span() for match in atomic.finditer(text, start, end)]
    for match in book["owner.separator"].pattern.finditer(text, start, end):
        inside = any(a <= match.start() < b for a, b in whole)
        bracket = text.count("（", place, match.start()) > text.count(
            "）", place, match.start()
        )
        if inside or bracket or not _splits(text, place, match.start(), match[0]):
            continue
        pieces.append((place, match.start()))
        place = match.end()
    pieces.append((place, end))
    pieces = _shared(text, pieces)
    return [
        Mark(a, b, rule, _named_role(text[a:b], role)) for a, b in pieces if b - a > 0
    ]


def _splits(text: str, start: int, end: int, separator: str) -> bool:
    """、 always parts names; 和 only after a whole one (工业和信息化局 is one)."""
    return separator == "、" or bool(_head(text, start, end))


def _shared(text: str, pieces: list[Span]) -> list[Span]:
    """林业、公安等部门 are two bodies, 财政、发展改革部门 one."""
    start, last = pieces[0][0], pieces[-1]
    phrase = text[last[0] : last[1]]
    if len(pieces) > 1:
        bare = [not _head(text, a, b) for a, b in pieces[:-1]]
        for marker in _words()["others"]:
            if phrase.endswith(marker):
                return [*pieces[:-1], (last[0], last[1] - len(marker))]
        if all(bare):
            return [(start, last[1])]
    return pieces


def _role(text: str, end: int, book: rulebook.Rulebook) -> tuple[str, str]:
    for name in ("owner.lead", "owner.cooperating"):
        rule = book[name]
        if rule.pattern.match(text, end):
            return rule.value, rule.id
    return "responsible", "owner.subject"


def _named_role(name: str, role: str) -> str:
    words = _words()
    for label in ("lead", "cooperating"):
        if any(name.endswith(head) for head in words[f"{label}_heads"]):
            return label
    return role
