"""Word 97–2003 documents (.doc): converted to .docx in memory's reach, read as such.

msdoc2docx, pure Python, does it everywhere, and says what it had to leave out. Text
boxes that it leaves out are read here. What it cannot read (Word 95), or not without
losing words or numbers, LibreOffice may, where it is installed: with a profile of its
own, for a limited time.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from extract.errors import ReadError
from extract.readers import docx, textboxes
from extract.readers.container import refuse_encrypted
from extract.readers.draft import Draft

# reports of msdoc2docx after which words or their numbers may be missing
_LOSSES = frozenset(
    (
        "NUMBERING_TABLE_MALFORMED",
        "STYLE_TABLE_MALFORMED",
        "TABLE_MARKER_DEFERRED",
    )
)
# and those after which a text box may be
_BOXES = frozenset(
    (
        "FLOATING_SHAPE_TYPES_DEFERRED",
        "GROUPED_MAIN_TEXTBOXES_DEFERRED",
        "MAIN_TEXTBOX_TABLE_MALFORMED",
    )
)
_PROGRAMS = ("soffice", "libreoffice")
# a first start with a fresh profile takes some seconds on a slow laptop
_PATIENCE = 120.0


def read(data: bytes) -> Draft:
    """Read a Word 97–2003 document.

    Parameters
    ----------
    data : bytes
        The whole file, an OLE container.

    Returns
    -------
    Draft
        As `extract.readers.docx.read` gives it.

    Raises
    ------
    ReadError
        E120 behind a password, E121 damaged, E122 too large, E124 not convertible
        here.
    """
    refuse_encrypted(data)
    with tempfile.TemporaryDirectory(prefix="duban-") as folder:
        source = Path(folder, "in.doc")
        source.write_bytes(data)
        converted, losses = _by_library(source)
        if converted and not losses & _LOSSES:
            draft = docx.read(converted)
            try:
                return textboxes.insert(draft, textboxes.read(data))
            except (ReadError, ValueError, IndexError, struct.error):
                if not losses & _BOXES:
                    return draft
        return docx.read(_by_either(source, converted))


def _by_either(source: Path, converted: bytes) -> bytes:
    try:
        return _by_libreoffice(source)
    except ReadError:
        if converted:
            return converted
        raise


def _by_library(source: Path) -> tuple[bytes, set[str]]:
    """The document as .docx, empty if it cannot be, and what was left out of it."""
    from doc2docx import convert
    from doc2docx.errors import EncryptedDocumentError

    target = source.with_name("library.docx")
    try:
        report = convert(source, target).report.to_dict()
        return target.read_bytes(), {one["code"] for one in report["diagnostics"]}
    except EncryptedDocumentError as error:
        raise ReadError("E120", path="") from error
    except Exception:
        # damage shows in many ways in there; the other converter gets its chance
        return b"", set()


def _by_libreoffice(source: Path) -> bytes:
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        raise ReadError("E124", path="")
    profile, target = source.with_name("profile"), source.with_name("office")
    command = [
        program,
        "--headless",
        "--norestore",
        f"-env:UserInstallation={profile.as_uri()}",
        "--convert-to",
        "docx",
        "--outdir",
        str(target),
        str(source),
    ]
    try:
        _run(command, _PATIENCE)
        return (target / "in.docx").read_bytes()
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReadError("E121", path="", part=".doc") from error


def _run(command: list[str], patience: float) -> None:
    """Run a program and whatever it starts, for so many seconds at most."""
    quiet = subprocess.DEVNULL
    program = subprocess.Popen(
        command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        program.wait(patience)
    except BaseException:
        with suppress(OSError):
            if os.name == "posix":
                # soffice is a script: what it started has to go with it
                os.killpg(program.pid, signal.SIGKILL)
            else:
                program.kill()
        program.wait()
        raise
