"""``duban spark``: the same extraction on Spark, into Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

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
    from pyspark.sql import DataFrame, SparkSession


def spark(
    source: Annotated[
        str,
        argument(
            "INPUT",
            "文档文件夹，或有 doc、text（或 content）列的 .parquet、.jsonl",
            "a folder, or a .parquet or .jsonl with columns doc and text or content",
        ),
    ],
    output: Annotated[
        str,
        argument(
            "OUTPUT",
            "写 tasks 和 failures 两张 Parquet 表的文件夹",
            "folder for the Parquet tables tasks and failures",
        ),
    ],
    master: Annotated[
        str,
        option(
            "--master",
            metavar="URL",
            zh="Spark 的 master，如 local[2]；不写则听 spark-submit 的",
            en="Spark master, as local[2] (default: what spark-submit says)",
        ),
    ] = "",
    date: Date = "",
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Work on a folder or a table of documents with Spark."""
    from extract import spark as engine

    day, _ = checked(date, segmenter, lang)
    session = engine.session(master)
    try:
        with engine.failing(source):
            documents = _documents(session, source)
            outcomes = engine.outcomes(documents, date=day, segmenter=segmenter)
            written = engine.write(outcomes, output.rstrip("/"))
    finally:
        session.stop()
    line = say(
        "{output}：文档 {documents} 份，任务 {tasks} 项，失败 {failures}",
        "{output}: {documents} documents, {tasks} tasks, {failures} failed",
    ).format(
        output=output,
        documents=written.documents,
        tasks=written.tasks,
        failures=written.failures,
    )
    typer.echo(line, err=True)
    if written.failures:
        raise typer.Exit(1)


def _documents(session: SparkSession, source: str) -> DataFrame:
    from extract.spark import read_folder

    if source.endswith(".parquet"):
        return session.read.parquet(source)
    if source.endswith((".jsonl", ".json")):
        return session.read.json(source)
    return read_folder(session, source)
