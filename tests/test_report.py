"""The accuracy report: the figures of the scores, every error, what changed."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import extract
from extract import cli
from extract.errors import DubanError, UsageError
from extract.evaluate import count, score
from extract.evaluate.calibration import Bin, calibration
from extract.evaluate.comparison import (
    Change,
    Comparison,
    Earlier,
    compare,
    dump,
    read_earlier,
)
from extract.evaluate.page import error_groups, page
from extract.evaluate.report import Candidate, Case, report
from extract.evaluate.rule_table import RuleFigures, rule_table

pytest.importorskip("jinja2", reason="the page needs duban[review]")

SPEECH = (
    "在全市防汛工作会议上的讲话\n\n（2026年3月5日）\n\n"
    "一、抓好落实。\n市水务局要于3月底前完成河道清淤30公里。\n"
    "各区政府要于4月15日前报送方案。\n今天的天气很好。\n"
)
HOSTILE = "<script>alert('一要')</script>&\"完成排查。"


def task(start: int, text: str, **values: Any) -> dict[str, Any]:
    lists = {name: [] for name in ("owners", "deadlines", "recurrences", "metrics")}
    return {
        "start": start,
        "end": start + len(text),
        "text": text,
        "kind": "action",
        "actionable": True,
        "number": "",
        "section": "",
        "item": "",
        "confidence": 0.9,
        "rules": [],
        "sources": {},
        **lists,
        **values,
    }


def owner(text: str, role: str, rule: str = "", source: str = "explicit") -> dict:
    return {"text": text, "role": role, "rule": rule, "source": source}


def day(text: str, rule: str = "") -> dict:
    return {"text": text, "rule": rule}


GOLD = [
    task(
        0,
        "市水务局五月底前修好泵站。",
        owners=[owner("市水务局", "responsible")],
        deadlines=[day("五月底前")],
    ),
    task(20, "请认真准备。", kind="conduct", actionable=False),
    task(40, "不得瞒报灾情。", kind="ban"),
]
PRED = [
    task(
        0,
        "市水务局五月底前修好泵站。",
        kind="target",
        rules=["cue.wants", "owner.subject", "deadline.before"],
        sources={"kind": "judge"},
        owners=[
            owner("市水务局", "lead", "owner.subject"),
            owner("水利站", "lead", "owner.carry", source="inherited"),
        ],
        deadlines=[day("五月底前", "deadline.before")],
    ),
    task(
        40, "不得瞒报灾情。", kind="ban", rules=["cue.ban"], sources={"kind": "judge"}
    ),
    task(60, "今年雨水多。", rules=["cue.wants"], sources={"kind": "judge"}),
]
CASE = Case(
    "one",
    "speech",
    GOLD,
    PRED,
    [
        Candidate(0, 13, 0.95),
        Candidate(20, 26, 0.25),
        Candidate(40, 47, 0.85),
        Candidate(60, 66, 0.75),
        Candidate(80, 90, 0.05),
    ],
)
OTHER = Case("two", "minutes", GOLD[:1], GOLD[:1], [Candidate(0, 13, 1.0)])
CASES = [CASE, OTHER]


@pytest.fixture(scope="module")
def figures():
    return report(CASES)


class Reader(HTMLParser):
    """Tags with their attributes, and the text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words += data


# --- figures


def test_scores_are_those_of_evaluate(figures):
    docs = [(case.gold, case.pred) for case in CASES]
    assert figures.scores == score(docs)
    assert figures.documents == {"one": score(docs[:1]), "two": score(docs[1:])}
    assert figures.genres == {
        "speech": (1, score(docs[:1])),
        "minutes": (1, score(docs[1:])),
    }


def test_kinds(figures):
    sizes = {
        name: (one.n_gold, one.n_pred, one.f1) for name, one in figures.kinds.items()
    }
    assert sizes == {
        "action": (2, 2, 0.5),
        "target": (0, 1, 0.0),
        "oversight": (0, 0, 1.0),
        "report": (0, 0, 1.0),
        "ban": (1, 1, 1.0),
        "conduct": (1, 0, 0.0),
    }


def test_confusion_counts_every_task_of_both_sides(figures):
    assert figures.confusion == {
        ("action", "target"): 1,
        ("action", "action"): 1,
        ("ban", "ban"): 1,
        ("conduct", ""): 1,
        ("", "action"): 1,
    }


def test_rules_are_counted_by_what_they_filled():
    rows = rule_table([(GOLD, PRED)])
    assert [(r.field, r.rule, r.filled, r.right, r.gold) for r in rows] == [
        ("task", "cue.wants", 2, 1, 3),
        ("task", "cue.ban", 1, 1, 3),
        ("kind", "judge", 3, 1, 3),
        ("owners", "owner.subject", 1, 0, 1),
        ("deadlines", "deadline.before", 1, 1, 1),
    ]
    assert (rows[0].precision, rows[0].coverage) == (0.5, 1 / 3)


@pytest.mark.parametrize(
    ("field", "scored"), [("owners", "owner_roles"), ("deadlines", "deadlines")]
)
def test_rules_share_out_the_hits_of_their_field(field, scored):
    records = [one.to_dict() for one in extract.tasks(SPEECH)]
    rows = [row for row in rule_table([(records, records)]) if row.field == field]
    hits = count(records, records)[scored].hits
    assert hits > 0
    assert sum(row.right for row in rows) == sum(row.filled for row in rows) == hits


def test_coverage_of_a_field_that_gold_lacks():
    assert (
        RuleFigures("deadline.before", "deadlines", 2, 0, 0, 0.0, 0.5).coverage == 0.0
    )


def test_a_value_said_twice_is_right_once():
    gold = [task(0, "五月底前修好。", deadlines=[day("五月底前")])]
    twice = [day("五月底前", "deadline.before")] * 2
    (row,) = rule_table([(gold, [task(0, "五月底前修好。", deadlines=twice)])])
    assert (row.filled, row.right) == (2, 1)


def test_missed_tasks_name_the_probability_of_their_sentence(figures):
    found = [
        (f.error.kind, f.error.field, f.probability) for f in figures.findings["one"]
    ]
    assert found == [
        ("field", "kind", None),
        ("field", "owners", None),
        ("missed", "", 0.25),
        ("spurious", "", None),
    ]
    assert list(figures.findings) == ["one"]


def test_calibration_of_all_candidates(figures):
    curve = figures.calibration
    assert (curve.source, curve.n) == ("candidates", 6)
    assert [(b.low, b.n, b.share) for b in curve.bins] == [
        (0.0, 1, 0.0),
        (0.2, 1, 1.0),
        (0.7, 1, 0.0),
        (0.8, 1, 1.0),
        (0.9, 2, 1.0),
    ]


def test_calibration_of_found_tasks_where_candidates_are_unknown():
    curve = report([Case("one", "", GOLD, PRED)]).calibration
    assert (curve.source, curve.n) == ("tasks", 3)
    (only,) = curve.bins
    assert (only.low, only.n, only.share) == (0.9, 3, 2 / 3)


def test_calibration_errors():
    curve = calibration([(0.1, False), (0.1, True), (1.0, True)])
    assert curve.brier == pytest.approx((0.01 + 0.81) / 3)
    assert curve.ece == pytest.approx(2 / 3 * 0.4)
    # Wilson's interval for 1 of 2, from his formula with z = 1.95996
    assert curve.bins[0] == Bin(
        0.1,
        0.2,
        2,
        0.1,
        0.5,
        pytest.approx(0.0945, abs=1e-4),
        pytest.approx(0.9055, abs=1e-4),
    )


def test_nothing_judged():
    curve = calibration([])
    assert (curve.bins, curve.n, curve.brier, curve.ece) == ([], 0, 0.0, 0.0)


# --- against an earlier run


def earlier(cases: list[Case]) -> Earlier:
    done = report(cases)
    return Earlier(done.scores, done.counts)


def test_same_run_changes_nothing(figures):
    done = compare(earlier(CASES), figures.scores, figures.counts)
    assert (done.method, done.documents) == ("bootstrap", 2)
    assert {
        (c.now - c.before, c.low, c.high, c.p, c.verdict) for c in done.changes
    } == {(0.0, 0.0, 0.0, 1.0, "same")}
    assert [c.field for c in done.changes] == list(figures.scores)


def many(pred: list[dict[str, Any]]) -> list[Case]:
    return [Case(str(place), "", GOLD, pred) for place in range(6)]


@pytest.mark.parametrize(
    ("then", "now", "verdict"),
    [(GOLD[:2], GOLD, "better"), (GOLD, GOLD[:2], "worse")],
)
def test_paired_bootstrap_sees_what_every_document_shows(then, now, verdict):
    after = report(many(now))
    done = compare(earlier(many(then)), after.scores, after.counts)
    change = done.changes[0]
    assert (change.field, change.verdict) == ("task", verdict)
    assert {change.before, change.now} == {0.8, 1.0}
    assert change.p < 0.01


def test_one_document_of_many_may_be_chance():
    before = many(GOLD)
    after = report([*before[:5], Case("5", "", GOLD, GOLD[:2])])
    change = compare(earlier(before), after.scores, after.counts).changes[0]
    assert (change.verdict, change.high) == ("unclear", 0.0)


def test_only_common_documents_are_compared():
    after = report(many(GOLD))
    done = compare(earlier(many(GOLD)[:3]), after.scores, after.counts)
    assert done.documents == 3


def test_intervals_where_the_earlier_file_has_no_counts():
    now = report(many(GOLD))
    low = {name: one for name, one in now.scores.items() if name == "task"}
    (task_now,) = low.values()
    values = asdict(task_now)
    then = type(task_now)(**values | {"f1": 0.5, "low": 0.4, "high": 0.6})
    wide = type(task_now)(**values | {"f1": 0.9, "low": 0.8, "high": 0.95})
    done = compare(Earlier({"task": then}, {}), {"task": wide}, {})
    assert done == Comparison(
        "intervals", 0, [Change("task", 0.5, 0.9, None, None, None, "better")]
    )
    back = compare(Earlier({"task": wide}, {}), {"task": then}, {})
    assert [c.verdict for c in back.changes] == ["worse"]
    near = type(task_now)(**values | {"f1": 0.6, "low": 0.55, "high": 0.7})
    both = compare(Earlier({"task": then}, {}), {"task": near}, {})
    assert [c.verdict for c in both.changes] == ["unclear"]


def test_scores_survive_their_file(figures, tmp_path):
    path = tmp_path / "scores.json"
    path.write_text(dump(figures.scores, figures.counts), encoding="utf-8")
    assert read_earlier(path) == Earlier(figures.scores, figures.counts)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"documents": {}}',
        '{"task": 1}',
        '{"task": {"f1": 1}}',
        '{"task": null}',
        "\x00",
    ],
)
def test_files_that_are_no_scores(content, tmp_path):
    path = tmp_path / "scores.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_earlier(path)
    assert caught.value.code == "E215"


@pytest.mark.parametrize("triple", [[3, 2, 5], [-1, 2, 2], [1, 2], ["a", 1, 1], 5])
def test_counts_that_cannot_be(triple, figures, tmp_path):
    content = json.loads(dump(figures.scores, {}))
    content["documents"] = {"one": {"task": triple}}
    path = tmp_path / "scores.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_earlier(path)
    assert caught.value.code == "E215"


# --- the page


@pytest.mark.parametrize(
    ("lang", "title"), [("zh", "抽取准确度报告"), ("en", "Accuracy report")]
)
def test_page_in_both_languages(figures, lang, title):
    words = Reader(page(figures, lang=lang)).words
    assert title in words
    assert all(f"{one.f1:.3f}" in words for one in figures.scores.values())


def test_figures_of_the_page_are_those_of_the_scores(figures):
    rows = re.findall(r'<tr data-field="(.+?)">(.*?)</tr>', page(figures), re.DOTALL)
    cells = {name: re.findall(r"<td class=\"n\">(.*?)</td>", row) for name, row in rows}
    wanted = {
        name: [
            f"{one.precision:.3f}",
            f"{one.recall:.3f}",
            f"<strong>{one.f1:.3f}</strong>",
            f"{one.low:.3f}–{one.high:.3f}",
            str(one.n_gold),
            str(one.n_pred),
        ]
        for name, one in (figures.scores | figures.kinds).items()
    }
    # the field kind and the kinds of task share no name
    assert cells == wanted


def test_page_needs_nothing_else(figures):
    text = page(figures, compare(earlier(CASES), figures.scores, figures.counts))
    tags = Reader(text).tags
    outside = [
        value
        for _, attributes in tags
        for name, value in attributes.items()
        if name in ("src", "href", "action", "data") and not value.startswith("#")
    ]
    assert outside == []
    assert {"script", "link", "img", "iframe"} & {tag for tag, _ in tags} == set()
    assert [tag for tag, _ in tags].count("polyline") == 1


def test_every_anchor_leads_somewhere(figures):
    text = page(figures, compare(earlier(CASES), figures.scores, figures.counts))
    tags = Reader(text).tags
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    links = {a["href"][1:] for tag, a in tags if tag == "a"}
    assert links - set(ids) == set()
    assert len(ids) == len(set(ids))


def test_every_error_is_on_the_page(figures):
    tags = Reader(page(figures)).tags
    shown = [
        attributes["class"]
        for tag, attributes in tags
        if tag == "div" and (attributes.get("class") or "").startswith("error ")
    ]
    assert error_groups(figures) == ["missed", "spurious", "kind", "owners"]
    assert shown == [
        "error missed group-1",
        "error spurious group-2",
        "error field group-3",
        "error field group-4",
    ]


def test_hostile_text_is_escaped():
    gold = [
        task(0, HOSTILE, owners=[owner(HOSTILE, "lead")]),
        task(200, HOSTILE, section=HOSTILE),
    ]
    pred = [task(0, HOSTILE, kind="ban"), task(300, HOSTILE, rules=[f"cue.{HOSTILE}"])]
    done = report([Case(HOSTILE, HOSTILE, gold, pred)])
    parsed = Reader(page(done))
    assert [tag for tag, _ in parsed.tags].count("script") == 0
    # the document thrice, its genre, its sentences, a rule in two places, an owner
    assert parsed.words.count(HOSTILE) >= 8


def test_page_without_errors_or_candidates():
    done = report([Case("one", "", [], [])])
    text = page(done, lang="en")
    assert "No differences." in text
    assert 'class="error' not in text


def test_without_jinja(figures, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(DubanError) as caught:
        page(figures)
    assert caught.value.code == "E704"


# --- the command


@pytest.fixture(scope="module")
def gold(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("gold")
    records = [one.to_dict() for one in extract.tasks(SPEECH)]
    for name, kept in (("a", records), ("b", records[:1])):
        (folder / f"{name}.txt").write_text(SPEECH, encoding="utf-8")
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in kept)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "a.meta.json").write_text('{"kind": "speech"}', encoding="utf-8")
    return folder


def duban(*words: object):
    return CliRunner().invoke(cli.app, ["evaluate", *map(str, words)])


def test_command_writes_the_page(gold, tmp_path):
    scores, out = tmp_path / "scores.json", tmp_path / "report.html"
    flags = ["--json", "--by-document"]
    scores.write_text(duban(gold, *flags).stdout, encoding="utf-8")
    done = duban(gold, *flags, "--html", out, "--against", scores, "--lang", "en")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == scores.read_text(encoding="utf-8")
    text = out.read_text(encoding="utf-8")
    now = json.loads(done.stdout)
    documents = now.pop("documents")
    assert list(documents) == ["a", "b"]
    assert all(f"<strong>{one['f1']:.3f}</strong>" in text for one in now.values())
    assert text.count('<td class="same">no change</td>') == len(now)


def test_counts_in_json_are_those_of_the_documents(gold):
    records = [one.to_dict() for one in extract.tasks(SPEECH)]
    documents = json.loads(duban(gold, "--json", "--by-document").stdout)["documents"]
    assert "documents" not in json.loads(duban(gold, "--json").stdout)
    wanted = count(records, records)["task"]
    assert documents["a"]["task"] == [wanted.hits, wanted.gold, wanted.pred]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--html", "report.pdf"], "E202"),
        (["--html", "nowhere/report.html"], "E203"),
        (["--against", "scores.json"], "E214"),
        (["--html", "report.html", "--against", "scores.json"], "E215"),
    ],
)
def test_wrong_usage(gold, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    done = duban(gold, *words)
    assert (done.exit_code, done.stderr[:6]) == (2, f"[{code}]")
