"""`rules/*.toml` in, compiled rules out; a table it does not understand is refused.

A table describes one phenomenon. Its regexes are compiled here and nowhere else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from extract.errors import DubanError
from extract.resources import folder
from extract.rule import Hit, Opener, Rule, disjoint, hits

_TABLE_KEYS = {"phenomenon", "about", "date", "source", "parts", "lists", "rule"}
_RULE_REQUIRED = {"id", "label", "examples", "counterexamples"}
_RULE_KEYS = _RULE_REQUIRED | {"match", "phrases", "value", "since", "retired", "note"}
_PART = re.compile(r"\{([a-z][a-z_]*)\}")
_ID = re.compile(r"[a-z_]+\.[a-z0-9-]+")


@dataclass(frozen=True)
class Rulebook:
    """A table: its live rules in order, its parts (expanded) and its word lists."""

    phenomenon: str
    about: str
    date: Any
    source: str
    parts: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    retired: tuple[Rule, ...]

    def __getitem__(self, rule_id: str) -> Rule:
        """Live rule of that id; KeyError if there is none."""
        return self._by_id[rule_id]

    @cached_property
    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def patterns(self) -> Mapping[str, re.Pattern[str]]:
        """Regexes of the live rules by id, for loops that ask many times."""
        return {rule.id: rule.pattern for rule in self.rules}

    def labelled(self, *labels: str) -> tuple[Rule, ...]:
        """Live rules with one of the labels, in table order."""
        if labels not in self._by_labels:
            self._by_labels[labels] = tuple(
                rule for rule in self.rules if rule.label in labels
            )
        return self._by_labels[labels]

    def union(self, *labels: str) -> re.Pattern[str]:
        """One regex of all live rules with these labels, tried in table order.

        Much faster than rule by rule. `rule_of` tells whose match it is.
        """
        if labels not in self._unions:
            body = "|".join(
                f"(?P<r{place}>{rule.pattern.pattern})"
                for place, rule in enumerate(self.rules)
                if rule.label in labels
            )
            self._unions[labels] = re.compile(body or r"(?!)")
        return self._unions[labels]

    def opener(self, *labels: str) -> Opener:
        """The `union` of these labels, for asking it at one place after another."""
        if labels not in self._openers:
            self._openers[labels] = Opener(self.union(*labels))
        return self._openers[labels]

    def rule_of(self, match: re.Match[str]) -> Rule:
        """Rule that a match of a `union` comes from."""
        return self.rules[int((match.lastgroup or "r0")[1:])]

    @cached_property
    def _unions(self) -> dict[tuple[str, ...], re.Pattern[str]]:
        return {}

    @cached_property
    def _openers(self) -> dict[tuple[str, ...], Opener]:
        return {}

    @cached_property
    def _by_labels(self) -> dict[tuple[str, ...], tuple[Rule, ...]]:
        return {}

    def scan(
        self,
        text: str,
        start: int = 0,
        end: int | None = None,
        rules: Iterable[Rule] | None = None,
    ) -> list[Hit]:
        """Every match of every live rule, rule by rule, overlaps and vetoes included.

        Parameters
        ----------
        text : str
            Text to search.
        start, end : int
            Bounds of the search; lookbehinds see beyond the start, nothing sees
            beyond the end.
        rules : iterable of Rule, optional
            Only these instead of all.
        """
        return hits(self.found(text, start, end, rules))

    def found(
        self,
        text: str,
        start: int = 0,
        end: int | None = None,
        rules: Iterable[Rule] | None = None,
    ) -> list[tuple[Rule, list[re.Match[str]]]]:
        """Like `scan`, without a `Hit` around each match, which costs as much again."""
        stop = len(text) if end is None else min(end, len(text))
        chosen = self.rules if rules is None else tuple(rules)
        return [(rule, _every(rule.pattern, text, start, stop)) for rule in chosen]

    def find(self, text: str, start: int = 0, end: int | None = None) -> list[Hit]:
        """Disjoint matches in text order: longest, then leftmost, then table order.

        A match that overlaps a longer or equal veto is dropped; vetoes themselves
        are never returned.
        """
        return disjoint(self.scan(text, start, end))


def _every(
    pattern: re.Pattern[str], text: str, start: int, stop: int
) -> list[re.Match[str]]:
    """Matches that are not empty."""
    found = pattern.finditer(text, start, stop)
    return [match for match in found if match.end() > match.start()]


@cache
def load(phenomenon: str) -> Rulebook:
    """Rulebook of ``rules/<phenomenon>.toml``, compiled once per process.

    Raises
    ------
    DubanError
        E301, naming the table and what is wrong with it.
    """
    return read(folder("rules") / f"{phenomenon}.toml")


def phenomena() -> list[str]:
    """Names of all tables that ship, sorted."""
    return sorted(path.stem for path in folder("rules").glob("*.toml"))


def read(path: Path) -> Rulebook:
    """Read and check one table; see `load`."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DubanError("E301", path=path, reason=error) from error
    try:
        return _compile(table, path.stem)
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise DubanError("E301", path=path, reason=error) from error


def _compile(table: dict[str, Any], stem: str) -> Rulebook:
    _known(table, _TABLE_KEYS, stem)
    if table["phenomenon"] != stem:
        raise ValueError(f"phenomenon {table['phenomenon']!r} is not {stem!r}")
    lists = {name: tuple(words) for name, words in table.get("lists", {}).items()}
    parts: dict[str, str] = {
        name: _alternation(words) for name, words in lists.items() if words
    }
    # parts may use lists and parts above them: named pieces composed downward
    for name, body in table.get("parts", {}).items():
        parts[name] = f"(?:{_expand(body, parts)})"
    rules = [_rule(row, parts, stem) for row in table.get("rule", [])]
    ids = [rule.id for rule in rules]
    if twice := {rule_id for rule_id in ids if ids.count(rule_id) > 1}:
        raise ValueError(f"ids used twice: {sorted(twice)}")
    return Rulebook(
        phenomenon=stem,
        about=table["about"],
        date=table.get("date"),
        source=table.get("source", ""),
        parts=parts,
        lists=lists,
        rules=tuple(rule for rule in rules if not rule.retired),
        retired=tuple(rule for rule in rules if rule.retired),
    )


def _rule(row: dict[str, Any], parts: Mapping[str, str], stem: str) -> Rule:
    where = row.get("id", "a rule without id")
    _known(row, _RULE_KEYS, where)
    if lacking := _RULE_REQUIRED - row.keys():
        raise ValueError(f"{where}: lacks {sorted(lacking)}")
    if not _ID.fullmatch(where) or not where.startswith(f"{stem}."):
        raise ValueError(f"{where}: an id is {stem}.<slug>")
    if ("match" in row) == ("phrases" in row):
        raise ValueError(f"{where}: give either match or phrases")
    source = (
        _expand(row["match"], parts) if "match" in row else _alternation(row["phrases"])
    )
    return Rule(
        id=where,
        label=row["label"],
        pattern=re.compile(source),
        value=row.get("value", ""),
        examples=tuple(row["examples"]),
        counterexamples=tuple(row["counterexamples"]),
        since=row.get("since", "0.1"),
        retired=row.get("retired", ""),
        note=row.get("note", ""),
    )


def _expand(source: str, parts: Mapping[str, str]) -> str:
    # not str.format, which would eat the {1,2} of a regex
    def part(match: re.Match[str]) -> str:
        if match[1] not in parts:
            raise ValueError(f"unknown part {{{match[1]}}}")
        return parts[match[1]]

    return _PART.sub(part, source)


def _alternation(words: list[str] | tuple[str, ...]) -> str:
    # longest first: the regex engine takes the first alternative that fits
    longest = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word) for word in longest) + ")"


def _known(row: Mapping[str, Any], keys: set[str], where: str) -> None:
    if unknown := row.keys() - keys:
        raise ValueError(f"{where}: unknown keys {sorted(unknown)}")
