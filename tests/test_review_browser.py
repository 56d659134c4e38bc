"""The page in a real browser: from a speech to accepted gold, by keyboard."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="duban[review] is not installed")
pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")

from playwright import sync_api as playwright
from workbench import SENTENCES, TEXT, at, put, serving

from extract.evaluate import gold_pairs
from extract.review import queries
from extract.review.database import Database
from extract.review.exchange.gold import export_gold
from extract.review.exchange.selection import Choice
from extract.review.server import application

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

# a browser complains of refused and of failed requests, which some tests are about
EXPECTED = re.compile("409|ERR_INTERNET_DISCONNECTED")
ALL = ("survey", "stock", "relay", "ban")
PICTURES = os.environ.get("DUBAN_PICTURES", "")


@pytest.fixture(scope="module")
def chromium():
    with playwright.sync_playwright() as driver:
        # a sandbox cannot be set up as root, or in most containers
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def database(tmp_path):
    opened = Database(str(tmp_path / "review.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def document(database):
    return put(database)


@pytest.fixture
def address(database):
    with serving(application(database)) as found:
        yield found


@pytest.fixture
def visit(chromium, address):
    """Make a page of a person of that name; what the browser complains of fails."""
    contexts, complaints = [], []

    def enter(name="张敏", **options):
        size = {"width": 1366, "height": 768}
        context = chromium.new_context(viewport=size, **options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda said: (
                complaints.append(said.text)
                if said.type == "error" and not EXPECTED.search(said.text)
                else None
            ),
        )
        page.goto(address)
        page.fill("#who-name", name)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []


def open_desk(page, document):
    page.goto(page.url.split("/documents")[0].rstrip("/") + f"/documents/{document}")
    page.wait_for_selector("[data-ready]")
    return page


@pytest.fixture
def desk(visit, document):
    return open_desk(visit(), document)


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def chosen(page):
    return page.locator(".quote").inner_text()


def said(page, words):
    page.locator("#status", has_text=words).wait_for(state="attached")
    saved(page)


def saved(page):
    """Wait until the server has confirmed everything."""
    page.wait_for_selector("#desk[data-unsent='0']", state="attached")


def stored(database, document):
    with database.reading() as session:
        return queries.whole(session, document)["items"]


def verdicts(database, document):
    return {
        item["record"]["text"]: item["verdict"] for item in stored(database, document)
    }


def select(page, words):
    """Select words of the speech as a mouse would."""
    page.evaluate(
        """([start, end]) => {
          const segments = [...document.querySelectorAll('#speech span[data-start]')];
          const place = (offset, ending) => {
            const found = segments.filter((segment) => {
              const from = Number(segment.dataset.start);
              return ending ? from < offset : from <= offset;
            }).at(-1);
            return [found.firstChild, offset - Number(found.dataset.start)];
          };
          const range = document.createRange();
          range.setStart(...place(start, false));
          range.setEnd(...place(end, true));
          document.getSelection().removeAllRanges();
          document.getSelection().addRange(range);
        }""",
        [at(words)["start"], at(words)["end"]],
    )


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
    before = desk.locator("#queue").inner_text()
    desk.reload()
    desk.wait_for_selector("[data-ready]")
    assert desk.locator("#queue").inner_text() == before
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
    rows = desk.locator("#queue .words").all_inner_texts()
    assert rows == [SENTENCES[name] for name in names]


def test_list_is_searched(desk):
    press(desk, "/")
    desk.keyboard.type("沙袋")
    assert desk.locator("#queue .words").all_inner_texts() == [SENTENCES["stock"]]


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


CONTRAST = """() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const weak = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.data?.trim());
    if (!own || !element.checkVisibility({ opacityProperty: true })) continue;
    const ink = parse(getComputedStyle(element).color);
    const [a, b] = [light(ink), light(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) weak.push(`${element.className} ${element.textContent} ${ratio}`);
  }
  return weak;
}"""


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
    page.wait_for_selector(".status:not(.on)", state="attached")
    folder = Path(PICTURES) if PICTURES else tmp_path
    path = folder / f"{name}.png"
    page.screenshot(path=path)
    assert 20_000 < path.stat().st_size < 400_000
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN"}.get(lang, lang)
