"""Bytes of a text file in, its text out: encodings, line ends, and what is refused.

Chinese offices still exchange GBK, Big5 and UTF-16 files. A wrong guess turns a whole
document into nonsense without any error, so each candidate decoding must also look
like Chinese; if none does, the file is refused.
"""

from __future__ import annotations

import codecs
from collections import Counter

LIMIT = 50_000_000
"""Longest text that is read, in characters."""

_BOMS = (
    # UTF-32's little-endian mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY_STARTS = (
    b"PK\x03\x04",  # docx, xlsx, ofd, wps (new), zip
    b"\xd0\xcf\x11\xe0",  # doc, wps (old), xls
    b"%PDF-",
    b"{\\rtf",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x7fELF",
    b"MZ\x90",
)
# a share of the characters that must be common ones of the language the encoding
# was made for. Text in the right encoding scores above 0.9, in a wrong one below 0.6
# (measured on the sample corpus, snippets of 40 characters and more)
_PLAUSIBLE = 0.75
_CLEARLY_BETTER = 0.1
_SAMPLE = 20_000
# general and CJK punctuation, list bullets, full-width forms
_MARKS = (
    ("\u00b7", "\u00b7"),
    ("\u2010", "\u2027"),
    ("\u2500", "\u25ff"),
    ("\u3000", "\u301e"),
    ("\uff01", "\uff5e"),
)
# lead bytes of the first level of each character set
_FIRST_LEVEL = {"gb2312": (0xB0, 0xD7), "big5": (0xA4, 0xC6)}
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r\f\v\x1a\x1b")


class Binary(ValueError):
    """The bytes are no text in any encoding."""


class Undecided(ValueError):
    """The bytes may be text, but no encoding makes plausible Chinese of them."""


def decode(data: bytes) -> str:
    """Text of a file's bytes, line ends turned into LF, a byte order mark removed.

    Parameters
    ----------
    data : bytes
        The file's content, not empty.

    Returns
    -------
    str
        Offsets of records count its code points.

    Raises
    ------
    Binary
        If the content is that of a binary format.
    Undecided
        If no encoding fits; the text is never guessed.
    """
    if data.startswith(_BINARY_STARTS):
        raise Binary
    text = _marked(data)
    if text is None:
        text = _utf8(data)
    if text is None:
        text = _chinese(data)
    # CRLF from Windows, lone CR from old exports: one line end everywhere
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _marked(data: bytes) -> str | None:
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise Undecided from error
    return None


def _utf8(data: bytes) -> str | None:
    # Chinese in another encoding is practically never valid UTF-8: a strict
    # decode decides, except where NUL betrays UTF-16 (ASCII in it is valid UTF-8)
    if b"\0" in data:
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if _control_share(text) > 0.05:
        raise Binary
    return text


def _chinese(data: bytes) -> str:
    scored: list[tuple[float, str, str]] = []
    for encoding in _candidates(data):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        scored.append((_plausibility(text, encoding), encoding, text))
    scored.sort(key=lambda row: -row[0])
    good = [row for row in scored if row[0] >= _PLAUSIBLE]
    if not good:
        raise Binary if b"\0" in data else Undecided
    if len(good) > 1 and good[0][0] - good[1][0] < _CLEARLY_BETTER:
        return _arbitrated(data, good)
    return good[0][2]


def _candidates(data: bytes) -> tuple[str, ...]:
    wide = ("utf-16-le", "utf-16-be") if len(data) % 2 == 0 else ()
    # no multibyte encoding but UTF-16 uses NUL
    if b"\0" in data:
        return wide
    # Windows writes cp950, Hong Kong its own supplement to Big5
    return ("gb18030", "cp950" if _decodes(data, "cp950") else "big5hkscs", *wide)


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _arbitrated(data: bytes, good: list[tuple[float, str, str]]) -> str:
    # two plausible readings: a second opinion, limited to them
    from charset_normalizer import from_bytes

    names = [encoding.replace("-", "_") for _, encoding, _ in good]
    guess = from_bytes(data[:_SAMPLE], cp_isolation=names).best()
    for _, encoding, text in good:
        if guess is not None and encoding.replace("-", "_") == guess.encoding:
            return text
    return good[0][2]


def _plausibility(text: str, encoding: str) -> float:
    """Share of characters that are frequent in the script of that encoding."""
    counts = Counter(text[:_SAMPLE])
    telling = {char: n for char, n in counts.items() if not char.isspace()}
    total = sum(telling.values())
    if not total or not any(char > "\x7f" for char in telling):
        return 0.0
    # ASCII is the same in all of them and says nothing about the rest
    wide = {char: n for char, n in telling.items() if char > "\x7f"}
    # A text is in one script. GB 18030 and Unicode hold both, Big5 only one.
    scripts = ("big5",) if encoding in ("cp950", "big5hkscs") else ("gb2312", "big5")
    usual = max(
        sum(n for char, n in wide.items() if _usual(char, script)) for script in scripts
    )
    bad = sum(n for char, n in telling.items() if char in _CONTROLS or char == "\ufffd")
    return max(0.0, usual / sum(wide.values()) - 5 * bad / total)


def _usual(char: str, script: str) -> bool:
    # The first levels of GB 2312 (3,755 characters, B0-D7) and Big5 (5,401, A4-C6)
    # hold what ordinary prose is written in; CJK and full-width punctuation go along.
    if any(first <= char <= last for first, last in _MARKS):
        return True
    try:
        lead = char.encode(script)[0]
    except UnicodeEncodeError:
        return False
    low, high = _FIRST_LEVEL[script]
    return low <= lead <= high


def _control_share(text: str) -> float:
    sample = text[:_SAMPLE]
    return sum(char in _CONTROLS for char in sample) / max(1, len(sample))
