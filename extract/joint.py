"""Tables that are laid over whole documents: one sieve for all of them.

A text is sifted once, and every table is told where its rules may begin.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

from extract.openings import openings
from extract.rule import Hit, Rule, disjoint, hits
from extract.rulebook import Rulebook, load
from extract.sieve import Share, Sieve

# labels of the rules that are asked wherever they may begin; () for all of a table.
# In this order the tables need the fewest words of bits
_TABLES: dict[str, tuple[str, ...]] = {
    "deadline": ("trigger", "occasion", "event", "veto"),
    "vague": (),
    "metric": ("trigger", "veto"),
    "cue": (),
    "recurrence": (),
}

# below so many characters asking every rule costs less than sifting
_SHORT = 200

_Value = TypeVar("_Value")


def found(text: str, name: str) -> list[tuple[Rule, list[re.Match[str]]]]:
    """What ``Rulebook.found`` gives of a table."""
    if len(text) < _SHORT:
        return load(name).found(text)
    sieve, numbers = _sieve()
    return sieve.found(text, 0, len(text), numbers[name])


def find(text: str, name: str) -> list[Hit]:
    """What ``Rulebook.find`` gives of a table."""
    return disjoint(hits(found(text, name)))


def share(name: str, deal: Callable[[Sequence[Rule]], _Value]) -> Share[_Value]:
    """Where rules of a table are to be asked, and what is made of those rules."""
    sieve, numbers = _sieve()
    own = numbers[name]
    rules = [sieve.patterns[number][0] for number in own]
    return Share(sieve, own, lambda chosen: deal([rules[number] for number in chosen]))


@cache
def _sieve() -> tuple[Sieve[Rule], dict[str, range]]:
    """The sieve, and which rules are whose."""
    numbers: dict[str, range] = {}
    rules: list[Rule] = []
    for name in _TABLES:
        first = len(rules)
        rules += _asked(load(name))
        numbers[name] = range(first, len(rules))
    return Sieve((rule, rule.pattern) for rule in rules), numbers


def _asked(book: Rulebook) -> Sequence[Rule]:
    """Rules of a table that are asked wherever they may begin."""
    labels = _TABLES[book.phenomenon]
    if not labels:
        return book.rules
    scanned = book.lists.get("scanned", ())
    chosen = [r for r in book.rules if r.label in labels or r.id in scanned]
    # the others are searched for where one of these has matched
    return [rule for rule in chosen if openings(rule.pattern) is not None]
