"""Figures of an evaluation in, one page that needs nothing else out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from extract.errors import DubanError
from extract.evaluate.comparison import Comparison
from extract.evaluate.report import Report
from extract.evaluate.rule_table import RuleFigures
from extract.task import KINDS

_HERE = Path(__file__).parent
_TEMPLATES = _HERE / "templates"
_LANGUAGES = ("zh", "en")

# what a table of genres or documents has room for
_BRIEF = (
    "task",
    "task_strict",
    "ledger",
    "kind",
    "owners",
    "deadlines",
    "recurrences",
    "metrics",
)
_SIDES = ("missed", "spurious", "span")


def page(report: Report, comparison: Comparison | None = None, lang: str = "zh") -> str:
    """HTML page with every figure and every error; no script, no links out.

    Parameters
    ----------
    report : Report
    comparison : Comparison, optional
        With an earlier run.
    lang : {"zh", "en"}

    Raises
    ------
    DubanError
        E704 if Jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise DubanError("E704") from error
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    wording = _wording(lang)
    environment.globals["t"] = wording
    environment.filters["label"] = lambda name: wording.get(f"is_{name}", name)
    return environment.get_template("report.html").render(
        lang=lang,
        style=(_TEMPLATES / "report.css").read_text(encoding="utf-8"),
        report=report,
        comparison=comparison,
        kinds=KINDS,
        sides=(*KINDS, ""),
        brief=[name for name in _BRIEF if name in report.scores],
        groups=error_groups(report),
        tally=_tally(report),
        rules=_by_field(report),
    )


def error_groups(report: Report) -> list[str]:
    """Kinds of error that occur: missed, spurious, span, then fields, as they come."""
    found = {
        finding.error.field or finding.error.kind
        for findings in report.findings.values()
        for finding in findings
    }
    fields = [*dict.fromkeys(name for name in report.scores if name in found)]
    return [name for name in (*_SIDES, *fields) if name in found]


def _tally(report: Report) -> Mapping[str, Mapping[str, int]]:
    """Errors by document and kind of error."""
    groups = error_groups(report)
    return {
        name: {
            group: sum(
                group == (finding.error.field or finding.error.kind)
                for finding in findings
            )
            for group in groups
        }
        for name, findings in report.findings.items()
    }


def _by_field(report: Report) -> dict[str, list[RuleFigures]]:
    grouped: dict[str, list[RuleFigures]] = {}
    for rule in report.rules:
        grouped.setdefault(rule.field, []).append(rule)
    return grouped


@cache
def _wording(lang: str) -> dict[str, str]:
    text = (_HERE / "wording.toml").read_text(encoding="utf-8")
    place = _LANGUAGES.index(lang)
    return {key: both[place] for key, both in tomllib.loads(text).items()}
