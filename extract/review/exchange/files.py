"""A format's name in, its file or folder written."""

from __future__ import annotations

from pathlib import Path

from extract.batch.files import replacing
from extract.errors import DubanError
from extract.review.database import Database
from extract.review.exchange import gold, sheet, spans
from extract.review.exchange.selection import Choice, chosen


def export(database: Database, path: Path, form: str, choice: Choice, lang: str) -> int:
    """Write what is chosen in a format.

    Parameters
    ----------
    database : Database
    path : Path
        A folder for ``gold`` and ``brat``, else a file.
    form : {"gold", "csv", "xlsx", "doccano", "labelstudio", "brat"}
    choice : Choice
    lang : {"zh", "en"}
        Language of a sheet.

    Returns
    -------
    int
        Number of rows of a sheet, else of documents.

    Raises
    ------
    DubanError
        E707 if there is nothing to write, E203 if it cannot be written.
    """
    if form == "gold":
        return len(gold.export_gold(database, path, choice))
    if form in ("csv", "xlsx"):
        return sheet.export_sheet(database, path, choice, lang)
    with database.reading() as session:
        documents = list(chosen(session, choice))
        if not documents:
            raise DubanError("E707", path=path)
        if form == "brat":
            contents = {path / spans.BRAT_CONFIGURATION: spans.brat_configuration()}
            for document in documents:
                contents[path / f"{document.name}.txt"] = document.text
                contents[path / f"{document.name}.ann"] = spans.brat(document)
        else:
            lines = spans.doccano if form == "doccano" else spans.label_studio
            contents = {path: "".join(lines(documents))}
    _write(contents)
    return len(documents)


def _write(contents: dict[Path, str]) -> None:
    for path, content in contents.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with replacing(path) as partial:
                partial.write_bytes(content.encode("utf-8", "backslashreplace"))
        except OSError as error:
            reason = error.strerror or error
            raise DubanError("E203", path=path, reason=reason) from error
