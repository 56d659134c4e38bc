"""Disagreements in a real browser: reading beside reading, settled by keyboard."""

from __future__ import annotations

import pytest

pytest.importorskip("fastapi", reason="duban[review] is not installed")

from browsing import (
    CHROMIUM,
    CONTRAST,
    open_desk,
    pictured,
    press,
    saved,
    select,
    stored,
)
from workbench import SENTENCES, put

from extract.evaluate import gold_pairs
from extract.review.exchange.gold import export_gold
from extract.review.exchange.selection import Choice
from extract.review.judging import Desk

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ANNA, BODO, CARA = "张敏", "李强", "王芳"


def judge(database, document, who, **verdicts):
    """Verdicts of one annotator: True, False, or fields that come with accepting."""
    person = database.annotator(who)
    for name, verdict in verdicts.items():
        [item] = [
            each
            for each in stored(database, document)
            if each["record"]["text"] == SENTENCES[name]
        ]
        with database.writing() as session:
            desk = Desk(session, person)
            if verdict is False:
                desk.reject(item["id"], item["version"])
            else:
                fields = {} if verdict is True else verdict
                desk.accept(item["id"], item["version"], fields)


@pytest.fixture
def disputed(database, document):
    """Two annotators who differ in one kind and on whether two sentences are tasks."""
    judge(database, document, ANNA, survey=True, stock=True, relay=True, ban=True)
    judge(database, document, BODO, survey=True, relay=False)
    judge(
        database, document, BODO, stock={"kind": "oversight", "owners": []}, ban=False
    )
    return document


def open_disputes(page, document):
    page.goto(
        page.url.split("/documents")[0].rstrip("/") + f"/documents/{document}/disputes"
    )
    page.wait_for_selector("[data-ready]")
    return page


@pytest.fixture
def reviewer(visit, disputed):
    return review(visit(CARA), disputed)


def review(page, document):
    with page.expect_navigation():
        page.select_option("#role", "reviewer")
    return open_disputes(page, document)


def chosen(page):
    return page.locator(".queue li[aria-selected=true] .words").text_content()


def settled(page, number):
    page.locator("#count", has_text=f"{number} / 3").wait_for()
    saved(page)


def column(page, number):
    """Cells of one reading, by what they are about."""
    return {
        row.get_attribute("data-thing"): row.locator("td").nth(number).text_content()
        for row in page.locator(".compare tbody tr").all()
    }


def rulings(database, document):
    return {
        item["record"]["text"]: (ruling["task"], ruling["record"]["kind"])
        for item in stored(database, document)
        if (ruling := item["ruling"])
    }


def test_readings_stand_side_by_side(reviewer):
    heads = reviewer.locator(".compare thead th").all_text_contents()
    assert [head.split() for head in heads] == [["1", ANNA], ["2", BODO], ["3", "机器"]]
    kinds = [column(reviewer, number)["kind"] for number in range(3)]
    assert kinds == ["工作任务", "监督检查", "工作任务"]
    owners = [column(reviewer, number)["owners"] for number in range(3)]
    assert owners == ["各县区 责任", "—", "各县区 责任"]
    differing = reviewer.locator(".compare tr.differs").all()
    assert [row.get_attribute("data-thing") for row in differing] == ["kind", "owners"]
    marked = reviewer.locator("#speech .current").all_text_contents()
    assert "".join(marked) == SENTENCES["stock"]


def test_disputes_are_settled_by_keyboard(reviewer, database, disputed, tmp_path):
    press(reviewer, "2")
    settled(reviewer, 1)
    assert chosen(reviewer) == SENTENCES["relay"]
    press(reviewer, "1")
    settled(reviewer, 2)
    press(reviewer, "m")
    settled(reviewer, 3)
    assert rulings(database, disputed) == {
        SENTENCES["stock"]: (True, "oversight"),
        SENTENCES["relay"]: (True, "conduct"),
        SENTENCES["ban"]: (True, "ban"),
    }
    verdicts = [item["verdict"] for item in stored(database, disputed)]
    assert verdicts == ["accepted", "accepted", "rejected", "rejected"]
    with database.writing() as session:
        Desk(session, database.annotator(BODO)).finish(disputed)
    export_gold(database, tmp_path / "gold", Choice())
    ((_, records, _),) = gold_pairs(tmp_path / "gold")
    assert [(record["text"], record["kind"]) for record in records] == [
        (SENTENCES["survey"], "action"),
        (SENTENCES["stock"], "oversight"),
        (SENTENCES["relay"], "conduct"),
        (SENTENCES["ban"], "ban"),
    ]


def test_next_previous_and_the_reading_that_is_looked_at(reviewer):
    seen = []
    for key in ("j", "j", "ArrowDown", "k", "ArrowUp", "n"):
        press(reviewer, key)
        seen.append(chosen(reviewer))
    order = ("relay", "ban", "ban", "relay", "stock", "relay")
    assert seen == [SENTENCES[name] for name in order]
    looked = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        press(reviewer, key)
        looked.append(reviewer.locator(".compare th.looked").text_content().split()[1])
    assert looked == [BODO, "机器", ANNA, "机器"]


def test_settled_ones_are_passed_over(reviewer):
    press(reviewer, "j", "2")
    settled(reviewer, 1)
    seen = []
    for key in ("p", "n", "n", "p"):
        press(reviewer, key)
        seen.append(chosen(reviewer))
    assert seen == [SENTENCES[name] for name in ("stock", "ban", "stock", "ban")]


def test_reading_that_is_looked_at_is_painted_and_taken(reviewer, database, disputed):
    assert reviewer.locator("#speech .current.owner-responsible").count() == 1
    press(reviewer, "ArrowRight")
    assert reviewer.locator("#speech .current.owner-responsible").count() == 0
    press(reviewer, "Enter")
    settled(reviewer, 1)
    assert rulings(database, disputed) == {SENTENCES["stock"]: (True, "oversight")}


def test_third_reading_is_written(reviewer, database, disputed):
    press(reviewer, "e", "4", "x")
    select(reviewer, "各乡镇")
    press(reviewer, "o")
    reviewer.wait_for_selector("#field-owners .entry:nth-child(2)")
    press(reviewer, "w", "Enter")
    settled(reviewer, 1)
    [ruling] = [item["ruling"] for item in stored(database, disputed) if item["ruling"]]
    record = ruling["record"]
    owners = [(owner["text"], owner["role"]) for owner in record["owners"]]
    assert owners == [("各县区", "responsible"), ("各乡镇", "cooperating")]
    assert (record["kind"], record["actionable"]) == ("report", False)
    assert (ruling["task"], ruling["reading"]) == (True, "own")
    press(reviewer, "k")
    assert "另写的读法" in reviewer.locator("#compare .states").text_content()
    assert column(reviewer, 3)["kind"] == "报告反馈"


def test_third_reading_can_be_no_task_and_can_be_left(reviewer, database, disputed):
    press(reviewer, "e", "5", "Escape")
    assert reviewer.locator("#compare").is_visible()
    press(reviewer, "e", "r", "Enter")
    settled(reviewer, 1)
    assert rulings(database, disputed) == {SENTENCES["stock"]: (False, "action")}


def test_ruling_is_undone(reviewer, database, disputed):
    press(reviewer, "1")
    settled(reviewer, 1)
    press(reviewer, "u")
    settled(reviewer, 0)
    assert rulings(database, disputed) == {}
    assert chosen(reviewer) == SENTENCES["stock"]


def test_two_reviewers_of_one_dispute(reviewer, visit, database, disputed):
    other = review(visit("赵勇"), disputed)
    press(other, "2")
    settled(other, 1)
    press(reviewer, "1")
    reviewer.wait_for_selector("#conflict[open]")
    assert "赵勇" in reviewer.locator("#conflict-message").text_content()
    assert "已裁定" in reviewer.locator("#conflict-now").text_content()
    press(reviewer, "Enter")
    reviewer.wait_for_selector("#conflict:not([open])", state="attached")
    assert rulings(database, disputed) == {SENTENCES["stock"]: (True, "oversight")}
    press(reviewer, "1")
    going_on = f".queue li[aria-selected=true]:has-text('{SENTENCES['relay']}')"
    reviewer.wait_for_selector(going_on)
    saved(reviewer)
    assert rulings(database, disputed) == {SENTENCES["stock"]: (True, "action")}


def test_annotator_of_a_dispute_is_told_why_not(visit, database, disputed):
    page = review(visit(ANNA), disputed)
    # somebody who took no part is there
    database.annotator(CARA)
    press(page, "1")
    page.locator("#status", has_text="没有参与").wait_for(state="attached")
    assert rulings(database, disputed) == {}


def test_who_is_no_reviewer_looks_on(visit, database, disputed):
    page = open_disputes(visit(CARA), disputed)
    assert "复核员" in page.locator("#main .notice").text_content()
    assert page.locator(".compare thead button:disabled").count() == 3
    press(page, "1")
    page.locator("#status", has_text="复核员").wait_for(state="attached")
    assert rulings(database, disputed) == {}


def test_figures_stand_at_the_head(reviewer, disputed):
    reviewer.locator("#figures dd").nth(2).wait_for()
    in_document = reviewer.locator("#figures").inner_text().split("\n")
    reviewer.click("nav a[href='/disputes']")
    reviewer.locator("#figures dd").nth(2).wait_for()
    assert reviewer.locator("#figures dd").all_text_contents() == in_document[1::2]
    # two of four tasks are both people's; in one of these they differ in kind
    assert in_document[:2] == ["任务 F1", "0.667"]


def test_list_of_documents_leads_to_the_disputes(reviewer, disputed):
    press(reviewer, "1")
    settled(reviewer, 1)
    reviewer.click("nav a[href='/disputes']")
    row = reviewer.locator(".list tbody tr").inner_text()
    assert "1 / 3" in row
    reviewer.click(".list .title")
    reviewer.wait_for_selector("[data-ready]")
    assert chosen(reviewer) == SENTENCES["relay"]


def test_desk_shows_dispute_and_ruling(reviewer, disputed):
    open_desk(reviewer, disputed)
    press(reviewer, "j")
    reviewer.click("#panel a.tag.returned")
    reviewer.wait_for_selector("[data-ready]")
    assert chosen(reviewer) == SENTENCES["stock"]
    press(reviewer, "2")
    settled(reviewer, 1)
    open_desk(reviewer, disputed)
    reviewer.locator("#queue li", has_text=SENTENCES["stock"]).click()
    assert "监督检查" in reviewer.locator("#panel .ruled").text_content()


def test_dispute_by_mouse(reviewer, database, disputed):
    reviewer.locator("#queue li", has_text=SENTENCES["ban"]).click()
    reviewer.click(".compare [data-take=machine]")
    settled(reviewer, 1)
    assert rulings(database, disputed) == {SENTENCES["ban"]: (True, "ban")}


def test_next_document_with_disputes(reviewer, database, disputed):
    other = put(database, "讲话\n一要抓紧办。\n", "二.txt")
    with database.writing() as session:
        Desk(session, database.annotator(ANNA)).add(other, {"start": 3, "end": 9})
    with database.reading() as session:
        from extract.review import queries

        [item] = queries.whole(session, other)["items"]
    with database.writing() as session:
        Desk(session, database.annotator(BODO)).reject(item["id"], item["version"])
    open_disputes(reviewer, disputed)
    with reviewer.expect_navigation():
        press(reviewer, "]")
    reviewer.wait_for_selector("[data-ready]")
    assert reviewer.url.endswith(f"/documents/{other}/disputes#{item['id']}")


def test_help_names_the_keys(reviewer):
    press(reviewer, "?")
    keys = reviewer.locator("#help kbd").all_text_contents()
    assert keys[:3] == ["J ↓ · K ↑", "N · P", "1 – 9"]
    press(reviewer, "?")
    assert not reviewer.locator("#help").is_visible()


def test_document_without_disputes(visit, document):
    page = open_disputes(visit(), document)
    assert "没有分歧" in page.locator("#compare").inner_text()


def test_hostile_names_and_words_are_text(visit, database):
    markup = "<img src=x onerror='window.hit=1'>"
    document = put(database, f"讲话\n一要{markup}整改。\n")
    span = {"start": 3, "end": 5 + len(markup) + 3}
    with database.writing() as session:
        Desk(session, database.annotator(f"<b>{ANNA}</b>")).add(document, span)
    [item] = stored(database, document)
    with database.writing() as session:
        Desk(session, database.annotator(BODO)).reject(item["id"], item["version"])
    page = open_disputes(visit(), document)
    assert page.locator(".compare th b, .compare img, #speech img").count() == 0
    assert page.evaluate("window.hit") is None
    assert f"<b>{ANNA}</b>" in page.locator(".compare thead").text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(visit, disputed, scheme):
    page = review(visit(CARA, color_scheme=scheme), disputed)
    press(page, "1")
    settled(page, 1)
    page.wait_for_selector(".status:not(.on)", state="attached")
    assert page.evaluate(CONTRAST) == []
    press(page, "e")
    assert page.evaluate(CONTRAST) == []


def test_everything_fits_on_a_laptop_and_has_a_name(reviewer):
    assert reviewer.evaluate("document.documentElement.scrollWidth") <= 1366
    assert reviewer.locator("#compare .actions").bounding_box()["y"] < 768
    nameless = reviewer.evaluate(
        """() => [...document.querySelectorAll('button, input, select, textarea, a')]
          .filter((element) => !element.labels?.length && !element.ariaLabel
            && !element.textContent.trim() && !element.title)
          .map((element) => element.outerHTML)"""
    )
    assert nameless == []


@pytest.mark.parametrize(
    ("name", "lang", "scheme"),
    [("disputes", "zh", "light"), ("disputes-en", "en", "dark")],
)
def test_pictures(visit, disputed, tmp_path, name, lang, scheme):
    """Looks as in docs/img; with DUBAN_PICTURES set they are made anew there."""
    page = visit(CARA, color_scheme=scheme)
    if lang == "en":
        with page.expect_navigation():
            page.click("#lang")
    review(page, disputed)
    page.locator("#figures dd").nth(2).wait_for()
    pictured(page, name, tmp_path)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN"}.get(lang, lang)
