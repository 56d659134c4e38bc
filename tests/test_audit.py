"""The audit: what makes a task supervisable, and what is said of the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from synthetic import task
from typer.testing import CliRunner

from extract import cli
from extract.audit import LACKS, Audit, audit, audits, lacks, supervisable
from extract.task import Task

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "docs" / "sample" / "speech.txt"
PLAN = ROOT / "corpus" / "heldout" / "s20_park_plan_manufacturing_2023.txt"
ALL = ("owner", "deadline", "measure")


def made(*missing: str, vague: str = "", section: str = "", **values: object) -> Task:
    """A task that lacks what is named; `vague` holds its vague words."""
    given = {"missing": missing, "vague": tuple(vague.split()), "path": ()}
    given |= {"path": (section,)} if section else {}
    return task("严禁弄虚作假", **(given | values))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (made(), ()),
        (made("owner"), ("owner",)),
        (made("deadline"), ("deadline",)),
        # without vague words the deliverable stands there by itself
        (made("measure"), ()),
        (made("measure", vague="加快"), ("measure", "wording")),
        # a figure says how far, whatever words stand around it
        (made(vague="进一步 推进"), ()),
        (made(*ALL, vague="推进"), LACKS),
    ],
)
def test_lacks(given: Task, expected: tuple[str, ...]) -> None:
    assert lacks(given) == expected
    assert supervisable(given) == (expected == ())


@pytest.mark.parametrize("key", ["actionable", "heading"])
def test_slogans_and_headings_cannot_be_supervised(key: str) -> None:
    assert not supervisable(made(**{key: key == "heading"}))


@pytest.fixture(scope="module")
def audited() -> Audit:
    return audit(
        [
            made(section="一、建设"),
            made("owner", section="一、建设"),
            made("measure", vague="推进 加快", section="二、改革"),
            made(*ALL, vague="推进", section="二、改革"),
            made(*ALL, section="二、改革", actionable=False),
            made(section="二、改革", heading=True, actionable=False),
            made("deadline", "measure"),
        ]
    )


def test_sections_worst_first(audited: Audit) -> None:
    assert [
        (each.section, each.tasks, each.actionable, each.supervisable, each.share)
        for each in audited.sections
    ] == [
        ("二、改革", 3, 2, 0, 0.0),
        ("", 1, 1, 0, 0.0),
        ("一、建设", 2, 2, 1, 0.5),
    ]


def test_total(audited: Audit) -> None:
    total = audited.total
    figures = (total.tasks, total.actionable, total.supervisable)
    assert figures == (6, 5, 1)
    assert (total.owner, total.deadline, total.measure, total.vague) == (3, 3, 4, 2)
    assert total.words == (("推进", 2), ("加快", 1))


def test_tasks_that_lack_most_come_first(audited: Audit) -> None:
    assert [row.lacks for row in audited.lacking] == [
        LACKS,
        ("measure", "wording"),
        ("owner",),
        ("deadline",),
    ]


def test_one_document_an_audit() -> None:
    tasks = [made(doc="b.txt"), made(doc="a.txt"), made("owner", doc="b.txt")]
    assert [(each.doc, each.total.tasks) for each in audits(tasks)] == [
        ("b.txt", 2),
        ("a.txt", 1),
    ]
    with pytest.raises(ValueError, match="2 documents"):
        audit(tasks)


def test_nothing_to_audit() -> None:
    assert audits([]) == []
    assert audit([]).total.share is None


def duban(*words: object):
    return CliRunner().invoke(cli.app, [str(word) for word in words])


def test_command_prints_json() -> None:
    done = duban("audit", SAMPLE, "--json")
    [found] = json.loads(done.stdout)
    assert done.exit_code == 0
    assert list(found) == ["doc", "title", "total", "sections", "lacking"]
    parts = [section["tasks"] for section in found["sections"]]
    assert (found["doc"], found["total"]["tasks"]) == (str(SAMPLE), sum(parts))
    assert 0 < found["total"]["supervisable"] <= found["total"]["actionable"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("zh", ["可督办", "缺责任主体", "缺得最多的任务"]),
        ("en", ["supervisable", "no owner", "tasks that lack most"]),
    ],
)
def test_command_shows_tables(lang: str, words: list[str]) -> None:
    done = duban("audit", PLAN, "--lang", lang)
    assert done.exit_code == 0
    assert [word for word in words if word not in done.stdout] == []


def test_list_of_tasks_can_be_left_out() -> None:
    assert "缺得最多的任务" not in duban("audit", PLAN, "--worst", 0).stdout


def test_brackets_in_a_document_are_no_markup(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("一、[bold]工作\n各县区要加快报送名单。\n", encoding="utf-8")
    assert "[bold]" in duban("audit", path).stdout


def test_unreadable_document_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.txt"
    done = duban("audit", path, SAMPLE, "--json")
    assert (done.exit_code, str(path) in done.stderr) == (1, True)
    assert len(json.loads(done.stdout)) == 1
