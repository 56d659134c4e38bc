"""Where `rules/` and `models/` lie: in the wheel, or beside the package."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def folder(name: str) -> Path:
    """Folder of data files that ships with duban.

    Parameters
    ----------
    name : str
        ``"rules"`` or ``"models"``.

    Returns
    -------
    Path
        ``extract/_bundled/<name>`` in an installed wheel, ``<checkout>/<name>``
        in an editable one.

    Raises
    ------
    FileNotFoundError
        If neither exists: the installation is broken.
    """
    for place in (_PACKAGE / "_bundled" / name, _PACKAGE.parent / name):
        if place.is_dir():
            return place
    raise FileNotFoundError(name)


def user_data() -> Path:
    """Folder for what a user fetches once (segmenter models); not created here.

    ``$DUBAN_DATA`` if set, else the platform's usual place.
    """
    if chosen := os.environ.get("DUBAN_DATA"):
        return Path(chosen)
    if os.name == "nt":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "duban"
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "duban"
