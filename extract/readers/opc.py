"""Open Packaging Conventions (ECMA-376 Part 2): how the parts of an Office file relate.

A part names others in a sheet of its own (``_rels/<name>.rels``). What lies outside
the file is not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from posixpath import join, normpath

from extract.readers.container import Container
from extract.readers.trees import parse

_RELATIONSHIP = (
    "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A relationship: its id, the URI of its type, and the part it points to."""

    id: str
    type: str
    part: str


def relations(package: Container, source: str) -> Iterator[Relation]:
    """Parts that a part, or the package itself (``""``), refers to.

    Raises
    ------
    ReadError
        E121, E123 if the sheet of relationships is damaged.
    """
    folder, _, name = source.rpartition("/")
    sheet = join(folder, "_rels", f"{name}.rels")
    if sheet not in package:
        return
    for relation in parse(package.read(sheet), sheet).iter(_RELATIONSHIP):
        if relation.get("TargetMode") != "External":
            part = normpath(join("/" + folder, relation.get("Target", "")))
            yield Relation(
                relation.get("Id", ""), relation.get("Type", ""), part.lstrip("/")
            )


def target(package: Container, source: str, kind: str) -> str | None:
    """Part that a part refers to by a type that ends in `kind` (``"/styles"``).

    The ends are the same in Strict and Transitional files, the URIs are not.
    """
    return next(
        (one.part for one in relations(package, source) if one.type.endswith(kind)),
        None,
    )
