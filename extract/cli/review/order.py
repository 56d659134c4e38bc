"""``duban review --next``: what to judge next, as a table or for the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import typer

from extract.cli.documents import complain
from extract.cli.options import say
from extract.errors import DubanError

if TYPE_CHECKING:
    from rich.table import Table

    from extract.review.database import Database
    from extract.review.intake import Intake
    from extract.review.proposals import Asked, Proposals


def _fresh() -> Intake:
    from extract.review.intake import Intake

    return Intake()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line.

    Attributes
    ----------
    database : Database
    paths : sequence of str
        Documents to take into it; none for what is in it.
    day : datetime.date or None
    segmenter, lang : str
    intake : Intake
        How far the reading of `paths` has come.
    refresh : bool
        Read documents again that an older machine read.
    """

    database: Database
    paths: Sequence[str]
    day: dt.date | None
    segmenter: str
    lang: str
    intake: Intake = field(default_factory=_fresh)
    refresh: bool = False

    def read(self) -> None:
        """Take the documents in; those that cannot be read are named on stderr."""
        from extract.review.intake import take_in

        if self.paths:
            take_in(
                self.database,
                self.paths,
                self.intake,
                date=self.day,
                segmenter=self.segmenter,
            )
        if self.paths or self.refresh:
            # else only the page tells: the first one should come at once
            self._read_again()
        for error in self.intake.failures:
            complain(error)

    def _read_again(self) -> None:
        from extract.review.refresh import begin, outdated, refresh_all

        if self.refresh:
            waiting = begin(self.database, self.intake)
            refresh_all(self.database, waiting, self.intake, segmenter=self.segmenter)
            return
        with self.database.reading() as session:
            count = len(outdated(session))
        if count:
            line = say(
                "{count} 份文档是用旧的规则或模型读的：加 --refresh 重新读取，"
                "核对结果一条不动",
                "{count} documents were read with older rules or an older model:"
                " --refresh reads them again, verdicts stay",
            )
            typer.echo(line.format(count=count), err=True)

    def proposals(self) -> Proposals:
        """The order of asking: of the documents named, or of the whole database."""
        from extract.review.proposals import Proposals

        only = self.intake.documents if self.paths else None
        return Proposals(self.database, segmenter=self.segmenter, only=only)


def print_order(wanted: Wanted, most: int) -> None:
    """Print the sentences that are most worth judging.

    Raises
    ------
    DubanError
        E744 if there is no document.
    """
    from extract.cli import screen

    wanted.read()
    proposals = wanted.proposals()
    found = proposals.sentences(most)
    if found:
        screen.show(_table(found, wanted.lang))
    elif proposals.empty() and not wanted.intake.failures:
        raise DubanError("E744")
    elif not proposals.empty():
        typer.echo(say("没有还要核对的句子", "nothing is left to judge"), err=True)
    if wanted.intake.failures:
        raise typer.Exit(1)


def _table(found: Sequence[Asked], lang: str) -> Table:
    # a text in square brackets is no markup
    from rich.text import Text

    from extract.cli import screen
    from extract.review.labels import labels
    from extract.writers.columns import folded

    known = labels(lang)
    table = screen.plain_table()
    table.add_column("#", justify="right")
    table.add_column(known["document"], max_width=24)
    table.add_column(known["sentence"], ratio=1)
    table.add_column(known["machine"])
    table.add_column(known["probability"], justify="right")
    table.add_column(known["why"])
    for number, one in enumerate(found, 1):
        reasons = [known[f"why_{reason}"] for reason in one.proposal.reasons]
        table.add_row(
            str(number),
            Text(folded(one.title or one.doc)),
            Text(folded(one.text)),
            known["task" if one.task else "no_task"],
            f"{one.proposal.probability:.2f}",
            known["separator"].join(reasons),
        )
    return table
