"""Who answers for a task: duty zones, flattened tables, and what a table's end is."""

from __future__ import annotations

import pytest

import extract
from extract import zones
from extract.pipeline import analyse
from extract.pipes import owners
from extract.task import Speech, Task

Owners = list[tuple[str, str]]


def _zone(text: str) -> Owners:
    marks = zones.parse(text, 0, len(text))
    return [(text[mark.start : mark.end], mark.label) for mark in marks]


def _owners(task: Task) -> Owners:
    return [(owner.text, owner.role) for owner in task.owners]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "牵头单位：省水利厅配合单位：省人力资源社会保障厅、省体育局",
            [
                ("省水利厅", "lead"),
                ("省人力资源社会保障厅", "cooperating"),
                ("省体育局", "cooperating"),
            ],
        ),
        (
            "（省水利厅牵头，安溪、永春县人民政府配合）",
            [("省水利厅", "lead"), ("安溪、永春县人民政府", "cooperating")],
        ),
        (
            "（安溪县、永春县人民政府）",
            [("安溪县", "responsible"), ("永春县人民政府", "responsible")],
        ),
        (
            "（省残联牵头会省民政厅办理）",
            [("省残联", "lead"), ("省民政厅", "cooperating")],
        ),
        (
            "（省水利厅牵头，省财政厅参与，各县政府负责落实）",
            [
                ("省水利厅", "lead"),
                ("省财政厅", "cooperating"),
                ("各县政府", "responsible"),
            ],
        ),
        (
            "（省水利厅牵头，省财政厅配合，省直有关部门按职责分工负责）",
            [
                ("省水利厅", "lead"),
                ("省财政厅", "cooperating"),
                ("省直有关部门", "cooperating"),
            ],
        ),
        ("责任单位：市残联七、保障措施", [("市残联", "responsible")]),
        (
            "省水利厅省财政厅负责",
            [("省水利厅", "responsible"), ("省财政厅", "responsible")],
        ),
        (
            "（市水务局负责，各区县（自治县，以下简称区县）政府配合）",
            [
                ("市水务局", "responsible"),
                ("各区县（自治县，以下简称区县）政府", "cooperating"),
            ],
        ),
        ("联系人：王伟", []),
    ],
)
def test_zone(text: str, expected: Owners) -> None:
    assert _zone(text) == expected


_TABLE = {
    "inline": (
        "序号 工作任务 牵头单位 配合单位 完成时限\n"
        "1 新建泊位3000个，完善停车平台。 市城管局 市公安局、市住建局 2026年9月底前\n"
        "2 改造老旧小区20个。 市住建局 市财政局 2026年12月底前\n"
    ),
    "stacked": (
        "序号\n工作任务\n牵头单位\n配合单位\n完成时限\n"
        "1\n新建停车泊位3000个，完善智慧停车平台\n市城管局\n市公安局、市住建局\n"
        "2026年9月底前\n"
        "2\n改造老旧小区20个\n市住建局\n市财政局\n2026年12月底前\n"
    ),
}


@pytest.mark.parametrize("form", _TABLE)
def test_flattened_table(form: str) -> None:
    found = extract.tasks("某市重点工作任务分解表\n" + _TABLE[form], date="2026-01-05")
    assert [(_owners(task), [d.text for d in task.deadlines]) for task in found] == [
        (
            [
                ("市城管局", "lead"),
                ("市公安局", "cooperating"),
                ("市住建局", "cooperating"),
            ],
            ["2026年9月底前"],
        ),
        ([("市住建局", "lead"), ("市财政局", "cooperating")], ["2026年12月底前"]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        # no heading, one row that could be chance, no body among the columns
        "1 新建泊位 市城管局 市公安局\n2 改造小区 市住建局 市财政局\n",
        "工作任务\n牵头单位\n完成时限\n新建泊位\n市城管局\n年底前\n",
        "序号 工作任务 工作要求 完成时限\n1 新建泊位 市城管局 年底前\n",
    ],
)
def test_what_is_no_flattened_table_stays_unread(text: str) -> None:
    doc = analyse(Speech(text), judged=False)
    assert [mark for marks in doc._.duties.values() for mark in marks] == []


_ROWS = (
    "序号\t任务\t责任单位\t责任人\t完成时限\n"
    "1\t修建农村公路20公里。\t市交通局、市财政局\t王明、李伟\t6月底前\n"
    "\t铺设供水管网5公里。\t市水务局\t张强\t项目验收前\n"
    "注：列第一位者为牵头单位。\n"
    "各单位要按月报送进展。\n"
)


def test_rows_of_a_table() -> None:
    found = extract.tasks(_ROWS, date="2026-01-05")
    assert [(task.text, task.item, _owners(task)) for task in found] == [
        (
            "修建农村公路20公里。",
            "1",
            [
                ("市交通局", "lead"),
                ("市财政局", "cooperating"),
                ("王明", "responsible"),
                ("李伟", "responsible"),
            ],
        ),
        (
            "铺设供水管网5公里。",
            "1",
            [("市水务局", "lead"), ("张强", "responsible")],
        ),
        ("各单位要按月报送进展。", "", [("各单位", "responsible")]),
    ]
    [event] = found[1].deadlines
    assert (event.text, event.type, event.due) == ("项目验收前", "event", None)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "抓好落实。\n南平市水利局\n2026年3月5日\n",
            ["text", "chrome", "text"],
        ),
        (
            "附件：1.任务分解表\n2.联络员名单\n请抓好落实。\n",
            ["chrome", "chrome", "text"],
        ),
        ("注：标有星号的为续建项目。\n", ["chrome"]),
        ("备注：各单位须按月更新台账。\n", ["text"]),
    ],
)
def test_end_matter_is_chrome(text: str, kinds: list[str]) -> None:
    doc = analyse(Speech(text), judged=False)
    assert [line.kind for line in doc._.lines] == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "地方各级政府是重建工作的责任主体。",
            [("地方各级政府", "responsible")],
        ),
        ("年轻干部是事业的希望，必须练好本领。", [("年轻干部", "responsible")]),
        ("各单位在制定方案时，要听取意见。", [("各单位", "responsible")]),
        (
            "省、市、县都要开展培训。",
            [("省", "responsible"), ("市", "responsible"), ("县", "responsible")],
        ),
        ("梅州、汕尾两市要做好衔接。", [("梅州、汕尾两市", "responsible")]),
        ("希望获奖的同志珍惜荣誉。", [("获奖的同志", "responsible")]),
        ("由副县长李卫国负总责。", [("副县长李卫国", "responsible")]),
        ("第三方检测机构要如实公开。", [("第三方检测机构", "responsible")]),
        ("各牵头单位要抓好落实。", [("各牵头单位", "responsible")]),
        (
            "各牵头单位要抓总，各配合单位要主动对接。",
            [("各牵头单位", "lead"), ("各配合单位", "cooperating")],
        ),
        ("完善支持政策，中央财政给予补助。", []),
        ("中央财政安排资金，支持重建。", [("中央财政", "responsible")]),
        ("专班由市水务局、市财政局负责同志组成。", []),
        ("各级培训方式要有区别。", []),
        ("希望同志们再接再厉。", []),
        ("不得由施工单位垫资。", []),
    ],
)
def test_explicit(text: str, expected: Owners) -> None:
    marks = owners.find(text)
    assert [(text[m.start : m.end], m.label) for m in marks] == expected


@pytest.mark.parametrize(
    ("text", "inherits"),
    [
        ("各县区要摸清底数。要建立台账。", True),
        ("各县区要摸清底数。同时加强督促检查。", True),
        ("各县区要摸清底数。鼓励社会力量参与排查整治。", False),
        ("县委要总揽全局，书记要亲自抓，各部门要密切配合。要建立台账。", False),
    ],
)
def test_inheritance(text: str, inherits: bool) -> None:
    last = extract.tasks(text)[-1]
    assert last.start > 0
    assert any(owner.source == "inherited" for owner in last.owners) is inherits
