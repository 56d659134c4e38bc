"""Out of the database and in again: gold, spans of other programs, sheets."""

from __future__ import annotations

import csv
import io
import json

import pytest

pytest.importorskip("sqlalchemy", reason="duban[review] is not installed")

from openpyxl import load_workbook
from workbench import SENTENCES, TEXT, at, proposals

from extract.errors import DubanError, ReadError
from extract.evaluate import gold_pairs, score
from extract.readers import from_text
from extract.review import queries
from extract.review.database import Database
from extract.review.exchange import files
from extract.review.exchange.gold import gold_record
from extract.review.exchange.predictions import import_predictions
from extract.review.exchange.selection import Choice
from extract.review.exchange.sheet_in import Difference, import_sheet
from extract.review.intake import add_document
from extract.review.judging import Desk

SHEET = Choice(unfinished=True, rejected=True)
OPEN = Choice(unfinished=True)


def items(database, document=1):
    with database.reading() as session:
        found = queries.whole(session, document)["items"]
        return {item["record"]["text"]: item for item in found}


def act(database, action, name, *more, who="张敏"):
    person = database.annotator(who)
    item = items(database)[SENTENCES[name]]
    with database.writing() as session:
        getattr(Desk(session, person), action)(item["id"], item["version"], *more)


@pytest.fixture
def finished(database, document):
    for name in ("survey", "stock", "ban"):
        act(database, "accept", name)
    act(database, "reject", "relay")
    person = database.annotator("张敏")
    with database.writing() as session:
        Desk(session, person).finish(document)
    return document


# gold


def test_gold_is_what_evaluation_reads(database, finished, tmp_path):
    assert files.export(database, tmp_path / "gold", "gold", Choice(), "zh") == 1
    ((path, records, meta),) = gold_pairs(tmp_path / "gold")
    assert path.name == "防汛.txt"
    assert path.read_bytes() == TEXT.encode()
    survey, stock, _, ban = proposals()
    assert records == [gold_record(record) for record in (survey, stock, ban)]
    assert records[0] == at(SENTENCES["survey"]) | {
        "number": "一要",
        "heading": False,
        "section": "一、",
        "item": "一要",
        "kind": "action",
        "actionable": True,
        "owners": [
            {"text": "市水利局", "role": "lead"},
            {"text": "市住建局", "role": "cooperating"},
        ],
        "deadlines": [
            {"text": "5月底前", "type": "date", "from": None, "due": "2026-05-31"}
        ],
        "recurrences": ["每周"],
        "metrics": ["20座以上"],
    }
    assert meta == {
        "title": "在全市防汛备汛工作会议上的讲话",
        "date": "2026-03-05",
        "source": "讲话/防汛.txt",
        "annotators": ["张敏"],
    }


def test_gold_scores_full_against_itself(database, finished, tmp_path):
    files.export(database, tmp_path, "gold", Choice(), "zh")
    (pair,) = gold_pairs(tmp_path)
    scores = score([(pair.records, proposals())])
    assert scores["owners"].f1 == 1
    assert scores["deadlines"].f1 == 1


def test_inherited_bodies_are_no_gold():
    survey = proposals()[0]
    inherited = [owner | {"source": "inherited"} for owner in survey["owners"]]
    assert gold_record(survey | {"owners": inherited})["owners"] == []


@pytest.mark.parametrize("form", ["gold", "doccano", "labelstudio", "brat"])
def test_what_nobody_finished_is_no_gold(database, document, tmp_path, form):
    act(database, "accept", "stock")
    with pytest.raises(DubanError) as caught:
        files.export(database, tmp_path / "out", form, Choice(), "zh")
    assert caught.value.code == "E707"
    assert not (tmp_path / "out").exists()


def test_only_what_was_approved(database, finished, tmp_path):
    person = database.annotator("王芳")
    item = items(database)[SENTENCES["ban"]]
    with database.writing() as session:
        Desk(session, person, reviewer=True).approve(item["id"], item["version"])
    files.export(database, tmp_path, "gold", Choice(approved=True), "zh")
    (pair,) = gold_pairs(tmp_path)
    assert [record["text"] for record in pair.records] == [SENTENCES["ban"]]


def test_text_that_no_text_file_holds_is_refused(database, tmp_path):
    document = add_document(database, from_text("讲话\r好。\n", "a.docx"), [])
    person = database.annotator("张敏")
    with database.writing() as session:
        Desk(session, person).finish(document)
    with pytest.raises(DubanError) as caught:
        files.export(database, tmp_path / "out", "gold", Choice(), "zh")
    assert caught.value.code == "E709"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("docs", "names"),
    [
        (["a/讲话.docx", "b/讲话.docx"], ["讲话", "讲话-2"]),
        (["../../etc/passwd", "C:\\temp\\x.txt"], ["passwd", "x"]),
        (["a b:c*.txt", "-"], ["a_b_c", "-"]),
    ],
)
def test_file_names(database, tmp_path, docs, names):
    for number, doc in enumerate(docs):
        add_document(database, from_text(f"讲话{number}\n好。", doc), [])
    files.export(database, tmp_path / "out", "brat", OPEN, "zh")
    found = {path.stem for path in (tmp_path / "out").glob("*.ann")}
    assert found == set(names)


# other programs


def test_doccano(database, document, tmp_path):
    files.export(database, tmp_path / "x.jsonl", "doccano", OPEN, "zh")
    (entry,) = map(json.loads, (tmp_path / "x.jsonl").read_text("utf-8").splitlines())
    said = [
        (TEXT[e["start_offset"] : e["end_offset"]], e["label"])
        for e in entry["entities"]
    ]
    assert entry["text"] == TEXT
    assert said == [
        (SENTENCES["survey"], "task.action.actionable"),
        ("市水利局", "owner.lead"),
        ("市住建局", "owner.cooperating"),
        ("5月底前", "deadline"),
        ("每周", "recurrence"),
        ("20座以上", "metric"),
        (SENTENCES["stock"], "task.action.actionable"),
        ("各县区", "owner.responsible"),
        (SENTENCES["relay"], "task.conduct"),
        (SENTENCES["ban"], "task.ban.actionable"),
    ]
    ends = [(r["from_id"], r["to_id"]) for r in entry["relations"]]
    assert ends == [(2, 1), (3, 1), (4, 1), (5, 1), (6, 1), (8, 7)]


@pytest.mark.parametrize(
    ("done", "key"), [(True, "annotations"), (False, "predictions")]
)
def test_label_studio(request, database, tmp_path, done, key):
    request.getfixturevalue("finished" if done else "document")
    files.export(database, tmp_path / "x.jsonl", "labelstudio", OPEN, "zh")
    entry = json.loads((tmp_path / "x.jsonl").read_text("utf-8"))
    assert set(entry) == {"data", key}
    results = entry[key][0]["result"]
    assert results[0] == {
        "from_name": "label",
        "to_name": "text",
        "id": "1",
        "type": "labels",
        "value": at(SENTENCES["survey"]) | {"labels": ["task.action"]},
    }
    kinds = [result["type"] for result in results]
    tasks = 3 if done else 4
    assert (kinds.count("labels"), kinds.count("relation")) == (tasks + 6, 6)


def test_brat(database, finished, tmp_path):
    files.export(database, tmp_path, "brat", Choice(), "zh")
    lines = (tmp_path / "防汛.ann").read_text("utf-8").splitlines()
    start = at("市水利局")["start"]
    assert lines[:6] == [
        f"T1\tTask {at(SENTENCES['survey'])['start']} {at(SENTENCES['survey'])['end']}"
        f"\t{SENTENCES['survey']}",
        "A1\tKind T1 action",
        "A2\tActionable T1",
        f"T2\tOwner {start} {start + 4}\t市水利局",
        "A3\tRole T2 lead",
        "R1\tOf Arg1:T2 Arg2:T1",
    ]
    assert (tmp_path / "防汛.txt").read_text("utf-8") == TEXT
    assert "[entities]" in (tmp_path / "annotation.conf").read_text("utf-8")


def test_brat_parts_a_span_at_line_ends(database, tmp_path):
    text = "讲话\n各单位要认真\n落实。\n"
    start = text.index("各单位")
    task = proposals()[2] | {
        "text": text[start:-1],
        "start": start,
        "end": len(text) - 1,
        "section": "",
    }
    add_document(database, from_text(text, "a.txt"), [task])
    files.export(database, tmp_path, "brat", OPEN, "zh")
    line = (tmp_path / "a.ann").read_text("utf-8").splitlines()[0]
    assert line == "T1\tTask 3 9;10 13\t各单位要认真 落实。"


@pytest.mark.parametrize("form", ["doccano", "labelstudio"])
def test_what_is_exported_comes_back_as_proposals(database, document, tmp_path, form):
    files.export(database, tmp_path / "x.jsonl", form, OPEN, "zh")
    other = Database(str(tmp_path / "other.sqlite"))
    assert import_predictions(other, tmp_path / "x.jsonl", "模型甲") == 1
    found = [
        (i["source"], i["verdict"], i["record"]["kind"], i["record"]["actionable"])
        for i in items(other).values()
    ]
    assert found == [
        ("模型甲", "open", "action", True),
        ("模型甲", "open", "action", True),
        ("模型甲", "open", "conduct", False),
        ("模型甲", "open", "ban", True),
    ]
    survey = items(other)[SENTENCES["survey"]]["record"]
    assert gold_record(survey)["owners"] == gold_record(proposals()[0])["owners"]
    assert survey["deadlines"][0]["due"] == "2026-05-31"
    with other.reading() as session:
        assert queries.progress(session, 1).doc == "讲话/防汛.txt"
    other.close()


def test_predictions_add_only_what_is_not_proposed_yet(database, document, tmp_path):
    act(database, "reject", "stock")
    span = [at(SENTENCES["report"])[key] for key in ("start", "end")]
    old = [at(SENTENCES["stock"])[key] for key in ("start", "end")]
    label = [[*span, "task.report"], [*old, "task.action"]]
    (tmp_path / "x.jsonl").write_text(
        json.dumps({"text": TEXT, "label": label}), "utf-8"
    )
    import_predictions(database, tmp_path / "x.jsonl", "模型甲")
    found = {text: (i["source"], i["verdict"]) for text, i in items(database).items()}
    assert found[SENTENCES["report"]] == ("模型甲", "open")
    assert found[SENTENCES["stock"]] == ("duban", "rejected")


@pytest.mark.parametrize(
    "entry",
    [
        {"text": TEXT, "label": [[0, 5]]},
        {"text": TEXT, "label": [[0, 5, "task.wish"]]},
        {"text": TEXT, "label": [[0, 5, "boss"]]},
        {"text": TEXT, "label": [[0, 99_999, "task.ban"]]},
        {"text": TEXT, "entities": [{"id": 1}]},
        {"data": {}},
        {"data": {"text": TEXT}, "predictions": [{}]},
        {"text": TEXT, "date": "2026-13-01"},
        {"text": 7},
    ],
)
def test_predictions_that_fit_no_format_are_refused(database, tmp_path, entry):
    path = tmp_path / "x.jsonl"
    path.write_text(json.dumps(entry), encoding="utf-8")
    with pytest.raises(DubanError) as caught:
        import_predictions(database, path, "x")
    assert caught.value.code == "E708"


# sheets


def read_sheet(path):
    if path.suffix == ".csv":
        return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))
    rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def edit_sheet(path, changes):
    """Change cells: {(text of the row, heading): value}; ("", …) is a new row."""
    rows = read_sheet(path)
    head = rows[0]
    for (words, column), value in changes.items():
        found = [r for r in rows if words and words in r[head.index("任务内容")]]
        if not found:
            found = [rows[-1]] if rows[-1][0] == "" else [[""] * len(head)]
            rows += [] if found[0] in rows else found
        found[0][head.index(column)] = value
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rows)
        return
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for y, row in enumerate(rows, 1):
        for x, value in enumerate(row, 1):
            sheet.cell(y, x, value)
    book.save(path)


@pytest.fixture(params=[".csv", ".xlsx"])
def sheet(request, database, document, tmp_path):
    path = tmp_path / f"核对{request.param}"
    assert files.export(database, path, request.param[1:], SHEET, "zh") == 4
    return path


def test_row_of_a_sheet(sheet):
    head, row, *_ = read_sheet(sheet)
    found = dict(zip(head, row, strict=True))
    assert len(found.pop("编号")) == 16
    place = at(SENTENCES["survey"])
    assert found == {
        "版本": "1",
        "来源": "讲话/防汛.txt",
        "核对": "未核对",
        "任务内容": SENTENCES["survey"],
        "类别": "工作任务",
        "可督办": "是",
        "标题句": "否",
        "序号": "一要",
        "章节": "一、",
        "要求": "一要",
        "牵头单位": "市水利局",
        "责任单位": "",
        "配合单位": "市住建局",
        "督办单位": "",
        "完成时限": "5月底前",
        "截止日期": "2026-05-31",
        "频次": "每周",
        "量化指标": "20座以上",
        "缺项": "",
        "复核": "未核对",
        "裁定": "",
        "核对人": "",
        "置信度": "0.93",
        "起": str(place["start"]),
        "止": str(place["end"]),
    }


def test_untouched_sheet_changes_nothing(database, sheet):
    before = items(database)
    outcome = import_sheet(database, sheet, "张敏")
    assert (outcome.changes, outcome.conflicts, outcome.problems) == ([], [], [])
    assert items(database) == before


def test_edited_cells_are_taken_over_with_a_diff(database, sheet):
    changes = {
        (SENTENCES["stock"], "类别"): "监督检查",
        (SENTENCES["stock"], "核对"): "已采纳",
        (SENTENCES["stock"], "牵头单位"): "各县区",
        (SENTENCES["stock"], "责任单位"): "各乡镇",
        (SENTENCES["survey"], "截止日期"): "2026-05-20",
        (SENTENCES["survey"], "量化指标"): "",
        (SENTENCES["relay"], "核对"): "不是任务",
        (SENTENCES["relay"], "可督办"): "是",
    }
    edit_sheet(sheet, changes)
    outcome = import_sheet(database, sheet, "张敏")
    assert (outcome.conflicts, outcome.problems) == ([], [])
    ids = {item["id"]: text for text, item in items(database).items()}
    said = {(ids[d.id], d.column): (d.before, d.after) for d in outcome.changes}
    assert said == {
        (SENTENCES["stock"], "kind"): ("工作任务", "监督检查"),
        (SENTENCES["stock"], "verdict"): ("未核对", "已采纳"),
        (SENTENCES["stock"], "lead"): ("", "各县区"),
        (SENTENCES["stock"], "responsible"): ("各县区", "各乡镇"),
        (SENTENCES["survey"], "due"): ("2026-05-31", "2026-05-20"),
        (SENTENCES["survey"], "metrics"): ("20座以上", ""),
        (SENTENCES["relay"], "verdict"): ("未核对", "不是任务"),
        (SENTENCES["relay"], "actionable"): ("否", "是"),
    }
    found = items(database)
    stock = found[SENTENCES["stock"]]
    assert (stock["verdict"], stock["annotator"]) == ("accepted", "张敏")
    assert gold_record(stock["record"])["owners"] == [
        {"text": "各县区", "role": "lead"},
        {"text": "各乡镇", "role": "responsible"},
    ]
    assert stock["record"]["owners"][1]["start"] == at("各乡镇")["start"]
    survey = found[SENTENCES["survey"]]["record"]
    assert (survey["deadlines"][0]["due"], survey["metrics"]) == ("2026-05-20", [])
    assert found[SENTENCES["relay"]]["verdict"] == "rejected"


def test_same_sheet_twice_changes_nothing_more(database, sheet):
    edit_sheet(sheet, {(SENTENCES["stock"], "类别"): "监督检查"})
    import_sheet(database, sheet, "张敏")
    before = items(database)
    outcome = import_sheet(database, sheet, "张敏")
    assert (outcome.changes, outcome.conflicts) == ([], [])
    assert items(database) == before


def test_dry_run_finds_the_same_and_writes_nothing(database, sheet):
    edit_sheet(sheet, {(SENTENCES["stock"], "类别"): "监督检查"})
    before = items(database)
    dry = import_sheet(database, sheet, "张敏", dry=True)
    assert items(database) == before
    assert import_sheet(database, sheet, "张敏").changes == dry.changes


def test_cell_that_two_changed_is_a_conflict_and_stays(database, sheet):
    act(database, "edit", "stock", {"kind": "ban"}, who="李强")
    changes = {
        (SENTENCES["stock"], "类别"): "监督检查",
        (SENTENCES["stock"], "可督办"): "否",
    }
    edit_sheet(sheet, changes)
    outcome = import_sheet(database, sheet, "张敏")
    stock = items(database)[SENTENCES["stock"]]
    assert outcome.conflicts == [
        Difference(stock["id"], "kind", "工作任务", "监督检查", "禁止事项")
    ]
    # the other cell nobody else had touched
    assert [change.column for change in outcome.changes] == ["actionable"]
    assert (stock["record"]["kind"], stock["record"]["actionable"]) == ("ban", False)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("牵头单位", "市发改委", "E726"),
        ("类别", "愿望", "E711"),
        ("核对", "大概", "E711"),
        ("可督办", "也许", "E711"),
        ("截止日期", "2026-02-30", "E711"),
        ("截止日期", "2026-05-01、2026-05-02", "E711"),
        ("任务内容", "没有说过的话。", "E726"),
        ("版本", "77", "E711"),
        ("编号", "0123456789abcdef", "E713"),
    ],
)
def test_row_that_does_not_fit_is_named_and_the_others_go_on(
    database, sheet, column, value, code
):
    before = items(database)[SENTENCES["survey"]]
    changes = {
        (SENTENCES["stock"], "类别"): "监督检查",
        (SENTENCES["survey"], "类别"): "报告反馈",
        (SENTENCES["survey"], column): value,
    }
    edit_sheet(sheet, changes)
    outcome = import_sheet(database, sheet, "张敏")
    assert [(p.row, p.error.code) for p in outcome.problems] == [(2, code)]
    found = items(database)
    assert found[SENTENCES["survey"]] == before
    assert found[SENTENCES["stock"]]["record"]["kind"] == "oversight"


def test_task_is_made_longer_by_its_words(database, sheet):
    words = SENTENCES["relay"] + SENTENCES["report"]
    edit_sheet(sheet, {(SENTENCES["relay"], "任务内容"): words})
    import_sheet(database, sheet, "张敏")
    assert words in items(database)


def test_row_without_id_is_a_new_task(database, sheet):
    changes = {
        ("", "任务内容"): SENTENCES["report"],
        ("", "来源"): "讲话/防汛.txt",
        ("", "类别"): "报告反馈",
        ("", "责任单位"): "各乡镇",
    }
    edit_sheet(sheet, changes)
    outcome = import_sheet(database, sheet, "张敏")
    item = items(database)[SENTENCES["report"]]
    assert (outcome.problems, outcome.added) == ([], [item["id"]])
    said = gold_record(item["record"])
    assert (said["kind"], said["owners"]) == (
        "report",
        [{"text": "各乡镇", "role": "responsible"}],
    )


def test_tasks_that_the_sheet_lost_are_named_and_kept(database, sheet):
    rows = read_sheet(sheet)
    lost = rows[4][0]
    if sheet.suffix == ".csv":
        with sheet.open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream).writerows(rows[:4])
    else:
        book = load_workbook(sheet)
        book.worksheets[0].delete_rows(5)
        book.save(sheet)
    before = items(database)
    assert import_sheet(database, sheet, "张敏").absent == [lost]
    assert items(database) == before


def test_english_sheet_comes_back_too(database, document, tmp_path):
    path = tmp_path / "review.csv"
    files.export(database, path, "csv", SHEET, "en")
    rows = read_sheet(path)
    rows[2][rows[0].index("Verdict")] = "Accepted"
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)
    import_sheet(database, path, "张敏")
    assert items(database)[SENTENCES["stock"]]["verdict"] == "accepted"


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_formulas_stay_text(database, tmp_path, suffix):
    text = "讲话\n=1+1要落实。\n"
    task = proposals()[2] | {
        "text": "=1+1要落实。",
        "start": 3,
        "end": 11,
        "section": "",
    }
    add_document(database, from_text(text, "=cmd.txt"), [task])
    path = tmp_path / f"x{suffix}"
    files.export(database, path, suffix[1:], SHEET, "zh")
    row = read_sheet(path)[1]
    quote = "'" if suffix == ".csv" else ""
    assert (row[2], row[4]) == (f"{quote}=cmd.txt", f"{quote}=1+1要落实。")
    outcome = import_sheet(database, path, "张敏")
    assert (outcome.changes, outcome.problems) == ([], [])


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("none.xlsx", None, "E101"),
        ("none.csv", None, "E101"),
        ("broken.xlsx", b"PK\x03\x04 no", "E708"),
        ("other.csv", "姓名,年龄\n张三,5\n".encode(), "E708"),
        ("empty.csv", b"", "E708"),
        ("latin.csv", b"\xff\xfe\x81", "E105"),
    ],
)
def test_file_that_is_no_such_sheet(database, tmp_path, name, content, code):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises((DubanError, ReadError)) as caught:
        import_sheet(database, path, "张敏")
    assert caught.value.code == code
