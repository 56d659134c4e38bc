"""``duban evaluate``: scores against gold, on a terminal, as JSON, as a page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from extract.cli.documents import stdout
from extract.cli.options import (
    LANG,
    Language,
    SegmenterName,
    argument,
    check_output,
    known_language,
    option,
    read_floors,
)
from extract.errors import DubanError, UsageError

if TYPE_CHECKING:
    from extract.evaluate import GoldDocument
    from extract.evaluate.comparison import Earlier
    from extract.evaluate.report import Case

HELP = ("用标准答案打分。", "Score against gold records.")


def evaluate(
    gold: Annotated[
        Path,
        argument(
            "GOLD_DIR",
            "NAME.txt 和 NAME.jsonl 所在的文件夹",
            "folder of NAME.txt and NAME.jsonl",
        ),
    ],
    floors: Annotated[
        Path | None,
        option("--floors", metavar="FILE", zh="得分下限（JSON）", en="floors (JSON)"),
    ] = None,
    as_json: Annotated[bool, option("--json", zh="输出 JSON", en="print JSON")] = False,
    by_document: Annotated[
        bool,
        option(
            "--by-document",
            zh="--json 也写各文档的计数，供 --against 逐篇比较",
            en="--json holds each document's counts too, for --against",
        ),
    ] = False,
    errors: Annotated[
        int,
        option("--errors", metavar="N", zh="列出前 N 处错误", en="list N errors"),
    ] = 0,
    html: Annotated[
        Path | None,
        option(
            "--html",
            metavar="FILE",
            zh="把全部数字和每处错误写成一个网页",
            en="write all figures and every error as one page",
        ),
    ] = None,
    against: Annotated[
        Path | None,
        option(
            "--against",
            metavar="FILE",
            zh="与先前 --json 的输出相比，写进 --html 的网页",
            en="compare with an earlier --json on the page of --html",
        ),
    ] = None,
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Score the shipped pipeline against a folder of gold records."""
    from extract import evaluate as scoring
    from extract.cli import screen
    from extract.evaluate import comparison

    lang = known_language(lang)
    bounds = read_floors(floors)
    if html is not None:
        check_output(html, (".html", ".htm"))
    elif against is not None:
        raise UsageError("E214")
    earlier = comparison.read_earlier(against) if against else None
    documents = scoring.gold_pairs(gold)
    cases = [
        _case(gold, document, segmenter) for document in screen.progress(documents)
    ]
    docs = [(case.gold, case.pred) for case in cases]
    scores = scoring.score(docs)
    if as_json:
        counts = {
            case.name: scoring.count(case.gold, case.pred)
            for case in (cases if by_document else ())
        }
        stdout().write(comparison.dump(scores, counts))
    else:
        screen.show(screen.scores(scores, lang))
    if errors and not as_json:
        found = [
            (document.path.stem, error)
            for document, pair in zip(documents, docs, strict=True)
            for error in scoring.errors(*pair)
        ]
        screen.show(screen.errors(found[:errors], lang))
    if html is not None:
        _write_page(html, cases, earlier, lang)
    scoring.check_floors(scores, bounds)


def _case(folder: Path, document: GoldDocument, segmenter: str) -> Case:
    import extract as library
    from extract.evaluate.report import Candidate, Case

    place = folder if folder.is_dir() else folder.parent
    speech = library.read(document.path, date=document.date)
    judged = library.explain(speech, segmenter=segmenter)
    return Case(
        name=document.path.relative_to(place).with_suffix("").as_posix(),
        genre=str(document.meta.get("kind") or ""),
        gold=document.records,
        pred=[one.record.to_dict() for one in judged if one.record is not None],
        candidates=[Candidate(one.start, one.end, one.probability) for one in judged],
    )


def _write_page(
    path: Path, cases: list[Case], earlier: Earlier | None, lang: str
) -> None:
    from extract.evaluate.comparison import compare
    from extract.evaluate.page import page
    from extract.evaluate.report import report

    figures = report(cases)
    change = compare(earlier, figures.scores, figures.counts) if earlier else None
    content = page(figures, change, lang)
    try:
        path.write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DubanError("E203", path=path, reason=error.strerror or error) from error
