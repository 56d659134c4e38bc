"""What to ask next: the signs of gain, the order, what verdicts change in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from extract import gain, pipeline
from extract.gain import Known, Questions, Recipe
from extract.readers import from_text

PLAIN = Recipe(1.0, 0.0, 0.0, 0.0)
# what the judge is made to say of each sentence: task, and actionable if it is one
DOCUMENTS = (
    (
        ("各区要在6月底前修好河堤。", 0.97, 0.90),
        ("去年全市修好河堤三十里。", 0.04, 0.10),
        ("渔港的灯塔今后由谁照看，值得琢磨。", 0.45, 0.50),
        ("要把灯塔照看好。", 0.55, 0.40),
    ),
    (
        ("市水务局要清点闸门。", 0.50, 0.50),
        ("市水务局要清点水闸。", 0.51, 0.50),
        ("会议强调，粮站必须防潮。", 0.20, 0.30),
        ("感谢大家。", 0.01, 0.02),
    ),
)


def asked(rows) -> Questions:
    """Questions about sentences, read by the pipeline, judged as the rows say."""
    doc = pipeline.analyse(from_text("\n".join(row[0] for row in rows)), judged=False)
    doc._.judgements = []
    found = gain.questions(doc)
    assert len(found.spans) == len(rows)
    return replace(found, scores=np.array([row[1:] for row in rows]))


@pytest.fixture(scope="module")
def pool():
    return [asked(rows) for rows in DOCUMENTS]


def everything(pool):
    return [range(len(one.spans)) for one in pool]


def places(found):
    return [(one.document, one.place) for one in found]


def told(pool, *verdicts):
    known = Known()
    for document, place, task in verdicts:
        known.tell(pool[document], place, task)
    return known


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        pytest.param((0.0, 0.0), 0.0, id="sure that it is none"),
        pytest.param((1.0, 1.0), 0.0, id="sure that it is one for the ledger"),
        pytest.param((0.5, 0.0), 1 / np.log2(3), id="task or not"),
        pytest.param((1.0, 0.5), 1 / np.log2(3), id="for the ledger or not"),
        pytest.param((2 / 3, 0.5), 1.0, id="three answers alike"),
        pytest.param((0.0, 0.5), 0.0, id="of no task nothing is asked further"),
    ],
)
def test_uncertainty(scores, expected):
    assert gain.uncertainty(np.array([scores])) == pytest.approx([expected], abs=1e-9)


@pytest.mark.parametrize(
    ("rules", "judge", "expected"),
    [
        pytest.param(1.0, 0.0, 1.0, id="opposite"),
        pytest.param(0.0, 1.0, 1.0, id="opposite, the other way"),
        pytest.param(0.3, 0.3, 0.0, id="alike"),
        pytest.param(float("nan"), 0.3, 0.0, id="the rules say nothing"),
        pytest.param(0.5, 0.0, 0.3112781, id="half way"),
    ],
)
def test_disagreement(rules, judge, expected):
    found = gain.disagreement(np.array([rules]), np.array([judge]))
    assert found == pytest.approx([expected], abs=1e-7)


WANT, VETO, PLACE = ("cue.want", "force"), ("cue.past", "veto"), ("cue.x", "action")


@pytest.mark.parametrize(
    ("cues", "expected"),
    [
        pytest.param((WANT,), 0.9, id="something is wanted"),
        pytest.param((VETO,), 0.1, id="something speaks against it"),
        pytest.param((WANT, VETO), 0.5, id="both"),
        pytest.param((PLACE,), None, id="a cue of the kind"),
        pytest.param((), None, id="none"),
    ],
)
def test_opinion_of_the_rules(cues, expected):
    found = Known().opinion(cues)
    assert (None if np.isnan(found) else found) == expected


@pytest.mark.parametrize(
    ("verdicts", "expected"), [(0, 0.9), (10, 0.45), (90, 0.09)], ids=str
)
def test_rule_that_was_wrong_is_believed_less(pool, verdicts, expected):
    known = Known()
    told_of = replace(pool[0], cues=((WANT,),) * 4)
    for _ in range(verdicts):
        known.tell(told_of, 0, False)
    assert known.opinion((WANT,)) == pytest.approx(expected)


def test_nothing_is_novel_before_the_first_verdict(pool):
    known = Known()
    assert known.novelty(pool[0].grams[0]) == 0.0
    known.tell(pool[0], 0, True)
    shares = [known.novelty(grams) for grams in pool[0].grams]
    # 修好, 好河 and 河堤 are three of the second sentence's eleven pairs
    assert shares == pytest.approx([0.0, 8 / 11, 1.0, 1.0])


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        pytest.param(
            PLAIN,
            [(0, 3), (1, 1), (1, 0), (0, 2), (1, 2), (0, 0), (0, 1), (1, 3)],
            id="uncertainty",
        ),
        pytest.param(
            Recipe(0.0, 1.0, 0.0, 0.0),
            [(1, 2), (1, 0), (1, 1), (0, 3), (0, 0), (0, 1), (0, 2), (1, 3)],
            id="disagreement",
        ),
        pytest.param(
            Recipe(1.0, 0.0, 0.0, 1.0),
            [(0, 3), (1, 1), (0, 2), (1, 2), (0, 0), (1, 0), (0, 1), (1, 3)],
            id="diversity",
        ),
    ],
)
def test_order(pool, recipe, expected):
    found = gain.ranked(pool, everything(pool), Known(), recipe=recipe)
    assert places(found) == expected


def test_near_duplicates_do_not_follow_each_other(pool):
    found = places(gain.ranked(pool, everything(pool), Known()))
    assert abs(found.index((1, 0)) - found.index((1, 1))) > 2


def test_order_is_the_same_again(pool):
    again = [asked(rows) for rows in DOCUMENTS]
    first = gain.ranked(pool, everything(pool), Known())
    assert gain.ranked(again, everything(again), Known()) == first


@pytest.mark.parametrize("most", [0, 1, 3, 8, 99])
def test_as_many_as_wanted(pool, most):
    whole = gain.ranked(pool, everything(pool), Known())
    assert gain.ranked(pool, everything(pool), Known(), most=most) == whole[:most]


def test_what_is_judged_is_not_proposed(pool):
    left = [[1, 3], []]
    assert sorted(places(gain.ranked(pool, left, Known()))) == [(0, 1), (0, 3)]


def test_verdicts_change_the_order(pool):
    recipe = Recipe(0.0, 0.0, 1.0, 0.0)
    left = [[1, 2], [3]]
    before = gain.ranked(pool, left, told(pool, (1, 2, True)), recipe=recipe)
    after = gain.ranked(
        pool, left, told(pool, (1, 2, True), (0, 0, True)), recipe=recipe
    )
    assert [places(before)[-1], places(after)[-1]] == [(1, 3), (0, 1)]


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        pytest.param([[0, 1, 2, 3], [0, 1, 2, 3]], [1, 0], id="the mean decides"),
        pytest.param([[2], [0, 1, 2, 3]], [0, 1], id="not the sum"),
        pytest.param([[0], []], [0], id="one with nothing left is not opened"),
        pytest.param([[], []], [], id="nothing left"),
    ],
)
def test_documents_in_the_order_to_open_them(pool, left, expected):
    assert gain.opening(pool, left, Known(), recipe=PLAIN) == expected


def test_reasons(pool):
    known = told(pool, (0, 0, True), (0, 1, False))
    found = gain.ranked(pool, [[3], [2, 3]], known, recipe=PLAIN)
    assert [(one.place, one.reasons) for one in found] == [
        (3, ("uncertain", "novel")),
        (2, ("novel", "disagreement", "uncertain")),
        (3, ("novel",)),
    ]


def test_text_without_sentences():
    empty = gain.questions(pipeline.analyse(from_text("")))
    assert (empty.spans, empty.scores.shape) == ((), (0, 2))
    assert gain.ranked([empty], [[]], Known()) == []
