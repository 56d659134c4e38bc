"""``duban report``: a document and its ledger as one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from extract.cli.documents import read_document
from extract.cli.options import (
    LANG,
    Date,
    File,
    Language,
    SegmenterName,
    known_language,
    option,
    parse_date,
)
from extract.errors import DubanError, UsageError


def report(
    file: File,
    output: Annotated[
        Path,
        option("--output", "-o", metavar="FILE", zh="写到这个 .html", en="the .html"),
    ],
    date: Date = "",
    segmenter: SegmenterName = "jieba",
    lang: Language = LANG,
) -> None:
    """Write a document and its ledger as one page that needs nothing else."""
    import extract as library
    from extract.review.page import page

    day, lang = parse_date(date), known_language(lang)
    if output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            "E202", path=output, suffix=output.suffix, suffixes=".html .htm"
        )
    speech = read_document(file, day)
    made = page(speech, library.tasks_of(speech, segmenter=segmenter), lang)
    try:
        output.write_text(made, encoding="utf-8", newline="\n")
    except OSError as error:
        reason = error.strerror or error
        raise DubanError("E203", path=output, reason=reason) from error
