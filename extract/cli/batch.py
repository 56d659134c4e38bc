"""``duban batch``: a folder worked off or watched, with a bar and a summary."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extract.cli.documents import complain
from extract.cli.options import (
    LANG,
    Date,
    Language,
    SegmenterName,
    argument,
    checked,
    option,
    say,
)

if TYPE_CHECKING:
    from extract.batch import Listener, Options, Progress, Summary

_EVERY = 30.0
"""Seconds between two lines about how far a run is."""


def batch(
    folder: Annotated[
        Path, argument("DIR", "放文档的文件夹", "the folder of the documents")
    ],
    output: Annotated[
        Path,
        option(
            "--output",
            "-o",
            metavar="OUT_DIR",
            zh="结果写到这个文件夹；再次运行会接着做",
            en="folder for the results; run again to go on",
        ),
    ],
    jobs: Annotated[
        int,
        option(
            "--jobs",
            metavar="N",
            zh="同时工作的进程数，0 表示有几个处理器就几个",
            en="processes at a time, 0 for as many as there are processors",
        ),
    ] = 0,
    limit: Annotated[
        float,
        option(
            "--limit",
            metavar="SECONDS",
            zh="一份文档最多处理几秒，超时就跳过并记入失败表；0 为不限",
            en="seconds for a document, after which it is skipped and named as a"
            " failure; 0 for no limit",
        ),
    ] = 600,
    date: Date = "",
    merged: Annotated[
        str,
        option(
            "--merged",
            metavar="LIST",
            zh="合并成哪些文件：csv、xlsx、parquet、jsonl，用逗号隔开",
            en="what to merge into: csv, xlsx, parquet, jsonl, parted by commas",
        ),
    ] = "csv",
    watch: Annotated[
        bool,
        option(
            "--watch",
            zh="守着文件夹，来一份处理一份，按 Ctrl-C 结束",
            en="stay and work on what comes, until Ctrl-C",
        ),
    ] = False,
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Work off a folder, or watch it."""
    from extract import batch as engine

    day, lang = checked(date, segmenter, lang)
    options = engine.Options(
        date=day,
        jobs=max(jobs, 0) or None,
        limit=limit,
        segmenter=segmenter,
        merged=[name.strip() for name in merged.split(",") if name.strip()],
        lang=lang,
    )
    if watch:
        _watch(folder, output, options)
        return
    with _progress() as listen:
        summary = engine.run(folder, output, listen=listen, **options)
    _report(summary, output)
    if summary.failures:
        raise typer.Exit(1)


def _watch(folder: Path, output: Path, options: Options) -> None:
    from extract import batch as engine

    try:
        for summary in engine.watch(folder, output, listen=_name, **options):
            _report(summary, output)
    except KeyboardInterrupt:
        # that is how watching ends
        return


def _name(step: Progress) -> None:
    for error in step.errors:
        complain(error)


@contextmanager
def _progress() -> Iterator[Listener]:
    """What to call after each file: names failures, and tells how far the run is."""
    if sys.stderr.isatty():
        with _bar() as listen:
            yield listen
    else:
        yield _log()


def _log() -> Listener:
    """Tell it in lines, now and then: for files, where no bar can move."""
    start = said = time.monotonic()
    characters = worked = 0

    def listen(step: Progress) -> None:
        nonlocal said, characters, worked
        _name(step)
        characters += step.characters
        worked += not step.skipped
        now = time.monotonic()
        if now - said < _EVERY or not worked:
            return
        said, spent = now, now - start
        left = dt.timedelta(seconds=round(spent / worked * (step.total - step.done)))
        line = say(
            "已处理 {done}/{total}，每秒 {rate:,.0f} 字，约剩 {left}",
            "{done}/{total} done, {rate:,.0f} characters a second, about {left} left",
        ).format(done=step.done, total=step.total, rate=characters / spent, left=left)
        typer.echo(line, err=True)

    return listen


@contextmanager
def _bar() -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bar

    rate = say("{task.fields[rate]:,.0f} 字/秒", "{task.fields[rate]:,.0f} chars/s")
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(rate),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Bar(*columns, console=console, transient=True) as bar:
        running = bar.add_task("", total=None, rate=0.0)
        characters = 0

        def listen(step: Progress) -> None:
            nonlocal characters
            characters += step.characters
            for error in step.errors:
                console.print(error.message(LANG), markup=False, highlight=False)
            rate = characters / max(bar.tasks[0].elapsed or 0, 0.001)
            bar.update(running, total=step.total, completed=step.done, rate=rate)

        yield listen


def _report(summary: Summary, output: Path) -> None:
    """Say on stderr what there is and what was done."""
    lines = [
        say(
            "{output}：文档 {documents} 份，任务 {tasks} 项，可督办 {actionable} 项",
            "{output}: {documents} documents, {tasks} tasks, {actionable} to supervise",
        ),
        say(
            "失败 {failures}，重复 {duplicates}，近似 {near_duplicates}，"
            "移走 {removed}，未变而跳过 {skipped}",
            "{failures} failed, {duplicates} duplicates, {near_duplicates}"
            " near-duplicates, {removed} removed, {skipped} unchanged and skipped",
        ),
        say(
            "本次处理 {worked:,} 字，用时 {seconds:.1f} 秒，每秒 {rate:,.0f} 字",
            "{worked:,} characters this time in {seconds:.1f} s, {rate:,.0f} a second",
        ),
    ]
    values = {
        name: getattr(summary, name)
        for name in (
            "documents", "tasks", "actionable", "failures", "duplicates",
            "near_duplicates", "removed", "skipped", "worked", "seconds", "rate",
        )
    }  # fmt: skip
    for line in lines:
        typer.echo(line.format(output=output, **values), err=True)
    for path in summary.written:
        typer.echo(str(path), err=True)
