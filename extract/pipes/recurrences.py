"""Recurrences: the words of a document in, marks of how often out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc

from extract import joint
from extract.layers import Mark
from extract.numerals import number

Unit = Literal["day", "week", "month", "quarter", "half", "year"]

_UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "half", "year")
# Sunday is the one weekday that is not named by a number
_SUNDAY = 7
# 旬, a third of a month, counts as ten days
_TENTH = 10


class Cadence(NamedTuple):
    """How often; the value of a mark.

    Attributes
    ----------
    unit : str
        ``"day"``, ``"week"``, ``"month"``, ``"quarter"``, ``"half"`` or ``"year"``.
    every : int or None
        Every so many units.
    times : int or None
        So many times in each period.
    day : int or None
        On or by this day of the period; Monday is 1.
    """

    unit: Unit
    every: int | None = None
    times: int | None = None
    day: int | None = None


def find(text: str) -> list[Mark]:
    """Mark every recurrence of a text.

    Parameters
    ----------
    text : str
        Cleaned text of a whole document (`View.text`); time is linear in its length.

    Returns
    -------
    list of Mark
        In order, disjoint; value is a `Cadence`.
    """
    return [
        Mark(hit.start, hit.end, hit.rule.id, hit.rule.label, cadence)
        for hit in joint.find(text, "recurrence")
        if (cadence := _cadence(hit.match.groupdict()))
    ]


def _cadence(groups: Mapping[str, str | None]) -> Cadence | None:
    unit = _unit(groups)
    if unit is None:
        return None
    every: int | None = None
    written = groups.get("every")
    count = number(written) if written else None
    if written is not None and count is None:
        # 双周, 双月: the word itself says two
        count = 2
    if count == 0.5:
        return _halved(unit, groups)
    if isinstance(count, int) and count > 1:
        every = count
    if groups.get("tenth") is not None:
        every = _TENTH * (every or 1)
    if groups.get("on"):
        day = number((groups["on"] or "").replace(" ", "")) or _SUNDAY
        return Cadence(unit, every, None, int(day))
    times = number(groups.get("times") or "")
    if groups.get("hour"):
        # hours are no unit of the record: every two hours is twelve times a day
        every, times = None, 24 // (every or 1)
    return Cadence(unit, every, int(times) if times else None, None)


def _unit(groups: Mapping[str, str | None]) -> Unit | None:
    for unit in _UNITS:
        for name in (unit, f"{unit}_b"):
            if groups.get(name) is not None:
                return unit
    if groups.get("term"):
        # a school year has two terms
        return "half"
    daily = groups.get("workday") or groups.get("hour")
    return "day" if daily or groups.get("tenth") is not None else None


def _halved(unit: Unit, groups: Mapping[str, str | None]) -> Cadence | None:
    times = number(groups.get("times") or "")
    count = int(times) if times else None
    if unit == "year":
        return Cadence("half", None, count)
    # half a month is no calendar unit of its own: fifteen days
    return Cadence("day", 15, count) if unit == "month" else None


class Recurrences:
    """Mark recurrences.

    Reads ``doc._.view``; writes ``doc._.recurrences``, a list of `Mark` with a
    `Cadence` as value.

    Examples
    --------
    >>> [mark] = find("每年至少开展2次检查。")
    >>> mark.start, mark.end, tuple(mark.value)
    (0, 2, ('year', None, 2, None))
    """

    def __call__(self, doc: Doc) -> Doc:
        """Fill ``doc._.recurrences``."""
        doc._.recurrences = find(doc._.view.text)
        return doc


@Language.factory(
    "duban_recurrences", assigns=["doc._.recurrences"], requires=["doc._.view"]
)
def make_recurrences(nlp: Language, name: str) -> Recurrences:
    """Build the component of that name."""
    return Recurrences()
