"""The gold we ship: it fits its texts, and the shipped judge keeps its floors."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pin
import pytest

from extract.evaluate import check_floors, gold_pairs
from extract.readers import read
from extract.task import KINDS, ROLES

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "corpus"
HALVES = ("train", "heldout")
DOCUMENTS = [
    pytest.param(path, id=f"{path.parent.name}/{path.stem}")
    for half in HALVES
    for path in sorted((CORPUS / half).glob("*.txt"))
]
LISTS = ("owners", "deadlines", "recurrences", "metrics")


def records(path: Path) -> list[dict[str, object]]:
    lines = path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_records_fit_their_text(path: Path) -> None:
    # the reader is part of the offsets: some texts are Big5, GBK or have CRLF
    text = read(path).text
    gold = records(path)
    assert gold
    wrong = [r["text"] for r in gold if text[r["start"] : r["end"]] != r["text"]]
    assert wrong == []
    edges = [edge for record in gold for edge in (record["start"], record["end"])]
    assert edges == sorted(edges)
    for record in gold:
        assert record["kind"] in KINDS
        assert isinstance(record["actionable"], bool)
        assert isinstance(record["heading"], bool)
        assert not (record["heading"] and record["actionable"])
        assert str(record["text"]).startswith(str(record["number"]))
        assert [o["role"] for o in record["owners"] if o["role"] not in ROLES] == []


@pytest.mark.parametrize("path", DOCUMENTS)
def test_parts_stand_in_the_text(path: Path) -> None:
    text = read(path).text
    surfaces = [
        part if isinstance(part, str) else part["text"]
        for record in records(path)
        for name in LISTS
        for part in record[name]  # type: ignore[attr-defined]
    ]
    assert [surface for surface in surfaces if surface not in text] == []


@pytest.mark.parametrize("path", DOCUMENTS)
def test_meta_is_complete(path: Path) -> None:
    meta = json.loads(path.with_suffix(".meta.json").read_text(encoding="utf-8"))
    assert meta["title"]
    assert meta["kind"]
    assert meta["source"] == "written for duban"
    assert meta["date"] is None or dt.date.fromisoformat(meta["date"])


def test_corpus_is_large_enough_and_halved() -> None:
    names = {half: {p.stem for p in (CORPUS / half).glob("*.txt")} for half in HALVES}
    assert abs(len(names["train"]) - len(names["heldout"])) <= 1
    assert len(names["train"]) + len(names["heldout"]) >= 40
    assert names["train"] & names["heldout"] == set()


def test_every_kind_and_role_occurs_in_both_halves() -> None:
    for half in HALVES:
        gold = [record for pair in gold_pairs(CORPUS / half) for record in pair.records]
        assert {record["kind"] for record in gold} == set(KINDS)
        assert {owner["role"] for r in gold for owner in r["owners"]} == set(ROLES)


def floors() -> dict[str, object]:
    return json.loads((CORPUS / "floors.json").read_text(encoding="utf-8"))


def test_floors_belong_to_this_corpus() -> None:
    # a changed corpus needs new floors: python -m tests.pin
    assert floors()["corpus"] == pin.fingerprint(CORPUS)


def test_heldout_keeps_its_floors() -> None:
    """The shipped judge has never seen these documents."""
    check_floors(pin.measured(CORPUS / "heldout"), floors()["scores"]["heldout"])


def test_shared_dev_keeps_its_floors() -> None:
    """Guards against regressions only: the shipped judge was trained on these."""
    place = ROOT.parent / "shared" / "corpus" / "dev"
    if not place.is_dir():
        pytest.skip(f"{place} is not part of the project")
    wanted = floors()["scores"].get("shared-dev")
    if not wanted:
        pytest.skip("no floors are pinned for shared-dev")
    check_floors(pin.measured(place), wanted)


def test_pin_refuses_to_lower(tmp_path: Path) -> None:
    old = {"corpus": "a", "scores": {"heldout": {"task": 0.9, "owners": 0.5}}}
    new = {"corpus": "b", "scores": {"heldout": {"task": 0.8, "owners": 0.6}}}
    assert pin.lowered(old, new) == ["heldout task 0.900 -> 0.800"]
    assert pin.lowered(old, {"corpus": "b", "scores": {}}) == [
        "heldout task 0.900 -> none",
        "heldout owners 0.500 -> none",
    ]
    assert pin.lowered(new, new) == []


def test_fingerprint_changes_with_any_byte_or_name(tmp_path: Path) -> None:
    for half in HALVES:
        (tmp_path / half).mkdir()
    (tmp_path / "train" / "a.txt").write_bytes(b"ab")
    (tmp_path / "heldout" / "b.txt").write_bytes(b"c")
    seen = {pin.fingerprint(tmp_path)}
    (tmp_path / "heldout" / "b.txt").write_bytes(b"d")
    seen.add(pin.fingerprint(tmp_path))
    (tmp_path / "heldout" / "b.txt").rename(tmp_path / "heldout" / "c.txt")
    seen.add(pin.fingerprint(tmp_path))
    # a byte that moves from one file into the next is a change too
    (tmp_path / "train" / "a.txt").write_bytes(b"a")
    (tmp_path / "train" / "b.txt").write_bytes(b"b")
    seen.add(pin.fingerprint(tmp_path))
    (tmp_path / "floors.json").write_bytes(b"{}")
    assert pin.fingerprint(tmp_path) in seen
    assert len(seen) == 4
