"""Which files of a folder are new or changed, and have stopped growing."""

from __future__ import annotations

import os
from collections.abc import Sequence


class Inbox:
    """A folder that is looked at again and again.

    Polling, because the systems' own notices do not come from network drives, where
    most shared folders are.

    Attributes
    ----------
    growing : frozenset of str
        Paths that were not there, or not the same, at the look before the last.
    """

    def __init__(self) -> None:
        self.growing: frozenset[str] = frozenset()
        self._seen: dict[str, tuple[int, int] | None] = {}
        self._settled: dict[str, tuple[int, int] | None] = {}

    def look(self, paths: Sequence[str]) -> bool:
        """Look at the folder; whether there is anything to do.

        Parameters
        ----------
        paths : sequence of str
            What is there now.

        Returns
        -------
        bool
            True if a file came or changed and then stayed the same for two looks, or
            if one is gone.
        """
        seen = {path: stamp(path) for path in paths}
        self.growing = frozenset(
            path for path in seen if self._seen.get(path, ()) != seen[path]
        )
        self._seen = seen
        settled = {
            path: self._settled.get(path) if path in self.growing else seen[path]
            for path in seen
            if path not in self.growing or path in self._settled
        }
        news = settled != self._settled
        self._settled = settled
        return news


def stamp(path: str) -> tuple[int, int] | None:
    """Size and time of the last change of a file; None if there is no such file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
