"""A file that is there as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Path to write to; at the end of the block it takes the target's place.

    The name is always the same: what a killed run left is written over by the next.

    Parameters
    ----------
    target : Path
        In a folder that exists.

    Raises
    ------
    OSError
        What the system says; the target is as it was.
    """
    partial = target.with_name(f".{target.name}.part")
    try:
        yield partial
        with open(partial, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
