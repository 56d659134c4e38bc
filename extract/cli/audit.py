"""``duban audit``: how much of a document can be supervised, and what it lacks."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from extract.cli.documents import stdout, tasks_of_all
from extract.cli.options import (
    LANG,
    Date,
    Language,
    Paths,
    SegmenterName,
    checked,
    option,
    say,
)

if TYPE_CHECKING:
    from rich.table import Table

    from extract.audit import Audit, Count

HELP = (
    "空话体检：文件里有多少任务可督办、缺什么。可督办是指：能判断办没办成，写明了责任主体，"
    "有时限或频次，并且有量化指标，或者没有虚词、要交付的东西写得明白。",
    "Audit how much of a document can be supervised. A task is supervisable if it can "
    "be judged done or not, names who must act, has a deadline or recurrence, and has "
    "a measure or a wording without vague words.",
)
_WORDS_SHOWN = 3
# a task in a table of tasks: enough to find it by
_TEXT_SHOWN = 60


def audit(
    paths: Paths,
    as_json: Annotated[bool, option("--json", zh="输出 JSON", en="print JSON")] = False,
    worst: Annotated[
        int,
        option(
            "--worst",
            metavar="N",
            zh="每份文件列出缺得最多的 N 项任务",
            en="list the N tasks of each document that lack most",
        ),
    ] = 10,
    date: Date = "",
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Print each document's share, its sections, its vague words and worst tasks."""
    from extract.audit import audits
    from extract.cli import screen

    day, lang = checked(date, segmenter, lang)
    harvest = tasks_of_all(paths, day, segmenter, None)
    found = audits(harvest.tasks)
    if as_json:
        report = [each.to_dict() for each in found]
        stdout().write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    else:
        for each in found:
            stdout().write(_summary(each, lang) + "\n")
            sys.stdout.flush()
            screen.show(_sections(each.sections, lang))
            if each.lacking and worst > 0:
                screen.show(_lacking(each, worst, lang))
        if not found and harvest.read:
            typer.echo(say("没有任务", "no tasks"), err=True)
    if harvest.failures:
        raise typer.Exit(1)


def _summary(found: Audit, lang: str) -> str:
    total = found.total
    line = (
        "{name}：任务 {tasks} 项，可督办 {supervisable} 项（{share:.0%}）"
        if lang == "zh"
        else "{name}: {tasks} tasks, {supervisable} supervisable ({share:.0%})"
    ).format(
        name=" ".join(part for part in (found.doc, found.title) if part),
        tasks=total.tasks,
        supervisable=total.supervisable,
        share=total.share or 0.0,
    )
    if total.words:
        heading = "虚词：" if lang == "zh" else "vague words: "
        line += "\n" + heading + _words(total, len(total.words), lang)
    return line


def _words(count: Count, most: int, lang: str) -> str:
    shown = [f"{word}×{times}" for word, times in count.words[:most]]
    return ("、" if lang == "zh" else ", ").join(shown)


def _sections(sections: Sequence[Count], lang: str) -> Table:
    # a text in square brackets is no markup
    from rich.text import Text

    from extract.cli import screen
    from extract.writers.columns import folded

    zh = lang == "zh"
    table = screen.plain_table()
    table.add_column("章节" if zh else "section", ratio=1)
    for heading in (
        ("任务", "可督办", "缺责任主体", "缺时限", "缺指标")
        if zh
        else ("tasks", "supervisable", "no owner", "no deadline", "no measure")
    ):
        table.add_column(heading, justify="right")
    table.add_column("虚词" if zh else "vague words")
    for count in sections:
        figures = [count.tasks, count.supervisable]
        figures += [count.owner, count.deadline, count.measure]
        name = folded(count.section) or ("（无标题）" if zh else "(no heading)")
        table.add_row(Text(name), *map(str, figures), _words(count, _WORDS_SHOWN, lang))
    return table


def _lacking(found: Audit, worst: int, lang: str) -> Table:
    # a text in square brackets is no markup
    from rich.text import Text

    from extract.cli import screen
    from extract.writers.columns import folded, word

    zh = lang == "zh"
    wording = "写法太虚" if zh else "wording"
    separator = "、" if zh else ", "
    table = screen.plain_table()
    table.add_column("缺得最多的任务" if zh else "tasks that lack most", ratio=1)
    table.add_column("缺" if zh else "lacks")
    for row in found.lacking[:worst]:
        keys = [wording if key == "wording" else word(key, lang) for key in row.lacks]
        table.add_row(Text(_shortened(folded(row.task.text))), separator.join(keys))
    return table


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"
