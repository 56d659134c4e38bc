"""Tasks in, table rows out: the columns of the ledger, their names and their values.

CSV, Excel, Markdown and data frames show the same columns in the same order, so that
what a clerk sees in one is found in the other.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from extract.task import Metric, Role, Task

if TYPE_CHECKING:
    import pandas as pd

Cell = str | int | float | dt.date | None
"""One table cell; None and ``""`` both mean that the text does not say."""

_WORDS: dict[str, tuple[str, str]] = {
    "action": ("工作任务", "action"),
    "target": ("目标指标", "target"),
    "oversight": ("监督检查", "oversight"),
    "report": ("报告反馈", "report"),
    "ban": ("禁止事项", "ban"),
    "conduct": ("作风要求", "conduct"),
    "owner": ("责任单位", "owner"),
    "deadline": ("完成时限", "deadline"),
    "measure": ("量化指标", "measure"),
    "yes": ("是", "yes"),
    "no": ("否", "no"),
    "inherited": ("（承前）", " (inherited)"),
    "separator": ("、", "; "),
    "status": ("状态", "Status"),
}
_PLACES: dict[str, tuple[str, str]] = {
    "page": ("第{}页", "page {}"),
    "paragraph": ("第{}段", "paragraph {}"),
    "row": ("第{}行", "row {}"),
}
STATUSES = (
    ("未启动", "进行中", "已完成", "已销号", "逾期"),
    ("not started", "in progress", "done", "closed", "overdue"),
)
"""What the status drop-down offers, in Chinese and in English."""

# control characters make Excel files unreadable; lone surrogates cannot be encoded
_UNWRITABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
_LINE_END = re.compile("[ \t\u3000\xa0]*[\n\r\v\f\x85\u2028\u2029]+[ \t\u3000\xa0]*")
# what the two above can begin at, and tabs; hardly any cell has one
_UNEVEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
# OWASP, "CSV injection"; some locales take the full-width forms for formulas as well
_FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the ledger.

    Attributes
    ----------
    key : str
        Its name in a data frame.
    zh, en : str
        Its headings.
    width : int
        Width in an Excel sheet, in characters of Latin text.
    cell : callable
        ``cell(task, lang)`` gives the value; the running number is not known to it.
    """

    key: str
    zh: str
    en: str
    width: int
    cell: Callable[[Task, str], Cell]

    def heading(self, lang: str) -> str:
        """Heading in ``"zh"`` or ``"en"``."""
        return self.zh if lang == "zh" else self.en


def word(key: str, lang: str) -> str:
    """Localised word for a value of the record: a kind, a missing part, yes, no."""
    return _WORDS[key][0 if lang == "zh" else 1]


def statuses(lang: str) -> tuple[str, ...]:
    """Entries of the status drop-down."""
    return STATUSES[0 if lang == "zh" else 1]


def due(task: Task) -> dt.date | None:
    """Day by which the whole task is to be done: the last of its resolved deadlines."""
    days = [deadline.due for deadline in task.deadlines if deadline.due]
    return max(days, default=None)


def folded(text: str) -> str:
    """Text on one line, without characters that a spreadsheet cannot hold.

    Lines wrapped in mid-sentence are joined as they were meant: without a blank
    between Chinese characters, with one between Latin words.
    """
    if not _UNEVEN.search(text):
        return text.strip()

    def joint(match: re.Match[str]) -> str:
        before = text[match.start() - 1 : match.start()]
        after = text[match.end() : match.end() + 1]
        latin = all(
            char and east_asian_width(char) not in "WFA" for char in before + after
        )
        return " " if before and after and latin else ""

    text = _LINE_END.sub(joint, text)
    return _UNWRITABLE.sub("", text.replace("\t", " ")).strip()


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would take the text for a formula."""
    return text.startswith(_FORMULA_STARTS)


def neutral(text: str) -> str:
    """Text that no spreadsheet runs: an apostrophe in front of would-be formulas."""
    return f"'{text}" if is_formula(text) else text


def rows(tasks: Iterable[Task], lang: str) -> list[list[Cell]]:
    """One row per task, cells in the order of `COLUMNS`, numbered from 1."""
    return [
        [number, *(column.cell(task, lang) for column in COLUMNS[1:])]
        for number, task in enumerate(tasks, 1)
    ]


def to_frame(tasks: Iterable[Task]) -> pd.DataFrame:
    """Tasks as a data frame for analysis.

    Parameters
    ----------
    tasks : iterable of Task
        In the order in which the rows shall stand.

    Returns
    -------
    pandas.DataFrame
        One row per task, columns named by `Column.key`: values of the record as they
        are (``kind`` is ``"action"``, ``actionable`` boolean), several bodies or
        phrases in one cell joined by ``"; "``, ``due`` as datetime64 with NaT where
        the text names no day.
    """
    import pandas as pd

    tasks = list(tasks)
    frame = pd.DataFrame(rows(tasks, "en"), columns=[column.key for column in COLUMNS])
    frame["text"] = [task.text for task in tasks]
    frame["actionable"] = pd.Series([task.actionable for task in tasks], dtype=bool)
    frame["due"] = pd.to_datetime(pd.Series(frame["due"], dtype="object"))
    numeric = {"no": "int64", "start": "int64", "end": "int64", "confidence": "float64"}
    return frame.astype(numeric)


def _joined(values: Sequence[str], lang: str) -> str:
    return word("separator", lang).join(folded(value) for value in values)


def _measure(metric: Metric) -> str:
    """A figure behind the indicator that its sentence names, both as written."""
    return f"{metric.indicator}：{metric.text}" if metric.indicator else metric.text


def _owners(role: Role) -> Callable[[Task, str], Cell]:
    def cell(task: Task, lang: str) -> Cell:
        mark = word("inherited", lang)
        return _joined(
            [
                owner.text + (mark if owner.source == "inherited" else "")
                for owner in task.owners
                if owner.role == role
            ],
            lang,
        )

    return cell


def _section(task: Task, lang: str) -> Cell:
    return folded(" / ".join(task.path) or task.section)


def _place(task: Task, lang: str) -> Cell:
    place = task.place
    if place is None:
        return ""
    wording = _PLACES[place.kind][0 if lang == "zh" else 1]
    return folded(f"{place.sheet} {wording.format(place.number)}")


COLUMNS: tuple[Column, ...] = (
    Column("no", "序号", "No.", 6, lambda task, lang: None),
    Column("id", "编号", "ID", 18, lambda task, lang: task.id),
    Column("doc", "来源", "Source", 22, lambda task, lang: folded(task.doc)),
    Column("title", "标题", "Title", 26, lambda task, lang: folded(task.title)),
    Column("section", "章节", "Section", 26, _section),
    Column(
        "item",
        "要求",
        "Requirement",
        8,
        lambda task, lang: folded(task.item or task.number),
    ),
    Column("text", "任务内容", "Task", 60, lambda task, lang: folded(task.text)),
    Column("kind", "类别", "Kind", 10, lambda task, lang: word(task.kind, lang)),
    Column(
        "actionable",
        "可督办",
        "Actionable",
        8,
        lambda task, lang: word("yes" if task.actionable else "no", lang),
    ),
    Column("lead", "牵头单位", "Lead", 18, _owners("lead")),
    Column("responsible", "责任单位", "Responsible", 22, _owners("responsible")),
    Column("cooperating", "配合单位", "Cooperating", 18, _owners("cooperating")),
    Column("supervising", "督办单位", "Supervising", 18, _owners("supervising")),
    Column(
        "deadline",
        "完成时限",
        "Deadline",
        16,
        lambda task, lang: _joined([part.text for part in task.deadlines], lang),
    ),
    Column("due", "截止日期", "Due", 12, lambda task, lang: due(task)),
    Column(
        "recurrence",
        "频次",
        "Recurrence",
        10,
        lambda task, lang: _joined([part.text for part in task.recurrences], lang),
    ),
    Column(
        "metric",
        "量化指标",
        "Metric",
        18,
        lambda task, lang: _joined([_measure(part) for part in task.metrics], lang),
    ),
    Column(
        "missing",
        "缺项",
        "Missing",
        18,
        lambda task, lang: _joined([word(key, lang) for key in task.missing], lang),
    ),
    Column(
        "confidence",
        "置信度",
        "Confidence",
        8,
        lambda task, lang: round(task.confidence, 2),
    ),
    Column("start", "起", "Start", 8, lambda task, lang: task.start),
    Column("end", "止", "End", 8, lambda task, lang: task.end),
    Column("place", "出处", "Source place", 14, _place),
)
"""The columns, in order."""
