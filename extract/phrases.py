"""A place in a text in; the names that stand there, as marks with their roles, out.

`subjects` and `bodies` judge words by themselves; here they are judged where they
stand: by what precedes them and by what follows.
"""

from __future__ import annotations

from functools import cache

from extract import bodies, rulebook, subjects
from extract.layers import Mark

_LONGEST_ASKED = 24
# so far before a name the quotation begins that it begins with
_QUOTED = 16
_TRANSMITTED = 24
# so many characters may part two heads of one noun phrase
_CLOSE = 4
# 各级, 各县
_BARE = 2


@cache
def _words() -> dict[str, frozenset[str]]:
    lists = rulebook.load("owner").lists
    return {name: frozenset(words) for name, words in lists.items()}


class Phrases:
    """The noun phrases of one text.

    Parameters
    ----------
    text : str
        `View.text`.
    """

    def __init__(self, text: str) -> None:
        book = rulebook.load("owner")
        words = _words()
        self.text = text
        self.ask = book.patterns
        self.joint, self.role = book.opener("jointly"), book.opener("role")
        self.boundary = book.patterns["owner.boundary"].search
        self.strong, self.asking = words["strong"], words["asking"]
        self.middle, self.brackets = words["middle"], words["brackets"]

    def stop(self, start: int) -> int:
        """Where the clause that goes on at `start` ends."""
        reach = min(len(self.text), start + subjects.LONGEST)
        match = self.boundary(self.text, start, reach)
        return match.start() if match else reach

    def subject(self, start: int, end: int, strong: bool) -> list[Mark]:
        """Marks of the subject of a clause.

        Parameters
        ----------
        start, end : int
            The phrase.
        strong : bool
            Whether a command follows (要, 应, 负责); without one only full names are
            subjects.

        Returns
        -------
        list of Mark
            Empty if it is no subject.
        """
        text = self.text
        if text[start - 1 : start] in self.asking and self._transmits(start):
            return []
        joint = self.joint.match(text, start, end) if start < end else None
        start = joint.end() if joint else start
        length = subjects.length(text[start:end], strong, text[end] in self.strong)
        if not length or bodies.broken(text, end):
            return []
        if not strong and self._otherwise(start, start + length):
            return []
        marks = self._bracketed(start, start + length)
        for mark in marks if joint else ():
            mark.rule, mark.label = "owner.jointly", "cooperating"
        return marks

    def _bracketed(self, start: int, end: int) -> list[Mark]:
        """Names with the quotation before and the bracket behind them."""
        text = self.text
        if text[end : end + 1] in self.brackets:
            if bracket := self.ask["owner.bracket"].match(text, end):
                end = bracket.end()
        if text[start - 1 : start] in self.brackets:
            rule = self.ask["owner.quoted"]
            for match in rule.finditer(text, max(0, start - _QUOTED), start):
                if match.end() == start:
                    start = match.start()
                    break
        return self.names(start, end)

    def _otherwise(self, start: int, end: int) -> bool:
        """Whether what follows a name without a command is no predicate of its own."""
        later = self.ask["owner.later"].search
        if end - start <= _BARE and later(self.text, end, self.stop(end)):
            return True  # 各级培训方式要…: the subject goes on, up to the command
        if self.text[start - 1 : start] not in self.middle:
            return False
        grants = self.ask["owner.grantor"].match(self.text, max(start, end - _BARE))
        return grants is not None

    def _transmits(self, start: int) -> bool:
        """Whether 现印发给你们，请 stands before it: no task for anybody by name."""
        said = self.ask["owner.transmittal"].search
        return bool(said(self.text, max(0, start - _TRANSMITTED), start))

    def names(self, start: int, end: int) -> list[Mark]:
        """One mark a body of a phrase, with the role that the words after it give."""
        role, rule = self._role(end)
        return [
            Mark(start + a, start + b, rule, role)
            for a, b in subjects.names(self.text[start:end])
        ]

    def _role(self, end: int) -> tuple[str, str]:
        if match := self.role.match(self.text, end, len(self.text)):
            rule = rulebook.load("owner").rule_of(match)
            return rule.value, rule.id
        return "responsible", "owner.subject"

    def listed(self, start: int) -> int:
        """End of the full names that begin there, joined by 、 and 和, else `start`."""
        text, ask = self.text, self.ask
        if (end := bodies.longest(text, start, start + bodies.LONGEST)) == start:
            return start
        stop = self.stop(end)
        alone = bodies.whole(text[start:end])
        while joined := ask["owner.separator"].match(text, end, stop):
            reach = bodies.longest(text, joined.end(), stop)
            if reach == joined.end():
                break
            alone = bodies.whole(text[joined.end() : reach])
            end = reach
        if others := ask["owner.others"].match(text, end):
            return others.end()
        if named := ask["owner.person-name"].match(text, end):
            if bodies.level(text[start:end]) == bodies.PERSON:
                return named.end()
        return end if alone else start

    def asked(self, start: int) -> int:
        """End of the noun phrase with a known head that begins there, else `start`.

        It ends where a predicate follows, else at the last head of a close run of
        them: 干部 before 群众 is not its end. A mere 企业 is none.
        """
        text, ask = self.text, self.ask
        if text[start - 1 : start] in self.asking and self._transmits(start):
            return start
        stop = min(self.stop(start), start + _LONGEST_ASKED)
        reached = last = start
        for match in ask["owner.tail"].finditer(text, start, stop):
            end = match.end()
            if start < last < end - _CLOSE:
                break
            if ask["owner.goes-on"].match(text, end) or bodies.broken(text, end):
                continue
            if subjects.is_object(text[start:end]):
                break
            if head := subjects.asked(text[start:end]):
                last = end
                followed = ask["owner.subject"].match(text, match.start())
                if head != subjects.VAGUE and (
                    reached == start or followed or len(head) > 1
                ):
                    reached = end
                if followed:
                    break
        return reached
