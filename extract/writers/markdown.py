"""Tasks in, a readable ledger in Markdown out, by document and section."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from extract.errors import DubanError
from extract.task import Task
from extract.writers.columns import COLUMNS, Cell, folded

_SPECIAL = re.compile(r"([\\`*_<>\[\]#|~])")
# shown below the task; empty ones are left out
_DETAILS = (
    "kind", "lead", "responsible", "cooperating", "supervising", "deadline", "due",
    "recurrence", "metric", "missing", "place",
)  # fmt: skip
_FAILED = ("失败文件", "Failed files")
_UNTITLED = ("（无标题）", "(untitled)")


def encoded(
    tasks: Sequence[Task], lang: str, *, failures: Sequence[DubanError] = ()
) -> bytes:
    """Markdown file as UTF-8; failed files, if any, are listed at the end."""
    lines = list(_lines(tasks, lang))
    if failures:
        lines += [f"# {_local(_FAILED, lang)}", ""]
        lines += [f"- {_escaped(error.message(lang))}" for error in failures]
    return ("\n".join(lines).rstrip("\n") + "\n").encode("utf-8", "replace")


def _lines(tasks: Sequence[Task], lang: str) -> Iterator[str]:
    for (doc, title), in_document in groupby(
        tasks, lambda task: (task.doc, task.title)
    ):
        yield f"# {_escaped(title or doc or _local(_UNTITLED, lang))}"
        yield ""
        if doc:
            yield f"`{folded(doc).replace('`', chr(39))}`"
            yield ""
        for path, in_section in groupby(in_document, lambda task: task.path):
            if path:
                yield f"## {_escaped(' / '.join(path))}"
                yield ""
            for task in in_section:
                yield from _entry(task, lang)
            yield ""


def _entry(task: Task, lang: str) -> Iterator[str]:
    box = "[ ] " if task.actionable else ""
    yield f"- {box}{_escaped(task.text)}"
    details = [
        f"{column.heading(lang)}：{_escaped(_plain(cell))}"
        if lang == "zh"
        else f"{column.heading(lang)}: {_escaped(_plain(cell))}"
        for column in COLUMNS
        if column.key in _DETAILS and (cell := column.cell(task, lang))
    ]
    yield "  " + ("；" if lang == "zh" else " · ").join(details)


def _plain(cell: Cell) -> str:
    return "" if cell is None else str(cell)


def _escaped(text: str) -> str:
    # placeholders such as ** and XX would otherwise turn into markup
    return _SPECIAL.sub(r"\\\1", folded(text))


def _local(pair: tuple[str, str], lang: str) -> str:
    return pair[0 if lang == "zh" else 1]
