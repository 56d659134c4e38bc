"""Duty brackets and duty lines in; who leads, answers, cooperates out.

（省发展改革委牵头，省财政厅配合，6月底前完成） and 牵头单位：… lines stand outside the
sentences they govern; `govern` hands each candidate the zones that speak about it and
`parse` reads the bodies in a zone.
"""

from __future__ import annotations

from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc

from extract import rulebook
from extract.layers import Line, Mark, Sentence

_RANKS = ("part", "section", "subsection", "ordinal", "arabic")


@Language.factory(
    "duban_duties",
    assigns=["doc._.duties"],
    requires=["doc._.view", "doc._.lines", "doc._.sentences"],
)
def make_duties(nlp: Language, name: str) -> Duties:
    """Make a `Duties`."""
    return Duties()


class Duties:
    """Find duty zones, read them, and hand them to the candidates they govern.

    Reads ``doc._.view``, ``doc._.lines``, ``doc._.sentences``; writes
    ``doc._.duties`` (dict: zone -> list of owner marks) and each candidate's zones.
    """

    def __call__(self, doc: Doc) -> Doc:
        """Run the pipe on a Doc, which it returns."""
        text = doc._.view.text
        first = rulebook.load("duty")["duty.first-is-lead"].pattern.search(text)
        duties = govern(text, doc._.lines, doc._.sentences)
        doc._.duties = {
            zone: _first_leads(marks) if first else marks
            for zone, marks in duties.items()
        }
        return doc


Zone = tuple[int, int]


def govern(
    text: str, lines: list[Line], sentences: list[Sentence]
) -> dict[Zone, list[Mark]]:
    """Owner marks of every duty zone; fills ``Sentence.zones`` in place.

    A bracket governs the candidates of its group since the previous bracket, a duty
    line every candidate of the group above it, a duty line right below a heading the
    whole section.
    """
    duties: dict[Zone, list[Mark]] = {}
    waiting: list[Sentence] = []
    group: list[Sentence] = []
    section: list[tuple[str, Zone]] = []
    heading = ""
    following = iter(sentences)
    sentence = next(following, None)
    for block, line in enumerate(lines):
        if line.kind == "heading":
            section = _outer(section, line.sort)
            group, waiting = [], []
            heading = line.sort
        elif line.kind == "duty":
            zone = (line.start, line.end)
            duties[zone] = parse(text, *zone, role=line.sort)
            if group:
                for governed in group:
                    governed.zones += (zone,)
            elif heading:
                section.append((heading, zone))
        while sentence is not None and sentence.block == block:
            if not group or sentence.group != group[-1].group:
                group, waiting = [], []
            sentence.zones = tuple(zone for _, zone in section)
            group.append(sentence)
            waiting.append(sentence)
            closed = False
            for zone in _brackets(text, sentence):
                inner = zone[1] < sentence.end or zone[0] < sentence.tail
                if marks := parse(text, *zone, bare=not inner):
                    duties[zone] = marks
                    for governed in waiting:
                        governed.zones += (zone,)
                    closed = True
            if closed:
                waiting = []
            sentence = next(following, None)
    return duties


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
    for match in book.union(*_TOKENS).finditer(zone, first, last):
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

_TOKENS = (
    "lead",
    "responsible",
    "cooperating",
    "supervising",
    "time",
    "other",
    "role",
    "jointly",
    "separator",
    "name",
)


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
        span = _trimmed(self.text, start, end, self.book)
        if span and not any(
            rule.pattern.search(self.text[span[0] : span[1]])
            for rule in self.book.labelled("when", "not-name")
        ):
            (self.partners if self.joint else self.names).append(span)

    def token(self, rule: rulebook.Rule, start: int, end: int) -> None:
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


def _first_leads(marks: list[Mark]) -> list[Mark]:
    """The document says that the body named first leads."""
    if any(mark.label == "lead" for mark in marks):
        return marks
    rule = "duty.first-is-lead"
    return [
        Mark(mark.start, mark.end, rule, "cooperating" if place else "lead")
        for place, mark in enumerate(marks)
    ]


def _trimmed(text: str, start: int, end: int, book: rulebook.Rulebook) -> Zone | None:
    """Span of the bare name, without 由, 等部门, 按职责分工 and stray punctuation."""
    while start < end and (text[start].isspace() or text[start] in _EDGES):
        start += 1
    while end > start and (text[end - 1].isspace() or text[end - 1] in _EDGES):
        end -= 1
    if head := book["duty.name-head"].pattern.match(text[start:end]):
        start += head.end()
    while tail := book["duty.name-tail"].pattern.search(text[start:end]):
        if not tail[0]:
            break
        end = start + tail.start()
    return (start, end) if 2 <= end - start <= 45 else None


_EDGES = frozenset("，。；、：,.;:")


def _inside(text: str, start: int, end: int) -> Zone:
    while end > start and (text[end - 1].isspace() or text[end - 1] in _EDGES):
        end -= 1
    if end > start and text[start] in _OPENING and text[end - 1] in _CLOSING:
        return start + 1, end - 1
    return start, end


_OPENING, _CLOSING = frozenset("（〔[("), frozenset("）〕])")


def _nested(text: str, start: int, end: int) -> list[Zone]:
    """Spans of brackets within a zone: （市、区） is part of a name."""
    spans: list[Zone] = []
    opened: list[int] = []
    for place in range(start, end):
        if text[place] in _OPENING:
            opened.append(place)
        elif text[place] in _CLOSING and opened:
            spans.append((opened.pop(), place + 1))
    return spans


def _within(place: int, spans: list[Zone]) -> bool:
    return any(start <= place < end for start, end in spans)


def _brackets(text: str, sentence: Sentence) -> list[Zone]:
    """Brackets at the end of a candidate, before or after its final punctuation."""
    zones: list[Zone] = []
    end = sentence.end
    while end > sentence.start + 1:
        while end > sentence.start and (
            text[end - 1].isspace() or text[end - 1] in _STOPS
        ):
            end -= 1
        if end <= sentence.start + 1 or text[end - 1] not in _CLOSING:
            break
        start = _opening(text, sentence.start, end)
        if start < 0:
            break
        zones.append((start, end))
        end = start
    return zones[::-1]


_STOPS = frozenset("。；！")


def _opening(text: str, start: int, end: int) -> int:
    depth = 0
    for place in range(end - 1, start - 1, -1):
        if text[place] in _CLOSING:
            depth += 1
        elif text[place] in _OPENING:
            depth -= 1
            if not depth:
                return place
    return -1


def _outer(section: list[tuple[str, Zone]], sort: str) -> list[tuple[str, Zone]]:
    """Section duties that stay in force below a new heading of this sort."""
    if sort not in _RANKS:
        return []
    rank = _RANKS.index(sort)
    return [
        (outer, zone)
        for outer, zone in section
        if outer in _RANKS and _RANKS.index(outer) < rank
    ]
