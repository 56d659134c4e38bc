"""The judge's model: what it computes, how it is kept, and that training repeats."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from extract import classifier, pipeline, training
from extract.classifier import (
    BITS,
    HEADS,
    NOTHING,
    Facts,
    Model,
    Sample,
    featurise,
    named,
    triplets,
)
from extract.classifier.blocks import ABREAST
from extract.classifier.model import FIRST, in_steps
from extract.classifier.surroundings import surroundings
from extract.errors import DubanError
from extract.resources import folder
from extract.situation import sample
from extract.task import KINDS, Speech
from extract.training import Example

ROOT = Path(__file__).parents[1]
TRAIN = ROOT / "corpus" / "train"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> list[Example]:
    """Five gold documents as the classifier sees them."""
    place = tmp_path_factory.mktemp("gold")
    for text in sorted(TRAIN.glob("*.txt"))[:5]:
        for suffix in (".txt", ".jsonl", ".meta.json"):
            shutil.copy(text.with_name(text.stem + suffix), place)
    found = training.examples([place])
    assert len(found) == 5
    return found


@pytest.fixture(scope="module")
def model(documents: list[Example]) -> Model:
    return training.train(documents)


def test_probabilities(documents: list[Example]) -> None:
    shipped = classifier.shipped()
    for document in documents:
        scores = shipped.scores(document.sample)
        assert scores.shape == (len(document.labels.task), len(HEADS))
        assert np.isfinite(scores).all()
        assert scores.min() >= 0
        assert scores.max() <= 1
        np.testing.assert_allclose(scores[:, -len(KINDS) :].sum(axis=1), 1)


def test_verdicts_follow_scores(documents: list[Example]) -> None:
    shipped = classifier.shipped()
    scores = shipped.scores(documents[0].sample)
    verdicts = shipped.verdicts(scores)
    limits = shipped.thresholds
    assert [v.task for v in verdicts] == list(scores[:, 0] >= limits["task"])
    assert [v.heading for v in verdicts] == list(scores[:, 2] >= limits["heading"])
    best = scores[:, -len(KINDS) :].argmax(axis=1)
    assert [v.kind for v in verdicts] == [KINDS[kind] for kind in best]
    # an announced requirement is never a ledger row by itself
    assert [v for v in verdicts if v.heading and v.actionable] == []


@pytest.mark.parametrize("together", [2, 5])
def test_joined_documents_are_scored_as_each_alone(
    documents: list[Example], together: int
) -> None:
    """To the last bit: nothing of a document reaches over its edge."""
    shipped = classifier.shipped()
    short = sample(pipeline.analyse(Speech("要抓好落实。")), None)
    samples = [short, *[document.sample for document in documents], short]
    alone = np.concatenate([shipped.scores(one) for one in samples])
    whole = np.concatenate(
        [
            shipped.scores(classifier.joined(samples[place : place + together]))
            for place in range(0, len(samples), together)
        ]
    )
    np.testing.assert_array_equal(whole, alone)


def test_no_candidates() -> None:
    none = np.zeros((0, 2), dtype=np.int64)
    sample = Sample("要抓好落实。", none, none)
    assert classifier.shipped().scores(sample).shape == (0, len(HEADS))
    assert classifier.shipped().verdicts(np.zeros((0, len(HEADS)))) == []


def spans(*pairs: tuple[int, int]) -> np.ndarray:
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def matrix(width: int) -> np.ndarray:
    steps = np.random.default_rng(0).integers(-9000, 9001, size=(1 << BITS, width))
    steps[NOTHING] = 0
    return steps.astype(np.int16)


def product(sample: Sample) -> np.ndarray:
    return featurise(sample).times(matrix(4))


def test_product_is_that_of_the_sparse_matrix(documents: list[Example]) -> None:
    """What prediction sums up in blocks is what training saw as a matrix."""
    steps = matrix(2)
    features = featurise(documents[0].sample)
    expected = np.zeros((features.count, 2))
    rows, columns, weights = triplets(features.blocks)
    np.add.at(expected, rows, weights[:, None] * steps[columns])
    # the context is for the first head alone
    rows, columns, weights = triplets(features.context)
    np.add.at(expected[:, 0], rows, weights * steps[columns, 0])
    np.testing.assert_allclose(features.times(steps), expected, rtol=1e-5, atol=1)


def test_as_many_features_stand_abreast_as_sixteen_bits_hold(
    documents: list[Example],
) -> None:
    features = featurise(documents[0].sample)
    widths = {b.columns.shape[1] for b in (*features.blocks, *features.context)}
    assert max(widths) == ABREAST
    steps, unit = in_steps(np.array([[0.0, 0.0], [6.5, -0.5]], dtype=np.float32))
    assert int(steps.max()) * ABREAST <= np.iinfo(np.int16).max
    np.testing.assert_allclose(steps * unit, [[0, 0], [6.5, -0.5]], atol=unit)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "各单位要重视。"),
        ("抓好落实。", ""),
        ("要" * 5000, "\n" * 300),
        ("\ud800", "\x00"),
    ],
    ids=["after", "before", "far", "odd"],
)
def test_features_do_not_depend_on_the_place(before: str, after: str) -> None:
    text = "各县区要在6月底前完成。"
    bundles = [[named("sort:")], [], [named("cue.want"), named("last:True")]]
    facts = Facts(bundles, np.array([[2, 1, 0]]))
    words = [(0, 3), (3, 4), (4, 5), (5, 9), (9, 11), (11, 12)]
    alone = Sample(text, spans((0, 12)), spans(*words), facts)
    shift = len(before)
    moved = [(start + shift, end + shift) for start, end in words]
    inside = Sample(
        before + text + after, spans((shift, shift + 12)), spans(*moved), facts
    )
    np.testing.assert_array_equal(product(inside), product(alone))


@pytest.mark.parametrize(
    ("one", "other"),
    [("各县区要抓好落实", "各县区要抓好落细"), ("抓落实", "实落抓"), ("要要", "要")],
)
def test_features_tell_texts_apart(one: str, other: str) -> None:
    none = spans()
    first, second = (
        product(Sample(text, spans((0, len(text))), none)) for text in (one, other)
    )
    assert not np.allclose(first, second)


def test_neighbours_count() -> None:
    none = spans()
    text = "去年成效显著。要抓好落实。"
    both = Sample(text, spans((0, 7), (7, 13)), none)
    one = Sample(text, spans((7, 13)), none)
    assert not np.allclose(product(both)[1], product(one)[0])


def test_columns_are_in_range(documents: list[Example]) -> None:
    columns = np.concatenate(
        [block.columns.ravel() for block in featurise(documents[0].sample).blocks]
    )
    assert columns.min() >= 0
    assert columns.max() < 1 << BITS


def test_training_twice_gives_the_same_bytes(
    documents: list[Example], model: Model, tmp_path: Path
) -> None:
    again = training.train(documents)
    classifier.save(model, tmp_path / "one", {})
    classifier.save(again, tmp_path / "two", {})
    files = [
        [(tmp_path / which / name).read_bytes() for name in ("judge.npz", "judge.json")]
        for which in ("one", "two")
    ]
    assert files[0] == files[1]


def test_training_learns(documents: list[Example], model: Model) -> None:
    right = total = 0
    for document in documents:
        said = model.scores(document.sample)[:, 0] >= model.thresholds["task"]
        right += int((said == (document.labels.task == 1)).sum())
        total += len(said)
    assert right / total > 0.9


def test_round_trip(documents: list[Example], model: Model, tmp_path: Path) -> None:
    classifier.save(model, tmp_path / "one", {"note": "一"})
    kept = classifier.load(tmp_path / "one")
    classifier.save(kept, tmp_path / "two", {})
    again = classifier.load(tmp_path / "two")
    for document in documents:
        scores = kept.scores(document.sample)
        np.testing.assert_array_equal(again.scores(document.sample), scores)
        np.testing.assert_array_equal(scores, model.scores(document.sample))
    assert kept.thresholds == model.thresholds
    card = json.loads((tmp_path / "one" / "judge.json").read_text(encoding="utf-8"))
    assert card["note"] == "一"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The shipped model, to be spoilt."""
    for name in ("judge.npz", "judge.json"):
        shutil.copy(folder("models") / name, tmp_path)
    return tmp_path


def test_shipped_model_loads_from_anywhere(copy: Path) -> None:
    assert classifier.load(copy).name == classifier.shipped().name


def test_one_changed_byte_is_refused(copy: Path) -> None:
    data = bytearray((copy / "judge.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (copy / "judge.npz").write_bytes(bytes(data))
    with pytest.raises(DubanError, match="E302"):
        classifier.load(copy)


@pytest.mark.parametrize("name", ["judge.npz", "judge.json"])
def test_missing_file_is_refused(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(DubanError, match="E302"):
        classifier.load(copy)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 0},
        {"bits": BITS + 1},
        {"heads": ["task"]},
        {"sha256": "0" * 64},
        {"sha256": None},
    ],
    ids=str,
)
def test_wrong_card_is_refused(copy: Path, change: dict[str, object]) -> None:
    card = json.loads((copy / "judge.json").read_text(encoding="utf-8"))
    (copy / "judge.json").write_text(json.dumps(card | change), encoding="utf-8")
    with pytest.raises(DubanError, match="E302"):
        classifier.load(copy)


@pytest.mark.parametrize("card", ["", "{", "{}", "[]", "null", "\xff"])
def test_broken_card_is_refused(copy: Path, card: str) -> None:
    (copy / "judge.json").write_bytes(card.encode("latin-1"))
    with pytest.raises(DubanError, match="E302"):
        classifier.load(copy)


def resealed(place: Path) -> None:
    """Let the card vouch for the file as it is now."""
    card = json.loads((place / "judge.json").read_text(encoding="utf-8"))
    data = (place / "judge.npz").read_bytes()
    card["sha256"] = hashlib.sha256(data).hexdigest()
    (place / "judge.json").write_text(json.dumps(card), encoding="utf-8")


def test_pickled_arrays_are_refused_even_with_a_right_card(copy: Path) -> None:
    with np.load(copy / "judge.npz") as arrays:
        parts = dict(arrays)
    parts["stack"] = np.array([{"a": 1}], dtype=object)
    np.savez(copy / "judge.npz", **parts)
    resealed(copy)
    with pytest.raises(DubanError, match="E302"):
        classifier.load(copy)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\x80\x04N."], ids=repr)
def test_no_archive_is_refused_even_with_a_right_card(copy: Path, data: bytes) -> None:
    (copy / "judge.npz").write_bytes(data)
    resealed(copy)
    with pytest.raises(DubanError, match="E302"):
        classifier.load(copy)


def test_shipped_arrays_are_plain() -> None:
    with np.load(folder("models") / "judge.npz", allow_pickle=False) as arrays:
        kinds = {name: arrays[name].dtype.kind for name in arrays.files}
    assert set(kinds.values()) <= {"u", "i", "f"}
    assert set(kinds) == {
        *("columns", "steps", "unit", "bias"),
        *("stack", "stack_bias", "thresholds"),
    }


def test_heldout_is_not_on_the_card() -> None:
    card = json.loads((folder("models") / "judge.json").read_text(encoding="utf-8"))
    assert "heldout" not in card["data"]
    assert card["documents"] > 0


def test_report(documents: list[Example], model: Model) -> None:
    """Cross-validated, unseen, alone and dummy: each is measured, none is the same."""
    found = training.report(
        [documents[:3], documents[3:4]], model, folds=2, tests={"unseen": documents[4:]}
    )
    assert list(found.scores) == [
        "cross-validation",
        "cross-validation, dummy",
        "unseen",
        "unseen, first folder alone",
        "unseen, dummy",
    ]
    gold = sum(len(document.gold) for document in documents[:4])
    assert found.scores["cross-validation"]["task"].n_gold == gold
    dummy = found.scores["cross-validation, dummy"]["task"]
    # it says "task" of every candidate
    candidates = sum(len(document.labels.task) for document in documents[:4])
    assert dummy.n_pred == candidates
    assert dummy.f1 < found.scores["cross-validation"]["task"].f1
    # four documents teach little, and the card says so
    assert found.weaknesses
    plain = found.to_dict()["scores"]["unseen"]["task"]
    assert plain == [
        round(getattr(found.scores["unseen"]["task"], name), 3)
        for name in ("f1", "low", "high")
    ]


def test_card_holds_what_it_should() -> None:
    card = json.loads((folder("models") / "judge.json").read_text(encoding="utf-8"))
    assert {"data", "versions", "sha256", "scores", "weaknesses"} <= set(card)
    scores = card["scores"]
    dummy = scores["corpus/heldout, dummy"]["task"][0]
    assert dummy < scores["corpus/heldout, first folder alone"]["task"][0]
    f1, low, high = scores["cross-validation"]["task"]
    assert low <= f1 <= high


def test_members_of_an_enumeration_support_each_other() -> None:
    first = np.zeros((5, len(FIRST)))
    first[:, 0] = [4.0, -4.0, 4.0, 0.0, 1.0]
    alone = surroundings(first)
    assert not alone[:, -3:].any()
    # the first and third are one enumeration, the fourth another, of one member
    found = surroundings(first, np.array([0, -1, 0, 1, -1]))[:, -3]
    np.testing.assert_allclose(found, [np.tanh(2.0), 0, np.tanh(2.0), 0, 0])


def test_series_begin_anew_with_their_first_member() -> None:
    text = "要做到：一是查隐患；二是建台账。同时，一是严纪律；二是强督查。"
    doc = pipeline.analyse(Speech(text))
    found = sample(doc, None).series
    opened = [
        text[slice(*sentence.number)] if sentence.number else ""
        for sentence in doc._.sentences
    ]
    assert opened.count("一是") == 2
    series = [int(number) for number, mark in zip(found, opened, strict=True) if mark]
    assert series == [0, 0, 1, 1]
