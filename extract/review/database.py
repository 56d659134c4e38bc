"""A path or URL in, an open database out: migrated, with transactions that wait."""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    column,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    IntegrityError,
    OperationalError,
)
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from extract import resources
from extract.errors import DubanError, UsageError
from extract.review.tables import Annotator, Setting

_MIGRATIONS = Path(__file__).with_name("migrations")
_VERSION = table("alembic_version", column("version_num"))
_WAIT = 15_000
"""Milliseconds that a writer waits for another one before it gives up."""


def default_url() -> str:
    """URL of the user's own database; its folder is made here."""
    place = resources.user_data()
    place.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{place / 'review.sqlite'}"


class Database:
    """An open database.

    Parameters
    ----------
    url : str
        SQLAlchemy's URL, or the path of an SQLite file, which is made if missing.

    Raises
    ------
    UsageError
        E701 for an URL that names no known kind of database.
    DubanError
        E702 if it cannot be opened or migrated, E703 without PostgreSQL's driver.
    """

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        try:
            with self.engine.connect() as connection:
                _migrate(connection.execution_options(duban_writes=True))
                connection.commit()
            self.secret = self._secret()
        except (DatabaseError, sqlite3.DatabaseError) as error:
            self.engine.dispose()
            reason = getattr(error, "orig", error)
            raise DubanError("E702", url=shown(url), reason=reason) from error
        except DubanError:
            self.engine.dispose()
            raise

    @property
    def digest(self) -> str:
        """Eight digits that tell this database from others."""
        return hashlib.sha256(self.secret.encode()).hexdigest()[:8]

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Session that changes nothing."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Session whose changes are kept if the block ends well, all or none.

        Raises
        ------
        DubanError
            E710 if somebody else changed the same rows at the same moment, or kept
            the database busy for too long.
        """
        connection = self.engine.connect().execution_options(duban_writes=True)
        try:
            # a change is written once, when all of it is known: each writing counts
            whole = Session(connection, autoflush=False, expire_on_commit=False)
            with connection, whole as session:
                yield session
                session.commit()
        except (StaleDataError, IntegrityError, OperationalError) as error:
            raise DubanError("E710") from error

    def annotator(self, name: str) -> int:
        """Id of the person of that name, made known if new."""
        try:
            with self.writing() as session:
                known = session.query(Annotator).filter_by(name=name).one_or_none()
                if known is None:
                    known = Annotator(name=name)
                    session.add(known)
                    session.flush()
                return known.id
        except DubanError:
            # somebody of the same name came in at the same moment
            with self.reading() as session:
                return session.query(Annotator).filter_by(name=name).one().id

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _secret(self) -> str:
        """Key of the sessions' signatures: kept, so that a restart logs nobody out."""
        with self.writing() as session:
            known = session.get(Setting, "secret")
            if known is None:
                known = Setting(name="secret", value=secrets.token_hex(32))
                session.add(known)
            return known.value


def shown(url: str) -> str:
    """URL without its password."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url


def _engine(url: str) -> Engine:
    if "://" not in url:
        path = URL.create("sqlite", database=url)
        url = path.render_as_string()
    if url.startswith(("postgres://", "postgresql://")):
        url = "postgresql+psycopg://" + url.partition("://")[2]
    try:
        kind = make_url(url).get_backend_name()
        if kind not in ("sqlite", "postgresql"):
            raise UsageError("E701", url=shown(url))
        engine = create_engine(url, pool_size=20, max_overflow=20)
    except ArgumentError as error:
        raise UsageError("E701", url=url) from error
    except ModuleNotFoundError as error:
        raise DubanError("E703") from error
    if kind == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:
    # the driver's own idea of when a transaction begins would let two writers read
    # first and then fail: https://docs.sqlalchemy.org/en/20/dialects/sqlite.html
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_WAIT}",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("duban_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    if _is_current(connection):
        return
    # slow to import, and needed once in a database's life
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    config = Config()
    # a percent sign would start an interpolation
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        # a database that a later duban has migrated
        url = shown(str(connection.engine.url))
        raise DubanError("E702", url=url, reason=error) from error


def _is_current(connection: Connection) -> bool:
    """Whether the newest migration has been run."""
    if not inspect(connection).has_table(_VERSION.name):
        return False
    found = connection.scalar(select(_VERSION.c.version_num))
    newest = max(path.stem for path in _MIGRATIONS.glob("versions/*.py"))
    return bool(found == newest.partition("_")[0])
