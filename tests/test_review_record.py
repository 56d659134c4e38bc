"""What an annotator sends becomes a record that fits its text, or is refused."""

from __future__ import annotations

import pytest

pytest.importorskip("sqlalchemy", reason="duban[review] is not installed")

from workbench import SENTENCES, TEXT, at, owner, proposals

from extract.errors import DubanError
from extract.review import record

SURVEY, STOCK, RELAY, BAN = proposals()


def test_what_is_not_given_stays():
    found = record.checked({"kind": "oversight"}, SURVEY, TEXT)
    assert found == SURVEY | {
        "kind": "oversight",
        "sources": {"kind": "annotator"},
    }


def test_new_task_says_only_what_it_was_given():
    given = {key: at(SENTENCES["report"])[key] for key in ("start", "end")}
    assert record.checked(given, {}, TEXT) == {
        **at(SENTENCES["report"]),
        "number": "",
        "heading": False,
        "section": "",
        "item": "",
        "path": [],
        "kind": "action",
        "actionable": False,
        "owners": [],
        "deadlines": [],
        "recurrences": [],
        "metrics": [],
        "missing": ["owner", "deadline", "measure"],
        "vague": [],
        "rules": [],
        "sources": {"start": "annotator", "end": "annotator"},
    }


def test_surfaces_are_cut_from_the_document():
    lie = owner("市水利局", "lead") | {"text": "市发改委"}
    (found,) = record.checked({"owners": [lie]}, SURVEY, TEXT)["owners"]
    assert found == owner("市水利局", "lead")


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, []),
        ({"owners": []}, ["owner"]),
        ({"owners": [owner("市水利局") | {"source": "inherited"}]}, ["owner"]),
        ({"deadlines": []}, []),
        ({"deadlines": [], "recurrences": []}, ["deadline"]),
        ({"owners": [], "metrics": []}, ["owner", "measure"]),
    ],
)
def test_missing_is_worked_out_anew(given, missing):
    assert record.checked(given, SURVEY, TEXT)["missing"] == missing


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"start": -1}, "start, end"),
        ({"end": len(TEXT) + 1}, "start, end"),
        ({"start": 30, "end": 30}, "start, end"),
        ({"start": True}, "start, end"),
        ({"start": 3.0}, "start, end"),
        ({"start": len(TEXT) - 1, "end": len(TEXT)}, "text"),
        ({"kind": "wish"}, "kind"),
        ({"actionable": 1}, "actionable"),
        ({"heading": None}, "heading"),
        ({"number": "九十九要"}, "number"),
        ({"section": "同志" * 30}, "section"),
        ({"item": 1}, "item"),
        ({"owners": "市水利局"}, "owners"),
        ({"owners": ["市水利局"]}, "owners"),
        ({"owners": [owner("市水利局") | {"role": "boss"}]}, "role"),
        ({"owners": [owner("市水利局") | {"source": "guess"}]}, "source"),
        ({"owners": [owner("市水利局")] * 201}, "owners"),
        ({"deadlines": [at("5月底前") | {"due": "2026-02-30"}]}, "due"),
        ({"deadlines": [at("5月底前") | {"due": 20260531}]}, "due"),
        ({"deadlines": [at("5月底前") | {"type": "soon"}]}, "type"),
        (
            {
                "deadlines": [
                    at("5月底前") | {"from": "2026-06-01", "due": "2026-05-31"}
                ]
            },
            "from",
        ),
        ({"recurrences": [at("每周") | {"unit": "moon"}]}, "unit"),
        ({"recurrences": [at("每周") | {"unit": "week", "every": 0}]}, "every"),
        ({"recurrences": [at("每周") | {"unit": "week", "day": "一"}]}, "day"),
        ({"metrics": [at("20座以上") | {"value": "20"}]}, "value"),
        ({"metrics": [at("20座以上") | {"value": float("nan")}]}, "value"),
        ({"metrics": [at("20座以上") | {"unit": "座" * 41}]}, "unit"),
        ({"metrics": [at("20座以上") | {"relation": "gt"}]}, "relation"),
    ],
)
def test_what_does_not_fit_is_refused(given, field):
    with pytest.raises(DubanError) as caught:
        record.checked(given, SURVEY, TEXT)
    assert (caught.value.code, caught.value.details["field"]) == ("E711", field)


def test_halves_of_a_split_share_out_the_parts():
    cut = TEXT.index("5月底前")
    first, second = record.split(SURVEY, cut, TEXT)
    assert first["text"] + second["text"] == SURVEY["text"]
    assert [first[key] for key in (*record.LISTS, "number")] == [
        SURVEY["owners"], [], [], [], "一要",
    ]  # fmt: skip
    assert [second[key] for key in (*record.LISTS, "number")] == [
        [], SURVEY["deadlines"], SURVEY["recurrences"], SURVEY["metrics"], "",
    ]  # fmt: skip


def test_bodies_outside_a_task_go_to_both_halves():
    duty = owner("各县区") | {"source": "duty"}
    task = record.checked({"owners": [duty]}, RELAY, TEXT)
    halves = record.split(task, task["start"] + 2, TEXT)
    assert [half["owners"] for half in halves] == [[duty], [duty]]


@pytest.mark.parametrize("place", [0, SURVEY["start"], SURVEY["end"], len(TEXT)])
def test_split_outside_the_task_is_refused(place):
    with pytest.raises(DubanError) as caught:
        record.split(SURVEY, place, TEXT)
    assert caught.value.code == "E711"


def test_merging_what_was_split_gives_the_task_back():
    halves = record.split(SURVEY, TEXT.index("5月底前"), TEXT)
    found = record.merged(halves[::-1], TEXT)
    assert record.changed(SURVEY, found) == []


def test_merged_task_reaches_from_first_to_last():
    found = record.merged([STOCK, SURVEY], TEXT)
    assert found["text"] == SURVEY["text"] + STOCK["text"]
    assert found["owners"] == SURVEY["owners"] + STOCK["owners"]
    assert (found["number"], found["missing"]) == ("一要", [])


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({}, []),
        ({"kind": "action"}, []),
        ({"kind": "ban", "heading": True}, ["heading", "kind"]),
        ({"owners": SURVEY["owners"][::-1]}, ["owners"]),
        ({"owners": [o | {"rule": "other"} for o in SURVEY["owners"]]}, []),
    ],
)
def test_changed_fields_are_named(given, changed):
    assert record.changed(SURVEY, record.checked(given, SURVEY, TEXT)) == changed
