"""Annotators who disagree: their readings, the reviewer's ruling, four eyes."""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

pytest.importorskip("sqlalchemy", reason="duban[review] is not installed")

from sqlalchemy import func, select
from typer.testing import CliRunner
from workbench import SENTENCES, TEXT, owner

from extract import evaluate
from extract.cli import app
from extract.errors import DubanError
from extract.evaluate import gold_pairs
from extract.review import listing, queries
from extract.review.changes import Person, Seen
from extract.review.database import Database
from extract.review.disputes import disputes, whole
from extract.review.exchange.annotations import import_annotations
from extract.review.exchange.gold import export_gold
from extract.review.exchange.selection import Choice
from extract.review.exchange.sheet import export_sheet
from extract.review.exchange.sheet_in import import_sheet
from extract.review.figures import agreement
from extract.review.judging import Desk
from extract.review.rulings import Own, Ruling, decide
from extract.review.states import Conflict
from extract.review.tables import Change, Item, Step

ANNA, BODO, CARA = "张敏", "李强", "王芳"


@pytest.fixture
def database(either_database):
    return either_database


def item_of(database, name):
    with database.reading() as session:
        start = TEXT.index(SENTENCES[name])
        query = select(Item).where(Item.start == start, ~Item.gone)
        return queries.plain(session.scalars(query).one())


@contextmanager
def desk_of(database, who, reviewer=False):
    person = database.annotator(who)
    with database.writing() as session:
        yield Desk(session, person, reviewer)


def do(database, name, action, *arguments, who=ANNA, reviewer=False):
    item = item_of(database, name)
    with desk_of(database, who, reviewer) as desk:
        getattr(desk, action)(item["id"], item["version"], *arguments)


def undo(database, document, who):
    with desk_of(database, who) as desk:
        desk.undo(document)


def seen(database, document):
    """The disputes as the page gets them."""
    with database.reading() as session:
        return whole(session, document)


def said(database, document):
    """Of each dispute what differs, and who says of which stretch that it is a task."""
    return [
        (
            found["differing"],
            {
                reading["name"]: {
                    each["record"]["text"]: each["task"]
                    for each in reading["items"].values()
                }
                for reading in found["readings"]
            },
        )
        for found in seen(database, document)["disputes"]
    ]


def settle(database, document, reading, who=CARA, place=0, reviewer=True, own=None):
    found = seen(database, document)["disputes"][place]
    people = {each["name"]: each["by"] for each in found["readings"]}
    given = Ruling(
        document=document,
        items=[Seen(id=i["id"], version=i["version"]) for i in found["items"]],
        reading=people.get(reading, reading),
        own=own or {},
    )
    person = Person(database.annotator(who), who, reviewer)
    return decide(database, person, given)


def disagree(database):
    """Two people judge one task and differ in its kind."""
    do(database, "stock", "accept")
    do(database, "stock", "accept", {"kind": "oversight"}, who=BODO)


STOCK = SENTENCES["stock"]
CUT = TEXT.index("5月底前")
HALVES = (TEXT[TEXT.index("一要") : CUT], TEXT[CUT : TEXT.index("二要")])


def edited(fields):
    def act(database, document):
        do(database, "stock", "accept")
        do(database, "stock", "edit", fields, who=BODO)

    return act


def rejected(database, document):
    do(database, "stock", "accept")
    do(database, "stock", "reject", who=BODO)


def alone(database, document):
    do(database, "stock", "accept")
    do(database, "stock", "accept", {"kind": "ban"})


def reopened(database, document):
    rejected(database, document)
    do(database, "stock", "reopen", who=BODO)


def undone(database, document):
    rejected(database, document)
    undo(database, document, BODO)


def persuaded(database, document):
    rejected(database, document)
    do(database, "stock", "reject")


def reviewed(database, document):
    do(database, "stock", "accept")
    do(database, "stock", "approve", who=BODO, reviewer=True)


@pytest.mark.parametrize(
    ("act", "differing"),
    [
        (rejected, ["task"]),
        (edited({"kind": "ban"}), ["kind"]),
        (edited({"actionable": False}), ["actionable"]),
        (edited({"end": TEXT.index("沙袋")}), ["span"]),
        (edited({"number": "", "section": ""}), ["number", "section"]),
        (edited({"owners": [owner("各县区", "lead")]}), ["owners"]),
        (edited({"owners": [owner("各乡镇"), owner("各县区")]}), ["owners"]),
    ],
)
def test_what_people_differ_in(database, document, act, differing):
    act(database, document)
    assert [names for names, _ in said(database, document)] == [differing]
    assert item_of(database, "stock")["disputed"] == len(differing)


@pytest.mark.parametrize(
    "act",
    [alone, reopened, undone, persuaded, reviewed, edited({"kind": "action"})],
)
def test_what_is_no_dispute(database, document, act):
    act(database, document)
    assert said(database, document) == []
    assert item_of(database, "stock")["disputed"] == 0


def test_readings_stand_beside_the_machines(database, document):
    disagree(database)
    [found] = seen(database, document)["disputes"]
    kinds = {
        reading["name"]: [each["record"]["kind"] for each in reading["items"].values()]
        for reading in found["readings"]
    }
    assert kinds == {ANNA: ["action"], BODO: ["oversight"], "duban": ["action"]}
    assert (found["settled"], found["differing"]) == (False, ["kind"])


def test_task_that_one_splits_is_one_dispute(database, document):
    do(database, "survey", "accept")
    do(database, "survey", "split", CUT, who=BODO)
    with database.reading() as session:
        halves = session.scalars(
            select(Item).where(Item.text.in_(HALVES)).order_by(Item.start)
        ).all()
        keys = [(item.id, item.version) for item in halves]
    for key, version in keys:
        with desk_of(database, BODO) as desk:
            desk.accept(key, version)
    survey = SENTENCES["survey"]
    ((differing, readings),) = said(database, document)
    assert "span" in differing
    # whoever leaves it whole says that the second half is no task of its own
    assert readings[ANNA] == {survey: True, HALVES[1]: False}
    assert readings[BODO] == {HALVES[0]: True, HALVES[1]: True}
    settle(database, document, ANNA)
    with database.reading() as session:
        rows = session.scalars(select(Item).where(Item.ruling.is_not(None))).all()
        rulings = {row.ruling["record"]["text"]: row.ruling["task"] for row in rows}
    assert rulings == {survey: True, HALVES[1]: False}


def test_task_that_one_merged_away_comes_back_by_a_ruling(database, document):
    do(database, "stock", "accept")
    keys = [
        (item_of(database, name)["id"], item_of(database, name)["version"])
        for name in ("survey", "stock")
    ]
    with desk_of(database, BODO) as desk:
        desk.merge(keys)
    do(database, "survey", "accept", who=BODO)
    assert queries_progress(database, document) == (1, 0)
    settle(database, document, ANNA)
    assert item_of(database, "stock")["ruling"]["task"] is True
    assert queries_progress(database, document) == (1, 1)


def queries_progress(database, document):
    with database.reading() as session:
        here = queries.progress(session, document)
    return here.disputed, here.settled


@pytest.mark.parametrize(
    ("reading", "kind"),
    [(ANNA, "action"), (BODO, "oversight"), ("machine", "action")],
)
def test_ruling_is_the_reviewers_alone(database, document, reading, kind):
    disagree(database)
    before = item_of(database, "stock")
    progress = settle(database, document, reading)
    after = item_of(database, "stock")
    assert (progress["settled"], progress["total"]) == (1, 1)
    assert after["ruling"]["record"]["kind"] == kind
    assert (after["review"], after["reviewer"]) == ("settled", CARA)
    own = ("record", "verdict", "annotator", "machine", "disputed")
    assert [after[key] for key in own] == [before[key] for key in own]


def test_reviewer_writes_a_third_reading(database, document):
    disagree(database)
    item = item_of(database, "stock")
    fields = {"kind": "ban", "owners": [owner("各乡镇", "lead")]}
    own = {item["id"]: Own(task=True, fields=fields)}
    settle(database, document, "own", own=own)
    ruling = item_of(database, "stock")["ruling"]
    owners = [(each["text"], each["role"]) for each in ruling["record"]["owners"]]
    assert (ruling["record"]["kind"], owners) == ("ban", [("各乡镇", "lead")])
    assert ruling["record"]["text"] == STOCK


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ({}, "E725"),
        ({"stock": {"task": True, "fields": {"kind": "wish"}}}, "E711"),
        ({"stock": {"task": True, "fields": {"start": 0, "end": 10**6}}}, "E711"),
    ],
)
def test_third_reading_that_does_not_fit(database, document, own, code):
    disagree(database)
    given = {item_of(database, name)["id"]: Own(**each) for name, each in own.items()}
    with pytest.raises(DubanError) as caught:
        settle(database, document, "own", own=given)
    assert caught.value.code == code
    assert item_of(database, "stock")["ruling"] is None


def test_ruling_is_undone_and_logged(database, document):
    disagree(database)
    settle(database, document, ANNA)
    undo(database, document, CARA)
    item = item_of(database, "stock")
    assert (item["review"], item["ruling"], item["disputed"]) == ("open", None, 1)
    with database.reading() as session:
        last = session.scalars(select(Change).order_by(Change.id.desc()).limit(2)).all()
        told = [(change.action, change.annotator.name) for change in last]
    assert told == [("undo", CARA), ("settled", CARA)]


def test_ruling_on_what_was_changed_meanwhile_is_refused(database, document):
    disagree(database)
    found = seen(database, document)["disputes"][0]
    do(database, "stock", "edit", {"actionable": False}, who=BODO)
    given = Ruling(
        document=document,
        items=[Seen(id=i["id"], version=i["version"]) for i in found["items"]],
        reading="machine",
    )
    with pytest.raises(Conflict) as caught:
        decide(database, Person(database.annotator(CARA), CARA, True), given)
    assert caught.value.seen["record"]["actionable"] is False
    assert item_of(database, "stock")["ruling"] is None


def test_ruling_on_what_is_no_dispute_any_more(database, document):
    item = item_of(database, "stock")
    given = Ruling(
        document=document,
        items=[Seen(id=item["id"], version=item["version"])],
        reading="machine",
    )
    with pytest.raises(DubanError) as caught:
        decide(database, Person(database.annotator(CARA), CARA, True), given)
    assert caught.value.code == "E733"


def test_reading_that_nobody_has(database, document):
    disagree(database)
    with pytest.raises(DubanError) as caught:
        settle(database, document, "999")
    assert caught.value.code == "E725"


def test_later_verdict_of_an_annotator_takes_the_ruling_back(database, document):
    disagree(database)
    settle(database, document, ANNA)
    do(database, "stock", "edit", {"actionable": False}, who=BODO)
    item = item_of(database, "stock")
    assert (item["review"], item["ruling"], item["disputed"]) == ("open", None, 2)


@pytest.mark.parametrize(
    ("who", "reviewer", "known", "code"),
    [
        (CARA, True, [CARA], ""),
        (CARA, False, [CARA], "E718"),
        (ANNA, True, [CARA], "E732"),
        (BODO, True, [CARA], "E732"),
        # with nobody else there, somebody must
        (ANNA, True, [], ""),
    ],
)
def test_who_may_settle(database, document, who, reviewer, known, code):
    disagree(database)
    for name in known:
        database.annotator(name)
    found = ""
    try:
        settle(database, document, BODO, who=who, reviewer=reviewer)
    except DubanError as error:
        found = error.code
    assert found == code
    assert item_of(database, "stock")["review"] == ("open" if code else "settled")


@pytest.mark.parametrize("action", ["approve", "give_back"])
@pytest.mark.parametrize(
    ("who", "known", "code"),
    [(ANNA, [], ""), (ANNA, [BODO], "E731"), (BODO, [BODO], "")],
)
def test_nobody_reviews_their_own_unless_alone(
    database, document, action, who, known, code
):
    do(database, "stock", "accept")
    for name in known:
        database.annotator(name)
    found = ""
    try:
        do(database, "stock", action, who=who, reviewer=True)
    except DubanError as error:
        found = error.code
    assert found == code
    assert (item_of(database, "stock")["review"] == "open") == bool(code)


def test_gold_is_what_was_settled(database, document, tmp_path):
    disagree(database)
    do(database, "survey", "accept")
    do(database, "relay", "accept")
    do(database, "relay", "reject", who=BODO)
    do(database, "ban", "accept")
    with desk_of(database, BODO) as desk:
        desk.finish(document)
    settle(database, document, BODO, place=0)
    settle(database, document, ANNA, place=1)
    export_gold(database, tmp_path, Choice())
    ((_, records, meta),) = gold_pairs(tmp_path)
    assert [(record["text"], record["kind"]) for record in records] == [
        (SENTENCES["survey"], "action"),
        (STOCK, "oversight"),
        (SENTENCES["relay"], "conduct"),
        (SENTENCES["ban"], "ban"),
    ]
    assert meta["annotators"] == sorted([ANNA, BODO])


def test_settled_counts_as_approved(database, document, tmp_path):
    disagree(database)
    settle(database, document, BODO)
    choice = Choice(unfinished=True, approved=True)
    export_gold(database, tmp_path, choice)
    ((_, records, _),) = gold_pairs(tmp_path, partly=True)
    assert [(record["text"], record["kind"]) for record in records] == [
        (STOCK, "oversight")
    ]


@pytest.mark.parametrize(
    ("reading", "told"),
    [
        (ANNA, ["类别 工作任务", "是任务"]),
        (BODO, ["是任务", "不是任务"]),
    ],
)
def test_sheet_tells_what_was_settled(database, document, tmp_path, reading, told):
    disagree(database)
    do(database, "relay", "reject", who=BODO)
    do(database, "relay", "accept")
    settle(database, document, reading, place=0)
    settle(database, document, reading, place=1)
    path = tmp_path / "台账.csv"
    export_sheet(database, path, Choice(unfinished=True, rejected=True), "zh")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["裁定"] for row in rows] == ["", *told, ""]
    assert import_sheet(database, path, ANNA).changes == []


def test_of_many_reviewers_one_settles(database, document):
    disagree(database)
    found = seen(database, document)["disputes"][0]
    items = [Seen(id=i["id"], version=i["version"]) for i in found["items"]]
    given = Ruling(document=document, items=items, reading="machine")
    people = [Person(database.annotator(f"复核员{n}"), "", True) for n in range(12)]

    def rule(person):
        try:
            decide(database, person, given)
        except DubanError as error:
            return error.code
        return ""

    with ThreadPoolExecutor(len(people)) as pool:
        codes = list(pool.map(rule, people))
    assert sorted(codes) == ["", *["E712"] * 11]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"state": "disputed"}, ["stock"]),
        ({"state": "settled"}, ["ban"]),
        ({"order": "disagreement"}, ["ban", "stock", "relay", "survey"]),
    ],
)
def test_disputed_tasks_are_filtered_and_sorted(database, document, wanted, names):
    disagree(database)
    do(database, "ban", "accept")
    do(database, "ban", "edit", {"kind": "action", "actionable": False}, who=BODO)
    settle(database, document, BODO, place=1)
    with database.reading() as session:
        rows = listing.tasks(session, listing.Filter(**wanted))
        found = [row.text for row in rows]
    assert found == [SENTENCES[name] for name in names]
    assert queries_progress(database, document) == (2, 1)


def test_disputes_come_in_text_order_with_their_parties(database, document):
    disagree(database)
    do(database, "ban", "reject", who=BODO)
    do(database, "ban", "accept", who=CARA)
    with database.reading() as session:
        found = disputes(session, document)
        told = [(each.items[0].text, len(each.readings)) for each in found]
    assert told == [(STOCK, 2), (SENTENCES["ban"], 2)]


# gold folders of two annotators

GOLD = [
    {
        **{"start": TEXT.index(STOCK), "end": TEXT.index(STOCK) + len(STOCK)},
        "text": STOCK,
        "kind": "action",
        "actionable": True,
        "number": "二要",
        "section": "一、",
        "item": "二要",
        "heading": False,
        "owners": [{"text": "各县区", "role": "responsible"}],
    },
    {
        "start": TEXT.index(SENTENCES["report"]),
        "end": TEXT.index(SENTENCES["report"]) + len(SENTENCES["report"]),
        "text": SENTENCES["report"],
        "kind": "report",
        "actionable": True,
        "owners": [{"text": "各乡镇", "role": "responsible"}],
        "deadlines": [
            {"text": "4月15日前", "type": "date", "from": None, "due": "2026-04-15"}
        ],
    },
    {
        "start": TEXT.index(SENTENCES["ban"]),
        "end": TEXT.index(SENTENCES["ban"]) + len(SENTENCES["ban"]),
        "text": SENTENCES["ban"],
        "kind": "ban",
        "actionable": False,
    },
]


@pytest.fixture
def folders(tmp_path):
    """Folders of two annotators who differ in a kind, an owner's role and a task."""
    theirs = json.loads(json.dumps(GOLD))
    theirs[0]["owners"][0]["role"] = "lead"
    theirs[1]["kind"] = "action"
    made = {"一组": GOLD, "二组": theirs[:2]}
    for name, records in made.items():
        place = tmp_path / name
        place.mkdir()
        (place / "防汛.txt").write_text(TEXT, encoding="utf-8")
        lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
        (place / "防汛.jsonl").write_text("".join(lines), encoding="utf-8")
    return [tmp_path / name for name in made]


def steps(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Step))


def test_folders_of_annotators_become_disputes(database, folders):
    documents = import_annotations(database, folders)
    (number,) = documents.values()
    found = {
        each["items"][0]["record"]["text"]: each["differing"]
        for each in seen(database, number)["disputes"]
    }
    assert found == {
        STOCK: ["owners"],
        SENTENCES["report"]: ["kind"],
        SENTENCES["ban"]: ["task"],
    }


def test_figures_are_those_of_duban_agree(database, folders):
    import_annotations(database, folders)
    shared = evaluate.shared_documents(folders)
    wanted = evaluate.agree(shared, ["一组", "二组"])
    with database.reading() as session:
        found = agreement(session)
    [pair] = wanted.pairs
    score = pair.scores["task"]
    assert found["pairs"] == [
        {
            "first": "一组",
            "second": "二组",
            "f1": score.f1,
            "low": score.low,
            "high": score.high,
        }
    ]
    assert {name: each["alpha"] for name, each in found["alphas"].items()} == {
        name: wanted.alphas[name].alpha for name in ("kind", "actionable")
    }
    assert found["documents"] == 1


def test_what_only_one_person_judged_says_nothing_of_agreement(database, document):
    do(database, "stock", "accept")
    do(database, "ban", "reject", who=BODO)
    with database.reading() as session:
        assert (agreement(session)["documents"], agreement(session)["pairs"]) == (0, [])


def test_folders_put_in_twice_leave_rulings_alone(database, folders):
    (number,) = import_annotations(database, folders).values()
    settle(database, number, "一组")
    before = steps(database)
    import_annotations(database, folders)
    assert steps(database) == before
    assert queries_progress(database, number) == (3, 1)


def test_field_that_the_text_does_not_hold_is_named(database, folders):
    path = folders[0] / "防汛.jsonl"
    words = path.read_text(encoding="utf-8").replace("各县区", "市财政局")
    path.write_text(words.replace("市财政局备足", "各县区备足"), encoding="utf-8")
    with pytest.raises(DubanError) as caught:
        import_annotations(database, folders)
    assert (caught.value.code, caught.value.details) == ("E726", {"value": "市财政局"})
    assert steps(database) == 0


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "有分歧的任务 3 条"), ("en", "3 tasks disputed")]
)
def test_command_puts_disagreements_into_the_workbench(folders, tmp_path, lang, words):
    url = str(tmp_path / "x.sqlite")
    places = [str(place) for place in folders]
    done = CliRunner().invoke(app, ["agree", *places, "--db", url, "--lang", lang])
    assert (done.exit_code, words in done.stderr) == (0, True)
    opened = Database(url)
    with opened.reading() as session:
        (row,) = queries.disputed_documents(session)
    opened.close()
    assert (row.disputed, row.settled) == (3, 0)
