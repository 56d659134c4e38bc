"""A real browser on a real server: fixtures, and what a person does at the keyboard.

The fixtures are everybody's (conftest.py), so nothing is imported here that an install
without duban[review] lacks.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# a browser complains of refused and of failed requests, which some tests are about
EXPECTED = re.compile("40[39]|ERR_INTERNET_DISCONNECTED")
PICTURES = os.environ.get("DUBAN_PICTURES", "")


@pytest.fixture(scope="session")
def chromium():
    reason = "Playwright is not installed"
    playwright = pytest.importorskip("playwright.sync_api", reason=reason)
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as driver:
        # a sandbox cannot be set up as root, or in most containers
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def address(database):
    from workbench import serving

    from extract.review.server import application

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
    from extract.review import queries

    with database.reading() as session:
        return queries.whole(session, document)["items"]


def select(page, words):
    """Select words of the speech as a mouse would."""
    from workbench import at

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


def pictured(page, name, tmp_path):
    """Keep a picture of the page: in docs/img if DUBAN_PICTURES names that folder."""
    page.wait_for_selector(".status:not(.on)", state="attached")
    path = Path(PICTURES or tmp_path) / f"{name}.png"
    page.screenshot(path=path)
    assert 20_000 < path.stat().st_size < 400_000
