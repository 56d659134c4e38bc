"""The desk in a real browser: from a speech to accepted gold, by keyboard."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("fastapi", reason="duban[review] is not installed")

from browsing import (
    CHROMIUM,
    CONTRAST,
    chosen,
    open_desk,
    pictured,
    press,
    said,
    saved,
    select,
    stored,
)
from openpyxl import load_workbook
from workbench import SENTENCES, TEXT, put

from extract.evaluate import gold_pairs
from extract.readers import from_text
from extract.review.exchange.gold import export_gold
from extract.review.exchange.selection import Choice
from extract.review.exchange.sheet import export_sheet
from extract.review.exchange.sheet_in import import_sheet
from extract.review.intake import add_document

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

ALL = ("survey", "stock", "relay", "ban")


def verdicts(database, document):
    return {
        item["record"]["text"]: item["verdict"] for item in stored(database, document)
    }


def test_from_speech_to_gold_by_keyboard(desk, database, document, tmp_path):
    assert chosen(desk) == SENTENCES["survey"]
    press(desk, "Enter", "3", "Enter", "r", "Enter")
    said(desk, "全部核对")
    press(desk, "Shift+F")
    said(desk, "已办结")
    assert verdicts(database, document) == {
        SENTENCES["survey"]: "accepted",
        SENTENCES["stock"]: "accepted",
        SENTENCES["relay"]: "rejected",
        SENTENCES["ban"]: "accepted",
    }
    export_gold(database, tmp_path / "gold", Choice())
    ((path, records, meta),) = gold_pairs(tmp_path / "gold")
    assert path.read_text(encoding="utf-8") == TEXT
    assert [(record["text"], record["kind"]) for record in records] == [
        (SENTENCES["survey"], "action"),
        (SENTENCES["stock"], "oversight"),
        (SENTENCES["ban"], "ban"),
    ]
    assert records[0]["owners"] == [
        {"text": "市水利局", "role": "lead"},
        {"text": "市住建局", "role": "cooperating"},
    ]
    assert (meta["date"], meta["annotators"]) == ("2026-03-05", ["张敏"])


def test_next_and_previous(desk):
    seen = []
    for key in ("j", "j", "ArrowDown", "j", "k", "ArrowUp"):
        press(desk, key)
        seen.append(chosen(desk))
    order = ("stock", "relay", "ban", "ban", "relay", "stock")
    assert seen == [SENTENCES[name] for name in order]


def test_clicking_a_sentence_shows_its_fields(desk):
    desk.get_by_text("备足沙袋").first.click()
    assert chosen(desk) == SENTENCES["stock"]
    assert desk.locator("#field-owners .surface").all_inner_texts() == ["各县区"]
    marked = desk.locator("#speech .task.current").all_inner_texts()
    assert "".join(marked) == SENTENCES["stock"]


def test_roles_and_fields_are_coloured(desk):
    colours = {
        words: desk.locator(f"#speech span.{name}").first.evaluate(
            "element => getComputedStyle(element).backgroundColor"
        )
        for words, name in (
            ("市水利局", "owner-lead"),
            ("市住建局", "owner-cooperating"),
            ("各县区", "owner-responsible"),
            ("5月底前", "deadlines"),
            ("每周", "recurrences"),
            ("20座以上", "metrics"),
        )
    }
    assert len(set(colours.values())) == 6


def test_missed_task_is_added_by_selecting_it(desk, database, document):
    select(desk, SENTENCES["report"])
    press(desk, "+")
    said(desk, "已补充")
    (item,) = [i for i in stored(database, document) if i["machine"] is None]
    record = item["record"]
    assert (record["text"], item["verdict"]) == (SENTENCES["report"], "accepted")
    assert [owner["text"] for owner in record["owners"]] == ["各乡镇"]
    assert [deadline["due"] for deadline in record["deadlines"]] == ["2026-04-15"]
    assert chosen(desk) == SENTENCES["report"]


def test_missed_task_is_added_without_a_mouse(desk, database, document):
    press(desk, "j", "j", "+")
    said(desk, "选一句")
    press(desk, "Enter")
    said(desk, "已补充")
    added = [i for i in stored(database, document) if i["machine"] is None]
    assert [i["record"]["text"] for i in added] == [SENTENCES["report"]]


def test_split_by_keyboard_and_undo(desk, database, document):
    press(desk, "s", "ArrowRight", "Enter")
    said(desk, "拆成两条")
    whole = SENTENCES["survey"]
    cut = whole.index("5月底前")
    texts = [item["record"]["text"] for item in stored(database, document)]
    assert texts[:2] == [whole[:cut], whole[cut:]]
    press(desk, "u")
    said(desk, "已撤销")
    texts = [item["record"]["text"] for item in stored(database, document)]
    assert texts == [SENTENCES[name] for name in ALL]


def test_merge_with_the_next(desk, database, document):
    press(desk, "m")
    said(desk, "已合并")
    first = stored(database, document)[0]["record"]
    assert first["text"] == SENTENCES["survey"] + SENTENCES["stock"]
    assert chosen(desk) == first["text"]


def test_selected_words_become_a_field(desk, database, document):
    press(desk, "j", "j")
    select(desk, "各单位")
    press(desk, "o")
    said(desk, "已保存")
    press(desk, "w")
    desk.wait_for_selector("#field-owners .owner-cooperating")
    said(desk, "已保存")
    (owner,) = stored(database, document)[2]["record"]["owners"]
    assert (owner["text"], owner["role"]) == ("各单位", "cooperating")


def test_date_is_picked_and_role_is_set(desk, database, document):
    desk.fill("#field-deadlines input[type=date]", "2026-05-20")
    desk.locator("#field-deadlines input[type=date]").blur()
    said(desk, "已保存")
    desk.locator("#field-owners select").nth(1).select_option("supervising")
    desk.wait_for_selector("#field-owners .owner-supervising")
    press(desk, "Escape", "Enter")
    desk.wait_for_selector(".queue li.accepted")
    record = stored(database, document)[0]["record"]
    assert record["deadlines"][0]["due"] == "2026-05-20"
    assert [o["role"] for o in record["owners"]] == ["lead", "supervising"]


def record_of(database, document, name):
    [record] = [
        item["record"]
        for item in stored(database, document)
        if item["record"]["start"] == TEXT.index(SENTENCES[name])
    ]
    return record


@pytest.mark.parametrize(
    ("control", "value", "read"),
    [
        ("[data-key=number]", "二要", lambda record: record["number"]),
        ("[data-key=section]", "二、", lambda record: record["section"]),
        ("[data-key=item]", "", lambda record: record["item"]),
        (
            "[data-key='recurrences.0.every']",
            "2",
            lambda record: str(record["recurrences"][0]["every"]),
        ),
        (
            "[data-key='recurrences.0.times']",
            "3",
            lambda record: str(record["recurrences"][0]["times"]),
        ),
        (
            "[data-key='recurrences.0.day']",
            "5",
            lambda record: str(record["recurrences"][0]["day"]),
        ),
        (
            "[data-key='metrics.0.value']",
            "30.5",
            lambda record: str(record["metrics"][0]["value"]),
        ),
        ("[data-key='metrics.0.unit']", "口", lambda r: r["metrics"][0]["unit"]),
        (
            "[data-key='deadlines.0.due']",
            "2026-06-01",
            lambda record: record["deadlines"][0]["due"],
        ),
    ],
)
def test_every_field_is_edited(desk, database, document, control, value, read):
    desk.fill(control, value)
    desk.locator(control).blur()
    said(desk, "已保存")
    assert read(record_of(database, document, "survey")) == value


@pytest.mark.parametrize(
    ("control", "value", "read"),
    [
        ("[data-key='owners.0.role']", "supervising", lambda r: r["owners"][0]["role"]),
        ("[data-key='deadlines.0.type']", "event", lambda r: r["deadlines"][0]["type"]),
        (
            "[data-key='recurrences.0.unit']",
            "month",
            lambda r: r["recurrences"][0]["unit"],
        ),
        (
            "[data-key='metrics.0.relation']",
            "eq",
            lambda r: r["metrics"][0]["relation"],
        ),
    ],
)
def test_every_choice_is_made(desk, database, document, control, value, read):
    desk.select_option(control, value)
    said(desk, "已保存")
    assert read(record_of(database, document, "survey")) == value


def test_period_has_two_ends(desk, database, document):
    desk.select_option("[data-key='deadlines.0.type']", "period")
    said(desk, "已保存")
    desk.fill("[data-key='deadlines.0.from']", "2026-05-01")
    desk.locator("[data-key='deadlines.0.from']").blur()
    said(desk, "已保存")
    [deadline] = record_of(database, document, "survey")["deadlines"]
    found = [deadline[key] for key in ("type", "from", "due")]
    assert found == ["period", "2026-05-01", "2026-05-31"]


@pytest.mark.parametrize("name", ["owners", "deadlines", "recurrences", "metrics"])
def test_part_is_removed(desk, database, document, name):
    before = len(record_of(database, document, "survey")[name])
    desk.locator(f"#field-{name} .remove").first.click()
    said(desk, "已保存")
    assert len(record_of(database, document, "survey")[name]) == before - 1


@pytest.mark.parametrize(
    ("key", "name", "words", "values"),
    [
        ("o", "owners", "各乡镇", {"role": "responsible"}),
        ("d", "deadlines", "4月15日前", {"type": "date", "due": "2026-04-15"}),
        ("f", "recurrences", "每周", {"unit": "week"}),
        ("q", "metrics", "20座以上", {"value": 20, "relation": "ge"}),
    ],
)
def test_selected_words_become_any_part(
    desk, database, document, key, name, words, values
):
    press(desk, "j", "j")
    select(desk, words)
    press(desk, key)
    said(desk, "已保存")
    [part] = record_of(database, document, "relay")[name]
    assert {key: part[key] for key in ("text", *values)} == {"text": words} | values


def test_span_becomes_what_is_selected(desk, database, document):
    press(desk, "j")
    select(desk, "各县区备足沙袋。")
    press(desk, "t")
    said(desk, "已保存")
    texts = [item["record"]["text"] for item in stored(database, document)]
    assert texts[1] == "各县区备足沙袋。"


@pytest.mark.parametrize(
    ("clicked", "read", "value"),
    [
        (".kinds label:nth-child(5)", lambda item: item["record"]["kind"], "ban"),
        (
            "[data-key=actionable]",
            lambda item: item["record"]["actionable"],
            False,
        ),
        ("[data-key=heading]", lambda item: item["record"]["heading"], True),
        ("[data-act=accept_next]", lambda item: item["verdict"], "accepted"),
        ("[data-act=reject]", lambda item: item["verdict"], "rejected"),
    ],
)
def test_mouse_does_what_keys_do(desk, database, document, clicked, read, value):
    desk.click(clicked)
    desk.wait_for_selector("#status.on")
    saved(desk)
    assert read(stored(database, document)[0]) == value


@pytest.mark.parametrize("keys", ["u", "Control+z"])
def test_undo_by_key(desk, database, document, keys):
    press(desk, "a")
    desk.wait_for_selector(".queue li.accepted")
    press(desk, keys)
    said(desk, "已撤销")
    assert set(verdicts(database, document).values()) == {"open"}


def test_reopened_by_key(desk, database, document):
    press(desk, "a")
    desk.wait_for_selector(".queue li.accepted")
    press(desk, "c")
    said(desk, "未核对")
    assert set(verdicts(database, document).values()) == {"open"}


def test_next_open_passes_over_what_is_judged(desk):
    press(desk, "j", "a")
    desk.wait_for_selector(".queue li.accepted")
    press(desk, "k", "n")
    assert chosen(desk) == SENTENCES["relay"]


def test_next_document_by_key(desk, database):
    put(database, "讲话\n一要抓紧办。\n", "二.txt")
    desk.reload()
    desk.wait_for_selector("[data-ready]")
    press(desk, "]")
    desk.wait_for_url("**/documents/2")
    desk.wait_for_selector("[data-ready]")
    press(desk, "[")
    desk.wait_for_url("**/documents/1**")


def test_progress_of_a_document_is_shown(desk, document):
    press(desk, "a", "j", "r")
    said(desk, "不是任务")
    assert desk.locator("#count").inner_text() == "2 / 4"
    desk.goto(desk.url.split("/documents")[0])
    assert "2 / 4" in desk.locator(".list tbody tr").inner_text()


def test_tasks_of_all_documents_are_searched_and_opened(desk):
    desk.click("nav a[href='/tasks']")
    desk.fill("input[name=search]", "沙袋")
    press(desk, "Enter")
    desk.locator(".list .title", has_text="沙袋").click()
    desk.wait_for_selector("[data-ready]")
    assert chosen(desk) == SENTENCES["stock"]


def test_most_disputed_come_first(visit, desk, document, database):
    other = open_desk(visit("李强"), document)
    press(desk, "j", "j", "Enter")
    said(desk, "已采纳")
    other.locator("#queue li.accepted").wait_for()
    press(other, "j", "j", "r")
    said(other, "不是任务")
    other.select_option("#order", "disagreement")
    rows = other.locator("#queue .words").all_text_contents()
    assert rows[0] == SENTENCES["relay"]
    other.select_option("#state", "disputed")
    rows = other.locator("#queue .words").all_text_contents()
    assert rows == [SENTENCES["relay"]]


def test_excel_there_and_back(desk, database, document, tmp_path):
    press(desk, "Enter")
    said(desk, "已采纳")
    path = tmp_path / "台账.xlsx"
    export_sheet(database, path, Choice(unfinished=True, rejected=True), "zh")
    book = load_workbook(path)
    sheet = book.active
    heads = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(3, heads["核对"]).value = "已采纳"
    sheet.cell(3, heads["类别"]).value = "监督检查"
    sheet.cell(2, heads["牵头单位"]).value = "市住建局"
    book.save(path)
    # meanwhile somebody goes on in the page
    press(desk, "j", "r")
    said(desk, "不是任务")
    outcome = import_sheet(database, path, "李强")
    columns = [(change.column, change.after) for change in outcome.changes]
    assert columns == [
        ("lead", "市住建局"),
        ("verdict", "已采纳"),
        ("kind", "监督检查"),
    ]
    assert (outcome.conflicts, outcome.problems, outcome.absent) == ([], [], [])
    desk.reload()
    desk.wait_for_selector("[data-ready]")
    rows = desk.locator("#queue li").all()
    states = [row.get_attribute("class").split()[0] for row in rows]
    assert states == ["accepted", "accepted", "rejected", "open"]
    rows[1].click()
    assert desk.locator(".kinds input:checked").get_attribute("value") == "oversight"


def test_outdated_documents_are_read_again_by_a_button(visit, database):
    add_document(database, from_text(TEXT, "旧.txt"), [], reader="older")
    page = visit()
    page.locator("#outdated", has_text="1 份文档是用旧的规则").wait_for()
    with page.expect_navigation(timeout=60_000):
        page.click("#refresh")
    assert stored(database, 1) != []
    assert page.locator("#outdated").is_hidden()


def test_english_page_speaks_english(visit, document):
    page = visit()
    with page.expect_navigation():
        page.click("#lang")
    open_desk(page, document)
    press(page, "?")
    own = "#help, .filters, .field legend, .field .hint, .actions, .states, header nav"
    words = " ".join(page.locator(own).all_text_contents())
    # the bodies in the filter are the speech's own
    bodies = page.locator("#owner option").all_text_contents()
    for body in bodies:
        words = words.replace(body, "")
    assert re.findall("[\u4e00-\u9fff]+", words) == []


def test_tab_reaches_the_task_first(desk):
    desk.evaluate("document.activeElement.blur()")
    press(desk, "Tab")
    assert desk.evaluate("document.activeElement.className") == "skip"
    desk.evaluate("document.activeElement.click()")
    press(desk, "Tab")
    inside = "document.activeElement.closest('#main') !== null"
    assert desk.evaluate(inside)


def test_keys_typed_in_a_row_lose_nothing(desk, database, document):
    press(desk, "2", "x", "h", "Enter", "5", "Enter", "a")
    saved(desk)
    found = [
        (i["verdict"], i["record"]["kind"], i["record"]["actionable"])
        for i in stored(database, document)
    ]
    assert found == [
        ("accepted", "target", False),
        ("accepted", "ban", True),
        ("accepted", "conduct", False),
        ("open", "ban", True),
    ]


def test_conflict_between_two_annotators(visit, database, document):
    mine, other = open_desk(visit(), document), open_desk(visit("李强"), document)
    press(other, "r")
    other.wait_for_selector(".queue li.rejected")
    press(mine, "Enter")
    mine.wait_for_selector("#conflict[open]")
    assert "李强" in mine.locator("#conflict-message").inner_text()
    assert "不是任务" in mine.locator("#conflict-now").inner_text()
    assert stored(database, document)[0]["annotator"] == "李强"
    press(mine, "Enter")
    mine.wait_for_selector("#conflict:not([open])", state="attached")
    press(mine, "k", "a")
    mine.wait_for_selector(".queue li.accepted")
    assert stored(database, document)[0]["annotator"] == "张敏"


def test_reload_loses_nothing(desk, database, document):
    press(desk, "Enter", "4", "r")
    desk.wait_for_selector(".queue li.rejected")
    said(desk, "不是任务")
    before = desk.locator("#queue").text_content()
    desk.reload()
    desk.wait_for_selector("[data-ready]")
    assert desk.locator("#queue").text_content() == before
    assert desk.locator("#count").inner_text() == "2 / 4"


def test_what_cannot_be_sent_now_is_sent_later(desk, database, document):
    desk.context.set_offline(True)
    press(desk, "a")
    desk.locator("#status", has_text="连不上").wait_for(state="attached")
    assert stored(database, document)[0]["verdict"] == "open"
    desk.context.set_offline(False)
    said(desk, "已采纳")
    assert stored(database, document)[0]["verdict"] == "accepted"


def test_reviewer_approves_what_was_judged(visit, database, document):
    page = open_desk(visit(), document)
    press(page, "Enter", "Enter")
    saved(page)
    with page.expect_navigation():
        page.select_option("#role", "reviewer")
    page.wait_for_selector("[data-ready]")
    press(page, "Enter")
    said(page, "还没有人核对")
    press(page, "Enter")
    said(page, "复核同意")
    press(page, "b")
    page.fill("#remark-text", "缺数量")
    page.click("#remark button.main")
    page.wait_for_selector(".queue li.returned")
    said(page, "已退回")
    found = [(i["review"], i["remark"]) for i in stored(database, document)]
    assert found == [
        ("approved", ""),
        ("returned", "缺数量"),
        ("open", ""),
        ("open", ""),
    ]


def test_reviewer_is_led_to_what_others_judged(visit, database, document):
    mine, other = open_desk(visit(), document), open_desk(visit("李强"), document)
    press(mine, "a")
    said(mine, "已采纳")
    press(other, "j", "a")
    said(other, "已采纳")
    with mine.expect_navigation():
        mine.select_option("#role", "reviewer")
    mine.wait_for_selector("[data-ready]")
    press(mine, "n")
    assert chosen(mine) == SENTENCES["stock"]
    press(mine, "Enter")
    said(mine, "复核同意")
    press(mine, "k", "Enter")
    said(mine, "要由别人复核")
    reviews = [item["review"] for item in stored(database, document)]
    assert reviews == ["open", "approved", "open", "open"]


@pytest.mark.parametrize(
    ("control", "value", "names"),
    [
        ("#kind", "ban", ["ban"]),
        ("#missing", "owner", ["relay", "ban"]),
        ("#owner", "各县区", ["stock"]),
        ("#order", "confidence", ["relay", "stock", "ban", "survey"]),
        ("#state", "accepted", []),
    ],
)
def test_list_is_filtered_and_sorted(desk, control, value, names):
    desk.select_option(control, value)
    rows = desk.locator("#queue .words").all_text_contents()
    assert rows == [SENTENCES[name] for name in names]


def test_list_is_searched(desk):
    press(desk, "/")
    desk.keyboard.type("沙袋")
    assert desk.locator("#queue .words").all_text_contents() == [SENTENCES["stock"]]


def test_help_opens_and_closes_by_key(desk):
    press(desk, "?")
    assert desk.locator("#help").is_visible()
    press(desk, "?")
    assert not desk.locator("#help").is_visible()


def test_hostile_speech_is_shown_as_text(visit, database):
    markup = "<script>window.hit=1</script><img src=x onerror='window.hit=2'>"
    text = f"讲话\n一要{markup}整改。\n"
    page = open_desk(visit("<i>张</i>"), put(database, text))
    assert "<script>window.hit=1</script>" in page.locator("#speech").inner_text()
    assert page.evaluate("window.hit") is None
    assert page.locator("#speech script, #speech img, #name i").count() == 0


def test_every_control_has_a_name(desk):
    nameless = desk.evaluate(
        """() => [...document.querySelectorAll('button, input, select, textarea, a')]
          .filter((element) => !element.labels?.length && !element.ariaLabel
            && !element.textContent.trim() && !element.title)
          .map((element) => element.outerHTML)"""
    )
    assert nameless == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast(visit, document, scheme):
    page = open_desk(visit(color_scheme=scheme), document)
    press(page, "Enter", "r")
    page.wait_for_selector(".queue li.rejected")
    page.wait_for_timeout(300)
    assert page.evaluate(CONTRAST) == []


def test_theme_can_be_switched_and_stays(desk):
    ground = "getComputedStyle(document.body).backgroundColor"
    light = desk.evaluate(ground)
    with desk.expect_response("**/api/session"):
        desk.click("#theme")
    dark = desk.evaluate(ground)
    desk.reload()
    assert (desk.evaluate(ground) == dark, dark == light) == (True, False)


def test_nothing_needs_scrolling_sideways_on_a_laptop(desk):
    width = "document.documentElement.scrollWidth"
    assert desk.evaluate(width) <= 1366
    assert desk.locator(".actions").bounding_box()["y"] < 768


def test_offsets_count_code_points(visit, database):
    text = "讲话\n😀😀一要落实😀到人。\n"
    page = open_desk(visit(), put(database, text))
    start = text.index("落实")
    page.evaluate(
        """() => {
          const segment = [...document.querySelectorAll('#speech span')]
            .find((span) => span.textContent.includes('落实'));
          const from = segment.textContent.indexOf('落实');
          const range = document.createRange();
          range.setStart(segment.firstChild, from);
          range.setEnd(segment.firstChild, segment.textContent.length);
          document.getSelection().addRange(range);
        }"""
    )
    press(page, "+")
    said(page, "已补充")
    record = stored(database, 1)[0]["record"]
    assert (record["start"], record["text"]) == (start, "落实😀到人。")


@pytest.mark.parametrize(
    ("name", "lang", "scheme"), [("review", "zh", "light"), ("review-en", "en", "dark")]
)
def test_pictures(visit, document, tmp_path, name, lang, scheme):
    """Looks as in docs/img; with DUBAN_PICTURES set they are made anew there."""
    page = visit(color_scheme=scheme)
    if lang == "en":
        with page.expect_navigation():
            page.click("#lang")
    open_desk(page, document)
    press(page, "j", "a", "k")
    page.wait_for_selector(".queue li.accepted")
    pictured(page, name, tmp_path)
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN"}.get(lang, lang)
