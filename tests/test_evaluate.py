"""Scores agree with the independent scorer; errors and bad gold are named."""

from __future__ import annotations

import copy
import importlib.util
import json
import random
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extract.errors import DubanError
from extract.evaluate import (
    Error,
    Score,
    check_floors,
    errors,
    gold_pairs,
    pair,
    score,
)

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "corpus"
SHARED = ROOT.parent / "shared"
REFEREE = SHARED / "tools" / "score.py"
LISTS = ("owners", "deadlines", "recurrences", "metrics")


def record(start: int, text: str, **values: Any) -> dict[str, Any]:
    return {
        "start": start,
        "end": start + len(text),
        "text": text,
        "kind": "action",
        "actionable": True,
        "number": "",
        "heading": False,
        "section": "",
        "item": "",
        "owners": [],
        "deadlines": [],
        "recurrences": [],
        "metrics": [],
    } | values


def owner(text: str, role: str = "responsible", source: str = "explicit") -> dict:
    return {"text": text, "role": role, "source": source}


LEAD = record(
    0,
    "一要市应急局牵头，6月底前完成排查。",
    number="一要",
    section="二、",
    item="一要",
    owners=[owner("市应急局", "lead")],
    deadlines=[{"text": "6月底前", "due": "2026-06-30"}],
)
REPORT = record(20, "每月报送台账。", kind="report", recurrences=["每月"])
SLOGAN = record(40, "让我们再立新功！", kind="conduct", actionable=False)
GOLD = [LEAD, REPORT, SLOGAN]


def figures(scores: dict[str, Score]) -> dict[str, tuple[float, ...]]:
    return {
        name: (one.precision, one.recall, one.f1, one.low, one.high, one.n_gold)
        for name, one in scores.items()
    }


@pytest.fixture(scope="module")
def referee() -> ModuleType:
    """The scorer that was written without knowledge of this project."""
    if not REFEREE.is_file():
        pytest.skip("the independent scorer is not here")
    spec = importlib.util.spec_from_file_location("referee", REFEREE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def disturbed(records: list[dict], rng: random.Random) -> list[dict]:
    """A prediction that errs in every way there is, in random order."""
    out = []
    for original in records:
        one = copy.deepcopy(original)
        luck = rng.random()
        if luck < 0.15:
            continue
        if luck < 0.4:
            one["start"] += rng.randrange(-20, 30)
            one["end"] = max(one["end"] + rng.randrange(40), one["start"] + 1)
            one["text"] = one["text"][rng.randrange(3) :]
        elif luck < 0.5:
            # the same sentence twice: equal overlaps must be paired the same way
            out.append(copy.deepcopy(one))
        one["kind"] = rng.choice([one["kind"], "ban"])
        one["actionable"] ^= rng.random() < 0.2
        one["number"] = rng.choice([one["number"], one["number"] + "、", ""])
        one["item"] = rng.choice([one["item"], "（二）"])
        one["section"] = rng.choice([one["section"], one["section"].strip("、")])
        for key in LISTS:
            one[key] = [part for part in one[key] if rng.random() < 0.8]
            one[key] += [copy.deepcopy(p) for p in one[key] if rng.random() < 0.1]
            one[key] = [_shortened(part, rng) for part in one[key]]
        out.append(one)
    rng.shuffle(out)
    return out


def _shortened(part: Any, rng: random.Random) -> Any:
    cut = rng.random() < 0.2
    if isinstance(part, str):
        return part[:-1] if cut else part
    part = part | {"text": part["text"][:-1] if cut else part["text"]}
    if "role" in part:
        part["role"] = rng.choice([part["role"], "lead"])
        part["source"] = rng.choice(["explicit", "duty", "inherited"])
    return part


def assert_same(referee: ModuleType, pairs: list[tuple[list, list]]) -> None:
    ours = figures(score(pairs))
    ours.pop("due", None)  # which the referee does not measure
    assert ours == referee.score_docs(pairs)


@pytest.mark.parametrize("seed", range(4))
def test_referee_agrees_on_disturbed_gold(referee: ModuleType, seed: int) -> None:
    rng = random.Random(seed)
    golds = [document.records for document in gold_pairs(OWN)]
    assert_same(referee, [(gold, disturbed(gold, rng)) for gold in golds])


@pytest.mark.skipif(
    not (SHARED / "corpus/dev").is_dir(), reason="the annotated documents are not here"
)
@pytest.mark.parametrize("seed", [None, 7])
def test_referee_agrees_on_annotated_documents(
    referee: ModuleType, seed: int | None
) -> None:
    golds = [document.records for document in gold_pairs(SHARED / "corpus/dev")]
    rng = random.Random(seed)
    assert_same(referee, [(g, g if seed is None else disturbed(g, rng)) for g in golds])


@pytest.mark.parametrize(
    "pairs",
    [
        [],
        [([], [])],
        [(GOLD, [])],
        [([], GOLD)],
        [(GOLD, GOLD)],
        [(GOLD, []), ([], [])],
    ],
    ids=["nothing", "empty", "no-pred", "no-gold", "one", "two"],
)
def test_referee_agrees_at_the_edges(referee: ModuleType, pairs: list) -> None:
    assert_same(referee, pairs)


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
        lambda span: {"start": span[0], "end": span[0] + span[1]}
    ),
    max_size=12,
)


@given(SPANS, SPANS)
def test_pairs_are_those_of_the_referee(gold: list[dict], pred: list[dict]) -> None:
    assert pair(gold, pred) == quadratic(gold, pred)


def quadratic(gold: list[dict], pred: list[dict]) -> list[tuple[int, int]]:
    """Every span against every other: slow, and obviously right."""
    rated = []
    for i, one in enumerate(gold):
        for j, other in enumerate(pred):
            left = set(range(one["start"], one["end"]))
            right = set(range(other["start"], other["end"]))
            rated.append((len(left & right) / len(left | right), i, j))
    pairs: list[tuple[int, int]] = []
    for share, i, j in sorted(rated, reverse=True):
        if share >= 0.5 and all(i != a and j != b for a, b in pairs):
            pairs.append((i, j))
    return pairs


def test_pairing_is_fast() -> None:
    many = [{"start": 10 * i, "end": 10 * i + 9} for i in range(20_000)]
    began = time.perf_counter()
    assert len(pair(many, many)) == 20_000
    # every span against every other would be 400 million comparisons
    assert time.perf_counter() - began < 5


def test_due_days_are_scored_where_the_phrase_was_found() -> None:
    wrong = LEAD | {"deadlines": [{"text": "6月底前", "due": "2026-06-29"}]}
    other = LEAD | {"deadlines": [{"text": "底前", "due": "2026-06-30"}]}
    pairs = [(GOLD, GOLD), (GOLD, [wrong]), (GOLD, [other])]
    due = score(pairs)["due"]
    assert (due.precision, due.n_gold) == (0.5, 2)


def test_due_is_left_out_where_gold_resolves_nothing() -> None:
    plain = [LEAD | {"deadlines": ["6月底前"]}]
    assert "due" not in score([(plain, plain)])


@pytest.mark.parametrize(
    ("pred", "expected"),
    [
        (GOLD, []),
        (GOLD[::-1], []),
        (
            GOLD[1:],
            [Error("missed", "", LEAD["text"], None, LEAD["text"], 0)],
        ),
        (
            [*GOLD, record(60, "会议很重要。")],
            [Error("spurious", "", None, "会议很重要。", "会议很重要。", 60)],
        ),
        (
            [LEAD, REPORT, record(41, "我们再立新功！", kind="ban", actionable=False)],
            [
                Error("span", "", SLOGAN["text"], "我们再立新功！", SLOGAN["text"], 40),
                Error("field", "kind", "conduct", "ban", SLOGAN["text"], 40),
            ],
        ),
        (
            [
                LEAD
                | {
                    "item": "一要、",
                    "owners": [owner("市应急局"), owner("各部门", source="inherited")],
                    "deadlines": ["6月底前", "年内"],
                },
                REPORT,
                SLOGAN,
            ],
            [
                Error(
                    "field",
                    "owners",
                    [("市应急局", "lead")],
                    [("市应急局", "responsible")],
                    LEAD["text"],
                    0,
                ),
                Error("field", "deadlines", [], ["年内"], LEAD["text"], 0),
            ],
        ),
    ],
    ids=["none", "order", "missed", "spurious", "span", "fields"],
)
def test_errors(pred: list[dict], expected: list[Error]) -> None:
    assert errors(GOLD, pred) == expected


@pytest.mark.parametrize(
    ("floors", "reason"),
    [
        ({"task": 1.0, "owners": 0.5}, None),
        ({}, None),
        # 2/3 is written 0.667 in a floor file and must not fall below itself
        ({"kind": 0.667}, None),
        ({"kind": 0.668}, "kind 0.667 < 0.668"),
        ({"kind": 0.9, "tasks": 0.5}, "kind 0.667 < 0.900, tasks ? < 0.500"),
    ],
)
def test_floors(floors: dict[str, float], reason: str | None) -> None:
    scores = score([(GOLD, [LEAD | {"kind": "ban"}, REPORT, SLOGAN])])
    if reason is None:
        check_floors(scores, floors)
        return
    with pytest.raises(DubanError) as caught:
        check_floors(scores, floors)
    assert (caught.value.code, caught.value.details) == ("E403", {"reason": reason})


TEXT = "一要抓好落实。\n各部门要报送台账。\n"
TASK = record(0, "一要抓好落实。", number="一要")


def written(folder: Path, lines: list[str]) -> Path:
    (folder / "a.txt").write_text(TEXT, encoding="utf-8")
    (folder / "a.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_gold_pairs(tmp_path: Path) -> None:
    written(tmp_path, [json.dumps(TASK), "", json.dumps(TASK)])
    (tmp_path / "a.meta.json").write_text('{"date": "2026-03-05"}', encoding="utf-8")
    (tmp_path / "unlabelled.txt").write_text("讲话", encoding="utf-8")
    (document,) = gold_pairs(tmp_path)
    assert document == (tmp_path / "a.txt", [TASK, TASK], {"date": "2026-03-05"})
    assert str(document.date) == "2026-03-05"


def test_own_gold_is_read() -> None:
    documents = gold_pairs(OWN)
    texts = sorted(path for path in OWN.rglob("*.txt"))
    assert [document.path for document in documents] == texts
    assert sum(len(document.records) for document in documents) > 100


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", "list, not object"),
        (json.dumps(TASK | {"start": "0"}), "start: '0'"),
        (json.dumps(TASK | {"start": True}), "start: True"),
        (json.dumps({k: v for k, v in TASK.items() if k != "kind"}), "kind is missing"),
        (json.dumps(TASK | {"kind": "任务"}), "kind: '任务'"),
        (json.dumps(TASK | {"end": 99}), "span 0-99 outside 0-18"),
        (json.dumps(TASK | {"end": 6}), "text '一要抓好落实。' != '一要抓好落实'"),
        (json.dumps(TASK | {"owners": ["各部门"]}), "owners: '各部门'"),
        (
            json.dumps(TASK | {"owners": [{"text": "各部门", "role": "boss"}]}),
            "owners: role 'boss'",
        ),
        (json.dumps(TASK | {"metrics": [3]}), "metrics: 3"),
        (json.dumps(TASK | {"deadlines": None}), "deadlines: None"),
    ],
)
def test_bad_gold(tmp_path: Path, line: str, reason: str) -> None:
    written(tmp_path, [json.dumps(TASK), "", line])
    with pytest.raises(DubanError) as caught:
        gold_pairs(tmp_path)
    assert (caught.value.code, caught.value.details["line"]) == ("E402", 3)
    assert reason in str(caught.value.details["reason"])


def test_bad_meta(tmp_path: Path) -> None:
    written(tmp_path, [json.dumps(TASK)])
    (tmp_path / "a.meta.json").write_text('{"date": "2026年"}', encoding="utf-8")
    with pytest.raises(DubanError) as caught:
        gold_pairs(tmp_path)
    assert caught.value.code == "E402"


@pytest.mark.parametrize("orphan", [None, "a.jsonl", "a.txt"])
def test_no_gold(tmp_path: Path, orphan: str | None) -> None:
    if orphan:
        (tmp_path / orphan).write_text("", encoding="utf-8")
    with pytest.raises(DubanError) as caught:
        gold_pairs(tmp_path)
    assert caught.value.code == "E401"
