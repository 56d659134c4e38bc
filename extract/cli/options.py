"""Options that several commands share, their help in two languages, their checks."""

from __future__ import annotations

import datetime as dt
import errno
import itertools
import json
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from extract.errors import UsageError

_DATE = re.compile(r"(\d{4})(?:-(\d\d?)-(\d\d?)|/(\d\d?)/(\d\d?)|年(\d\d?)月(\d\d?)日)")


def _language() -> str:
    # help is worded while this module loads, before typer has read the options
    words = sys.argv[1:]
    chosen = [after for word, after in itertools.pairwise(words) if word == "--lang"]
    chosen += [w.partition("=")[2] for w in words if w.startswith("--lang=")]
    named = (chosen or [os.environ.get("DUBAN_LANG", "")])[-1]
    return "en" if named.lower().startswith("en") else "zh"


LANG = _language()
"""Language of help and messages: ``--lang``, else ``$DUBAN_LANG``, else Chinese."""


def say(chinese: str, english: str) -> str:
    """Choose the wording in the language of this run."""
    return english if LANG == "en" else chinese


def option(*flags: str, zh: str, en: str, metavar: str | None = None) -> Any:
    """Describe an option in both languages."""
    return typer.Option(*flags, help=say(zh, en), metavar=metavar)


def argument(metavar: str, zh: str, en: str) -> Any:
    """Describe an argument in both languages."""
    return typer.Argument(metavar=metavar, help=say(zh, en), show_default=False)


Date = Annotated[
    str,
    option(
        "--date",
        metavar="DATE",
        zh="基准日期，如 2026-03-05；不写则用文中日期",
        en="reference date, as 2026-03-05 (default: the document's own)",
    ),
]
SegmenterName = Annotated[
    str,
    option(
        "--segmenter",
        metavar="NAME",
        zh="分词器：jieba、pkuseg 或 char",
        en="jieba, pkuseg or char",
    ),
]
Language = Annotated[
    str, option("--lang", metavar="LANG", zh="输出语言：zh 或 en", en="zh or en")
]
File = Annotated[
    str, argument("FILE", "文档，或 - 表示标准输入", "a document, or - for stdin")
]
Paths = Annotated[
    list[str],
    argument(
        "PATH...",
        "文件、文件夹、通配符，或 - 表示标准输入",
        "files, folders, globs, or - for standard input",
    ),
]


def checked(date: str, segmenter: str, lang: str) -> tuple[dt.date | None, str]:
    """Reference date and language, of the options of a command that finds tasks.

    Raises
    ------
    UsageError
        E201 no date, E204 no segmenter, E206 no language of these names.
    DubanError
        E303, E304 if the segmenter is not installed.
    """
    from extract import words

    day, lang = parse_date(date), known_language(lang)
    words.segmenter(segmenter)
    return day, lang


def parse_date(value: str) -> dt.date | None:
    """Day of ``2026-03-05``, ``2026/3/5`` or ``2026年3月5日``; None of an empty text.

    Raises
    ------
    UsageError
        E201, for anything else and for days that no calendar has.
    """
    if not value:
        return None
    if match := _DATE.fullmatch(value.strip()):
        with suppress(ValueError):
            return dt.date(*(int(part) for part in match.groups() if part))
    raise UsageError("E201", value=value)


def known_language(value: str) -> str:
    """``"zh"`` or ``"en"`` as given; E206 for anything else."""
    if value not in ("zh", "en"):
        raise UsageError("E206", value=value)
    return value


def read_floors(path: Path | None) -> dict[str, float]:
    """Floors by field from a JSON file; none without a file. E210 if it is no such."""
    if path is None:
        return {}
    try:
        floors = json.loads(path.read_text(encoding="utf-8"))
        return {name: float(value) for name, value in floors.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise UsageError("E210", path=path, reason=error) from error


def check_output(path: Path, suffixes: Sequence[str]) -> None:
    """Refuse a file that could not be written: before an hour of work, not after it.

    Raises
    ------
    UsageError
        E202 for a suffix not in `suffixes`, E203 for a folder that is not there.
    """
    if path.suffix.lower() not in suffixes:
        known = " ".join(suffixes)
        raise UsageError("E202", path=path, suffix=path.suffix, suffixes=known)
    if not path.absolute().parent.is_dir() or path.is_dir():
        code = errno.EISDIR if path.is_dir() else errno.ENOENT
        raise UsageError("E203", path=path, reason=os.strerror(code))
