"""A duty bracket or duty line in; the bodies in it, with their roles, out.

（省发展改革委牵头，省财政厅配合，6月底前完成） names a lead and a partner; the labels
and role words that say so stand in ``rules/duty.toml``.
"""

from __future__ import annotations

from functools import lru_cache

from extract import rulebook
from extract.layers import Mark
from extract.rule import Rule

Zone = tuple[int, int]


def parse(
    text: str, start: int, end: int, *, bare: bool = True, role: str = ""
) -> list[Mark]:
    """Owner marks of one zone, in order; empty if it is no duty zone at all.

    Parameters
    ----------
    text : str
        `View.text`.
    start, end : int
        The bracket (brackets included) or the duty line.
    bare : bool, default=True
        Whether a bare list of bodies will do. A bracket inside the sentence must say
        牵头, 负责 or 责任单位, or it only explains a word: 乡镇（街道）。
    role : str
        What a table's column says of every body in it, or "".

    Returns
    -------
    list of Mark
        ``label`` is the role, ``rule`` the rule that gave it.
    """
    read = _read_again if end - start <= _REPEATED else _read
    return [
        Mark(start + first, start + last, rule, label)
        for first, last, rule, label in read(text[start:end], bare, role)
    ]


def _read(zone: str, bare: bool, role: str) -> tuple[tuple[int, int, str, str], ...]:
    """Owners of a zone, as (start, end, rule, role) within it."""
    if role == "time":
        return ()
    book = rulebook.load("duty")
    first, last = _inside(zone, 0, len(zone))
    nested = _nested(zone, first, last)
    reader = _Reader(zone, book)
    if role:
        reader.role, reader.rule, reader.spoken = role, f"outline.column-{role}", True
    place = first
    # most zones hold no label, and a label may begin with any character
    tokens = book.union(*_LABELS, *_WORDS) if _COLON in zone else book.union(*_WORDS)
    for match in tokens.finditer(zone, first, last):
        rule = book.rule_of(match)
        if rule.label == "separator" and _within(match.start(), nested):
            continue
        reader.name(place, match.start())
        reader.token(rule, match.start(), match.end())
        place = match.end()
    reader.name(place, last)
    marks = reader.finish(bare=bare)
    return tuple((mark.start, mark.end, mark.rule, mark.label) for mark in marks)


# division plans say the same few things hundreds of times, all of them short
_REPEATED = 300
_read_again = lru_cache(maxsize=5_000)(_read)

_COLON = "："
_LABELS = ("lead", "responsible", "cooperating", "supervising", "time", "other")
_WORDS = ("role", "jointly", "separator", "name")


class _Reader:
    """Collect names until a role word, a label or the end says what they do."""

    def __init__(self, text: str, book: rulebook.Rulebook) -> None:
        self.text = text
        self.book = book
        self.marks: list[Mark] = []
        self.names: list[Zone] = []
        self.partners: list[Zone] = []
        self.joint = False
        self.role, self.rule = "", ""
        self.skipping = False
        self.spoken = False

    def name(self, start: int, end: int) -> None:
        """Take the words between two tokens as a name, if they can be one."""
        if self.skipping:
            return
        if span := _name(self.text[start:end]):
            found = (start + span[0], start + span[1])
            (self.partners if self.joint else self.names).append(found)

    def token(self, rule: Rule, start: int, end: int) -> None:
        """Act on a label, a role word, 会同 or a ready name."""
        label = rule.label
        if label == "name":
            self.name(start, end)
        elif label == "jointly":
            self.joint = bool(self.names)
        elif label == "role":
            self.spoken = True
            self._settle(rule.value, rule.id)
        elif label != "separator":
            self._settle(self.role or "responsible", self.rule or "duty.body")
            self.skipping = label in ("time", "other")
            self.role, self.rule = ("", "") if self.skipping else (label, rule.id)
            self.spoken = self.spoken or not self.skipping

    def finish(self, *, bare: bool) -> list[Mark]:
        """Settle what is left; without any role word every name must be a body."""
        body = self.book["duty.body"].pattern
        if not self.spoken:
            rest = self.names + self.partners
            if (
                not bare
                or not rest
                or not all(body.search(self.text[s:e]) for s, e in rest)
            ):
                return []
        lead = any(mark.label == "lead" for mark in self.marks)
        labelled = bool(self.role)
        default = "cooperating" if lead and not labelled else "responsible"
        self._settle(self.role or default, self.rule or "duty.body")
        _three_roles(self.marks)
        return sorted(self.marks, key=lambda mark: mark.start)

    def _settle(self, role: str, rule: str) -> None:
        self.marks += [Mark(s, e, rule, role) for s, e in self.names]
        self.marks += [
            Mark(s, e, "duty.jointly", "cooperating") for s, e in self.partners
        ]
        self.names, self.partners, self.joint = [], [], False


def _three_roles(marks: list[Mark]) -> None:
    """X牵头，Y负责: Y cooperates; X牵头，Y负责，Z配合: Y answers for it.

    Labels of their own (牵头单位：X；责任单位：Y) say what they mean.
    """
    if not any(mark.rule == "duty.lead" for mark in marks):
        return
    for place, mark in enumerate(marks):
        later = any(other.label == "cooperating" for other in marks[place:])
        if mark.label == "responsible" and not later:
            mark.label = "cooperating"


@lru_cache(maxsize=20_000)
def _name(words: str) -> Zone | None:
    """Span of the bare name in the words between two tokens, None if it is none.

    Without 由, 等部门, 按职责分工 and stray punctuation; a time is no name.
    """
    book = rulebook.load("duty")
    start, end = 0, len(words)
    while start < end and (words[start].isspace() or words[start] in _EDGES):
        start += 1
    while end > start and (words[end - 1].isspace() or words[end - 1] in _EDGES):
        end -= 1
    if head := book["duty.name-head"].pattern.match(words[start:end]):
        start += head.end()
    while tail := book["duty.name-tail"].pattern.search(words[start:end]):
        if not tail[0]:
            break
        end = start + tail.start()
    name = words[start:end]
    remarks = book.labelled("when", "not-name")
    if not 2 <= len(name) <= 45 or any(rule.pattern.search(name) for rule in remarks):
        return None
    return start, end


_EDGES = frozenset("，。；、：,.;:")


def _inside(text: str, start: int, end: int) -> Zone:
    while end > start and (text[end - 1].isspace() or text[end - 1] in _EDGES):
        end -= 1
    if end > start and text[start] in OPENING and text[end - 1] in CLOSING:
        return start + 1, end - 1
    return start, end


OPENING, CLOSING = frozenset("（〔[("), frozenset("）〕])")


def _nested(text: str, start: int, end: int) -> list[Zone]:
    """Spans of brackets within a zone: （市、区） is part of a name."""
    spans: list[Zone] = []
    opened: list[int] = []
    for place in range(start, end):
        if text[place] in OPENING:
            opened.append(place)
        elif text[place] in CLOSING and opened:
            spans.append((opened.pop(), place + 1))
    return spans


def _within(place: int, spans: list[Zone]) -> bool:
    return any(start <= place < end for start, end in spans)
