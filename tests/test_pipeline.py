"""The pipeline as a whole: its parts fit, and the same text gives the same tasks."""

from __future__ import annotations

import ast
import datetime as dt
import re
import subprocess
import sys
from itertools import repeat
from pathlib import Path

import pytest
import spacy

import extract
from extract.errors import DubanError, UsageError
from extract.pipeline import PIPES, analyse, load
from extract.readers import from_text
from extract.task import task_id
from extract.words import NAMES

PACKAGE = Path(extract.__file__).parent
SPEECH = """在全市重点工作推进会上的讲话
（2026年3月5日）
同志们：
今天召开这次会议。下面，我讲三点意见。
一、提高认识
去年以来，全市上下扎实推进了一批重点工程，取得了明显成效。
各级各部门要进一步统一思想，提高站位。
二、狠抓落实
（一）加快项目建设。各县区要在6月底前开工重点项目12个以上。要每月通报一次进展情况。
（二）改造老旧小区。由市住建局牵头，年内完成改造30个。（市财政局配合）
三、强化督查
一要压实责任。市政府督查室要每季度通报一次。二要严格考核。严禁弄虚作假、虚报瞒报。
我就讲这么多，谢谢大家！
"""


@pytest.fixture(scope="module")
def tasks() -> list[extract.Task]:
    return extract.tasks(SPEECH)


def test_pipes_have_all_they_require() -> None:
    report = extract.load().analyze_pipes()
    assert {name: found for name, found in report["problems"].items() if found} == {}
    assert list(report["problems"]) == [name for name, _ in PIPES]


def test_every_pipe_says_what_it_writes() -> None:
    report = extract.load().analyze_pipes(keys=["assigns"])
    assert [
        name for name, meta in report["summary"].items() if not meta["assigns"]
    ] == []


def test_load_is_cached_and_names_its_segmenters() -> None:
    assert extract.load() is extract.load()
    with pytest.raises(UsageError, match="E204"):
        extract.load("thulac")


def test_tasks_of_a_speech(tasks: list[extract.Task]) -> None:
    concrete = [
        "各县区要在6月底前开工重点项目12个以上。",
        "要每月通报一次进展情况。",
        "由市住建局牵头，年内完成改造30个。（市财政局配合）",
        "市政府督查室要每季度通报一次。",
    ]
    slogans = ["各级各部门要进一步统一思想，提高站位。", "一要压实责任。"]
    said = {task.text: task.actionable for task in tasks}
    assert [said.get(text) for text in concrete] == [True] * len(concrete)
    assert [said.get(text) for text in slogans] == [False] * len(slogans)


def test_background_is_no_task(tasks: list[extract.Task]) -> None:
    background = ["今天召开", "我讲三点", "去年以来", "谢谢大家"]
    assert [t.text for t in tasks if any(words in t.text for words in background)] == []


def named(tasks: list[extract.Task], words: str) -> extract.Task:
    [task] = [task for task in tasks if words in task.text]
    return task


def test_fields_of_a_task(tasks: list[extract.Task]) -> None:
    task = named(tasks, "12个以上")
    [owner], [deadline], [metric] = task.owners, task.deadlines, task.metrics
    assert (owner.text, owner.role, owner.source) == (
        "各县区",
        "responsible",
        "explicit",
    )
    assert (deadline.text, deadline.due) == ("6月底前", dt.date(2026, 6, 30))
    assert (metric.text, metric.value, metric.relation) == ("12个以上", 12.0, "ge")
    assert (task.section, task.item, task.number) == ("二、", "（一）", "")
    assert task.path == ("二、狠抓落实", "（一）加快项目建设。")
    assert task.missing == ()
    assert task.title == "在全市重点工作推进会上的讲话"


def test_next_item_does_not_stand_below_the_one_before() -> None:
    speech = extract.Speech("三、强化保障\n一要压实责任。层层传导。二要强化督查。\n")
    sentences = analyse(speech, judged=False)._.sentences
    top = ("三、强化保障",)
    assert [each.path for each in sentences] == [top, (*top, "一要压实责任。"), top]


def test_id_depends_on_both_ends() -> None:
    spans = [(0, 5), (0, 6), (1, 5), (10, 5)]
    assert len({task_id("digest", start, end) for start, end in spans}) == len(spans)


def test_owner_is_inherited_only_with_that_name(tasks: list[extract.Task]) -> None:
    task = named(tasks, "每月通报")
    assert [(o.text, o.source) for o in task.owners] == [("各县区", "inherited")]
    # an inherited owner is not what the sentence says
    assert "owner" in task.missing
    assert task.owners[0].end <= task.start


def test_owner_is_not_inherited_across_an_item() -> None:
    found = extract.tasks(
        "三、工作要求\n一要压实责任。各县区要明确专人负责，6月底前完成。\n"
        "二要强化督查。要每月通报一次进展情况。\n"
    )
    assert named(found, "每月通报").owners == ()


def test_duty_bracket_adds_to_explicit_owner(tasks: list[extract.Task]) -> None:
    owners = named(tasks, "市住建局").owners
    assert [(o.text, o.role, o.source) for o in owners] == [
        ("市住建局", "lead", "explicit"),
        ("市财政局", "cooperating", "duty"),
    ]


def test_phase_heading_gives_its_time_to_tasks_that_name_none() -> None:
    found = extract.tasks(
        "四、时间安排\n（一）启动实施（2026年3月中旬前）\n各单位要制定工作方案。\n"
        "（二）全面整改（2026年6月底前）\n各单位要对照清单逐项整改。"
        "各县区要在5月底前完成自查。\n"
    )
    assert [[d.text for d in task.deadlines] for task in found] == [
        ["2026年3月中旬前"],
        ["2026年6月底前"],
        ["5月底前"],
    ]


def test_table_row_is_a_candidate_with_its_duties() -> None:
    speech = extract.Speech(
        "重点任务分解表\n序号\t工作任务\t牵头单位\t配合单位\t完成时限\n"
        "1\t加快项目建设，开工重点项目12个\t市发改委\t市财政局\t2026年6月底前\n"
    )
    doc = analyse(speech, judged=False)
    view, row = doc._.view, doc._.sentences[-1]
    assert view.text[row.start : row.end] == "加快项目建设，开工重点项目12个"
    assert view.text[slice(*row.item)] == "1"
    owners = [mark for zone in row.zones for mark in doc._.duties[zone]]
    assert [(view.text[m.start : m.end], m.label) for m in owners] == [
        ("市发改委", "lead"),
        ("市财政局", "cooperating"),
    ]
    assert [view.text[slice(*zone)] for zone in row.zones] == [
        "市发改委",
        "市财政局",
        "2026年6月底前",
    ]


@pytest.mark.parametrize(
    ("date", "due"),
    [
        (None, dt.date(2026, 6, 30)),
        ("2027-03-05", dt.date(2027, 6, 30)),
        (dt.date(2028, 3, 5), dt.date(2028, 6, 30)),
    ],
)
def test_date(date: dt.date | str | None, due: dt.date) -> None:
    task = named(extract.tasks(SPEECH, date=date), "12个以上")
    assert [deadline.due for deadline in task.deadlines] == [due]


def test_without_any_date_relative_deadlines_stay_open() -> None:
    text = "三、工作要求\n各县区要在6月底前完成30个老旧小区改造。"
    [task] = extract.tasks(text)
    assert [(d.text, d.due) for d in task.deadlines] == [("6月底前", None)]
    assert task.date is None


def test_date_changes_neither_spans_nor_ids() -> None:
    one, other = extract.tasks(SPEECH), extract.tasks(SPEECH, date="2030-01-01")
    assert [task.id for task in one] == [task.id for task in other]


def test_id_depends_on_the_text_not_on_its_name() -> None:
    assert [t.id for t in extract.tasks(SPEECH, doc="a.txt")] == [
        t.id for t in extract.tasks(SPEECH, doc="b/c.txt")
    ]
    assert not {t.id for t in extract.tasks(SPEECH)} & {
        t.id for t in extract.tasks("关于" + SPEECH)
    }


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "　　\n\t\r\n", "\ufeff", "\u200b", "。", "\ud800"]
)
def test_nothing_in_nothing_out(text: str) -> None:
    assert extract.tasks(text) == []


def test_spacy_pipeline_gives_the_same(tasks: list[extract.Task]) -> None:
    doc = extract.load().make_doc(SPEECH)
    doc._.date = dt.date(2026, 3, 5)
    for _, pipe in extract.load().pipeline:
        doc = pipe(doc)
    assert doc.text == SPEECH
    assert [task.to_dict() | {"title": ""} for task in doc._.tasks] == [
        task.to_dict() | {"title": ""} for task in tasks
    ]


def spans(found: list[extract.Task]) -> list[tuple[object, ...]]:
    return [(t.id, t.start, t.end, t.kind, t.actionable, t.owners) for t in found]


@pytest.mark.parametrize("tokens", ["char", "jieba"])
def test_one_component_in_another_pipeline(
    tokens: str, tasks: list[extract.Task]
) -> None:
    config = {"nlp": {"tokenizer": {"segmenter": tokens}}}
    nlp = spacy.blank("zh", config=config)
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("duban")
    doc = nlp(SPEECH)
    # jieba's tokenizer in spaCy keeps the text as it is, line feeds included
    assert doc.text == SPEECH
    assert spans(doc._.tasks) == spans(tasks)


def test_tokens_are_characters() -> None:
    doc = extract.load().make_doc("6月底前\n　完成")
    assert [token.text for token in doc] == list("6月底前\n　完成")
    assert doc.text == "6月底前\n　完成"


@pytest.mark.parametrize("segmenter", NAMES)
def test_segmenters(segmenter: str, tasks: list[extract.Task]) -> None:
    if segmenter == "pkuseg":
        try:
            extract.tasks("抓好落实。", segmenter=segmenter)
        except DubanError as error:
            if error.code not in ("E303", "E304"):
                raise
            pytest.skip(error.message("en"))
    found = extract.tasks(SPEECH, segmenter=segmenter)
    # words are evidence for the judge only: spans and fields do not depend on them
    wanted = named(tasks, "12个以上")
    again = named(found, "12个以上")
    assert (again.id, again.owners, again.metrics) == (
        wanted.id,
        wanted.owners,
        wanted.metrics,
    )


def test_deterministic_across_processes(tasks: list[extract.Task]) -> None:
    code = (
        "import extract, json, sys; text = sys.stdin.read(); "
        "print(json.dumps([t.to_dict() for t in extract.tasks(text)]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code],
            input=SPEECH,
            capture_output=True,
            encoding="utf-8",
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(ast.literal_eval(re.sub("true|false|null", "0", runs[0]))) == len(tasks)


def test_two_million_characters() -> None:
    text = SPEECH * (2_000_000 // len(SPEECH) + 1)
    found = extract.tasks(text)
    last = found[-1]
    assert text[last.start : last.end] == last.text
    assert last.end > 2_000_000 - len(SPEECH)


def test_import_is_light() -> None:
    heavy = ["spacy", "sklearn", "pandas", "numpy", "jieba", "rjieba"]
    code = f"import extract, sys; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# --- knowledge stays out of the code ---------------------------------------------

HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]")
# errors.py speaks to the user; numerals.py holds digits, words.py ranges of characters
SPEAKS_CHINESE = {
    "counting.py",
    "errors.py",
    "numerals.py",
    "shown.py",
    "tables.py",
    "words.py",
}
SPEAKING_FOLDERS = {"cli", "writers"}


def modules(folder: str = "") -> list[object]:
    return [
        pytest.param(path, id=str(path.relative_to(PACKAGE)))
        for path in sorted((PACKAGE / folder).rglob("*.py"))
    ]


def documentation(tree: ast.Module) -> set[int]:
    """Ids of the nodes that are docstrings or strings standing for themselves."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


@pytest.mark.parametrize("path", modules("pipes"))
def test_pipes_hold_no_regex(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [
        node.func.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
    ]
    assert calls == []


@pytest.mark.parametrize("path", modules())
def test_code_holds_no_chinese(path: Path) -> None:
    inside = path.relative_to(PACKAGE)
    if path.name in SPEAKS_CHINESE or inside.parts[0] in SPEAKING_FOLDERS:
        pytest.skip("speaks to the user, or holds digits and ranges")
    tree = ast.parse(path.read_text(encoding="utf-8"))
    described = documentation(tree)
    found = [
        f"{node.lineno}: {node.value!r}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in described
        and HAN.search(node.value)
    ]
    assert found == []


def test_many_texts_give_what_each_gives_alone(tasks: list[extract.Task]) -> None:
    others = ["", "要抓好落实。\n" * 40_000, "去年成效显著。"]
    texts = [SPEECH, *others, SPEECH]
    speech = from_text(SPEECH, doc="一.txt", date=dt.date(2025, 1, 1))
    found = list(extract.pipe([*texts, speech]))
    assert found == [*map(extract.tasks, texts), extract.tasks_of(speech)]
    assert found[0] == tasks
    assert not list(extract.pipe([]))


@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_pipeline_of_many_texts(batch_size: int) -> None:
    """spaCy's own stream of texts."""
    texts = [SPEECH, "", "去年成效显著。", SPEECH]
    nlp = load()
    found = [doc._.judgements for doc in nlp.pipe(texts, batch_size=batch_size)]
    assert found == [nlp(text)._.judgements for text in texts]


def test_a_stream_may_be_endless(tasks: list[extract.Task]) -> None:
    stream = extract.pipe(repeat(SPEECH))
    assert [next(stream), next(stream)] == [tasks, tasks]
