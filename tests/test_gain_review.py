"""``duban review --next``: what is asked in a database, in the page, on a terminal."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("fastapi", reason="duban[review] is not installed")

import httpx
from browsing import open_desk, press, said
from test_review_cli import served
from typer.testing import CliRunner
from workbench import SENTENCES, TEXT, put, serving

from extract import cli, training
from extract.evaluate import gold_pairs
from extract.readers import from_text
from extract.review import queries
from extract.review.database import Database
from extract.review.exchange.gold import export_gold
from extract.review.exchange.selection import Choice
from extract.review.intake import add_speech
from extract.review.judging import Desk
from extract.review.proposals import Proposals
from extract.review.server import application
from extract.review.tables import REJECTED

OTHER = """渔港建设推进会纪要
会议认为，灯塔的事说来话长。
县渔业局要在8月底前修好灯塔。
县渔业局要在9月底前修好码头。
会上大家畅所欲言。
"""
TASKS = {"survey", "stock", "relay", "ban"}


@pytest.fixture
def proposals(database):
    return Proposals(database)


@pytest.fixture
def address(database, proposals):
    with serving(application(database, proposals=proposals)) as found:
        yield found


@pytest.fixture
def meeting(database):
    return add_speech(database, from_text(OTHER, "渔港.txt"))


def by_text(database, document):
    with database.reading() as session:
        items = queries.whole(session, document)["items"]
    return {item["record"]["text"]: item for item in items}


def judge(database, document, name, verdict="accept"):
    item = by_text(database, document)[SENTENCES[name]]
    with database.writing() as session:
        desk = Desk(session, database.annotator("张敏"))
        getattr(desk, verdict)(item["id"], item["version"])


def dismiss(database, document, words, text=TEXT):
    start = text.index(words)
    fields = {"start": start, "end": start + len(words)}
    with database.writing() as session:
        desk = Desk(session, database.annotator("张敏"))
        return desk.add(document, fields, REJECTED)[0]


def finish(database, document):
    for item in by_text(database, document).values():
        if item["verdict"] == "open":
            with database.writing() as session:
                desk = Desk(session, database.annotator("张敏"))
                desk.accept(item["id"], item["version"])
    with database.writing() as session:
        Desk(session, database.annotator("张敏")).finish(document)


def texts(found):
    return [one.text for one in found]


def test_tasks_and_other_sentences_are_proposed(proposals, document):
    found = {one.text: one.task for one in proposals.sentences()}
    assert {found[SENTENCES[name]] for name in TASKS} == {True}
    assert (found[SENTENCES["report"]], found["谢谢大家。"]) == (False, False)
    lines = TEXT.splitlines()
    rest = [lines[0], lines[1], lines[2], lines[-1]]
    assert sorted(found) == sorted([*SENTENCES.values(), *rest])


def test_in_either_kind_of_database(either_database):
    number = put(either_database)
    judge(either_database, number, "ban")
    dismiss(either_database, number, "谢谢大家。")
    found = texts(Proposals(either_database).sentences())
    assert SENTENCES["stock"] in found
    assert {SENTENCES["ban"], "谢谢大家。"}.isdisjoint(found)


@pytest.mark.parametrize("verdict", ["accept", "reject"])
def test_what_is_judged_is_not_proposed_again(proposals, database, document, verdict):
    before = texts(proposals.sentences())
    judge(database, document, "stock", verdict)
    after = texts(proposals.sentences())
    assert sorted(after) == sorted(set(before) - {SENTENCES["stock"]})
    judge(database, document, "stock", "reopen")
    assert texts(proposals.sentences()) == before


def test_of_a_finished_document_nothing_is_asked(
    proposals, database, document, meeting
):
    assert sorted(proposals.documents()) == [document, meeting]
    finish(database, meeting)
    assert proposals.documents() == [document]
    assert {one.document for one in proposals.sentences()} == {document}


def test_order_is_the_same_for_everybody(database, document, meeting):
    first, second = Proposals(database), Proposals(database)
    assert first.sentences() == second.sentences()
    assert first.sentences(3) == second.sentences()[:3]


def test_verdicts_change_the_order(proposals, database, document, meeting):
    before = proposals.sentences()
    judge(database, document, "stock", "reject")
    after = {one.text: one.proposal for one in proposals.sentences()}
    assert all(one.proposal.novelty == 0.0 for one in before)
    assert after["会上大家畅所欲言。"].novelty == 1.0
    assert after["会上大家畅所欲言。"].reasons[0] == "novel"


def test_near_duplicates_are_apart(proposals, document, meeting):
    found = texts(proposals.sentences())
    alike = [
        found.index(f"县渔业局要在{m}。")
        for m in ("8月底前修好灯塔", "9月底前修好码头")
    ]
    assert abs(alike[0] - alike[1]) > 1


def test_documents_go_round(proposals, document, meeting):
    first, second = proposals.documents()
    assert proposals.following() == first
    assert proposals.following(first) == second
    assert proposals.following(second) == first


def test_nothing_left(proposals, database, document):
    finish(database, document)
    assert (proposals.following(), proposals.sentences()) == (None, [])


def test_only_some_documents(database, document, meeting):
    assert Proposals(database, only=[meeting]).documents() == [meeting]


def test_page_gets_gains_and_questions(address, database, document):
    items = httpx.get(f"{address}/api/documents/{document}").json()["items"]
    asked = [item for item in items if item.get("asked")]
    assert [item["record"]["text"] for item in asked] == [SENTENCES["report"]]
    assert (asked[0]["version"], asked[0]["verdict"]) == (0, "open")
    assert asked[0]["record"]["owners"][0]["text"] == "各乡镇"
    assert asked[0]["record"]["deadlines"][0]["due"] == "2026-04-15"
    assert all(item["gain"] > 0 for item in items)


def test_without_next_the_page_is_as_it_was(database, document):
    with serving(application(database)) as address:
        items = httpx.get(f"{address}/api/documents/{document}").json()["items"]
        page = httpx.get(f"{address}/documents/{document}").text
        assert httpx.get(f"{address}/next").headers["location"] == "/"
    assert len(items) == len(TASKS)
    assert [key for item in items for key in ("gain", "asked") if key in item] == []
    assert 'value="gain"' not in page


def test_next_leads_to_the_document_worth_most(address, proposals, document, meeting):
    first, second = proposals.documents()
    opened = [
        httpx.get(f"{address}/next{query}").headers["location"]
        for query in ("", f"?after={first}", f"?after={second}")
    ]
    assert opened == [f"/documents/{n}" for n in (first, second, first)]
    assert httpx.get(f"{address}/next?after=x").status_code == 422
    page = httpx.get(f"{address}/documents/{first}").text
    assert f'href="/next?after={first}"' in page


def test_questions_are_judged_by_keyboard(visit, database, document):
    page = open_desk(visit(), document)
    row = page.locator("#queue li", has_text="各乡镇要在")
    assert "机器没当作任务" in row.inner_text()
    gains = page.locator("#queue li .why").all_inner_texts()
    assert "不确定" in gains
    row.click()
    press(page, "r")
    said(page, "已标为不是任务")
    assert by_text(database, document)[SENTENCES["report"]]["verdict"] == "rejected"
    press(page, "u")
    said(page, "已撤销")
    assert SENTENCES["report"] not in by_text(database, document)
    row.click()
    press(page, "s", "6", "Enter")
    said(page, "已补充一条任务")
    item = by_text(database, document)[SENTENCES["report"]]
    assert (item["verdict"], item["record"]["kind"]) == ("accepted", "conduct")
    assert item["annotator"] == "张敏"


def test_reviewers_are_not_asked(visit, document):
    page = open_desk(visit(), document)
    with page.expect_navigation():
        page.select_option("#role", "reviewer")
    page.wait_for_selector("[data-ready]")
    assert page.locator("#queue li").count() == len(TASKS)


def run(*words):
    done = CliRunner().invoke(cli.app, list(map(str, words)), prog_name="duban")
    return done.exit_code, done.stdout, done.stderr


@pytest.fixture
def speech(tmp_path):
    path = tmp_path / "渔港.txt"
    path.write_text(OTHER, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "heading", "machine"),
    [
        (
            [],
            ["#", "文档", "句子", "机器", "是任务的概率", "为什么"],
            {"任务", "不是任务"},
        ),
        (
            ["--lang", "en"],
            ["#", "Document", "Sentence", "Machine", "Probability", "Why"],
            {"Task", "Not a task"},
        ),
    ],
    ids=["zh", "en"],
)
def test_table(tmp_path, speech, words, heading, machine):
    base = tmp_path / "x.sqlite"
    code, out, err = run("review", speech, "--db", base, "--next", "--print", 4, *words)
    lines = [re.split(r" {2,}", line.strip()) for line in out.splitlines()]
    rows = [line for line in lines if line[0].isdigit()]
    assert (code, err) == (0, "")
    assert next(line for line in lines if line[0] == "#") == heading
    database = Database(str(base))
    found = Proposals(database).sentences(4)
    database.close()
    assert [row[:3] for row in rows] == [
        [str(number), "渔港建设推进会纪要", one.text]
        for number, one in enumerate(found, 1)
    ]
    assert [row[4] for row in rows] == [f"{o.proposal.probability:.2f}" for o in found]
    assert {row[3] for row in rows} <= machine


def test_served_at_the_document_worth_most(tmp_path, speech):
    (tmp_path / "致辞.txt").write_text("感谢大家。\n", encoding="utf-8")
    with served(tmp_path, ".", "--db", "x.sqlite", "--next") as (address, _):
        assert address.endswith("/next")
        opened = httpx.get(address, follow_redirects=True)
    assert "<title>渔港建设推进会纪要" in opened.text


def test_database_may_be_named_like_a_document(tmp_path, speech):
    base = tmp_path / "x.sqlite"
    first = run("review", speech, "--db", base, "--next", "--print", 3)
    assert run("review", base, "--next", "--print", 3) == first
    assert first[0] == 0


def test_all_is_judged(tmp_path, speech):
    base = tmp_path / "x.sqlite"
    database = Database(str(base))
    finish(database, add_speech(database, from_text(OTHER)))
    database.close()
    assert run("review", base, "--next", "--print", 3) == (
        0,
        "",
        "没有还要核对的句子\n",
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--print", "3", "--db", "x.sqlite"], 2, "E742"),
        (["--next", "--print", "0", "--db", "x.sqlite"], 2, "E743"),
        (["--next", "--print", "-1", "--db", "x.sqlite"], 2, "E743"),
        (["sqlite:///a", "--db", "x.sqlite", "--next"], 2, "E741"),
        (["--next", "--print", "3", "--db", "x.sqlite"], 1, "E744"),
        (["没有.txt", "--next", "--print", "3", "--db", "x.sqlite"], 1, "E1"),
    ],
)
def test_bad_input(tmp_path, monkeypatch, words, code, message):
    monkeypatch.chdir(tmp_path)
    found, out, err = run("review", *words)
    assert (found, out) == (code, "")
    assert f"[{message}" in err


def test_what_was_judged_of_a_document_is_learned_from(tmp_path, database, document):
    judge(database, document, "stock")
    judge(database, document, "relay", "reject")
    dismiss(database, document, "谢谢大家。")
    export_gold(database, tmp_path / "gold", Choice(partly=True))
    (one,) = gold_pairs(tmp_path / "gold", partly=True)
    judged = [SENTENCES["stock"], SENTENCES["relay"], "谢谢大家。"]
    assert [TEXT[start:end] for start, end in one.judged] == judged
    assert [record["text"] for record in one.records] == judged[:1]
    example = training.example(one)
    told = {
        example.speech.text[start:end]: task
        for (start, end), task in zip(
            example.sample.spans, example.labels.task, strict=True
        )
        if task >= 0
    }
    assert told == {SENTENCES["stock"]: 1, SENTENCES["relay"]: 0, "谢谢大家。": 0}
    assert not example.whole


def test_half_judged_documents_measure_nothing(tmp_path, database, document):
    judge(database, document, "stock")
    export_gold(database, tmp_path / "gold", Choice(partly=True))
    code, _, err = run("evaluate", tmp_path / "gold")
    assert (code, "[E401]" in err) == (1, True)


def test_half_judged_documents_are_exported_only_if_wanted(tmp_path):
    base = tmp_path / "x.sqlite"
    database = Database(str(base))
    judge(database, put(database), "stock")
    put(database, "一要修好灯塔。", "没有人判过.txt")
    database.close()
    assert run("review", "export", "--db", base, "-o", tmp_path / "a")[0] == 1
    done = run("review", "export", "--db", base, "-o", tmp_path / "b", "--partly")
    assert (done[0], len(gold_pairs(tmp_path / "b", partly=True))) == (0, 1)
