"""Documents in, files for annotation programs out: doccano, Label Studio, brat.

Sources of the formats: doccano's export of sequence labelling with relations, Label
Studio's "Labels", "Choices" and "Relation" results, brat's standoff format.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from extract.review.exchange.selection import Chosen
from extract.review.record import LISTS
from extract.task import KINDS, ROLES

ACTIONABLE = "actionable"
SINGULAR = {
    "owners": "owner",
    "deadlines": "deadline",
    "recurrences": "recurrence",
    "metrics": "metric",
}
BRAT_CONFIGURATION = "annotation.conf"


class Mark(NamedTuple):
    """A labelled stretch; `task` is the number of the task's mark it belongs to."""

    number: int
    start: int
    end: int
    label: str
    task: int | None
    actionable: bool


def marks(records: Iterable[Mapping[str, Any]]) -> Iterator[Mark]:
    """Each task, then its parts, labelled as ``task.action``, ``owner.lead``."""
    number = 0
    for record in records:
        number += 1
        task = number
        label = f"task.{record['kind']}"
        yield Mark(
            task, record["start"], record["end"], label, None, record[ACTIONABLE]
        )
        for name in LISTS:
            for part in record[name]:
                number += 1
                label = SINGULAR[name]
                label += f".{part['role']}" if name == "owners" else ""
                yield Mark(number, part["start"], part["end"], label, task, False)


def doccano(documents: Iterable[Chosen]) -> Iterator[str]:
    """Lines of JSON: entities, and a relation from each part to its task.

    A task that can be supervised is labelled ``task.KIND.actionable``.
    """
    for number, document in enumerate(documents, 1):
        entities: list[dict[str, Any]] = []
        relations: list[dict[str, Any]] = []
        for mark in marks(document.records()):
            label = mark.label + (f".{ACTIONABLE}" if mark.actionable else "")
            entities.append(
                {
                    "id": mark.number,
                    "start_offset": mark.start,
                    "end_offset": mark.end,
                    "label": label,
                }
            )
            if mark.task is not None:
                relations.append(
                    {
                        "id": len(relations) + 1,
                        "from_id": mark.number,
                        "to_id": mark.task,
                        "type": "of",
                    }
                )
        yield _line(
            {
                "id": number,
                "text": document.text,
                "entities": entities,
                "relations": relations,
                "Comments": [],
                **_about(document),
            }
        )


def label_studio(documents: Iterable[Chosen]) -> Iterator[str]:
    """Lines of JSON: annotations of checked documents, predictions of others."""
    for document in documents:
        results: list[dict[str, Any]] = []
        for mark in marks(document.records()):
            place = {"from_name": "label", "to_name": "text", "id": str(mark.number)}
            value = {
                "start": mark.start,
                "end": mark.end,
                "text": document.text[mark.start : mark.end],
            }
            labels = {"labels": [mark.label]}
            results.append(place | {"type": "labels", "value": value | labels})
            if mark.actionable:
                choice = {"from_name": ACTIONABLE, "type": "choices"}
                choices = {"choices": [ACTIONABLE]}
                results.append(place | choice | {"value": value | choices})
            if mark.task is not None:
                ends = {"from_id": str(mark.number), "to_id": str(mark.task)}
                results.append(ends | {"type": "relation", "direction": "right"})
        said = [{"result": results}]
        key = "annotations" if document.checked else "predictions"
        yield _line({"data": {"text": document.text, **_about(document)}, key: said})


def brat(document: Chosen) -> str:
    """Standoff annotations of one document, for its ``NAME.ann``."""
    lines: list[str] = []
    relations = attributes = 0
    for mark in marks(document.records()):
        kind = mark.label.partition(".")
        pieces = list(_pieces(document.text, mark.start, mark.end))
        spans = ";".join(f"{start} {end}" for start, end in pieces)
        surface = " ".join(document.text[start:end] for start, end in pieces)
        lines.append(f"T{mark.number}\t{kind[0].capitalize()} {spans}\t{surface}")
        if kind[2]:
            attributes += 1
            name = "Kind" if mark.task is None else "Role"
            lines.append(f"A{attributes}\t{name} T{mark.number} {kind[2]}")
        if mark.actionable:
            attributes += 1
            lines.append(f"A{attributes}\tActionable T{mark.number}")
        if mark.task is not None:
            relations += 1
            ends = f"Arg1:T{mark.number} Arg2:T{mark.task}"
            lines.append(f"R{relations}\tOf {ends}")
    return "".join(line + "\n" for line in lines)


def brat_configuration() -> str:
    """What brat must know of the annotations: ``annotation.conf``."""
    parts = [name.capitalize() for name in SINGULAR.values()]
    sections = {
        "entities": ["Task", *parts],
        "relations": [f"Of Arg1:{'|'.join(parts)}, Arg2:Task"],
        "events": [],
        "attributes": [
            "Actionable Arg:Task",
            f"Kind Arg:Task, Value:{'|'.join(KINDS)}",
            f"Role Arg:Owner, Value:{'|'.join(ROLES)}",
        ],
    }
    return "".join(
        f"[{name}]\n" + "".join(f"{line}\n" for line in lines) + "\n"
        for name, lines in sections.items()
    )


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Stretches without line ends, which brat does not allow in a span."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        if text[start:stop].strip():
            yield start, stop
        start = stop + 1


def _about(document: Chosen) -> dict[str, Any]:
    return {
        "doc": document.doc,
        "title": document.title,
        "date": document.date.isoformat() if document.date else None,
    }


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"
