"""A name in, the level of the body or person by office that it names out.

The grammar of such names (level, field, organ; collective words; offices) stands in
``rules/body.toml``, with its source.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from extract import rulebook
from extract.rule import Opener, gate

COLLECTIVE, FIELD, PERSON, PLACE = "collective", "field", "person", "place"
LONGEST = 24


@lru_cache(maxsize=50_000)
def level(name: str) -> str:
    """Level of the body that a name, as a whole, is the name of.

    Parameters
    ----------
    name : str
        One name, without what stands before or after it.

    Returns
    -------
    str
        Label of the first rule of ``rules/body.toml`` that fits: ``national``,
        ``branch``, ``local``, ``township``, ``enterprise``, ``school``, ``hospital``,
        ``department``, ``collective``, ``person``, ``place``; ``field`` for a short
        form that needs company (公安、林业等部门); "" if it names none.
    """
    book = rulebook.load("body")
    if not opens(name) or name[-1] not in _words()["ends"]:
        return ""
    if book["body.not-a-name"].pattern.search(name):
        return ""
    rules = book.labelled(*_LEVELS)
    if not _any().fullmatch(name):
        return ""
    return next(rule.label for rule in rules if rule.pattern.fullmatch(name))


@cache
def _any() -> re.Pattern[str]:
    """All levels in one question: most phrases are no names."""
    return gate(rulebook.load("body").labelled(*_LEVELS))


_LEVELS = (
    FIELD,
    "national",
    "branch",
    "local",
    "township",
    "enterprise",
    "school",
    "hospital",
    "department",
    COLLECTIVE,
    PERSON,
    PLACE,
)


def whole(name: str) -> bool:
    """Whether a name stands for a body or person by office without company."""
    return level(name) not in ("", FIELD)


def broken(text: str, end: int) -> bool:
    """Whether the character before `end` is half of a word, so that no name ends."""
    return _breaks().match(text, end - 1, len(text)) is not None


@cache
def _breaks() -> Opener:
    return Opener(rulebook.load("body").patterns["body.broken"])


@cache
def _words() -> dict[str, frozenset[str]]:
    lists = rulebook.load("body").lists
    words = {name: frozenset(lists[name]) for name in ("ends", "rank", "closing")}
    openings = (lists[name] for name in ("opening", "each", "field", "stem", "person"))
    words["opening"] = frozenset(word[:2] for part in openings for word in part)
    return words


def opens(phrase: str) -> bool:
    """Whether a phrase can begin with a name: cheap, and never wrong about a no."""
    words = _words()
    return bool(
        phrase[:2] in words["opening"]
        or phrase[:1] in words["rank"]
        or phrase[:1] in words["opening"]
        or not words["rank"].isdisjoint(phrase[2:6])
        or phrase[-2:] in words["closing"]
    )


def longest(text: str, start: int, end: int) -> int:
    """End of the longest name that begins at `start`; `start` if none does."""
    ends = _words()["ends"]
    for stop in range(min(end, start + LONGEST, len(text)), start + 1, -1):
        if (
            text[stop - 1] in ends
            and level(text[start:stop])
            and not broken(text, stop)
        ):
            return stop
    return start
