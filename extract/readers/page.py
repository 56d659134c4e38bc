"""A page as the readers of PDF and OFD take it apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extract.readers.grid import Table
from extract.readers.layout import Line

__all__ = ["Page", "paper"]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its size, its lines and tables, both from top to bottom."""

    width: float
    height: float
    lines: Sequence[Line] = ()
    tables: Sequence[Table] = ()


def paper(page: Page) -> tuple[int, int]:
    """Size of a page's paper; pages of one size have their text at the same place."""
    return round(page.width), round(page.height)
