"""A document's text in, its title and reference date out, as its head states them.

The head ends at the first section heading; a date may also stand under the signature
on the last lines. Nothing is inferred: without a full date there is none. What counts
as what is written in ``rules/head.toml``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import cache
from itertools import pairwise
from unicodedata import normalize

from extract import rulebook
from extract.numerals import number
from extract.rule import gate

# A head is short. Excerpts have none, and their first lines are body text: the
# bounds keep a search from wandering into it.
_HEAD_LINES = 25
_TITLE_LINES = 8
_TAIL_LINES = 6
_LINE_LENGTH = 1500
_TITLE_LENGTH = 120
_SHORT = 8
_SIGNATURE_LENGTH = 80

# most trusted first: when it was said, when it was signed, when it was published
_HEAD_ORDER = ("bracket", "signature")
_NEWS_ORDER = ("dateline", "published")
_TAIL_ORDER = ("signature", "published", "printed")
_ONE_DAY = dt.timedelta(days=1)
_RADICAL = re.compile("[\u2e80-\u2ef3\u2f00-\u2fd5\uf900-\ufaff]")
_LATIN_ZERO = str.maketrans("Oo", "〇〇")


def title(text: str) -> str:
    """First title line of a document, as written, or ``""``.

    Parameters
    ----------
    text : str
        The whole text.

    Returns
    -------
    str
        Stripped; a title wrapped over two lines is joined, web furniture that runs
        on behind it is cut off. Empty if the text starts in the middle of something.
    """
    return _title(_lines(text))


def _title(lines: Sequence[str]) -> str:
    lines = lines[:_TITLE_LINES]
    for place, line in enumerate(lines):
        if _has(line, "section", "opening"):
            return ""
        if run_in := _book()["head.bracket-run-in"].pattern.search(line):
            return run_in["title"].strip()
        candidate = _bare(line)
        if not candidate or _dated(candidate):
            continue
        if len(candidate) > _TITLE_LENGTH or _has(candidate, "sentence"):
            return ""
        whole = _with_rest(candidate, lines[place + 1 :])
        # an issuer's name alone above the title
        if whole != candidate or not _has(candidate, "issuer"):
            return whole
    return ""


def date(text: str) -> tuple[dt.date | None, str]:
    """Find the reference date that a document states about itself.

    Parameters
    ----------
    text : str
        The whole text.

    Returns
    -------
    date : datetime.date or None
        The date in brackets under the title, else the one under the signature, else
        of a news agency's date line with the year of publication, else the date
        of publication. None if there is no full, valid date.
    found : str
        The matched text, stripped; ``""`` without a date.
    """
    return _date(_lines(text))


def read(text: str) -> tuple[str, dt.date | None, str]:
    """Read both off a document's lines: its `title`, and its `date` as found."""
    lines = _lines(text)
    return _title(lines), *_date(lines)


def _date(lines: list[str]) -> tuple[dt.date | None, str]:
    head = _head(lines)
    full = _full(head)
    published = _first(full, ("published",), None)
    known = published[0] if published else None
    body = lines[len(head) :]
    if own := _first(full, _HEAD_ORDER, known) or _signed_before(body, known):
        return own
    if known and _belated(known, _title(lines)):
        return None, ""
    return (
        _first(full, _NEWS_ORDER, known, head)
        or _first(_full(body[-_TAIL_LINES:]), _TAIL_ORDER, known)
        or (None, "")
    )


def _belated(published: dt.date, titled: str) -> bool:
    """Whether a web page was put up years after what its title speaks of.

    The plan for 2005 that an archive published in 2011 was not written in 2011.
    """
    years = [
        int(match.group())
        for rule in _book().labelled("year")
        for match in rule.pattern.finditer(titled)
    ]
    return bool(years) and published.year - max(years) > 1


def _lines(text: str) -> list[str]:
    # ⽇ (U+2F47, out of a PDF) looks like 日 and is another character
    unified = _RADICAL.sub(lambda radical: normalize("NFKC", radical[0]), text)
    # a text without line ends must not be searched as one head of a million characters
    return [
        line[:_LINE_LENGTH]
        for line in unified.split("\n")
        if line and not line.isspace()
    ]


def _head(lines: list[str]) -> list[str]:
    section = _asks("section")
    lines = lines[:_HEAD_LINES]
    ends = (place for place, line in enumerate(lines) if section(line))
    return lines[: next(ends, len(lines))]


def _full(lines: list[str]) -> list[tuple[int, str]]:
    """Lines that hold a full date, and their places."""
    dated = _asks("dated")
    return [(place, line) for place, line in enumerate(lines) if dated(line)]


def _first(
    full: list[tuple[int, str]],
    order: tuple[str, ...],
    known: dt.date | None,
    lines: Sequence[str] = (),
) -> tuple[dt.date, str] | None:
    for label in order:
        # all rules but a date line's need a full date, and all are slow
        for place, line in enumerate(lines) if label == "dateline" else full:
            # further down, a bracket belongs to the body
            if label == "bracket" and place >= _TITLE_LINES:
                break
            for rule in _book().labelled(label):
                match = rule.pattern.search(line)
                if match and (day := _day(match, known)):
                    found = match.groupdict().get("found") or match.group()
                    return day, found.strip()
    return None


def _signed_before(
    lines: list[str], published: dt.date | None
) -> tuple[dt.date, str] | None:
    """Signature of a notice with sections of its own, in front of its attachment.

    So far from the head a date alone proves little. It must either stand under an
    issuer's name or not be later than the publication: a web page put up years
    later (2009-09-15) still shows when its notice was signed (2003).
    """
    dated = _asks("dated")
    for above, line in pairwise(lines):
        if len(line) > _SIGNATURE_LENGTH or not dated(line):
            continue
        found = _first([(0, line)], ("signature",), None)
        if not found:
            continue
        if found[0] <= published if published else _has(above, "issuer"):
            return found
    return None


def _day(match: re.Match[str], published: dt.date | None) -> dt.date | None:
    groups = match.groupdict()
    month, day = (groups.get(key) or groups.get(key * 2) for key in "md")
    if year := groups.get("y") or groups.get("yy"):
        return _valid(_value(year), month, day)
    # A date line has no year. A year in the running text proves nothing (a report
    # of January 2021 speaks of 2020): only the date of publication gives it.
    if published is None:
        return None
    same_year = _valid(published.year, month, day)
    if same_year and same_year <= published + _ONE_DAY:
        return same_year
    return _valid(published.year - 1, month, day)


def _valid(year: int | None, month: str | None, day: str | None) -> dt.date | None:
    numbers = year, _value(month or ""), _value(day or "")
    try:
        return dt.date(*(value or 0 for value in numbers))
    except ValueError:
        return None


def _value(written: str) -> int | None:
    value = number(written.translate(_LATIN_ZERO))
    return value if isinstance(value, int) else None


def _bare(line: str) -> str:
    """Cut a line at its first piece of web furniture."""
    for rule in _book().labelled("page"):
        line = rule.pattern.sub("", line)
    cuts = [
        match.start()
        for rule in _book().labelled("chrome")
        if (match := rule.pattern.search(line))
    ]
    kept = line[: min(cuts, default=len(line))].strip()
    # what is left in front of furniture is a title or more furniture (字体：)
    if cuts and len(kept) < _SHORT and not _has(kept, "ending"):
        return ""
    return kept


def _with_rest(first: str, following: Sequence[str]) -> str:
    if not following or _has(first, "ending"):
        return first
    second = following[0]
    rest = _bare(second)
    joined = first + rest
    if (
        rest
        and rest == second.strip()
        and len(joined) <= _TITLE_LENGTH
        and _has(rest, "ending")
        and not _has(second, "section", "opening", "sentence")
        and not _dated(second)
    ):
        return joined
    return first


def _dated(line: str) -> bool:
    labels = ("signature", "published", "printed")
    return _has(line, "dated") and (
        _has(line, *labels) or bool(_book().patterns["head.bracket-line"].search(line))
    )


def _has(line: str, *labels: str) -> bool:
    return _asks(*labels)(line) is not None


@cache
def _asks(*labels: str) -> Callable[[str], re.Match[str] | None]:
    """Search for any rule with one of these labels, in one go."""
    rules = _book().labelled(*labels)
    return (gate(rules) if len(rules) > 1 else rules[0].pattern).search


def _book() -> rulebook.Rulebook:
    return rulebook.load("head")
