"""``duban review export`` and ``import``: what was judged, out and in again."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extract.cli.documents import stdout
from extract.cli.options import LANG, Language, argument, known_language, option, say
from extract.cli.review.place import Url, opened
from extract.errors import UsageError

if TYPE_CHECKING:
    from extract.review.exchange.sheet_in import Outcome

_FORMATS = ("gold", "csv", "xlsx", "doccano", "labelstudio", "brat")
_SUFFIXES = {".csv": "csv", ".xlsx": "xlsx", ".jsonl": "doccano"}


def export(
    output: Annotated[
        Path,
        option(
            "--output",
            "-o",
            metavar="PATH",
            zh="标准答案和 brat 是文件夹；其余是文件",
            en="a folder for gold and brat, else a file",
        ),
    ],
    form: Annotated[
        str,
        option(
            "--format",
            "-f",
            metavar="NAME",
            zh="gold、csv、xlsx、doccano、labelstudio 或 brat；不写则看后缀",
            en="gold, csv, xlsx, doccano, labelstudio, brat (default: by suffix)",
        ),
    ] = "",
    db: Url = "",
    unfinished: Annotated[
        bool,
        option(
            "--unfinished",
            zh="未办结的文档和未核对的任务也要（csv、xlsx 总是如此）",
            en="also unfinished documents and open tasks (csv and xlsx: always)",
        ),
    ] = False,
    partly: Annotated[
        bool,
        option(
            "--partly",
            zh="标准答案也要没有办结的文档：只含判过的句子，供 duban train 学习",
            en="gold also of unfinished documents: what was judged, for duban train",
        ),
    ] = False,
    approved: Annotated[
        bool, option("--approved", zh="只要复核同意的", en="only what is approved")
    ] = False,
    lang: Language = LANG,
) -> None:
    """Write what was judged in a format that other programs read."""
    form = form or _SUFFIXES.get(output.suffix.lower(), "gold")
    if form not in _FORMATS:
        raise UsageError("E706", value=form, known=", ".join(_FORMATS))
    lang = known_language(lang)
    database = opened(db)
    from extract.review.exchange import files
    from extract.review.exchange.selection import Choice

    sheet = form in ("csv", "xlsx")
    choice = Choice(
        unfinished or sheet, approved, rejected=sheet, partly=partly and form == "gold"
    )
    count = files.export(database, output, form, choice, lang)
    typer.echo(say(f"{output}：{count}", f"{output}: {count}"), err=True)


def import_(
    file: Annotated[
        Path,
        argument(
            "FILE",
            "改过的 .csv、.xlsx，或 doccano、Label Studio 的 .jsonl",
            "an edited .csv or .xlsx, or .jsonl of doccano or Label Studio",
        ),
    ],
    name: Annotated[
        str,
        option(
            "--name",
            metavar="NAME",
            zh="记在谁的名下；预测则是它的名称",
            en="in whose name; of predictions, what they are called",
        ),
    ] = "",
    db: Url = "",
    dry_run: Annotated[
        bool, option("--dry-run", zh="只列出差异，不写入", en="list, write nothing")
    ] = False,
    lang: Language = LANG,
) -> None:
    """Take over an edited sheet, cell by cell, or proposals of another program."""
    lang = known_language(lang)
    if file.suffix.lower() not in (".csv", ".xlsx", ".jsonl"):
        raise UsageError("E706", value=file.suffix, known=".csv .xlsx .jsonl")
    database = opened(db)
    if file.suffix.lower() == ".jsonl":
        from extract.review.exchange.predictions import import_predictions

        count = import_predictions(database, file, name or file.stem)
        typer.echo(say(f"读入 {count} 份文档", f"{count} documents read"), err=True)
        return
    from extract.review.exchange.sheet_in import import_sheet

    outcome = import_sheet(database, file, name or getpass.getuser(), dry=dry_run)
    _tell(outcome, lang)
    if outcome.conflicts or outcome.problems:
        raise typer.Exit(1)


def _tell(outcome: Outcome, lang: str) -> None:
    """What an import changed, and what it could not, line by line."""
    from extract.review.labels import labels

    known, out = labels(lang), stdout()

    def column(key: str) -> str:
        return known[f"sheet_{key}"]

    for change in outcome.changes:
        out.write(f"{change.id} {column(change.column)}: ")
        out.write(f"{change.before or '-'} -> {change.after or '-'}\n")
    for key in outcome.added:
        out.write(f"{key} {known['add']}\n")
    for conflict in outcome.conflicts:
        line = say(
            "{id} {column}：有冲突，没有写入。表里是“{after}”，现在是“{now}”",
            "{id} {column}: conflict, not written. Sheet {after!r}, now {now!r}",
        )
        values = {"id": conflict.id, "after": conflict.after, "now": conflict.now}
        typer.echo(line.format(column=column(conflict.column), **values), err=True)
    for problem in outcome.problems:
        place = say(f"第 {problem.row} 行", f"row {problem.row}")
        typer.echo(f"{place} {problem.error.message(lang)}", err=True)
    if outcome.absent:
        line = say(
            "表里没有的任务 {n} 条，保持原样",
            "{n} tasks that the sheet does not hold were left as they are",
        )
        typer.echo(line.format(n=len(outcome.absent)), err=True)
