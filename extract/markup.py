r"""Inline markup ``[surface](role=value@n)`` <-> plain text plus marks.

One grammar for rule examples, ``tests/examples/*.md`` and documentation. Square
brackets do not occur in the official prose this project reads; a text that needs
them writes ``\[`` and ``\]``. ``n`` (default 1) counts the tasks of the line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extract.errors import DubanError

_MARK = re.compile(r"\\([\[\]])|\[((?:\\[\[\]]|[^\[\]])*)\]\(([^()]*)\)|([\[\]])")
_ESCAPED = re.compile(r"\\([\[\]])")
_ROLE = re.compile(r"([a-z]+(?:-[a-z]+)*)(?:=([^@]*))?(?:@([1-9][0-9]*))?")


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A marked stretch of a text: half-open code point offsets, role, value, task."""

    start: int
    end: int
    role: str
    value: str = ""
    n: int = 1


def parse(marked: str) -> tuple[str, list[Mark]]:
    """Split marked text into plain text and marks.

    Parameters
    ----------
    marked : str
        e.g. ``"[6月底前](deadline=2026-06-30)完成。"``; a surface may carry several
        roles, parted by spaces: ``[禁止](kind=ban actionable)``.

    Returns
    -------
    text : str
        The text without markup.
    marks : list of Mark
        In order of appearance.

    Raises
    ------
    DubanError
        E404, if a bracket or a role cannot be understood: markup is never skipped.
    """
    pieces: list[str] = []
    marks: list[Mark] = []
    length = position = 0
    for match in _MARK.finditer(marked):
        pieces.append(marked[position : match.start()])
        length += match.start() - position
        position = match.end()
        escaped, surface, roles, stray = match.groups()
        if stray:
            raise DubanError("E404", reason=f"{stray} @{match.start()}: {marked}")
        if escaped:
            pieces.append(escaped)
            length += 1
            continue
        if not surface or not roles.strip():
            raise DubanError("E404", reason=f"{match.group()}: {marked}")
        surface = _ESCAPED.sub(r"\1", surface)
        for role in roles.split():
            parts = _ROLE.fullmatch(role)
            if not parts:
                raise DubanError("E404", reason=f"({roles}): {marked}")
            name, value, n = parts.groups()
            marks.append(
                Mark(length, length + len(surface), name, value or "", int(n or 1))
            )
        pieces.append(surface)
        length += len(surface)
    pieces.append(marked[position:])
    return "".join(pieces), marks


def render(text: str, marks: list[Mark]) -> str:
    """Write marks back into a text; the inverse of `parse` for disjoint marks."""
    pieces: list[str] = []
    position = 0
    spans: dict[tuple[int, int], list[str]] = {}
    for mark in sorted(marks):
        value = f"={mark.value}" if mark.value else ""
        n = f"@{mark.n}" if mark.n != 1 else ""
        spans.setdefault((mark.start, mark.end), []).append(f"{mark.role}{value}{n}")
    for (start, end), roles in spans.items():
        if start < position:
            raise DubanError("E404", reason=f"{start}-{end}: overlap")
        surface = _escape(text[start:end])
        pieces.append(_escape(text[position:start]))
        pieces.append(f"[{surface}]({' '.join(roles)})")
        position = end
    pieces.append(_escape(text[position:]))
    return "".join(pieces)


def _escape(text: str) -> str:
    return text.replace("[", "\\[").replace("]", "\\]")
