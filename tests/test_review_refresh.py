"""Documents that an older machine read: new proposals, and nothing of people lost."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

pytest.importorskip("sqlalchemy", reason="duban[review] is not installed")

from sqlalchemy import select, text, update
from workbench import SENTENCES, TEXT, put

from extract.errors import DubanError
from extract.readers import from_text
from extract.review import listing, queries
from extract.review.database import Database
from extract.review.intake import Intake, add_document, add_speech
from extract.review.judging import Desk
from extract.review.record import checked
from extract.review.refresh import (
    Refreshed,
    begin,
    count_lapsed,
    outdated,
    reader,
    refresh,
    refresh_all,
)
from extract.review.tables import Document, Item

SALUTE, THANKS = "同志们：", "谢谢大家。"
ANNA, BODO = "张敏", "李强"


def old(words, **fields):
    """A proposal of an older machine, of words no machine takes for a task today."""
    start = TEXT.index(words)
    span = {"start": start, "end": start + len(words)}
    return checked(span | fields, {}, TEXT) | {"confidence": 0.5}


def now():
    """Tasks that the machine reads in the speech today."""
    from extract import tasks

    return {task.text: task for task in tasks(TEXT)}


@pytest.fixture
def database(either_database):
    return either_database


@pytest.fixture
def document(database):
    """Read by an older machine, which proposed other things than today's."""
    proposals = [
        old(SALUTE),
        old(THANKS),
        old(SENTENCES["stock"], kind="ban"),
        old(SENTENCES["report"], kind="ban"),
    ]
    speech = from_text(TEXT, "讲话/防汛.txt")
    return add_document(database, speech, proposals, reader="older")


def items_of(database, document):
    with database.reading() as session:
        whole = queries.whole(session, document)["items"]
        return {item["record"]["text"]: item for item in whole}


@contextmanager
def desk_of(database, who=ANNA, reviewer=False):
    person = database.annotator(who)
    with database.writing() as session:
        yield Desk(session, person, reviewer)


def do(database, document, words, action, *arguments, who=ANNA):
    item = items_of(database, document)[words]
    with desk_of(database, who) as desk:
        getattr(desk, action)(item["id"], item["version"], *arguments)


def test_document_that_another_machine_read_is_outdated(database, document):
    fresh = add_speech(database, from_text("讲话\n各单位要抓紧落实。\n"))
    with database.reading() as session:
        assert outdated(session) == [document]
        assert session.get(Document, fresh).reader == reader()
    refresh(database, document)
    with database.reading() as session:
        assert outdated(session) == []


def test_same_document_again_is_not_read_again_by_itself(database, document):
    before = items_of(database, document)
    assert add_speech(database, from_text(TEXT, "讲话/防汛.txt")) == document
    assert items_of(database, document) == before


def test_document_that_came_by_an_import_is_read(database):
    document = put(database)
    with database.reading() as session:
        assert outdated(session) == []
    assert add_speech(database, from_text(TEXT, "讲话/防汛.txt")) == document
    assert SENTENCES["report"] in items_of(database, document)


def test_proposals_that_nobody_touched_are_replaced(database, document):
    found = refresh(database, document)
    items = items_of(database, document)
    tasks = now()
    assert set(items) == set(tasks)
    assert {item["verdict"] for item in items.values()} == {"open"}
    stock, report = (items[SENTENCES[name]] for name in ("stock", "report"))
    kinds = [tasks[SENTENCES[name]].kind for name in ("stock", "report")]
    assert [stock["record"]["kind"], report["record"]["kind"]] == kinds
    assert stock["record"] == stock["machine"]
    assert found == Refreshed(replaced=2, added=len(tasks) - 2, withdrawn=2, lapsed=0)


def test_what_people_said_stays_as_it_was(database, document):
    do(database, document, SENTENCES["stock"], "accept", {"actionable": False})
    do(database, document, SENTENCES["report"], "reject", who=BODO)
    kept = ("record", "verdict", "annotator", "review", "version", "remark")
    before = items_of(database, document)
    refresh(database, document)
    after = items_of(database, document)
    for name in ("stock", "report"):
        words = SENTENCES[name]
        was, is_now = ([each[words][key] for key in kept] for each in (before, after))
        assert is_now == was
    assert (
        after[SENTENCES["stock"]]["machine"]["kind"] == now()[SENTENCES["stock"]].kind
    )


@pytest.mark.parametrize("action", ["accept", "reject"])
def test_judged_task_that_is_not_proposed_any_more_stays_in_sight(
    database, document, action
):
    do(database, document, THANKS, action)
    found = refresh(database, document)
    item = items_of(database, document)[THANKS]
    assert (item["lapsed"], item["annotator"]) == (True, ANNA)
    assert (found.lapsed, found.withdrawn) == (1, 1)
    with database.reading() as session:
        rows = listing.tasks(session, listing.Filter(state="lapsed"))
        assert [row.text for row in rows] == [THANKS]
        assert count_lapsed(session) == 1


def test_edited_task_that_nobody_judged_stays_too(database, document):
    do(database, document, THANKS, "edit", {"kind": "report"})
    refresh(database, document)
    item = items_of(database, document)[THANKS]
    assert (item["verdict"], item["lapsed"]) == ("open", True)
    assert item["record"]["kind"] == "report"


def test_task_added_by_hand_meets_the_machines(database, document):
    words = SENTENCES["ban"]
    start = TEXT.index(words)
    with desk_of(database) as desk:
        desk.add(document, {"start": start, "end": start + len(words), "kind": "ban"})
    refresh(database, document)
    item = items_of(database, document)[words]
    assert (item["source"], item["verdict"], item["lapsed"]) == ("", "accepted", False)
    assert item["machine"]["text"] == words


def test_span_that_a_person_moved_is_not_proposed_again(database, document):
    words = SENTENCES["stock"]
    start = TEXT.index(words)
    do(database, document, words, "accept", {"start": start + len("二要")})
    refresh(database, document)
    texts = [text for text in items_of(database, document) if words[2:] in text]
    assert texts == [words[2:]]


def test_verdict_and_undo_meet_no_conflict_with_the_machine(database, document):
    words = SENTENCES["stock"]
    do(database, document, words, "accept")
    seen = items_of(database, document)[words]
    refresh(database, document)
    with desk_of(database, BODO) as desk:
        desk.edit(seen["id"], seen["version"], {"kind": "report"})
    with desk_of(database, BODO) as desk:
        desk.undo(document)
    with desk_of(database) as desk:
        (item,) = desk.undo(document)
        assert item.verdict == "open"


def test_open_page_that_shows_an_older_proposal_gets_a_conflict(database, document):
    words = SENTENCES["stock"]
    seen = items_of(database, document)[words]
    refresh(database, document)
    with pytest.raises(DubanError) as caught, desk_of(database) as desk:
        desk.accept(seen["id"], seen["version"])
    assert (caught.value.code, caught.value.details["found"]) == ("E712", 2)


def test_refreshing_twice_changes_nothing_more(database, document):
    do(database, document, THANKS, "accept")
    refresh(database, document)
    before = items_of(database, document)
    assert refresh(database, document) == Refreshed()
    assert items_of(database, document) == before


def test_withdrawn_proposal_comes_back_with_a_machine_that_makes_it(database, document):
    refresh(database, document)
    words = SENTENCES["ban"]
    with database.engine.begin() as connection:
        # as a machine in between would have left it
        values = {"gone": True, "lapsed": True}
        connection.execute(update(Item).where(Item.text == words).values(**values))
    assert words not in items_of(database, document)
    refresh(database, document)
    item = items_of(database, document)[words]
    assert (item["lapsed"], item["verdict"]) == (False, "open")


def test_finished_document_is_unfinished_by_new_proposals(database, document):
    for words in items_of(database, document):
        do(database, document, words, "reject")
    with desk_of(database) as desk:
        desk.finish(document)
    refresh(database, document)
    with database.reading() as session:
        assert queries.progress(session, document).finished == ""


def test_the_machine_is_nobody(database, document):
    do(database, document, THANKS, "accept")
    refresh(database, document)
    with database.reading() as session:
        assert queries.annotators(session) == [ANNA]
    do_review = items_of(database, document)[THANKS]
    with desk_of(database, reviewer=True) as desk:
        (item,) = desk.approve(do_review["id"], do_review["version"])
        assert item.review == "approved"


def test_disputes_of_before_they_were_counted_are_found(database, document):
    do(database, document, THANKS, "accept")
    do(database, document, THANKS, "reject", who=BODO)
    with database.engine.begin() as connection:
        connection.execute(update(Item).values(disputed=0))
    refresh(database, document)
    counts = {t: item["disputed"] for t, item in items_of(database, document).items()}
    assert [words for words, count in counts.items() if count] == [THANKS]


def test_all_outdated_documents_are_refreshed(database, document):
    progress = Intake()
    refresh_all(database, begin(database, progress), progress)
    assert (progress.total, progress.done, progress.failures) == (1, 1, [])
    with database.reading() as session:
        assert outdated(session) == []


def test_document_that_is_not_there(database):
    with pytest.raises(DubanError) as caught:
        refresh(database, 99)
    assert caught.value.code == "E713"


def test_database_of_the_first_duban_is_migrated(tmp_path):
    from alembic import command
    from alembic.config import Config

    from extract.review import database as module

    path = str(tmp_path / "old.sqlite")
    opened = Database(path)
    put(opened)
    with opened.engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(module._MIGRATIONS))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
        columns = connection.execute(text("SELECT * FROM items LIMIT 1")).keys()
        assert {"ruling", "lapsed", "disputed"}.isdisjoint(columns)
    opened.close()
    again = Database(path)
    with again.reading() as session:
        (row,) = session.scalars(select(Document))
        # some machine proposed what it holds, and nobody knows which
        assert (row.reader, outdated(session)) == ("unknown", [row.id])
        assert [item.disputed for item in row.items] == [0, 0, 0, 0]
    again.close()
