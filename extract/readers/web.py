"""The element tree of a page in, the lines of what it says out.

The text of a page is where its running text is: navigation is links, and what stands
around the text is short. After Gottron's content code blurring and Readability, with
the weight on characters outside links.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from extract import rulebook
from extract.readers.webblocks import BLOCKS, Block, blocks, rows, tidy

__all__ = ["content"]

_SILENT = frozenset(
    "script style noscript template head iframe svg object embed canvas select option"
    " button input textarea nav audio video map".split()
)
# an element leads on to the body of text if it holds that share of its parent's
_MOST = 0.9
# and an element may be left out for its name if it holds no more than that
_SMALL = 0.3
# a line is a menu if that share of it is links, and so are its neighbours
_LINKED = 0.7
_MENU = 3
_MENU_LENGTH = 40
_HEADING = 8
_TITLE = 5
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def content(root: Any) -> list[str]:
    """What a page says, line by line.

    Parameters
    ----------
    root : lxml element
        The ``html`` element; it is changed.

    Returns
    -------
    list of str
        None is blank; cells of tables are parted by tabs.
    """
    title = _title(root)
    _strip(root)
    body = root.find("body")
    body = root if body is None else body
    weights = _weights(body)
    _strip_named(body, weights)
    main = _main(body, weights)
    chosen = _chosen(blocks(body, main), title)
    return [block.text for block in chosen]


def _title(root: Any) -> str:
    # sites of the government state it there (GB/T: 政府网站元数据 ArticleTitle)
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "articletitle" and meta.get("content"):
            return tidy(meta.get("content") or "")
    for element in root.iter("title"):
        return tidy("".join(map(str, element.itertext())))
    return ""


def _strip(root: Any) -> None:
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            _drop(element)
        elif element.tag in _SILENT or _HIDDEN.search(element.get("style") or ""):
            _drop(element)
        elif element.get("hidden") is not None:
            _drop(element)


def _drop(element: Any) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _weights(body: Any) -> dict[Any, int]:
    """Characters outside links in every element."""
    weights: dict[Any, int] = {}
    links = 0
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            links += element.tag == "a"
            weights[element] = 0 if links else _length(element.text)
            continue
        links -= element.tag == "a"
        if element is not body:
            parent = element.getparent()
            tail = 0 if links else _length(element.tail)
            weights[parent] += weights[element] + tail
    return weights


def _length(text: str | None) -> int:
    return sum(not char.isspace() for char in text) if text else 0


def _strip_named(body: Any, weights: dict[Any, int]) -> None:
    """Take out menus, feet and share buttons that are small and say what they are."""
    rules = rulebook.load("web").labelled("skip")
    for element in list(body.iter()):
        if element is body or weights.get(element, 0) > _SMALL * weights[body]:
            continue
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag in ("footer", "aside") or any(
            rule.pattern.search(names) for rule in rules
        ):
            lost = weights.get(element, 0)
            for outer in element.iterancestors():
                if outer in weights:
                    weights[outer] -= lost
            _drop(element)


def _main(body: Any, weights: dict[Any, int]) -> Any:
    main = body
    while True:
        heaviest = max(main, key=lambda child: weights.get(child, 0), default=None)
        if heaviest is None or heaviest.tag not in BLOCKS:
            return main
        if heaviest.tag in ("p", "tr", "li", "ul", "ol", "pre", "dl"):
            return main
        if weights.get(heaviest, 0) < _MOST * max(1, weights[main]):
            return main
        if heaviest.tag in ("table", "tbody", "thead") and rows(heaviest):
            return main
        main = heaviest


def _chosen(found: list[Block], title: str) -> list[Block]:
    """Lines of the body, and in front of it the title and what dates the page."""
    rules = rulebook.load("web").labelled("line")
    menus = _menus(found)
    said = [
        block
        for place, block in enumerate(found)
        if place not in menus and not any(r.pattern.search(block.text) for r in rules)
    ]
    before = [block for block in said if block.place == "before"]
    body = [block for block in said if block.place == "body"]
    # an annex beside the body is text, what else stands below it is none
    prose = rulebook.load("line")["line.ends-sentence"].pattern
    body += [
        block
        for block in said
        if block.place == "after" and not block.linked and prose.search(block.text)
    ]
    first = _first(before, title)
    head = [
        block
        for place, block in enumerate(before)
        if (place >= first and 2 * block.linked < len(block.text)) or _dates(block.text)
    ]
    return [*head, *body]


def _first(before: list[Block], title: str) -> int:
    """Where the head of a document begins in what stands above its body."""
    squeezed = _squeeze(title)
    for place, block in enumerate(before):
        line = _squeeze(block.text)
        if len(line) >= _TITLE and (line in squeezed or (title and squeezed in line)):
            return place
    for place, block in enumerate(before):
        if block.heading:
            return place
    return len(before)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _dates(text: str) -> bool:
    book = rulebook.load("head")
    dated = ("head.published-word", "head.published-line", "head.signed-word")
    return any(book[rule].pattern.search(text) for rule in dated)


def _menus(lines: list[Block]) -> set[int]:
    """Places of short lines of links that stand together."""
    found: set[int] = set()
    run: list[int] = []
    for place, block in enumerate([*lines, Block("", 0)]):
        linked = block.linked >= _LINKED * len(block.text) > 0
        if linked and len(block.text) <= _MENU_LENGTH:
            run.append(place)
            continue
        if len(run) >= _MENU:
            found.update(run)
            above = run[0] - 1
            # the heading of a menu
            if above >= 0 and len(lines[above].text) <= _HEADING:
                found.add(above)
        run = []
    return found
