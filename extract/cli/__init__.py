"""``duban``: every command is one call of the library, its output and its exit code.

Exit codes: 0 done; 1 some documents failed, each named on stderr, or scores below
their floors; 2 wrong usage; 130 interrupted; 141 the reader of a pipe went away.
Only the standard library and typer are imported here at start: ``--help`` is quick.
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from extract.cli.agree import HELP as AGREE
from extract.cli.agree import agree
from extract.cli.audit import HELP as AUDIT
from extract.cli.audit import audit
from extract.cli.batch import batch
from extract.cli.documents import complain, read_document, report, stdout, tasks_of_all
from extract.cli.evaluate import HELP as EVALUATE
from extract.cli.evaluate import evaluate
from extract.cli.options import (
    LANG,
    Date,
    File,
    Language,
    Paths,
    SegmenterName,
    argument,
    check_output,
    checked,
    known_language,
    option,
    parse_date,
    say,
)
from extract.cli.review import register as review
from extract.cli.spark import spark
from extract.errors import DubanError, UsageError

P = ParamSpec("P")

app = typer.Typer(
    help=say(
        "督办：把领导讲话、会议纪要、工作要点变成督办台账。",
        "duban: from Chinese leadership speeches to supervision ledgers.",
    ),
    no_args_is_help=True,
    add_completion=False,
    # plain help and tracebacks: importing rich would double the time of --help
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models = typer.Typer(
    help=say("分词器的模型。", "Models of the segmenters."),
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(models, name="segmenter")


def _command(
    group: typer.Typer, chinese: str, english: str
) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Register a command whose errors become one line on stderr and an exit code."""

    def register(function: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(function)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                function(*args, **kwargs)
                sys.stdout.flush()
            except DubanError as error:
                complain(error)
                code = 2 if isinstance(error, UsageError) else 1
                raise typer.Exit(code) from error
            except KeyboardInterrupt as error:
                raise typer.Exit(130) from error
            except BrokenPipeError as error:
                # or the interpreter would flush into the closed pipe once more
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                raise typer.Exit(141) from error

        return group.command(help=say(chinese, english))(guarded)

    return register


@_command(app, "读文档，写任务清单。", "Read documents, write their tasks.")
def extract(
    paths: Paths,
    output: Annotated[
        Path | None,
        option(
            "--output",
            "-o",
            metavar="FILE",
            zh="写到 .csv .xlsx .jsonl 或 .md；不写则显示表格",
            en="write .csv, .xlsx, .jsonl or .md (default: show a table)",
        ),
    ] = None,
    date: Date = "",
    ledger: Annotated[
        bool,
        option("--ledger", zh="只要可督办的任务", en="only what can be supervised"),
    ] = False,
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Write a ledger, show a table on a terminal, or put CSV into a pipe."""
    from extract import writers
    from extract.cli import screen

    day, lang = checked(date, segmenter, lang)
    if output is not None:
        check_output(output, writers.SUFFIXES)
    harvest = tasks_of_all(paths, day, segmenter, output)
    tasks, failures = harvest.tasks, harvest.failures
    if not harvest.read:
        pass  # an empty ledger would look as if there were no tasks
    elif output is not None:
        writers.write(tasks, output, lang=lang, ledger=ledger, failures=failures)
        report(output, harvest)
    else:
        shown = [task for task in tasks if task.actionable or not ledger]
        if sys.stdout.isatty():
            screen.show(screen.tasks(shown, lang))
        else:
            writers.dump_csv(shown, stdout(), lang)
    if failures:
        raise typer.Exit(1)


_command(
    app, "批量处理文件夹，可以中断后接着做。", "Work off a folder; may be interrupted."
)(batch)
_command(app, "在 Spark 上处理文档，写 Parquet。", "Work on documents with Spark.")(
    spark
)


@_command(app, "显示读到的正文（位置按它计数）。", "Show the text offsets count in.")
def text(
    file: File,
    words: Annotated[
        bool, option("--words", zh="切成词，用空格隔开", en="words, parted by spaces")
    ] = False,
    segmenter: SegmenterName = "jieba",
) -> None:
    """Print `Speech.text`, or its words; white space ends a word anyway."""
    from extract.words import segmenter as named

    cutter = named(segmenter)
    shown = read_document(file, None).text
    if words:
        # line breaks stay where they are: a text of one line is no use to anybody
        lines = shown.split("\n")
        cut = ([w for w in cutter.cut(line) if w.strip()] for line in lines)
        shown = "\n".join(" ".join(line) for line in cut)
    stdout().write(shown)


@_command(app, "逐句说明为什么是或不是任务。", "Say why a sentence is a task.")
def explain(
    file: Annotated[
        str, argument("[FILE]", "文档，或 - 表示标准输入", "a document, or -")
    ] = "",
    text: Annotated[
        str, option("--text", metavar="TEXT", zh="直接给一段话", en="a text itself")
    ] = "",
    date: Date = "",
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Print every sentence with its verdict, its rules and what was read off."""
    import extract as library
    from extract.cli import screen
    from extract.task import Speech

    day, lang = parse_date(date), known_language(lang)
    if bool(file) == bool(text):
        raise UsageError("E207")
    speech = Speech(text, date=day) if text else read_document(file, day)
    out = stdout()
    for found in library.explain(speech, segmenter=segmenter):
        out.write(screen.explained(found, lang) + "\n")


_command(app, *AUDIT)(audit)
review(app, _command)


_command(app, *EVALUATE)(evaluate)
_command(app, *AGREE)(agree)


@_command(app, "用标准答案训练裁决模型。", "Train the judge from gold records.")
def train(
    gold: Annotated[
        list[Path],
        argument(
            "GOLD_DIR...",
            "NAME.txt 和 NAME.jsonl 所在的文件夹，可以多个",
            "folders of NAME.txt and NAME.jsonl",
        ),
    ],
    output: Annotated[
        Path,
        option(
            "--output",
            "-o",
            metavar="DIR",
            zh="模型写到这个文件夹",
            en="folder that the model is written to",
        ),
    ] = Path("models"),
    test: Annotated[
        list[Path] | None,
        option(
            "--test",
            metavar="DIR",
            zh="不参加训练、只用来打分的标准答案，可以多次",
            en="gold to score on, never trained on; may be repeated",
        ),
    ] = None,
    folds: Annotated[
        int,
        option(
            "--folds",
            metavar="N",
            zh="交叉验证的折数，0 为不做",
            en="folds of the cross-validation, 0 for none",
        ),
    ] = 5,
    like: Annotated[
        Path | None,
        option(
            "--like",
            metavar="DIR",
            zh="“可督办”的松紧照这个文件夹的标准，默认第一个",
            en="judge what is actionable as this folder does; the first if not given",
        ),
    ] = None,
    lang: Language = LANG,
) -> None:
    """Fit the judge and write it with its card, which says how good it is."""
    from extract import classifier, training
    from extract.cli import screen

    lang = known_language(lang)
    groups = [
        training.examples([folder], partly=True) for folder in screen.progress(gold)
    ]
    documents = [document for group in groups for document in group]
    if folds and not 1 < folds <= len(documents):
        raise UsageError("E211", value=folds, limit=len(documents))
    if like is not None and like not in gold:
        raise UsageError("E212", value=like)
    unseen = {
        training.name_of(place): training.examples([place]) for place in test or []
    }
    house = str(like or gold[0])
    model = training.train(documents, like=house)
    found = training.report(groups, model, folds=folds, like=house, tests=unseen)
    card = training.card(gold, documents) | found.to_dict()
    classifier.save(model, output, card)
    for name, scores in found.scores.items():
        screen.show(screen.scores(scores, lang, title=name))
    stdout().write(f"{output / classifier.MODEL}\n")


@_command(app, "列出规则，或检查规则自带的例句。", "List the rules, or check them.")
def rules(
    table: Annotated[
        str, argument("[TABLE]", "规则表，如 deadline", "a table, as deadline")
    ] = "",
    lint: Annotated[
        bool,
        option(
            "--lint",
            zh="用例句和反例检查每条规则",
            en="check every rule by its examples",
        ),
    ] = False,
    lang: Language = LANG,
) -> None:
    """Show the tables, the rules of one, or what is wrong with them."""
    from extract import rulebook
    from extract.cli import screen

    lang, names = known_language(lang), rulebook.phenomena()
    if table and table not in names:
        raise UsageError("E209", value=table, known=", ".join(names))
    books = [rulebook.load(name) for name in ([table] if table else names)]
    if not lint:
        shown = screen.rules(books[0], lang) if table else screen.tables(books, lang)
        screen.show(shown)
        return
    problems = [problem for book in books for problem in screen.lint(book)]
    for problem in problems:
        typer.echo(problem, err=True)
    if problems:
        raise typer.Exit(1)


@_command(models, "下载分词器的模型（需联网一次）。", "Download a model, once.")
def fetch(
    name: Annotated[str, argument("NAME", "目前只有 pkuseg", "pkuseg is the only one")],
) -> None:
    """Fetch pkuseg's model into the user's folder."""
    from extract import words

    if name != "pkuseg":
        raise UsageError("E208", value=name, known="pkuseg")
    stdout().write(f"{words.fetch_pkuseg()}\n")


def main() -> None:
    """Entry point of the ``duban`` command."""
    app(prog_name="duban")
