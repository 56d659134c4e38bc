"""``duban review`` and ``duban report``: the workbench, its files, a static page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

from extract.cli.options import say
from extract.cli.review.exchange import export, import_
from extract.cli.review.page import report
from extract.cli.review.serving import open_page

Register = Callable[[typer.Typer, str, str], Callable[[Callable[..., None]], object]]

_OPEN = "open"


class _OpensByDefault(TyperGroup):
    """Group whose first word is the command ``open`` unless it names another one."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = args and args[0] in (*self.commands, "-h", "--help")
        return super().parse_args(ctx, args if named else [_OPEN, *args])


group = typer.Typer(
    cls=_OpensByDefault,
    help=say(
        "核对工作台：duban review 文档… 打开网页；export、import 导出导入。",
        "The analysts' workbench: duban review PATH… opens it; export and import.",
    ),
    rich_markup_mode=None,
)


def register(app: typer.Typer, command: Register) -> None:
    """Put the commands of this module into the application."""
    app.add_typer(group, name="review")
    command(group, "打开核对网页。", "Open the page.")(open_page)
    command(group, "导出核对结果。", "Export what was judged.")(export)
    command(group, "导入预测或改过的表格。", "Import predictions or an edited sheet.")(
        import_
    )
    command(app, "做一份可以发给别人的网页。", "Make a page to mail to others.")(report)
    for info in group.registered_commands:
        named = {"open_page": _OPEN, "import_": "import"}
        info.name = named.get(getattr(info.callback, "__name__", ""), info.name)
