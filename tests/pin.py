"""Pin the floors of corpus/floors.json to what the shipped judge scores now.

``python -m tests.pin`` raises floors and adds new ones; lowering one, or losing one,
needs ``--allow-regression``, so that it is seen in review.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import extract
from extract.evaluate import Score, gold_pairs, score
from extract.readers import read

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "corpus"
FLOORS = CORPUS / "floors.json"
# below what was measured: other versions of the libraries round otherwise
MARGIN = 0.02

Floors = dict[str, Any]


def fingerprint(corpus: Path) -> str:
    """SHA-256 over names and bytes of all gold files, in order of their paths."""
    total = hashlib.sha256()
    files = [
        p for half in ("train", "heldout") for p in sorted((corpus / half).iterdir())
    ]
    for path in files:
        data = path.read_bytes()
        total.update(f"{path.parent.name}/{path.name}\0{len(data)}\0".encode())
        total.update(data)
    return total.hexdigest()


def measured(place: Path) -> dict[str, Score]:
    """Scores of the shipped judge on a folder of gold."""
    return score(
        (
            document.records,
            [
                task.to_dict()
                for task in extract.tasks_of(read(document.path, date=document.date))
            ],
        )
        for document in gold_pairs(place)
    )


def floors_now() -> Floors:
    """Floors as they would be pinned now."""
    places = {
        "heldout": CORPUS / "heldout",
        "shared-dev": ROOT.parent / "shared" / "corpus" / "dev",
    }
    return {
        "corpus": fingerprint(CORPUS),
        "scores": {
            name: {
                field: math.floor(1000 * max(0.0, found.f1 - MARGIN)) / 1000
                for field, found in measured(place).items()
            }
            for name, place in places.items()
            if place.is_dir()
        },
    }


def lowered(old: Floors, new: Floors) -> list[str]:
    """Every floor that would sink or vanish, as ``set field old -> new``."""
    found: list[str] = []
    for name, fields in old["scores"].items():
        for field, floor in fields.items():
            now = new["scores"].get(name, {}).get(field)
            if now is None:
                found.append(f"{name} {field} {floor:.3f} -> none")
            elif now < floor:
                found.append(f"{name} {field} {floor:.3f} -> {now:.3f}")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Write corpus/floors.json; 1 if a floor would sink and that is not allowed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--allow-regression", action="store_true")
    allowed = parser.parse_args(arguments).allow_regression
    empty: Floors = {"corpus": "", "scores": {}}
    old = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.is_file() else empty
    new = floors_now()
    for name, fields in old["scores"].items():
        if name not in new["scores"]:
            # a set of documents that is not here keeps the floors it has
            new["scores"][name] = fields
    if (sinking := lowered(old, new)) and not allowed:
        # what can rise does not rise either: one change, one decision
        print("refused, these floors would sink (--allow-regression):", file=sys.stderr)
        print("\n".join(sinking), file=sys.stderr)
        return 1
    for name, fields in new["scores"].items():
        for field, floor in fields.items():
            before = old["scores"].get(name, {}).get(field)
            if before != floor:
                print(f"{name} {field}: {before} -> {floor}")
    if old["corpus"] != new["corpus"]:
        print(f"corpus: {old['corpus'][:12] or None} -> {new['corpus'][:12]}")
    text = json.dumps(new, ensure_ascii=False, indent=2)
    FLOORS.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
