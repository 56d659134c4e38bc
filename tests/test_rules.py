"""The rules' own examples and counterexamples, and the state of their tables."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from extract import markup, rulebook
from extract.resources import folder
from extract.rule import Rule

ROOT = Path(__file__).parents[1]
TABLES = rulebook.phenomena()
# Tables of words only: their pairs are read, not matched.
WORDS_ONLY = {"traditional"}

# What it takes for a match not to count depends on how a pipe reads the table.
# "contest": matches compete (`Rulebook.find`, `disjoint`); a counterexample is won by
# a longer match or a veto. "alone": the pipe asks this one rule, nothing helps it.
READ = {
    "body": "alone",
    "cleanup": "alone",
    "cue": "alone",
    "deadline": "contest",
    "duty": "contest",
    "evaluate": "alone",
    "genre": "alone",
    "head": "alone",
    "line": "alone",
    "metric": "contest",
    "outline": "place",
    "owner": "alone",
    "page": "alone",
    "recurrence": "contest",
    "section": "alone",
    "sentence": "place",
    "vague": "contest",
    "web": "alone",
}
# "place": the pipe matches at a place it knows already (the start of a line, what
# follows a ；): only a match at the start of the text counts. Rules that differ from
# the rest of their table:
READ_RULE = {
    **dict.fromkeys(
        ["line.opens", "line.label", "line.goes-on", "line.duty-bracket"], "place"
    ),
    **dict.fromkeys(
        [
            "outline.break",
            "outline.inner-duty",
            "outline.line",
            "outline.marker-end",
            "outline.phase",
            "outline.run-in",
            "outline.stop",
            "sentence.token",
        ],
        "alone",
    ),
}


def rules() -> Iterator[Rule]:
    for table in TABLES:
        yield from rulebook.load(table).rules


def cases(kind: str) -> list[object]:
    """One case an example; its id is the rule's and a number."""
    return [
        pytest.param(rule, text, id=f"{rule.id}-{number}")
        for rule in rules()
        for number, text in enumerate(getattr(rule, kind), 1)
    ]


def survivors(rule: Rule, text: str) -> list[str]:
    """What the rule would still give its pipe in this text."""
    table = rule.id.partition(".")[0]
    read = READ_RULE.get(rule.id, READ[table])
    if read == "contest":
        hits = rulebook.load(table).find(text)
        return [hit.match[0] for hit in hits if hit.rule is rule]
    if read == "place":
        match = rule.pattern.match(text)
        return [match[0]] if match and match[0] else []
    return [match[0] for match in rule.pattern.finditer(text) if match[0]]


@pytest.mark.parametrize(("rule", "example"), cases("examples"))
def test_example_is_matched_exactly(rule: Rule, example: str) -> None:
    text, marks = markup.parse(example)
    found = [match.span() for match in rule.pattern.finditer(text) if match[0]]
    assert marks
    assert found == sorted((mark.start, mark.end) for mark in marks)


@pytest.mark.parametrize(("rule", "text"), cases("counterexamples"))
def test_counterexample_is_not(rule: Rule, text: str) -> None:
    plain, marks = markup.parse(text)
    assert marks == []
    assert survivors(rule, plain) == []


def test_every_table_says_how_it_is_read() -> None:
    assert sorted(READ) == [name for name in TABLES if name not in WORDS_ONLY]
    assert set(READ_RULE) <= {rule.id for rule in rules()}


@pytest.mark.parametrize("rule", list(rules()), ids=lambda rule: rule.id)
def test_live_rule_has_example_and_counterexample(rule: Rule) -> None:
    assert rule.examples
    assert rule.counterexamples


@pytest.mark.parametrize("table", TABLES)
def test_table_is_in_order(table: str) -> None:
    book = rulebook.load(table)
    ids = [rule.id for rule in (*book.rules, *book.retired)]
    assert len(ids) == len(set(ids))
    assert [rule_id for rule_id in ids if not rule_id.startswith(f"{table}.")] == []
    assert book.about.strip()
    assert [rule.id for rule in book.retired if len(rule.retired) < 4] == []


def source_words() -> set[str]:
    """Every string that the code holds, and the fixed ends of its f-strings."""
    words: set[str] = set()
    for path in sorted((ROOT / "extract").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        words |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
    return words


@pytest.mark.parametrize("table", TABLES)
def test_no_part_or_list_is_unused(table: str) -> None:
    raw = tomllib.loads((folder("rules") / f"{table}.toml").read_text(encoding="utf-8"))
    parts, lists = raw.get("parts", {}), raw.get("lists", {})
    bodies = [*parts.values(), *(rule.get("match", "") for rule in raw.get("rule", []))]
    used = set(re.findall(r"\{([a-z][a-z_]*)\}", " ".join(bodies)))
    words = source_words()
    asked = {
        name
        for name in lists
        # the code may also put a name together: f"{role}_heads"
        if name in words or f"_{name.rpartition('_')[2]}" in words
    }
    assert sorted({*parts, *lists} - used - asked) == []


def named_rules() -> list[object]:
    """Every rule id that the code names, with the file that names it."""
    known = "|".join(TABLES)
    shape = re.compile(rf"(?:{known})\.[a-z0-9-]*[a-z0-9]")
    found: set[tuple[str, str]] = set()
    for path in sorted((ROOT / "extract").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                if shape.fullmatch(node.value):
                    found.add((path.name, node.value))
    return [pytest.param(name, id=f"{file}:{name}") for file, name in sorted(found)]


# Not rules: how a record names the outline's stack and a table's row.
MECHANISMS = {"outline.stack", "outline.row"}


@pytest.mark.parametrize("rule_id", named_rules())
def test_rule_that_the_code_asks_for_exists(rule_id: str) -> None:
    assert rule_id in {rule.id for rule in rules()} | MECHANISMS


@pytest.mark.parametrize(
    ("table", "asked"),
    [
        ("cleanup", {"furniture", "fraction", "gap", "line", "stop"}),
        ("cue", {"force"}),
        ("deadline", {"date", "period", "within", "open", "event", "veto"}),
        ("evaluate", {"trim"}),
        ("duty", {"lead", "responsible", "cooperating", "supervising", "time"}),
        ("duty", {"other", "role", "jointly", "separator", "name"}),
        ("outline", {"part", "section", "subsection", "article", "ordinal"}),
        ("outline", {"arabic", "paren", "circled", "inline", "adverb", "duty"}),
        ("outline", {"column:number", "column:task", "column:lead", "column:time"}),
        ("outline", {"column:cooperating", "column:supervising"}),
        ("outline", {"column:responsible", "salutation", "prefix", "chrome"}),
    ],
)
def test_labels_that_the_pipes_ask_for_exist(table: str, asked: set[str]) -> None:
    assert asked <= {rule.label for rule in rulebook.load(table).rules}


@pytest.mark.parametrize("name", TABLES)
def test_values_are_text(name: str) -> None:
    assert [
        r.id for r in rulebook.load(name).rules if not isinstance(r.value, str)
    ] == []
