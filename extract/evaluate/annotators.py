"""Folders of several annotators in, the documents that they share out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from extract.errors import DubanError
from extract.evaluate.gold import GoldDocument, gold_pairs
from extract.evaluate.records import Record
from extract.readers import read


class SharedDocument(NamedTuple):
    """One text with what each annotator reads in it.

    Attributes
    ----------
    name : str
        Path below the annotators' folders, without suffix.
    readings : tuple of (sequence of records or None)
        Tasks by annotator, in the order of the annotators; None for one who has no
        such document, which is not the same as one who found no task in it.
    sentences : sequence of (int, int)
        Spans of the sentences that a task could be.
    """

    name: str
    readings: tuple[Sequence[Record] | None, ...]
    sentences: Sequence[tuple[int, int]] = ()

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Annotators who both have the document, two by two."""
        present = [
            place for place, reading in enumerate(self.readings) if reading is not None
        ]
        return list(combinations(present, 2))


def shared_documents(places: Sequence[str | Path]) -> list[SharedDocument]:
    """Read what several annotators made of the same texts.

    Parameters
    ----------
    places : sequence of str or Path
        A folder of gold records for each annotator, with the same names inside; or a
        file each, which are then one document whatever they are called.

    Returns
    -------
    list of SharedDocument
        Sorted by name; also those that only one annotator has.

    Raises
    ------
    DubanError
        E405 if no document is there twice, E406 if two annotators worked on texts
        that differ; what `gold_pairs` raises.
    """
    documents = [
        _shared(name, versions) for name, versions in gold_by_name(places).items()
    ]
    if not any(document.pairs for document in documents):
        raise DubanError("E405", paths=", ".join(str(place) for place in places))
    return documents


def gold_by_name(
    places: Sequence[str | Path],
) -> dict[str, list[GoldDocument | None]]:
    """Gold of several annotators by the documents' names, which are sorted.

    Parameters
    ----------
    places : sequence of str or Path
        As for `shared_documents`.

    Returns
    -------
    dict of str to list of (GoldDocument or None)
        For each name one entry an annotator, None for one who has no such document.

    Raises
    ------
    DubanError
        What `gold_pairs` raises.
    """
    found = [_by_name(Path(place)) for place in places]
    if all(Path(place).is_file() for place in places):
        name = next(iter(found[0]))
        found = [{name: document} for each in found for document in each.values()]
    return {
        name: [each.get(name) for each in found] for name in sorted(set().union(*found))
    }


def _by_name(place: Path) -> dict[str, GoldDocument]:
    if place.is_file():
        return {document.path.stem: document for document in gold_pairs(place)}
    return {
        document.path.relative_to(place).with_suffix("").as_posix(): document
        for document in gold_pairs(place)
    }


def _shared(name: str, versions: Sequence[GoldDocument | None]) -> SharedDocument:
    # the pipeline brings spaCy: only who compares annotators waits for it
    from extract import explanation, pipeline

    present = [version for version in versions if version is not None]
    speech = read(present[0].path, date=present[0].date)
    for other in present[1:]:
        text = read(other.path).text
        if text != speech.text:
            raise DubanError(
                "E406",
                path=other.path,
                other=present[0].path,
                offset=_first_difference(text, speech.text),
            )
    # a document that one annotator has is only named: nobody asks for its sentences
    candidates = (
        explanation.explain(pipeline.analyse(speech)) if len(present) > 1 else []
    )
    return SharedDocument(
        name,
        tuple(None if version is None else version.records for version in versions),
        tuple((candidate.start, candidate.end) for candidate in candidates),
    )


def _first_difference(text: str, other: str) -> int:
    places = (
        place for place, (a, b) in enumerate(zip(text, other, strict=False)) if a != b
    )
    return next(places, min(len(text), len(other)))
