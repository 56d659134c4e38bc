"""Verdicts: versions, the log, undoing; on SQLite and, where it is, PostgreSQL."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

pytest.importorskip("sqlalchemy", reason="duban[review] is not installed")

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from workbench import SENTENCES, TEXT, at, owner, put

from extract.errors import DubanError, UsageError
from extract.review import listing, queries
from extract.review.database import Database, shown
from extract.review.judging import Desk
from extract.review.states import Conflict
from extract.review.tables import Change, Document, Item, Step


@pytest.fixture
def database(either_database):
    return either_database


def item_of(database, name):
    with database.reading() as session:
        start = TEXT.index(SENTENCES[name])
        item = session.scalars(
            select(Item).where(Item.start == start, ~Item.gone)
        ).one()
        return queries.plain(item)


@contextmanager
def desk_of(database, who="张敏", reviewer=False):
    person = database.annotator(who)
    with database.writing() as session:
        yield Desk(session, person, reviewer)


def do(database, name, action, *arguments, who="张敏", reviewer=False, version=None):
    """One action on the task of that name, by somebody who has just seen it."""
    item = item_of(database, name)
    with desk_of(database, who, reviewer) as desk:
        seen = version or item["version"]
        found = getattr(desk, action)(item["id"], seen, *arguments)
        return [queries.plain(item) for item in found]


def states(database, document):
    with database.reading() as session:
        return {
            item["record"]["text"]: (item["verdict"], item["review"], item["version"])
            for item in queries.whole(session, document)["items"]
        }


def test_nothing_the_machine_proposed_counts_as_judged(database, document):
    assert states(database, document) == {
        SENTENCES[name]: ("open", "open", 1)
        for name in ("survey", "stock", "relay", "ban")
    }


@pytest.mark.parametrize(
    ("action", "verdict"),
    [("accept", "accepted"), ("reject", "rejected"), ("reopen", "open")],
)
def test_verdict_is_the_annotators(database, document, action, verdict):
    (item,) = do(database, "stock", action)
    said = item["verdict"], item["annotator"], item["review"], item["version"]
    person = "" if verdict == "open" else "张敏"
    assert said == (verdict, person, "open", 2)


def test_same_verdict_again_is_one_more_version(database, document):
    do(database, "stock", "accept")
    (item,) = do(database, "stock", "accept")
    assert (item["verdict"], item["version"]) == ("accepted", 3)


def test_edit_keeps_the_machines_record(database, document):
    proposed = item_of(database, "stock")["machine"]
    (item,) = do(database, "stock", "edit", {"kind": "oversight"})
    assert (item["machine"], item["edited"]) == (proposed, ["kind"])
    assert (item["verdict"], item["record"]["kind"]) == ("open", "oversight")


@pytest.mark.parametrize("action", ["accept", "reject", "reopen", "split"])
def test_stale_version_is_refused_and_nothing_changes(database, document, action):
    do(database, "stock", "edit", {"kind": "ban"}, who="李强")
    before = item_of(database, "stock")
    more = [before["record"]["start"] + 2] if action == "split" else []
    with pytest.raises(Conflict) as caught:
        do(database, "stock", action, *more, version=1)
    assert caught.value.details == {"name": "李强", "found": 2, "given": 1}
    assert item_of(database, "stock") == before


def test_of_two_writers_of_one_row_the_later_is_refused(database, document):
    item = item_of(database, "stock")
    person = database.annotator("李强")
    with database.reading() as session:
        # read, then overtaken: SQLAlchemy's own check is what is left
        mine = session.get_one(Item, item["id"])
        session.expunge(mine)
    do(database, "stock", "accept")
    with pytest.raises(DubanError) as caught, database.writing() as session:
        session.add(mine)
        mine.verdict, mine.annotator_id = "rejected", person
    assert caught.value.code == "E710"
    assert item_of(database, "stock")["verdict"] == "accepted"


def test_reviewer_judges_the_annotators_verdict(database, document):
    do(database, "stock", "accept")
    (item,) = do(database, "stock", "approve", who="王芳", reviewer=True)
    said = item["verdict"], item["annotator"], item["review"], item["reviewer"]
    assert said == ("accepted", "张敏", "approved", "王芳")


def test_returned_item_carries_the_remark(database, document):
    do(database, "stock", "accept")
    (item,) = do(database, "stock", "give_back", "缺数量", who="王芳", reviewer=True)
    assert (item["review"], item["remark"]) == ("returned", "缺数量")


@pytest.mark.parametrize(
    ("judged", "reviewer", "code"), [(True, False, "E718"), (False, True, "E719")]
)
def test_who_may_not_approve(database, document, judged, reviewer, code):
    if judged:
        do(database, "stock", "accept")
    with pytest.raises(DubanError) as caught:
        do(database, "stock", "approve", reviewer=reviewer)
    assert caught.value.code == code


@pytest.mark.parametrize("action", ["reject", "edit"])
def test_what_was_approved_is_open_again_once_it_is_changed(database, document, action):
    do(database, "stock", "accept")
    do(database, "stock", "approve", reviewer=True)
    (item,) = do(database, "stock", action, *([{"kind": "ban"}][: action == "edit"]))
    assert (item["review"], item["reviewer"]) == ("open", "")


def add(database, document, name, **fields):
    span = {key: at(SENTENCES[name])[key] for key in ("start", "end")}
    with desk_of(database) as desk:
        return [queries.plain(item) for item in desk.add(document, span | fields)]


def test_added_task_is_accepted_and_of_no_machine(database, document):
    (item,) = add(database, document, "report", kind="report")
    said = item["machine"], item["source"], item["verdict"], item["record"]["kind"]
    assert said == (None, "", "accepted", "report")
    assert item_of(database, "report") == item


@pytest.mark.parametrize(
    ("name", "document_id", "code"), [("stock", 0, "E714"), ("report", 99, "E713")]
)
def test_task_that_cannot_be_added(database, document, name, document_id, code):
    with pytest.raises(DubanError) as caught:
        add(database, document_id or document, name)
    assert caught.value.code == code


def test_split_halves_are_judged_anew(database, document):
    do(database, "survey", "accept")
    cut = TEXT.index("每周通报")
    do(database, "survey", "split", cut)
    first, second = TEXT[TEXT.index("一要") : cut], "每周通报一次进展；"
    found = states(database, document)
    assert (found[first], found[second]) == (("open", "open", 3), ("open", "open", 1))


def test_merged_tasks_are_one(database, document):
    keys = [
        (item_of(database, name)["id"], item_of(database, name)["version"])
        for name in ("stock", "survey")
    ]
    with desk_of(database) as desk:
        desk.merge(keys)
    whole = SENTENCES["survey"] + SENTENCES["stock"]
    assert list(states(database, document)) == [
        whole,
        SENTENCES["relay"],
        SENTENCES["ban"],
    ]


def test_one_task_cannot_be_merged(database, document):
    item = item_of(database, "stock")
    with pytest.raises(DubanError) as caught, desk_of(database) as desk:
        desk.merge([(item["id"], 1), (item["id"], 1)])
    assert caught.value.code == "E715"


UNDOABLE = {
    "accept": lambda database, document: do(database, "stock", "accept"),
    "edit": lambda database, document: do(database, "stock", "edit", {"kind": "ban"}),
    "split": lambda database, document: do(
        database, "survey", "split", TEXT.index("每周通报")
    ),
    "add": lambda database, document: add(database, document, "report"),
}


@pytest.mark.parametrize("name", UNDOABLE)
def test_undo_restores_everything(database, document, name):
    def said():
        with database.reading() as session:
            whole = queries.whole(session, document)["items"]
            return [{k: v for k, v in item.items() if k != "version"} for item in whole]

    before = said()
    UNDOABLE[name](database, document)
    assert said() != before
    with desk_of(database) as desk:
        desk.undo(document)
    assert said() == before


def test_undo_goes_back_step_by_step_and_then_ends(database, document):
    do(database, "stock", "accept")
    do(database, "stock", "edit", {"kind": "ban"})
    verdicts = []
    for _ in range(2):
        with desk_of(database) as desk:
            (item,) = desk.undo(document)
            verdicts.append((item.verdict, item.kind))
    assert verdicts == [("accepted", "action"), ("open", "action")]
    with pytest.raises(DubanError) as caught, desk_of(database) as desk:
        desk.undo(document)
    assert caught.value.code == "E716"


def test_nobody_undoes_what_another_one_did(database, document):
    do(database, "stock", "accept")
    with pytest.raises(DubanError) as caught, desk_of(database, "李强") as desk:
        desk.undo(document)
    assert caught.value.code == "E716"


def test_undo_is_refused_once_another_one_went_on(database, document):
    do(database, "stock", "accept")
    do(database, "stock", "reject", who="李强")
    with pytest.raises(Conflict), desk_of(database) as desk:
        desk.undo(document)
    assert item_of(database, "stock")["verdict"] == "rejected"


def finish(database, document):
    with desk_of(database) as desk:
        desk.finish(document)


def finisher(database, document):
    with database.reading() as session:
        return queries.progress(session, document).finished


def judge_all(database):
    for name in ("survey", "stock", "relay"):
        do(database, name, "accept")
    do(database, "ban", "reject")


def test_document_with_open_tasks_cannot_be_finished(database, document):
    do(database, "stock", "accept")
    with pytest.raises(DubanError) as caught:
        finish(database, document)
    assert caught.value.details == {"count": 3}
    assert finisher(database, document) == ""


def test_finished_document_is_unfinished_by_the_next_change(database, document):
    judge_all(database)
    finish(database, document)
    assert finisher(database, document) == "张敏"
    do(database, "stock", "edit", {"kind": "ban"})
    assert finisher(database, document) == ""


def test_approving_leaves_a_document_finished(database, document):
    judge_all(database)
    finish(database, document)
    do(database, "stock", "approve", reviewer=True)
    assert finisher(database, document) == "张敏"


def test_log_tells_who_did_what(database, document):
    do(database, "stock", "accept")
    do(database, "stock", "edit", {"kind": "ban"}, who="李强")
    with desk_of(database, "李强") as desk:
        desk.undo(document)
    with database.reading() as session:
        said = [
            (change.annotator.name, change.action, change.undoes)
            for change in session.scalars(select(Change).order_by(Change.id))
        ]
        steps = [
            (step.before["record"]["kind"], step.after["record"]["kind"], step.version)
            for step in session.scalars(select(Step).order_by(Step.id))
        ]
    assert said == [
        ("张敏", "accepted", None),
        ("李强", "edit", None),
        ("李强", "undo", 2),
    ]
    assert steps == [
        ("action", "action", 2),
        ("action", "ban", 3),
        ("ban", "action", 4),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE steps SET version = 9",
        "DELETE FROM steps",
        "UPDATE changes SET action = 'accepted'",
        "DELETE FROM changes",
    ],
)
def test_log_can_only_grow(database, document, statement):
    do(database, "stock", "accept")
    with pytest.raises(DBAPIError, match="append-only"):
        with database.engine.begin() as connection:
            connection.execute(text(statement))


def test_same_document_is_in_the_database_once(database, document):
    do(database, "stock", "accept")
    assert put(database) == document
    assert item_of(database, "stock")["verdict"] == "accepted"
    with database.reading() as session:
        assert session.query(Document).count() == 1


def test_same_name_is_the_same_person(database):
    assert database.annotator("张敏") == database.annotator("张敏")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["relay", "stock", "ban", "survey"]),
        ({"order": "text"}, ["survey", "stock", "relay", "ban"]),
        ({"kind": "ban"}, ["ban"]),
        ({"owner": "水利"}, ["survey"]),
        ({"missing": "owner"}, ["relay", "ban"]),
        ({"missing": "measure", "owner": "县"}, ["stock"]),
        ({"search": "排查"}, ["survey"]),
        ({"search": "%"}, []),
        ({"state": "accepted"}, ["stock"]),
        ({"state": "approved"}, ["stock"]),
        ({"state": "rejected"}, []),
        ({"state": "nonsense"}, []),
    ],
)
def test_tasks_are_filtered_and_sorted(database, document, wanted, names):
    do(database, "stock", "accept")
    do(database, "stock", "approve", reviewer=True)
    with database.reading() as session:
        rows = listing.tasks(session, listing.Filter(**wanted))
        found = [row.text for row in rows]
        assert listing.count_tasks(session, listing.Filter(**wanted)) == len(rows)
    assert found == [SENTENCES[name] for name in names]


def test_progress_of_a_document(database, document):
    do(database, "stock", "accept")
    do(database, "ban", "reject")
    with database.reading() as session:
        here = queries.progress(session, document)
        total = queries.total(session)
    assert (here.tasks, here.accepted, here.rejected, here.judged) == (4, 1, 1, 2)
    assert total == {"documents": 1, "tasks": 4, "judged": 2, "approved": 0}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://localhost/x", "E701"),
        ("://", "E701"),
        ("sqlite:////nowhere/at/all/review.sqlite", "E702"),
        ("postgresql://duban@127.0.0.1:1/none?connect_timeout=2", "E702"),
    ],
)
def test_database_that_cannot_be_opened(url, code):
    if url.startswith("postgresql"):
        pytest.importorskip("psycopg", reason="duban[postgres] is not installed")
    with pytest.raises((DubanError, UsageError)) as caught:
        Database(url)
    assert caught.value.code == code


def test_file_that_is_no_database(tmp_path):
    path = tmp_path / "讲话.txt"
    path.write_text("同志们：" * 999, encoding="utf-8")
    with pytest.raises(DubanError) as caught:
        Database(str(path))
    assert caught.value.code == "E702"
    assert path.read_text(encoding="utf-8") == "同志们：" * 999


def test_database_of_a_later_duban_is_left_alone(tmp_path):
    path = str(tmp_path / "a?b#c%20.sqlite")
    opened = Database(path)
    with opened.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.close()
    with pytest.raises(DubanError) as caught:
        Database(path)
    assert caught.value.code == "E702"
    assert [found.name for found in tmp_path.glob("*.sqlite")] == ["a?b#c%20.sqlite"]


def test_password_is_not_shown():
    assert shown("postgresql://a:secret@host/b") == "postgresql://a:***@host/b"


def test_reopened_database_keeps_everything(tmp_path):
    url = f"sqlite:///{tmp_path / 'review.sqlite'}"
    first = Database(url)
    document = put(first)
    do(first, "stock", "accept")
    kept, secret = states(first, document), first.secret
    first.close()
    second = Database(url)
    assert (states(second, document), second.secret) == (kept, secret)
    second.close()


def test_owner_of_the_whole_record_reaches_the_filter(database, document):
    do(database, "relay", "edit", {"owners": [owner("各县区")]})
    with database.reading() as session:
        rows = listing.tasks(session, listing.Filter(owner="各县区", order="text"))
        assert [row.text for row in rows] == [SENTENCES["stock"], SENTENCES["relay"]]
