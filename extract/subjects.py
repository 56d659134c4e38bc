"""A noun phrase in; the names that it joins, and whether it can be a subject, out.

Its words alone decide: every answer is kept, for the same few hundred bodies are named
all over a document.
"""

from __future__ import annotations

from functools import cache, lru_cache

from extract import bodies, rulebook
from extract.layers import Span

VAGUE = "*"
LONGEST = 70
_PHRASES = 20_000


@cache
def _words() -> dict[str, frozenset[str]]:
    lists = rulebook.load("owner").lists
    return {name: frozenset(words) for name, words in lists.items()}


@cache
def _endings() -> dict[str, tuple[str, ...]]:
    """Head nouns by their last character, the longest first."""
    heads = sorted(_words()["heads"] | _words()["people"], key=len, reverse=True)
    return {end: tuple(w for w in heads if w[-1] == end) for end in {*"".join(heads)}}


@lru_cache(maxsize=_PHRASES)
def names(phrase: str) -> tuple[Span, ...]:
    """Spans of the names that a phrase joins, within it.

    Parameters
    ----------
    phrase : str
        A noun phrase: 市教育局、市财政局和市审计局.

    Returns
    -------
    tuple of (int, int)
        Half open, in order; at least one. Bodies that share a head noun stay whole
        (各市、县人民政府), 等部门 is left out.
    """
    book = rulebook.load("owner")
    pieces: list[Span] = []
    place = 0
    separators = list(book["owner.separator"].pattern.finditer(phrase))
    if not separators:
        return _shared(phrase, [(0, len(phrase))])
    shared = book["owner.shared-head"].pattern.finditer(phrase)
    atoms = [match.span() for match in shared]
    for match in separators:
        inside = any(a <= match.start() < b for a, b in atoms)
        name = phrase[place : match.start()]
        bracket = name.count("（") > name.count("）")
        # 、 always parts names; 和 only after a whole one (工业和信息化局 is one)
        parts = match[0] in _words()["parting"] or _head(name) or bodies.whole(name)
        if inside or bracket or not name or not parts:
            continue
        pieces.append((place, match.start()))
        place = match.end()
    if place < len(phrase):
        pieces.append((place, len(phrase)))
    return _shared(phrase, pieces)


def _shared(phrase: str, pieces: list[Span]) -> tuple[Span, ...]:
    """林业、公安等部门 are two bodies, 财政、发展改革部门 one."""
    start, end = pieces[-1]
    others = rulebook.load("owner")["owner.others"].pattern
    for match in others.finditer(phrase, start, end):
        if match.end() == end and match.start() > start:
            return (*pieces[:-1], (start, match.start()))
    if len(pieces) > 1 and all(_bare(phrase[a:b]) for a, b in pieces[:-1]):
        return ((pieces[0][0], end),)
    return tuple(pieces)


def _bare(name: str) -> bool:
    """Whether a name lacks its head noun: 农业农村 does, though 村 is one."""
    kind = bodies.level(name)
    return kind == bodies.FIELD or not (kind or _head(name))


@lru_cache(maxsize=_PHRASES)
def length(phrase: str, strong: bool, commanded: bool) -> int:
    """Length of the subject that a phrase is or begins with; 0 if it is none.

    Parameters
    ----------
    phrase : str
        A noun phrase, with what it is called perhaps: X是第一责任人，要….
    strong : bool
        Whether a command follows; without one only full names are subjects.
    commanded : bool
        Whether that command is 要, 应, 须 or the like; vague names need it.
    """
    if found := _called(phrase, strong):
        commanded = phrase[found] in _words()["strong"]
        phrase = phrase[:found]
    if not 1 <= len(phrase) <= LONGEST:
        return 0
    if strong and headed(phrase, commanded):
        return len(phrase)
    return len(phrase) if _complete(phrase, commanded) else 0


def _called(phrase: str, strong: bool) -> int:
    """Length of X in X是第一责任人，要…; 0 if the phrase says no such thing."""
    rule = rulebook.load("owner")["owner.called"]
    if not (match := rule.pattern.search(phrase)):
        return 0
    return match.start() if strong or bodies.whole(phrase[: match.start()]) else 0


def _complete(phrase: str, commanded: bool) -> bool:
    """Whether the phrase is nothing but full names; vague ones (企业, 群众) if told."""
    parts = [phrase[a:b] for a, b in names(phrase)]
    kinds = {_kind(name) for name in parts}
    if "" in kinds or (kinds == {bodies.FIELD} and phrase.endswith(parts[-1])):
        return False
    vague = kinds == {bodies.PLACE} or _words()["generic"].issuperset(parts)
    return (commanded or not vague) and not is_object(phrase)


def _kind(name: str) -> str:
    """Level of a name; 各市、县 is one although it joins two."""
    if kind := bodies.level(name):
        return kind
    shared = rulebook.load("owner")["owner.shared-head"].pattern
    return bodies.COLLECTIVE if shared.fullmatch(name) else ""


@lru_cache(maxsize=_PHRASES)
def headed(phrase: str, commanded: bool) -> bool:
    """Whether the phrase ends in a head noun and holds nothing that makes it object.

    Parameters
    ----------
    phrase : str
        A noun phrase, with a relative clause perhaps: 受到表彰的同志.
    commanded : bool
        Whether 要, 应, 须 or the like follows; vague heads (企业, 镇) need it.
    """
    book, words = rulebook.load("owner"), _words()
    head = _head(phrase)
    if not head or book["owner.not-a-head"].pattern.search(phrase):
        return False
    if head in words["generic"]:
        # 镇要… is an owner, 乡镇开展… may be, 城镇开展… is none
        if not commanded and not phrase.startswith(tuple(words["each"])):
            return False
    elif len(phrase) < 2:
        return False
    return not is_object(phrase)


def _head(phrase: str) -> str:
    """Longest head noun that the phrase ends with, or ""."""
    heads = _endings().get(phrase[-1:], ())
    return next((word for word in heads if phrase.endswith(word)), "")


@lru_cache(maxsize=_PHRASES)
def is_object(phrase: str) -> bool:
    """Whether words in a phrase make its head an object rather than a subject."""
    book = rulebook.load("owner")
    verb = book["owner.verb"].pattern
    if book["owner.urged"].pattern.match(phrase):
        return True
    if (first := verb.match(phrase)) and first.end() == 1:
        return True
    # 受到表彰的同志: a relative clause may hold any verb
    after = 1 + max(phrase.rfind(particle) for particle in _words()["relative"])
    return bool(verb.search(phrase, after))


@lru_cache(maxsize=_PHRASES)
def asked(phrase: str) -> str:
    """Head noun of a phrase that somebody is asked by, `VAGUE`, or "" if it has none.

    Parameters
    ----------
    phrase : str
        What follows 请, 希望 or 由: 获奖的同志. A mere 企业 is vague.
    """
    if not headed(phrase, True):
        return ""
    vague = phrase in _words()["generic"] or phrase[:1].isdigit()
    return VAGUE if vague else _head(phrase)


def continues(text: str, start: int, end: int) -> bool:
    """Whether a sentence without subject means that of the one before.

    Parameters
    ----------
    text : str
        `View.text`.
    start, end : int
        The sentence.

    Returns
    -------
    bool
        True for one that begins with a command or a predicate (要…, 同时加强…), not
        for a statement about something else (预计…, 本次活动…, 中心组…).
    """
    match = rulebook.load("owner")["owner.continues"].pattern.match
    return match(text, start, end) is not None
