"""Nothing is lost of real files: their characters against what other readers see."""

from __future__ import annotations

import difflib
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

import extract
from extract.readers.sniff import sniff

FOLDER = Path(__file__).resolve().parent.parent.parent / "shared" / "corpus" / "files"
FILES = sorted(path for path in FOLDER.glob("*") if path.is_file())
FORMATS = {path: sniff(path.read_bytes()) for path in FILES}
OFFICE = shutil.which("soffice") or shutil.which("libreoffice")
_OTHERS = re.compile("[^\u3400-\u4dbf\u4e00-\u9fff]")

pytestmark = pytest.mark.skipif(not FILES, reason="the shared corpus is not here")


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the text of every Word document as LibreOffice writes it."""
    if OFFICE is None:
        pytest.skip("LibreOffice is not installed")
    folder = tmp_path_factory.mktemp("text")
    words = [path for path, name in FORMATS.items() if name in ("docx", "doc")]
    command = [OFFICE, "--headless", f"-env:UserInstallation={folder.as_uri()}/p"]
    command += ["--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(folder)]
    command += map(str, words)
    subprocess.run(command, check=True, capture_output=True, timeout=600)
    return folder


def theirs(path: Path, request: pytest.FixtureRequest) -> str:
    """The text of a file as another program reads it."""
    match FORMATS[path]:
        case "docx" | "doc":
            folder: Path = request.getfixturevalue("converted")
            return (folder / path.with_suffix(".txt").name).read_text("utf-8-sig")
        case "pdf":
            if not shutil.which("pdftotext"):
                pytest.skip("pdftotext (poppler-utils) is not installed")
            command = ["pdftotext", "-raw", str(path), "-"]
            return subprocess.run(
                command, capture_output=True, check=True
            ).stdout.decode()
        case "ofd":
            with zipfile.ZipFile(path) as package:
                pages = [n for n in package.namelist() if n.endswith("Content.xml")]
                xml = "".join(package.read(name).decode() for name in sorted(pages))
            return "".join(re.findall(r"<(?:\w+:)?TextCode[^>]*>([^<]*)<", xml))
    data = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-16")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_han_characters_are_kept_in_order(
    path: Path, request: pytest.FixtureRequest
) -> None:
    ours = _OTHERS.sub("", extract.read(path).text)
    other = _OTHERS.sub("", theirs(path, request))
    matcher = difflib.SequenceMatcher(None, other, ours, autojunk=False)
    kept = sum(block.size for block in matcher.get_matching_blocks())
    assert other
    assert kept >= 0.99 * len(other)
