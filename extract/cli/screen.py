"""What a command found, made readable on a terminal: tables, a progress bar, verdicts.

rich is imported where it is used: what goes into a file or a pipe needs none of it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from extract.errors import DubanError
from extract.rule import Rule
from extract.rulebook import Rulebook
from extract.writers.columns import COLUMNS, folded, rows, word

if TYPE_CHECKING:
    from rich.table import Table

    from extract.evaluate import Error, Score
    from extract.explanation import Explanation
    from extract.task import Task

T = TypeVar("T")

# a terminal has no room for all columns: the file has them
_SHOWN = ("no", "item", "text", "kind", "lead", "responsible", "deadline", "due")
# where there is no terminal there is no width either
_PIPE_WIDTH = 160


def show(table: Table) -> None:
    """Print a table on stdout."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    Console(width=width).print(table)


def progress(documents: Sequence[T]) -> Iterator[T]:
    """Pass the documents on, with a bar on stderr if somebody is watching."""
    if len(documents) < 2 or not sys.stderr.isatty():
        yield from documents
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        running = bar.add_task("", total=len(documents))
        for document in documents:
            # what stands in square brackets would be taken for markup
            name = str(document[0] if isinstance(document, tuple) else document)
            bar.update(running, description=name.replace("[", "\\["))
            yield document
            bar.advance(running)


def tasks(found: Sequence[Task], lang: str) -> Table:
    """Tasks with the columns that a terminal has room for."""
    table = plain_table()
    places = [place for place, column in enumerate(COLUMNS) if column.key in _SHOWN]
    for place in places:
        column = COLUMNS[place]
        # the task takes what room there is, the rest is cut to its heading
        table.add_column(
            column.heading(lang),
            ratio=1 if column.key == "text" else None,
            max_width=None if column.key == "text" else 16,
        )
    for row in rows(found, lang):
        cells = ("" if row[place] is None else str(row[place]) for place in places)
        table.add_row(*cells)
    return table


def scores(found: Mapping[str, Score], lang: str, title: str = "") -> Table:
    """Precision, recall, F1 and its interval, one line a field."""
    zh = lang == "zh"
    table = plain_table()
    table.title = title or None
    table.add_column("字段" if zh else "field")
    headings = (
        ("准确率", "召回率", "F1", "95% 区间", "标准答案", "抽取")
        if zh
        else ("precision", "recall", "F1", "95 % interval", "gold", "found")
    )
    for heading in headings:
        table.add_column(heading, justify="right")
    for name, score in found.items():
        table.add_row(
            name,
            f"{score.precision:.3f}",
            f"{score.recall:.3f}",
            f"{score.f1:.3f}",
            f"{score.low:.3f}–{score.high:.3f}",
            str(score.n_gold),
            str(score.n_pred),
        )
    return table


def errors(found: Iterable[tuple[str, Error]], lang: str) -> Table:
    """Differences between gold and prediction, with their sentences."""
    zh = lang == "zh"
    table = plain_table()
    for heading in (
        ("文档", "错误", "标准答案", "抽取", "原句")
        if zh
        else ("document", "error", "gold", "found", "sentence")
    ):
        table.add_column(heading, overflow="fold")
    for doc, error in found:
        what = f"{error.kind} {error.field}".strip()
        alone = error.kind in ("missed", "spurious")  # the sentence says it all
        gold, pred = ("", "") if alone else (_value(error.gold), _value(error.pred))
        table.add_row(doc, what, gold, pred, folded(error.text))
    return table


def tables(books: Iterable[Rulebook], lang: str) -> Table:
    """One line a rule table."""
    zh = lang == "zh"
    table = plain_table()
    table.add_column("规则表" if zh else "table")
    table.add_column("规则" if zh else "rules", justify="right")
    table.add_column("例句" if zh else "examples", justify="right")
    table.add_column("说明" if zh else "about", ratio=1)
    for book in books:
        examples = sum(len(r.examples) + len(r.counterexamples) for r in book.rules)
        count = str(len(book.rules))
        table.add_row(book.phenomenon, count, str(examples), folded(book.about))
    return table


def rules(book: Rulebook, lang: str) -> Table:
    """One line a rule, retired ones at the end with the reason."""
    zh = lang == "zh"
    table = plain_table()
    for heading in (
        ("编号", "类别", "值", "例句", "说明")
        if zh
        else ("id", "label", "value", "example", "note")
    ):
        table.add_column(heading, overflow="fold")
    for rule in (*book.rules, *book.retired):
        example = folded(rule.examples[0]) if rule.examples else ""
        note = folded(rule.retired or rule.note)
        table.add_row(rule.id, rule.label, _value(rule.value), example, note)
    return table


def lint(book: Rulebook) -> list[str]:
    """List what is wrong with the live rules of a table, one line each.

    A rule must match exactly what its examples mark, and what it matches in its
    counterexamples must lose against a longer match or a veto.
    """
    return [
        f"{rule.id}: {fault}" for rule in book.rules for fault in _faults(book, rule)
    ]


def explained(found: Explanation, lang: str) -> str:
    """Show a sentence, whether it is a task, and which rules said so."""
    zh = lang == "zh"
    verdict = ("任务" if zh else "task") if found.task else ("非任务" if zh else "no")
    head = [verdict, f"p={found.probability:.2f}"]
    if found.task:
        head.append(word(found.kind, lang))
        if found.actionable:
            head.append("可督办" if zh else "actionable")
    head += [mark for mark in (found.section, found.item or found.number) if mark]
    lines = [f"[{found.start}-{found.end}] " + " · ".join(head)]
    lines.append(f"    {folded(found.text)}")
    if found.rules:
        fired = ", ".join(f"{rule} “{folded(cue)}”" for rule, cue in found.rules)
        lines.append(f"    {'规则' if zh else 'rules'}: {fired}")
    if found.record:
        lines += [f"    {line}" for line in _parts(found.record, lang)]
    return "\n".join(lines)


def _parts(task: Task, lang: str) -> Iterator[str]:
    zh = lang == "zh"
    for owner in task.owners:
        heading = "单位" if zh else "owner"
        yield f"{heading}: {owner.text} ({owner.role}, {owner.source}, {owner.rule})"
    for deadline in task.deadlines:
        day = deadline.due.isoformat() if deadline.due else "—"
        heading = "时限" if zh else "deadline"
        yield f"{heading}: {deadline.text} → {day} ({deadline.rule})"
    for again in task.recurrences:
        yield f"{'频次' if zh else 'recurrence'}: {again.text} ({again.rule})"
    for metric in task.metrics:
        yield f"{'指标' if zh else 'metric'}: {metric.text} ({metric.rule})"
    if task.missing:
        lacking = ", ".join(word(key, lang) for key in task.missing)
        yield f"{'缺项' if zh else 'missing'}: {lacking}"


def _faults(book: Rulebook, rule: Rule) -> Iterator[str]:
    from extract.markup import parse

    try:
        for example in rule.examples:
            text, marks = parse(example)
            wanted = sorted((mark.start, mark.end) for mark in marks)
            found = [m.span() for m in rule.pattern.finditer(text) if m.group()]
            if found != wanted:
                yield f"{example} -> {[text[start:end] for start, end in found]}"
        for counterexample in rule.counterexamples:
            text, _ = parse(counterexample)
            hits = [hit for hit in book.find(text) if hit.rule.id == rule.id]
            if hits:
                yield f"{counterexample} -> {[text[h.start : h.end] for h in hits]}"
    except DubanError as error:
        yield str(error)


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return "、".join(_value(part) for part in value)
    return "—" if value is None else str(value)


def plain_table() -> Table:
    """Table of the look that all commands share."""
    from rich import box
    from rich.table import Table

    return Table(box=box.SIMPLE_HEAD, expand=False)
