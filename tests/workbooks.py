"""Tables as clerks make them, and the lines they come out as, from any workbook."""

from __future__ import annotations

import datetime as dt

import pytest

HEAD = ["序号", "工作任务", "牵头单位", "完成时限"]
SHEETS = [
    pytest.param(
        [
            ["2026年重点任务分解表"],
            HEAD,
            [1, "改造泵站", "市水务局", dt.date(2026, 6, 30)],
        ],
        "A1:D1",
        [
            "2026年重点任务分解表",
            "序号\t工作任务\t牵头单位\t完成时限",
            "1\t改造泵站\t市水务局\t2026年6月30日",
        ],
        id="title, heading, row",
    ),
    pytest.param(
        [
            HEAD,
            [1, "改造泵站", "市水务局", "6月底"],
            [2, "清淤河道", None, None],
            ["二、城管"],
            [3, "更新路灯", "市城管局", "年底"],
        ],
        "C2:C3 D2:D3 A4:D4",
        [
            "序号\t工作任务\t牵头单位\t完成时限",
            "1\t改造泵站\t市水务局\t6月底",
            "2\t清淤河道\t市水务局\t6月底",
            "二、城管",
            "3\t更新路灯\t市城管局\t年底",
        ],
        id="merged downwards, and a heading between rows",
    ),
    pytest.param(
        [
            HEAD,
            [1, "改造泵站", "市水务局", "6月底"],
            [None, None, "市财政局", "9月底"],
        ],
        "A2:A3 B2:B3",
        [
            "序号\t工作任务\t牵头单位\t完成时限",
            "1\t改造泵站\t市水务局\t6月底",
            "1\t\t市财政局\t9月底",
        ],
        id="a task of two rows stands once",
    ),
    pytest.param(
        [
            [None, "序 号", None, "重点\n任务", None, "责任 单位"],
            [],
            [None, 1, None, "修路\n架桥", None, "市交通局\n各区政府"],
        ],
        "",
        ["序号\t重点任务\t责任单位", "1\t修路架桥\t市交通局、各区政府"],
        id="empty rows and columns, broken lines",
    ),
    pytest.param(
        [
            HEAD,
            [None, "一、水务"],
            [1, "修路", "市交通局", "年底"],
            [None, None, "市财政局"],
            [None, "架桥"],
            ["二、城管"],
        ],
        "",
        [
            "序号\t工作任务\t牵头单位\t完成时限",
            "一、水务",
            "1\t修路\t市交通局\t年底",
            "\t\t市财政局\t",
            "\t架桥\t\t",
            "二、城管",
        ],
        id="rows of one cell",
    ),
    pytest.param([["一、要抓好落实。"], ["二、要加强督查。"]], "",
                 ["一、要抓好落实。", "二、要加强督查。"], id="prose"),
    pytest.param([[HEAD[1], HEAD[2]], ["修路", None]], "",
                 ["工作任务\t牵头单位", "修路\t"], id="a task without a body"),
    pytest.param([[]], "", [], id="nothing"),
]  # fmt: skip
"""Rows of a sheet, its merged areas, and the lines of its text."""
