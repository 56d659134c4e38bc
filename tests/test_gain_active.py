"""The simulation of docs/active.md, run small on the project's own corpus."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import active
import curves
import numpy as np
import pytest
from judges import cases

CORPUS = Path(__file__).parent.parent / "corpus"


@pytest.fixture(scope="module")
def gold():
    """A few documents to start from, to ask about and to measure on."""
    start = cases(CORPUS / "train")[:3]
    return start, cases(CORPUS / "heldout")[:4]


PLAN = active.Plan("gain", active.ORDERS["gain"], batch=12, rounds=2)


def simulated(plan, gold):
    start, (*asked, unseen) = gold
    return list(active.simulated(plan, start, asked, [unseen]))


@pytest.mark.parametrize("order", active.ORDERS)
def test_curve_of_every_order(gold, order):
    plan = replace(PLAN, order=order, recipe=active.ORDERS[order])
    found = simulated(plan, gold)
    assert [verdicts for verdicts, _ in found] == [0, 12, 24]
    for _, counts in found:
        assert 0.4 < active.f1(counts, "task") <= 1.0


def test_whole_documents(gold):
    plan = replace(PLAN, whole=True, batch=1, rounds=3)
    verdicts = [verdicts for verdicts, _ in simulated(plan, gold)]
    lengths = [len(case.example.labels.task) for case in gold[1][:3]]
    assert verdicts[0] == 0
    assert sorted(np.diff(verdicts).tolist()) == sorted(lengths)


def test_the_same_seed_is_the_same_simulation(gold):
    plan = replace(PLAN, order="random", recipe=None, rounds=1)
    assert simulated(plan, gold) == simulated(plan, gold)


def test_what_nobody_judged_is_not_learned_from(gold):
    example = gold[1][0].example
    told = active.revealed(example, [0, 2])
    assert told.labels.task[[0, 2]].tolist() == [-1, -1]
    rest = np.delete(np.arange(len(told.labels.task)), [0, 2])
    assert (told.labels.task[rest] == example.labels.task[rest]).all()
    assert example.labels.task.min() == 0


CURVE = curves.Curve(
    "gain",
    [0.0, 100.0, 200.0, 300.0],
    {"ledger": [0.5, 0.7, 0.68, 0.8]},
    {"ledger": [0.0, 0.0, 0.0, 0.0]},
)


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        pytest.param(0.5, 0.0, id="from the beginning"),
        pytest.param(0.6, 50.0, id="between two fits"),
        pytest.param(0.7, 216.666667, id="for good, not for once"),
        pytest.param(0.8, 300.0, id="in the end"),
        pytest.param(0.81, None, id="never"),
    ],
)
def test_verdicts_to_reach_a_level(level, expected):
    found = curves.reached(CURVE, "ledger", level)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_tables():
    slow = replace(
        CURVE,
        name="random",
        means={"ledger": [0.5, 0.6, 0.65, 0.7]},
        spreads={"ledger": [0.0, 0.01, 0.01, 0.02]},
    )
    assert list(curves.table([slow, CURVE], "ledger")) == [
        "\nledger              0    100    200    300",
        "random          0.500  0.600  0.650  0.700",
        "  +-            0.000  0.010  0.010  0.020",
        "gain            0.500  0.700  0.680  0.800",
    ]
    assert list(curves.savings([slow, CURVE], "ledger")) == [
        "\nledger: verdicts to be as good as random order after",
        "                         100           200           300",
        "gain               50 (-50%)     75 (-62%)    217 (-28%)",
    ]


def test_picture():
    drawn = curves.plot([CURVE], "ledger", "F1 <b>")
    assert drawn.startswith("<svg ")
    assert "F1 &lt;b&gt;" in drawn
    assert "prefers-color-scheme: dark" in drawn
    assert drawn.count("<polyline ") == 1
