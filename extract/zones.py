"""A duty bracket or duty line in; the bodies in it, with their roles, out.

（省发展改革委牵头，省财政厅配合，6月底前完成） names a lead and a partner; the labels
and role words that say so stand in ``rules/duty.toml``.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from extract import bodies, rulebook
from extract.layers import Mark
from extract.rule import Rule
from extract.tokens import CLOSING, OPENING, tokens

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
    reader = _Reader(zone, book)
    if role:
        reader.role, reader.rule = _HELD.get(role, role), f"outline.column-{role}"
        reader.spoken = True
    place = first
    for start, end, rule in tokens(zone, first, last):
        if start > place:
            reader.name(place, start)
        reader.token(rule, start, end)
        place = end
    reader.name(place, last)
    marks = reader.finish(bare=bare)
    return tuple((mark.start, mark.end, mark.rule, mark.label) for mark in marks)


_SKIPPED = ("time", "other", "unknown")
# a column of persons says of each what one of bodies does
_HELD = {"person": "responsible"}

# division plans say the same few things hundreds of times, all of them short
_REPEATED = 300
_read_again = lru_cache(maxsize=5_000)(_read)


class _Reader:
    """Collect names until a role word, a label or the end says what they do."""

    def __init__(self, text: str, book: rulebook.Rulebook) -> None:
        self.text = text
        self.body = book["duty.body"].pattern
        self.marks: list[Mark] = []
        self.names: list[Zone] = []
        self.partners: list[Zone] = []
        self.joint = False
        self.role, self.rule = "", ""
        self.skipping = False
        self.strict = False
        self.spoken = False

    def name(self, start: int, end: int) -> None:
        """Take the words between two tokens as a name, if they can be one.

        Where a table has lost what parted its cells, they are several.
        """
        if self.skipping:
            return
        names = self.partners if self.joint else self.names
        for first, last in _names(self.text[start:end]):
            name = (start + first, start + last)
            if not self.strict or bodies.whole(self.text[slice(*name)]):
                names.append(name)

    def token(self, rule: Rule, start: int, end: int) -> None:
        """Act on a label, a role word, 会同, a ready name or a full stop."""
        label = rule.label
        if label == "name":
            self.name(start, end)
        elif label == "jointly":
            self.joint = bool(self.names)
            if self.joint and rule.value:
                self.spoken = True
                self.marks += [Mark(*name, rule.id, rule.value) for name in self.names]
                self.names = []
        elif label == "over":
            self.strict = True
        elif label == "role":
            self.spoken = True
            self._settle(rule.value, rule.id)
        elif label != "separator":
            self._settle(self.role or "responsible", self.rule or "duty.body")
            self.strict, self.skipping = False, label in _SKIPPED
            self.role, self.rule = ("", "") if self.skipping else (label, rule.id)
            self.spoken = self.spoken or not self.skipping

    def finish(self, *, bare: bool) -> list[Mark]:
        """Settle what is left; without any role word every name must be a body."""
        if not self.spoken:
            rest = self.names + self.partners
            if (
                not bare
                or not rest
                or not all(self.body.search(self.text, *name) for name in rest)
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

    So does Y in X牵头，Z配合，Y负责落实, but not who takes a share (按职责分工负责).
    Labels of their own (牵头单位：X；责任单位：Y) say what they mean.
    """
    if not any(mark.rule == "duty.lead" for mark in marks):
        return
    partners = [at for at, mark in enumerate(marks) if mark.label == "cooperating"]
    for place, mark in enumerate(marks):
        third = partners and (place < partners[-1] or mark.rule != "duty.divided")
        if mark.label == "responsible" and not third:
            mark.label = "cooperating"


@lru_cache(maxsize=20_000)
def _names(words: str) -> tuple[Zone, ...]:
    """Spans of the bare names in the words between two tokens."""
    if parted := rulebook.load("duty")["duty.run-together"].pattern.search(words):
        place = parted.end()
        further = _names(words[place:])
        return (
            *_names(words[:place]),
            *[(place + start, place + end) for start, end in further],
        )
    name = _name(words)
    return (name,) if name else ()


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
    remark = book.union("when", "not-name").search
    # 各区县（自治县，以下同）政府: what a bracket adds is no remark on the name
    bare = _ASIDE.sub("", name)
    if not 2 <= len(name) <= 45 or remark(bare):
        return None
    return start, end


_ASIDE = re.compile(r"[（〔〈][^（）〔〕〈〉]*[）〕〉]")
_EDGES = frozenset("，。；、：,.;:")


def _inside(text: str, start: int, end: int) -> Zone:
    while end > start and (text[end - 1].isspace() or text[end - 1] in _EDGES):
        end -= 1
    if end > start and text[start] in OPENING and text[end - 1] in CLOSING:
        return start + 1, end - 1
    return start, end


def agreed(text: str, duties: dict[Zone, list[Mark]]) -> dict[Zone, list[Mark]]:
    """Duties as the document itself says that they are to be read.

    Parameters
    ----------
    text : str
        `View.text`.
    duties : dict
        Owner marks of each zone, as `parse` read them.

    Returns
    -------
    dict
        The same zones; 列第一位者为牵头单位 and the like have changed roles. Where
        the document adds 下同, zones above it stay as they are.
    """
    book = rulebook.load("duty")
    here = book["duty.from-here"].pattern.match
    for name, read in (
        ("duty.first-is-lead", _first_leads),
        ("duty.each-leads", _each_leads),
    ):
        if said := book[name].pattern.search(text):
            since = said.start() if here(text, said.end()) else 0
            duties = {
                zone: read(marks) if zone[1] > since else marks
                for zone, marks in duties.items()
            }
    return duties


def _first_leads(marks: list[Mark]) -> list[Mark]:
    """The body named first leads, whoever else answers; it says nothing of persons."""
    if any(mark.label == "lead" or mark.rule == "duty.each" for mark in marks):
        return marks
    bodies = [mark for mark in marks if mark.rule not in _persons()]
    rule = "duty.first-is-lead"
    return [
        mark
        if mark not in bodies
        else Mark(
            mark.start,
            mark.end,
            rule,
            "cooperating" if mark is not bodies[0] else "lead",
        )
        for mark in marks
    ]


def _each_leads(marks: list[Mark]) -> list[Mark]:
    """Bodies that answer each for its part lead each its part."""
    rule = "duty.each-leads"
    return [
        Mark(mark.start, mark.end, rule, "lead") if mark.rule == "duty.each" else mark
        for mark in marks
    ]


@cache
def _persons() -> frozenset[str]:
    """Rules whose owners are persons."""
    labelled = rulebook.load("duty").labelled("responsible")
    columns = rulebook.load("outline").labelled("column:person")
    named = [rule.id for rule in labelled if rule.value == "person"]
    return frozenset(named + [rule.id for rule in columns])
