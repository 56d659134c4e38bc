"""The page's server: what it serves, what it refuses, and to whom."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

import pytest

pytest.importorskip("fastapi", reason="duban[review] is not installed")

import httpx
from office import docx
from workbench import SENTENCES, TEXT, at, put, serving, until

from extract.readers import from_text
from extract.review import guard
from extract.review.guard import BODY_LIMIT, Guard, known_host
from extract.review.intake import Intake, add_document, take_in
from extract.review.server import application

HOSTILE = """关于<script>alert(1)</script>的讲话
一要"><img src=x onerror=alert(2)>市局完成</textarea>整改。
{{ 7*7 }} {% raw %} ${7*7} &lt;b&gt; ' onmouseover='x
"""


class Browser(httpx.Client):
    """What a browser does: keeps the cookie, sends the page's token with changes."""

    token = ""

    def enter(self, name="张敏", **choices):
        page = self.get("/", follow_redirects=True)
        self.token = re.search('csrf-token" content="([^"]*)"', page.text)[1]
        assert self.tell("/api/session", {"name": name, **choices}).status_code == 200
        return self

    def tell(self, path, body, **headers):
        return self.post(
            path, json=body, headers={"x-csrf-token": self.token} | headers
        )

    def items(self, document):
        whole = self.get(f"/api/documents/{document}").json()
        return {item["record"]["text"]: item for item in whole["items"]}

    def act(self, document, action, name="", **more):
        seen = []
        if name:
            item = self.items(document)[SENTENCES[name]]
            seen = [{"id": item["id"], "version": item["version"]}]
        body = {"action": action, "document": document, "items": seen} | more
        return self.tell("/api/changes", body)


@pytest.fixture
def browser(address):
    with Browser(base_url=address) as opened:
        yield opened.enter()


def code_of(response):
    return response.status_code, response.json()["code"]


# what it does


def test_documents_are_listed_with_their_progress(browser, document):
    browser.act(document, "accept", "stock")
    page = browser.get("/").text
    assert "在全市防汛备汛工作会议上的讲话" in page
    assert "1 / 4" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [("沙袋", True), ("防汛.txt", True), ("林长制", False), ("%", False)],
)
def test_documents_are_searched(browser, document, query, found):
    page = browser.get("/", params={"q": query}).text
    assert (f'href="/documents/{document}"' in page) == found


def test_tasks_of_all_documents_least_certain_first(browser, document):
    page = browser.get("/tasks").text
    places = [
        page.index(SENTENCES[name]) for name in ("relay", "stock", "ban", "survey")
    ]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("lang", "word"), [("zh", "核对工作台"), ("en", "review desk")]
)
def test_page_speaks_the_language_that_was_chosen(browser, document, lang, word):
    browser.tell("/api/session", {"lang": lang})
    assert word in browser.get(f"/documents/{document}").text


def test_whole_document(browser, document):
    whole = browser.get(f"/api/documents/{document}").json()
    assert whole["text"] == TEXT
    assert [TEXT[start:end] for start, end, _ in whole["outline"]] == [
        "一、压实责任",
        "二、严明纪律",
    ]
    assert list(browser.items(document)) == [
        SENTENCES[name] for name in ("survey", "stock", "relay", "ban")
    ]


def test_change_gives_back_the_item_and_the_progress(browser, document):
    answer = browser.act(document, "accept", "stock", fields={"kind": "oversight"})
    (item,) = answer.json()["items"]
    said = item["verdict"], item["record"]["kind"], item["annotator"], item["version"]
    assert said == ("accepted", "oversight", "张敏", 2)
    progress = answer.json()["document"]
    assert (progress["accepted"], progress["tasks"], progress["version"]) == (1, 4, 2)


def test_conflict_shows_the_item_as_it_is_now(browser, document, address):
    item = browser.items(document)[SENTENCES["stock"]]
    with Browser(base_url=address) as other:
        other.enter("李强").act(document, "reject", "stock")
    seen = [{"id": item["id"], "version": item["version"]}]
    body = {"action": "accept", "document": document, "items": seen}
    answer = browser.tell("/api/changes", body)
    assert code_of(answer) == (409, "E712")
    assert "李强" in answer.json()["zh"]
    now = answer.json()["item"]
    assert (now["verdict"], now["annotator"], now["version"]) == ("rejected", "李强", 2)
    assert browser.items(document)[SENTENCES["stock"]] == now


@pytest.mark.parametrize(
    ("action", "name", "more"),
    [
        ("reject", "stock", {}),
        ("reopen", "stock", {}),
        ("edit", "stock", {"fields": {"actionable": False}}),
        ("split", "survey", {"at": TEXT.index("5月底前")}),
        ("undo", "", {}),
    ],
)
def test_every_action_goes_through(browser, document, action, name, more):
    browser.act(document, "accept", "relay")
    answer = browser.act(document, action, name, **more)
    assert answer.status_code == 200, answer.text


def test_reviewer_approves_in_that_role_only(browser, document):
    browser.act(document, "accept", "stock")
    assert code_of(browser.act(document, "approve", "stock")) == (403, "E718")
    browser.tell("/api/session", {"role": "reviewer"})
    (item,) = browser.act(document, "approve", "stock").json()["items"]
    assert (item["review"], item["reviewer"]) == ("approved", "张敏")


def test_machine_reads_what_a_person_marked(browser, document):
    span = {"document": document, "start": at("4月15日前")["start"]}
    span["end"] = at("4月15日前")["end"]
    part = browser.tell("/api/read", span | {"field": "deadlines"}).json()
    assert (part["text"], part["type"], part["due"]) == (
        "4月15日前",
        "date",
        "2026-04-15",
    )


def test_what_no_rule_understands_is_marked_all_the_same(browser, document):
    place = {key: at("会后")[key] for key in ("start", "end")}
    body = {"document": document, "field": "deadlines"} | place
    assert browser.tell("/api/read", body).json() == at("会后") | {
        "type": "date",
        "from": None,
        "due": None,
        "rule": "annotator",
    }


def rival(address, document, **more):
    """Somebody who judges the task of the sandbags, and that it is something else."""
    with Browser(base_url=address) as other:
        assert other.enter("李强").act(document, "accept", "stock").status_code == 200
        assert other.act(document, "edit", "stock", **more).status_code == 200


def ruling(browser, document, reading):
    found = browser.get(f"/api/documents/{document}/disputes").json()["disputes"]
    items = [{"id": i["id"], "version": i["version"]} for i in found[0]["items"]]
    by = {each["name"]: each["by"] for each in found[0]["readings"]}
    body = {"document": document, "items": items, "reading": by.get(reading, reading)}
    return browser.tell("/api/rulings", body)


def test_dispute_is_settled(browser, document, address):
    browser.act(document, "accept", "stock")
    rival(address, document, fields={"kind": "ban"})
    with Browser(base_url=address) as third:
        third.enter("王芳", role="reviewer")
        answer = ruling(third, document, "张敏")
        assert answer.status_code == 200
        whole = answer.json()
        assert (whole["settled"], whole["total"]) == (1, 1)
        assert whole["disputes"][0]["items"][0]["reviewer"] == "王芳"
        item = third.items(document)[SENTENCES["stock"]]
        assert item["ruling"]["record"]["kind"] == "action"
        assert (item["review"], item["reviewer"]) == ("settled", "王芳")


@pytest.mark.parametrize(
    ("who", "choices", "code"),
    [
        ("王芳", {}, (403, "E718")),
        ("张敏", {"role": "reviewer"}, (403, "E732")),
    ],
)
def test_ruling_that_is_not_ones_own_to_make(
    browser, document, address, who, choices, code
):
    browser.act(document, "accept", "stock")
    rival(address, document, fields={"kind": "ban"})
    with Browser(base_url=address) as third:
        third.enter("王芳")
        third.enter(who, **choices)
        assert code_of(ruling(third, document, "李强")) == code


def test_ruling_on_an_older_version_is_a_conflict(browser, document, address, database):
    browser.act(document, "accept", "stock")
    rival(address, document, fields={"kind": "ban"})
    with Browser(base_url=address) as third:
        third.enter("王芳", role="reviewer")
        item = third.items(document)[SENTENCES["stock"]]
        seen = [{"id": item["id"], "version": item["version"] - 1}]
        body = {"document": document, "items": seen, "reading": "machine"}
        answer = third.tell("/api/rulings", body)
    assert code_of(answer) == (409, "E712")
    assert answer.json()["item"] == item


def test_nobody_approves_their_own_where_others_work(browser, document, address):
    browser.act(document, "accept", "stock")
    with Browser(base_url=address) as other:
        other.enter("李强")
    browser.tell("/api/session", {"role": "reviewer"})
    assert code_of(browser.act(document, "approve", "stock")) == (403, "E731")


def test_nobody_is_called_like_the_machine(browser):
    answer = browser.tell("/api/session", {"name": " duban "})
    assert code_of(answer) == (400, "E734")


def test_agreement_of_those_who_judged_the_same(browser, document, address):
    browser.act(document, "accept", "stock")
    rival(address, document, fields={"kind": "ban"})
    found = browser.get("/api/agreement").json()
    score = {"first": "张敏", "second": "李强", "f1": 1.0, "low": 1.0, "high": 1.0}
    assert (found["documents"], found["pairs"]) == (1, [score])
    assert found["alphas"]["kind"]["units"] == 1
    assert browser.get(f"/api/agreement?document={document}").json() == found


def test_outdated_documents_are_read_again_at_a_persons_wish(browser, database):
    speech = from_text(TEXT, "讲话/防汛.txt")
    document = add_document(database, speech, [], reader="older")
    assert browser.get("/api/intake").json()["outdated"] == 1
    assert browser.tell("/api/refresh", {}).status_code == 200
    until(lambda: browser.items(document), "nothing was read")
    until(
        lambda: not browser.get("/api/intake").json()["outdated"],
        "it is still outdated",
    )


# what it refuses


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"action": "drop", "document": 1}, 422),
        ({"action": "accept", "document": "1"}, 422),
        ({"action": "accept", "document": 1, "items": []}, 400),
        (
            {"action": "accept", "document": 1, "items": [{"id": "x", "version": 1}]},
            422,
        ),
        ({"action": "undo", "document": 1, "path": "/etc/passwd"}, 422),
        ({"action": "undo", "document": 99}, 404),
    ],
)
def test_senseless_requests_are_refused(browser, document, body, status):
    assert browser.tell("/api/changes", body).status_code == status


def test_nobody_changes_anything_without_a_name(address, document):
    with Browser(base_url=address) as stranger:
        page = stranger.get("/")
        stranger.token = re.search('csrf-token" content="([^"]*)"', page.text)[1]
        assert code_of(stranger.act(document, "undo")) == (400, "E720")


@pytest.mark.parametrize("name", ["", "  ", "长" * 81, "a\nb"])
def test_name_that_is_none(browser, name):
    assert code_of(browser.tell("/api/session", {"name": name})) == (400, "E720")


@pytest.mark.parametrize("token", ["", "guessed"])
@pytest.mark.parametrize(
    "path",
    ["/api/changes", "/api/session", "/api/read", "/api/rulings", "/api/refresh"],
)
def test_change_without_the_pages_token_is_refused(browser, document, path, token):
    browser.token = token
    answer = browser.tell(path, {"action": "undo", "document": document})
    assert code_of(answer) == (403, "E722")


def test_change_from_a_page_of_another_site_is_refused(browser, document):
    body = {"action": "undo", "document": document}
    answer = browser.tell("/api/changes", body, origin="http://evil.example")
    assert code_of(answer) == (403, "E722")


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "10.0.0.1"],
)
def test_other_host_names_are_refused(browser, host):
    answer = browser.get("/api/labels", headers={"host": host})
    assert code_of(answer) == (421, "E724")


@pytest.mark.parametrize(
    ("header", "bound", "known"),
    [
        ("127.0.0.1:8000", "127.0.0.1", True),
        ("localhost:8000", "127.0.0.1", True),
        ("[::1]:8000", "127.0.0.1", True),
        ("LOCALHOST", "127.0.0.1", True),
        ("192.168.1.5:80", "127.0.0.1", False),
        ("192.168.1.5:80", "0.0.0.0", True),
        ("[fe80::1]:80", "::", True),
        ("desk.example:80", "desk.example", True),
        ("evil.example:80", "0.0.0.0", False),
    ],
)
def test_host_that_is_known(header, bound, known):
    assert known_host(header, bound) == known


def stream(size):
    for _ in range(size // 1000):
        yield b" " * 1000


@pytest.mark.parametrize("stated", [True, False])
def test_body_that_is_too_large_is_refused(browser, stated):
    size = BODY_LIMIT + 1000
    content = b" " * size if stated else stream(size)
    headers = {"x-csrf-token": browser.token}
    answer = browser.post("/api/changes", content=content, headers=headers)
    assert code_of(answer) == (413, "E723")


def test_other_address_needs_a_token():
    with pytest.raises(ValueError, match="token"):
        Guard(lambda *_: None, host="0.0.0.0")


@pytest.fixture
def guarded(database, document):
    app = application(database, host="0.0.0.0", token="sesame")
    with serving(app) as found:
        yield found


@pytest.mark.parametrize("path", ["/", "/tasks", "/documents/1", "/api/documents/1"])
@pytest.mark.parametrize("query", ["", "?token=", "?token=sesam", "?token=SESAME"])
def test_nothing_is_shown_without_the_token(guarded, path, query):
    answer = httpx.get(guarded + path + query)
    assert answer.status_code == 401
    assert "E721" in answer.text


def test_token_is_taken_once_and_leaves_the_address(guarded, document):
    with Browser(base_url=guarded) as browser:
        answer = browser.get("/", params={"token": "sesame"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        browser.enter()
        assert browser.act(document, "accept", "stock").status_code == 200


def test_forged_session_is_no_session(guarded):
    with httpx.Client(
        base_url=guarded, cookies={"duban": "eyJ0b2tlbiI6MX0=.x.y"}
    ) as it:
        assert it.get("/").status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/tasks", "/documents/1", "/disputes", "/documents/1/disputes"]
)
def test_hostile_text_stays_text(browser, database, path):
    document = put(database, HOSTILE, "<b>x</b>.txt")
    page = browser.get(path).text
    hostile = ("<script>alert", "<img src=x", "<b>x</b>")
    assert [words for words in hostile if words in page] == []
    assert browser.get(f"/api/documents/{document}").json()["text"] == HOSTILE


def test_hostile_word_document_stays_text(browser, database, tmp_path):
    lines = HOSTILE.strip().split("\n")
    paragraphs = [f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines]
    path = tmp_path / "<img src=x>.docx"
    path.write_bytes(docx("".join(paragraphs)))
    take_in(database, [str(path)], Intake())
    assert "<script>alert" not in browser.get("/documents/1").text
    assert "<img src=x" not in browser.get("/").text
    text = browser.get("/api/documents/1").json()["text"]
    assert [line for line in lines if line not in text] == []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/tasks",
        "/documents/1",
        "/disputes",
        "/documents/1/disputes",
        "/nowhere",
        "/api/labels",
    ],
)
def test_policy_forbids_everything_from_elsewhere(browser, document, path):
    headers = browser.get(path).headers
    assert headers["content-security-policy"] == guard.POLICY
    assert "unsafe" not in guard.POLICY
    assert (headers["x-content-type-options"], headers["x-frame-options"]) == (
        "nosniff",
        "DENY",
    )
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/", "/tasks", "/documents/1", "/disputes", "/documents/1/disputes"]
)
def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(browser, document, path):
    page = browser.get(path).text
    assert re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page) == []
    assert re.findall(r"(?:src|href)=\"(?!/|\?|#)[^\"]*", page) == []


@pytest.mark.parametrize(
    "path",
    [
        "/static/../server.py",
        "/static/%2e%2e/server.py",
        "/static/..%2fserver.py",
        "/static//etc/passwd",
        "/documents/..%2f..%2fetc%2fpasswd",
        "/api/documents/%2fetc%2fpasswd",
    ],
)
def test_no_path_reaches_the_file_system(browser, path):
    request = browser.build_request("GET", "/")
    # httpx would tidy the path up
    request.url = request.url.copy_with(raw_path=path.encode())
    assert browser.send(request).status_code in (404, 422)


def test_session_cookie_is_kept_from_scripts(address):
    cookie = httpx.get(address).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
