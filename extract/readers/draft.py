"""What the reader of one format gives back: the text, and where its parts stood.

Each format has a module with ``read(data: bytes) -> Draft``. It knows no path and
raises `ReadError` with ``path=""``; `extract.readers` names it (`ReadError.at`).
"""

from __future__ import annotations

from dataclasses import dataclass

from extract.task import Place

__all__ = ["Draft", "Place"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as one format's reader leaves it.

    Attributes
    ----------
    text : str
        The whole text with LF line ends. It becomes `Speech.text` unchanged.
    places : tuple of (int, Place)
        Ascending: the offset (code points of `text`) where each page, paragraph or
        row starts. Empty if the format has none.
    """

    text: str
    places: tuple[tuple[int, Place], ...] = ()
