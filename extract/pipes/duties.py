"""Duty brackets and duty lines in; who leads, answers, cooperates out.

（省发展改革委牵头，省财政厅配合，6月底前完成） and 牵头单位：… lines stand outside the
sentences they govern; `govern` hands each candidate the zones that speak about it.
"""

from __future__ import annotations

from functools import cache
from operator import attrgetter

from spacy.language import Language
from spacy.tokens import Doc

from extract import flattened, rulebook
from extract.factors import Factors
from extract.flattened import Row
from extract.layers import Line, Mark, Sentence
from extract.rule import Rule
from extract.tokens import CLOSING, OPENING
from extract.zones import Zone, agreed, parse

_INLINE = "inline"
# labels of what a document says itself about how its duties are to be read
_AGREED = ("first-lead", "each-lead")
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
        view, lines, sentences = doc._.view, doc._.lines, doc._.sentences
        text = view.text
        duties = govern(text, lines, sentences)
        if events := _events(text, lines, doc._.deadlines):
            marks = [*doc._.deadlines, *events]
            doc._.deadlines = sorted(marks, key=attrgetter("start"))
        if rows := flattened.find(view, lines):
            doc._.sentences = _tabulated(text, rows, sentences, duties)
        if any(duties.values()) and _conventions().within(text):
            duties = agreed(text, duties)
        doc._.duties = duties
        return doc


def govern(
    text: str, lines: list[Line], sentences: list[Sentence]
) -> dict[Zone, list[Mark]]:
    """Owner marks of every duty zone; fills ``Sentence.zones`` in place.

    A bracket governs the candidates of its group since the previous bracket, be it of
    bodies or of a time alone; a duty line governs every candidate of the group above
    it, and one right below a heading the whole section.
    """
    duties: dict[Zone, list[Mark]] = {}
    when = rulebook.load("duty")["duty.time"].pattern
    scope = _Scope(sentences)
    following = iter(sentences)
    sentence = next(following, None)
    for block, line in enumerate(lines):
        if line.kind == "heading":
            scope.heading(line.sort)
        elif line.kind == "duty":
            zone = (line.start, line.end)
            duties[zone] = parse(text, *zone, role=line.sort)
            scope.duty(zone)
        elif line.sort:
            scope.marker(line.sort)
        while sentence is not None and sentence.block == block:
            scope.candidate(sentence)
            for zone in _brackets(text, sentence):
                inner = zone[1] < sentence.end or zone[0] < sentence.tail
                marks = parse(text, *zone, bare=not inner)
                # a time that stands alone behind the last stop is the whole item's
                if marks or (not inner and when.match(text[zone[0] + 1 : zone[1] - 1])):
                    duties[zone] = marks
                    scope.bracket(zone)
            sentence = next(following, None)
    return duties


@cache
def _conventions() -> Factors:
    """What a text must hold that says how its duties are to be read."""
    book = rulebook.load("duty")
    return Factors([rule.pattern for rule in book.labelled(*_AGREED)])


def _events(text: str, lines: list[Line], deadlines: list[Mark]) -> list[Mark]:
    """What times of duty lines and of tables say without a date: 开工前."""
    event, needed = _event()
    found: list[Mark] = []
    for line in lines:
        if line.kind != "duty":
            continue
        words = text[line.start : line.end]
        if needed.within(words) and (match := event.pattern.search(words)):
            start, end = line.start + match.start(), line.start + match.end()
            if all(mark.end <= start or mark.start >= end for mark in deadlines):
                found.append(Mark(start, end, event.id, "event"))
    return found


@cache
def _event() -> tuple[Rule, Factors]:
    event = rulebook.load("duty")["duty.event"]
    return event, Factors([event.pattern])


def _tabulated(
    text: str,
    rows: list[Row],
    sentences: list[Sentence],
    duties: dict[Zone, list[Mark]],
) -> list[Sentence]:
    """Give candidates of flattened rows their cells; a bare cell is none."""
    when = rulebook.load("duty")["duty.time"].pattern.match
    tasks = {row.line: row for row in rows}
    bare = {line: row.line for row in rows for line in row.others}
    further: dict[int, tuple[Zone, ...]] = {}
    kept: list[Sentence] = []
    for sentence in sentences:
        row = tasks.get(sentence.block)
        zones = _read_cells(text, row, duties) if row else ()
        rest = _behind(sentence, zones)
        if sentence.block in bare:
            line, rest = bare[sentence.block], (sentence.start, sentence.end)
            duties.setdefault(rest, [])
            further[line] = (*further.get(line, ()), rest)
        elif (
            rest
            and any(above.block == sentence.block for above in kept)
            and (rest[0] == rest[1] or when(text[slice(*rest)]))
        ):
            # what stands behind the last full stop is bodies and a time
            duties[rest] = []
            further[sentence.block] = (rest,)
        else:
            sentence.zones += zones
            sentence.row = sentence.row or row is not None
            kept.append(sentence)
    for sentence in kept:
        sentence.zones += further.get(sentence.block, ())
    return kept


def _read_cells(
    text: str, row: Row, duties: dict[Zone, list[Mark]]
) -> tuple[Zone, ...]:
    for start, end, role in row.cells:
        duties[start, end] = parse(text, start, end, role=role)
    return tuple((start, end) for start, end, _ in row.cells)


def _behind(sentence: Sentence, zones: tuple[Zone, ...]) -> Zone | None:
    """What follows the cells in a candidate that begins with them."""
    if not zones or sentence.start != zones[0][0] or sentence.end < zones[-1][1]:
        return None
    return zones[-1][1], sentence.end


class _Scope:
    """Which candidates the next duty line or bracket governs.

    They are always the last ones so far, so the first of them tells all.
    """

    def __init__(self, sentences: list[Sentence]) -> None:
        self.sentences = sentences
        self.taken = 0
        self.group = self.waiting = 0
        self.number = 0
        self.closed = False
        # 一是……；二是…… with one duty line below the last: it is all of theirs
        self.item = 0
        self.listed = self.settled = False
        self.section: list[tuple[str, Zone]] = []
        self.in_force: tuple[Zone, ...] = ()
        self.sort = ""

    def heading(self, sort: str) -> None:
        """Begin a section."""
        self.section = _outer(self.section, sort)
        self.in_force = tuple([zone for _, zone in self.section])
        self.group = self.waiting = self.item = self.taken
        self.sort = sort

    def marker(self, sort: str) -> None:
        """Begin an item, or a point of one."""
        self.listed = sort == _INLINE
        if not self.listed:
            self.item = self.taken

    def candidate(self, sentence: Sentence) -> None:
        """Take the next candidate in."""
        taken = self.taken
        if self.number != sentence.group or self.group == taken:
            self.number = sentence.group
            self.group = self.waiting = taken
        if self.closed:
            self.waiting, self.closed = taken, False
        if self.settled:
            self.item, self.settled = taken, False
        sentence.zones = self.in_force
        self.taken = taken + 1

    def duty(self, zone: Zone) -> None:
        """Give a duty line to the candidates above it, else to the section."""
        if self.group < self.taken:
            self.give(zone, self.item if self.listed else self.group)
            self.settled = True
        elif self.sort:
            self.section.append((self.sort, zone))
            self.in_force += (zone,)

    def bracket(self, zone: Zone) -> None:
        """Give a bracket to the candidates since the one before it."""
        self.give(zone, self.waiting)
        self.closed = True

    def give(self, zone: Zone, first: int) -> None:
        """Let a zone govern the candidates from one on."""
        for governed in self.sentences[first : self.taken]:
            governed.zones += (zone,)


def _brackets(text: str, sentence: Sentence) -> list[Zone]:
    """Brackets at the end of a candidate, before or after its final punctuation."""
    zones: list[Zone] = []
    start, end = sentence.start, sentence.end
    last = text[end - 2 if text[end - 1] in _STOPS else end - 1]
    if last not in _LAST and not last.isspace():
        return zones
    tail = text[max(start, end - _NEAR) : end]
    if CLOSING.isdisjoint(tail) and not tail.isspace():
        return zones
    while end > start + 1:
        while end > start and (text[end - 1].isspace() or text[end - 1] in _STOPS):
            end -= 1
        if end <= start + 1 or text[end - 1] not in CLOSING:
            break
        opening = _opening(text, start, end)
        if opening < 0:
            break
        zones.append((opening, end))
        end = opening
    return zones[::-1]


_STOPS = frozenset("。；！")
# what may stand last, or before one stop, where a bracket is the last thing said
_LAST = CLOSING | _STOPS
_BRACKETS = OPENING | CLOSING
# how far before its end a candidate may close its last bracket
_NEAR = 8


def _opening(text: str, start: int, end: int) -> int:
    depth = 0
    for place in range(end - 1, start - 1, -1):
        character = text[place]
        if character in _BRACKETS:
            depth += 1 if character in CLOSING else -1
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
