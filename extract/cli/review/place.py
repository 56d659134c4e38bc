"""Which database the commands of the workbench mean, and the way into it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from extract.cli.options import option
from extract.errors import DubanError, UsageError

if TYPE_CHECKING:
    from extract.review.database import Database

_SQLITE = b"SQLite format 3\x00"

Url = Annotated[
    str,
    option(
        "--db",
        metavar="URL",
        zh="数据库：SQLite 文件的路径或 postgresql://…；不写则用本人的",
        en="database: path of an SQLite file or postgresql://… (default: your own)",
    ),
]


def told_apart(paths: Sequence[str], db: str) -> tuple[list[str], str]:
    """Documents, and the database that stands among them or that ``--db`` names.

    Raises
    ------
    UsageError
        E741 if several databases are named.
    """
    documents = [path for path in paths if not _is_database(path)]
    named = [path for path in paths if _is_database(path)] + [db] * bool(db)
    if len(named) > 1:
        raise UsageError("E741", names=", ".join(map(shown, named)))
    return documents, "".join(named)


def shown(name: str) -> str:
    """Name of a database without a password."""
    from extract.review.database import shown as without_password

    return without_password(name)


def opened(url: str) -> Database:
    """Open a database; E704 if the workbench is not installed."""
    try:
        from extract.review.database import Database, default_url
    except ModuleNotFoundError as error:
        raise DubanError("E704") from error
    return Database(url or default_url())


def _is_database(path: str) -> bool:
    if path.startswith(("sqlite://", "postgres://", "postgresql://")):
        return True
    try:
        with Path(path).open("rb") as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except (OSError, ValueError):
        return False
