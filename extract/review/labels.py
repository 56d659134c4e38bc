"""Wording of the page in Chinese and English, from ``labels.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

LANGUAGES = ("zh", "en")


@cache
def labels(lang: str) -> dict[str, str]:
    """Every label by its key.

    Parameters
    ----------
    lang : {"zh", "en"}

    Returns
    -------
    dict
    """
    path = Path(__file__).with_name("labels.toml")
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    place = LANGUAGES.index(lang)
    return {key: wordings[place] for key, wordings in entries.items()}
