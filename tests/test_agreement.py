"""Annotators compared: alpha as in the textbooks, F1, every difference named."""

from __future__ import annotations

import importlib.util
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from extract import cli
from extract.errors import DubanError
from extract.evaluate import (
    SharedDocument,
    agree,
    gamma,
    krippendorff_alpha,
    shared_documents,
)

OWN = Path(__file__).parents[1] / "corpus" / "heldout"
NAMES = ("s06_school_speech_term_2023", "s10_city_speech_youngcadres_2018")
INSTALLED = importlib.util.find_spec("pygamma_agreement") is not None

TEXT = (
    "一、做好防汛工作\n"
    "市水利局要在6月底前完成排查。\n"
    "今年以来雨水偏多。\n"
    "各县区要每月报送台账。\n"
    "让我们再立新功！\n"
)
# the example of Krippendorff (2011): four observers, twelve units, gaps
OBSERVERS = """
1 2 3 3 2 1 4 1 2 * * *
1 2 3 3 2 2 4 1 2 5 * 3
* 3 3 3 2 3 4 2 2 5 1 *
1 2 3 3 2 4 4 1 2 5 1 *
"""


def units(*observers: str) -> list[list[str]]:
    """Values by unit, from a line of values by observer; ``*`` is a missing one."""
    rows = [line.split() for line in observers]
    return [
        [value for value in column if value != "*"]
        for column in zip(*rows, strict=True)
    ]


def record(text: str, **values: Any) -> dict[str, Any]:
    start = TEXT.index(text)
    return {
        "start": start,
        "end": start + len(text),
        "text": text,
        "kind": "action",
        "actionable": True,
    } | values


CHECK = record(
    "市水利局要在6月底前完成排查。",
    owners=[{"text": "市水利局", "role": "responsible"}],
    deadlines=["6月底前"],
)
LEDGER = record("各县区要每月报送台账。", kind="report", recurrences=["每月"])
SLOGAN = record("让我们再立新功！", kind="conduct", actionable=False)
SENTENCES = [
    (TEXT.index(line), TEXT.index(line) + len(line))
    for line in TEXT.strip().split("\n")[1:]
]


def document(*readings: list[dict] | None, name: str = "a") -> SharedDocument:
    return SharedDocument(name, readings, SENTENCES)


@pytest.mark.parametrize(
    ("observers", "expected"),
    [
        # Krippendorff (2011), sections A, B and C
        (("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0"), 0.095),
        (
            ("a a b b d c c c e d d a", "b a b b b c c c e d d d"),
            0.692,
        ),
        (OBSERVERS.strip().split("\n"), 0.743),
        # by hand: 1 - (4 - 1) * 4 / (4 * 4 - 2 * 2 * 2)
        (("0 1", "1 0"), -0.5),
        (("0 1 1", "0 1 1"), 1.0),
    ],
)
def test_alpha_of_textbooks(observers: tuple[str, ...], expected: float) -> None:
    assert krippendorff_alpha(units(*observers)) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize("given", [[], [["a"], ["b"]], [["a", "a"], ["a", "a"]]])
def test_alpha_without_variation_is_not_defined(given: list[list[str]]) -> None:
    assert krippendorff_alpha(given) is None


def test_alpha_of_chance_is_nought() -> None:
    rng = random.Random(11)
    values = [[rng.choice("aab") for _ in range(3)] for _ in range(20_000)]
    assert krippendorff_alpha(values) == pytest.approx(0, abs=0.02)


def test_identical_annotators() -> None:
    tasks = [CHECK, LEDGER, SLOGAN]
    found = agree([document(tasks, tasks), document(tasks, tasks, name="b")], "XY")
    assert {
        name: (one.alpha, one.low, one.high, one.units)
        for name, one in found.alphas.items()
    } == {
        "sentence": (1.0, 1.0, 1.0, 8),
        "kind": (1.0, 1.0, 1.0, 6),
        "actionable": (1.0, 1.0, 1.0, 6),
    }
    [pair] = found.pairs
    assert {score.f1 for score in pair.scores.values()} == {1.0}
    assert (pair.first, pair.second, pair.documents) == ("X", "Y", 2)
    assert (found.documents, found.disagreements, found.missing) == (2, (), ())


def test_differences_with_both_readings() -> None:
    second = [CHECK | {"owners": [], "kind": "target"}, LEDGER]
    found = agree([document([CHECK, SLOGAN], second)], ["X", "Y"])
    assert [
        (each.document, each.error.kind, each.error.field, each.error.text)
        for each in found.disagreements
    ] == [
        ("a", "field", "kind", CHECK["text"]),
        ("a", "field", "owners", CHECK["text"]),
        ("a", "spurious", "", LEDGER["text"]),
        ("a", "missed", "", SLOGAN["text"]),
    ]
    assert [(each.error.gold, each.error.pred) for each in found.disagreements] == [
        ("action", "target"),
        ([("市水利局", "responsible")], []),
        (None, LEDGER["text"]),
        (SLOGAN["text"], None),
    ]
    scores = found.pairs[0].scores
    names = ("task", "kind", "owners", "deadlines")
    assert [scores[name].f1 for name in names] == [0.5, 0.0, 0.0, 1.0]


def test_sentences_as_units() -> None:
    # yes yes, no no, no yes, yes no: 4 of 8 coincidences off the diagonal, so that
    # alpha is 1 - (8 - 1) * 4 / (8 * 8 - 2 * 4 * 4)
    found = agree([document([CHECK, SLOGAN], [CHECK, LEDGER])], ["X", "Y"])
    assert found.alphas["sentence"].alpha == pytest.approx(0.125)
    assert found.alphas["sentence"].units == 4


def test_half_a_sentence_is_the_same_task() -> None:
    clause = record("要在6月底前完成排查")
    found = agree([document([CHECK, SLOGAN], [clause, SLOGAN])], ["X", "Y"])
    assert found.alphas["sentence"].alpha == 1.0
    assert [each.error.kind for each in found.disagreements[:1]] == ["span"]


def test_three_annotators_and_a_gap() -> None:
    odd = LEDGER | {"kind": "oversight"}
    found = agree(
        [
            document([CHECK, LEDGER], [CHECK, odd], [LEDGER]),
            document([CHECK], None, [CHECK], name="b"),
            document(None, None, [CHECK], name="c"),
        ],
        ["X", "Y", "Z"],
    )
    assert [(one.first, one.second, one.documents) for one in found.pairs] == [
        ("X", "Y", 1),
        ("X", "Z", 2),
        ("Y", "Z", 1),
    ]
    assert found.missing == (("b", "Y"), ("c", "X"), ("c", "Y"))
    assert found.documents == 2
    # CHECK by X and Y, LEDGER by all, CHECK of the second document by X and Z
    assert found.alphas["kind"].units == 3
    assert found.alphas["kind"].alpha == krippendorff_alpha(
        [
            ["action", "action"],
            ["report", "oversight", "report"],
            ["action", "action"],
        ]
    )


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """Two annotators of two documents; the second has lost a task of each."""
    for annotator in ("x", "y"):
        (tmp_path / annotator).mkdir()
        for name in NAMES:
            for suffix in (".txt", ".jsonl", ".meta.json"):
                shutil.copy(OWN / (name + suffix), tmp_path / annotator)
    for path in (tmp_path / "y").glob("*.jsonl"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(lines[1:]), encoding="utf-8")
    return tmp_path


def duban(*words: object):
    done = CliRunner().invoke(cli.app, ["agree", *map(str, words)])
    assert "Traceback" not in done.stderr
    return done


def test_shared_documents(desk: Path) -> None:
    documents = shared_documents([desk / "x", desk / "y"])
    assert [each.name for each in documents] == list(NAMES)
    for each in documents:
        x, y = each.readings
        assert x[1:] == y
    assert [len(each.sentences) > len(each.readings[0]) for each in documents] == [
        True,
        True,
    ]


def test_files_are_one_document_whatever_their_names(desk: Path) -> None:
    for suffix in (".txt", ".jsonl"):
        shutil.copy(desk / "y" / (NAMES[0] + suffix), desk / f"other{suffix}")
    places = [desk / "x" / f"{NAMES[0]}.txt", desk / "other.jsonl"]
    [found] = shared_documents(places)
    assert (found.name, [len(each) for each in found.readings]) == (NAMES[0], [28, 27])


def test_command_prints_json(desk: Path) -> None:
    done = duban(desk / "x", desk / "y", "--json", "--errors", 1)
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert list(report) == [
        "annotators",
        "documents",
        "pairs",
        "alphas",
        "disagreements",
        "missing",
        "gamma",
    ]
    assert report["annotators"] == [str(desk / "x"), str(desk / "y")]
    [pair] = report["pairs"]
    assert (pair["scores"]["task"]["n_gold"], pair["scores"]["task"]["n_pred"]) == (
        49,
        47,
    )
    assert pair["scores"]["task"]["f1"] == pytest.approx(2 * 47 / (47 + 49))
    assert report["alphas"]["kind"]["alpha"] == 1.0
    assert [each["error"]["kind"] for each in report["disagreements"]] == ["missed"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["(2 篇)", "task_strict", "Krippendorff α", "是任务"]),
        ("en", ["(2 documents)", "task_strict", "Krippendorff's α", "first"]),
    ],
)
def test_command_shows_tables(desk: Path, lang: str, words: list[str]) -> None:
    done = duban(desk / "x", desk / "y", "--errors", 5, "--lang", lang)
    assert done.exit_code == 0
    assert [word for word in words if word not in done.stdout] == []


def test_of_more_than_two_annotators_each_difference_names_its_own(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(desk)
    shutil.copytree("x", "z")
    done = duban("x", "y", "z", "--errors", 1)
    assert (done.exit_code, "(x × y)" in done.stdout) == (0, True)
    assert "(x × y)" not in duban("x", "y", "--errors", 1).stdout


def test_missing_documents_are_named(desk: Path) -> None:
    (desk / "y" / f"{NAMES[1]}.jsonl").unlink()
    done = duban(desk / "x", desk / "y")
    assert done.exit_code == 0
    assert f"{desk / 'y'} 缺少 {NAMES[1]}" in done.stderr.splitlines()
    assert "(1 篇)" in done.stdout


@pytest.mark.parametrize(
    ("damage", "code", "exit_code"),
    [
        ("nobody", "E213", 2),
        ("nothing shared", "E405", 1),
        ("another text", "E406", 1),
        ("no folder", "E401", 1),
    ],
)
def test_what_cannot_be_compared(
    desk: Path, damage: str, code: str, exit_code: int
) -> None:
    places = [desk / "x", desk / "y"]
    if damage == "nobody":
        places.pop()
    elif damage == "nothing shared":
        (desk / "z").mkdir()
        (desk / "z" / "y").symlink_to(desk / "y")
        shutil.copytree(desk / "y", desk / "z" / "below")
        places[1] = desk / "z"
    elif damage == "another text":
        path = desk / "y" / f"{NAMES[1]}.txt"
        path.write_bytes(path.read_bytes() + "完。".encode())
    else:
        places[1] = desk / "none"
    done = duban(*places)
    assert (done.exit_code, done.stdout) == (exit_code, "")
    assert code in done.stderr


def test_first_difference_of_texts_is_given(desk: Path) -> None:
    path = desk / "y" / f"{NAMES[0]}.txt"
    path.write_bytes(path.read_bytes() + "完。".encode())
    with pytest.raises(DubanError) as raised:
        shared_documents([desk / "x", desk / "y"])
    assert raised.value.code == "E406"
    assert raised.value.details["path"] == path


@pytest.mark.skipif(INSTALLED, reason="pygamma-agreement is installed")
def test_gamma_needs_its_package(desk: Path) -> None:
    with pytest.raises(DubanError, match="pygamma-agreement") as raised:
        gamma([document([CHECK], [CHECK])])
    assert raised.value.code == "E407"
    done = duban(desk / "x", desk / "y")
    assert (done.exit_code, "[E407]" in done.stderr) == (0, True)


@pytest.mark.skipif(not INSTALLED, reason="pygamma-agreement is not installed")
@pytest.mark.filterwarnings("ignore")
def test_gamma_of_identical_annotators() -> None:
    tasks = [CHECK, LEDGER, SLOGAN]
    assert gamma([document(tasks, tasks)]) == pytest.approx(1.0)
    assert gamma([document(tasks, tasks), document(tasks, [])]) < 0.5
    assert gamma([document([], []), document(tasks, None)]) is None
