"""Databases of the workbench: SQLite, and PostgreSQL where it is installed.

The fixtures are everybody's (conftest.py), so nothing is imported here that an install
without duban[review] lacks.
"""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def postgres_url():
    from workbench import postgres, postgres_programs

    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg", reason="duban[postgres] is not installed")
    with postgres() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request, tmp_path):
    from sqlalchemy import text

    from extract.review.database import Database
    from extract.review.tables import Table

    if request.param == "sqlite":
        opened = Database(str(tmp_path / "review.sqlite"))
    else:
        url = request.getfixturevalue("postgres_url")
        opened = Database(url)
        with opened.engine.begin() as connection:
            names = ", ".join(Table.metadata.tables.keys() - {"settings"})
            # a fresh database each time, without waiting for a fresh server
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
    yield opened
    opened.close()


@pytest.fixture
def database(tmp_path):
    from extract.review.database import Database

    opened = Database(str(tmp_path / "review.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def document(database):
    from workbench import put

    return put(database)
