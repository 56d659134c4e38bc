"""``duban agree``: how far several annotators agree, and where they do not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from extract.cli.documents import complain, stdout
from extract.cli.options import (
    LANG,
    Language,
    argument,
    known_language,
    option,
    say,
)
from extract.errors import DubanError, UsageError

if TYPE_CHECKING:
    from rich.table import Table

    from extract.evaluate import Agreement, Alpha, Disagreement, PairScores

HELP = (
    "比较几位标注人对同样文本的标注：一致到什么程度，哪里不一致。",
    "Compare the gold of several annotators: how far they agree, where they do not.",
)
# what stands where a task or a value is not there on one side
_ABSENT = "—"


def agree(
    places: Annotated[
        list[Path],
        argument(
            "GOLD_DIR...",
            "每位标注人一个文件夹（或一个文件），至少两个；同一篇的文件名相同",
            "a folder (or file) for each annotator, two or more; same names inside",
        ),
    ],
    as_json: Annotated[bool, option("--json", zh="输出 JSON", en="print JSON")] = False,
    errors: Annotated[
        int,
        option(
            "--errors", metavar="N", zh="列出前 N 处分歧", en="list N disagreements"
        ),
    ] = 0,
    db: Annotated[
        str,
        option(
            "--db",
            metavar="URL",
            zh="把各人的标注放进核对工作台的这个数据库，在网页上裁定分歧",
            en="put the annotations into this database of the workbench, to be settled",
        ),
    ] = "",
    lang: Language = LANG,
) -> None:
    """Print F1 of each two annotators, alpha of all, gamma, and the differences."""
    from extract import evaluate

    lang = known_language(lang)
    if len(places) < 2:
        raise UsageError("E213")
    documents = evaluate.shared_documents(places)
    found = evaluate.agree(documents, [str(place) for place in places])
    for document, annotator in found.missing:
        line = say("{annotator} 缺少 {document}", "{annotator} has no {document}")
        typer.echo(line.format(annotator=annotator, document=document), err=True)
    gamma = None
    try:
        gamma = evaluate.gamma(documents)
    except DubanError as error:
        complain(error)
    if as_json:
        report = dataclasses.asdict(found) | {"gamma": gamma}
        report["disagreements"] = report["disagreements"][: max(errors, 0)]
        stdout().write(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    else:
        _show(found, gamma, max(errors, 0), lang)
    if db:
        _put(db, places, lang)


def _put(url: str, places: Sequence[Path], lang: str) -> None:
    """Put what the annotators said into the workbench, and tell what is disputed."""
    try:
        from extract.review import queries
        from extract.review.database import Database, shown
        from extract.review.exchange.annotations import import_annotations
    except ModuleNotFoundError as error:
        raise DubanError("E704") from error
    database = Database(url)
    documents = import_annotations(database, places)
    with database.reading() as session:
        rows = queries.disputed_documents(session)
    disputed = sum(row.disputed for row in rows if row.id in documents.values())
    database.close()
    line = (
        "{documents} 份文档放进了 {url}，有分歧的任务 {disputed} 条。"
        "裁定请运行 duban review --db {url}，打开“分歧裁定”"
        if lang == "zh"
        else "{documents} documents put into {url}, {disputed} tasks disputed. To"
        " settle them run duban review --db {url} and open Disagreements"
    )
    values = {"documents": len(documents), "disputed": disputed, "url": shown(url)}
    typer.echo(line.format(**values), err=True)


def _show(found: Agreement, gamma: float | None, errors: int, lang: str) -> None:
    from extract.cli import screen

    for pair in found.pairs:
        screen.show(_scores(pair, lang))
    screen.show(_alphas(found.alphas, lang))
    if gamma is not None:
        stdout().write(f"gamma {gamma:.3f}\n")
    if errors:
        several = len(found.annotators) > 2
        screen.show(_disagreements(found.disagreements[:errors], several, lang))


def _scores(pair: PairScores, lang: str) -> Table:
    # a path in square brackets is no markup
    from rich.text import Text

    from extract.cli import screen

    zh = lang == "zh"
    table = screen.plain_table()
    documents = f"{pair.documents} 篇" if zh else f"{pair.documents} documents"
    table.title = Text(f"{pair.first} × {pair.second} ({documents})")
    table.add_column("字段" if zh else "field")
    for heading in (
        ("F1", "95% 区间", "前者", "后者")
        if zh
        else ("F1", "95 % interval", "first", "second")
    ):
        table.add_column(heading, justify="right")
    for name, score in pair.scores.items():
        interval = f"{score.low:.3f}–{score.high:.3f}"
        counts = str(score.n_gold), str(score.n_pred)
        table.add_row(name, f"{score.f1:.3f}", interval, *counts)
    return table


def _alphas(alphas: Mapping[str, Alpha], lang: str) -> Table:
    from extract.cli import screen

    zh = lang == "zh"
    table = screen.plain_table()
    table.add_column("判断" if zh else "question")
    for heading in (
        ("Krippendorff α", "95% 区间", "单元")
        if zh
        else ("Krippendorff's α", "95 % interval", "units")
    ):
        table.add_column(heading, justify="right")
    for name, one in alphas.items():
        bounds = "–".join(_figure(bound) for bound in (one.low, one.high))
        table.add_row(name, _figure(one.alpha), bounds, str(one.units))
    return table


def _figure(value: float | None) -> str:
    return _ABSENT if value is None else f"{value:.3f}"


def _disagreements(found: Sequence[Disagreement], several: bool, lang: str) -> Table:
    from rich.text import Text

    from extract.cli import screen
    from extract.writers.columns import folded

    table = screen.plain_table()
    for heading in (
        ("文档", "分歧", "前者", "后者", "原句")
        if lang == "zh"
        else ("document", "on", "first", "second", "sentence")
    ):
        table.add_column(heading, overflow="fold")
    for each in found:
        error = each.error
        alone = error.kind in ("missed", "spurious")
        # two annotators stand above the scores; of more, it must be said which two
        who = f" ({each.first} × {each.second})" if several else ""
        cells = [
            each.document + who,
            "task" if alone else error.field or error.kind,
            *(_reading(value, alone, lang) for value in (error.gold, error.pred)),
            error.text,
        ]
        table.add_row(*(Text(folded(cell)) for cell in cells))
    return table


def _reading(value: object, alone: bool, lang: str) -> str:
    if alone and value is not None:
        return "是任务" if lang == "zh" else "task"  # the sentence says which
    if isinstance(value, list):
        return "、".join(_reading(part, False, lang) for part in value) or _ABSENT
    if isinstance(value, tuple):
        owner, role = value
        return f"{owner} ({role})"
    return _ABSENT if value in (None, "") else str(value)
