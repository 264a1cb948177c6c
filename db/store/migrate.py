"""Brings a database's tables to this version of Nightshift, and tells where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg
import sqlalchemy as sa
from psycopg import errors
from sqlalchemy import exc

from db.errors import DatabaseRefusedError, SchemaMismatchError
from db.store.engine import create_engine
from db.store.refusals import plain_errors, said
from db.store.schemas import explain_step, read_revision
from db.store.server import require_server
from db.store.standing import require_standing, require_vectors

if TYPE_CHECKING:  # Alembic takes a fifth of a second to import: it is, where a migration or its state is asked for
    from alembic.config import Config

_LOCK = 0x6E69_0001
"""Advisory lock that one migrating process holds, so that two starting at once don't collide."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Where a database stands: revisions are Alembic's, None before the first migration.

    `newer` says that a later version of Nightshift was there already.
    """

    current: str | None
    latest: str
    newer: bool

    @property
    def up_to_date(self) -> bool:
        """Whether this version's code may use the database."""
        return self.current == self.latest


def upgrade(
    url: str,
    revision: str = "head",
    *,
    languages: Sequence[str] = ("english",),
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Applies every migration that is missing up to `revision`; doing nothing is fine.

    Where the words of stored passages have to be indexed, that is done in these languages; `progress` is called with
    how many passages are done, of how many. It is one transaction: killed or refused meanwhile, it leaves the tables as
    they were.

    Raises:
        DatabaseUnavailableError: the database can't be reached.
        DatabaseTooOldError: PostgreSQL or pgvector is too old.
        DatabaseRefusedError: the database can't be used as it is.
        SchemaMismatchError: the tables are of a newer version or somebody else's, or its role may not make any.
    """
    from alembic import command

    _migrate(url, command.upgrade, revision, languages=tuple(languages), progress=progress)


def downgrade(url: str, revision: str) -> None:
    """Undoes migrations down to `revision` ("base" for all): for tests, never offered in a release."""
    from alembic import command

    _migrate(url, command.downgrade, revision)


def schema_status(engine: sa.Engine) -> SchemaStatus:
    """Reads where the database stands, changing nothing.

    Raises:
        SchemaMismatchError: in our schema are tables of another program.
    """
    with engine.connect() as connection:
        return _read_status(connection)


def require_schema(engine: sa.Engine) -> None:
    """Refuses to go on with tables of another version, or of which something is gone, withheld or hidden.

    Raises:
        SchemaMismatchError: with what to run.
        DatabaseRefusedError: with what it is, and what to do.
    """
    status = schema_status(engine)
    _refuse_newer(status)
    if not status.up_to_date:
        raise SchemaMismatchError(
            f"The database's tables are at revision {status.current or 'none'}, this version needs {status.latest}: "
            "run `nightshift db upgrade`."
        )
    with engine.connect() as connection:
        require_standing(connection)
        require_vectors(connection)


def _read_status(connection: sa.Connection) -> SchemaStatus:
    from alembic.script import ScriptDirectory

    known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    current = read_revision(connection)
    return SchemaStatus(current, latest=known[0], newer=current is not None and current not in known)


def _refuse_newer(status: SchemaStatus) -> None:
    if status.newer:
        raise SchemaMismatchError(
            f"The database's tables are at revision {status.current}, made by a newer Nightshift than this one, "
            f"which knows {status.latest}: install the newer version again."
        )


def _migrate(url: str, step: Callable[[Config, str], None], revision: str, **attributes: object) -> None:
    engine = create_engine(url)
    try:
        require_server(engine)
        with plain_errors(), _alone(engine), engine.connect() as connection:
            _refuse_newer(_read_status(connection))
            schema = connection.scalar(sa.select(sa.func.current_schema()))
            connection.rollback()
            config = _config()
            config.attributes.update(attributes, connection=connection, schema=schema)
            step(config, revision)
            if _read_status(connection).up_to_date:
                require_standing(connection)
            connection.commit()
    except DatabaseRefusedError as error:
        if not isinstance(error.__cause__, errors.InsufficientPrivilege):
            raise
        raise SchemaMismatchError(
            f"The database's role may not make tables, or not the pgvector extension{said(error.__cause__)}. Grant it "
            "CREATE on the database and its schema, or have an administrator run CREATE EXTENSION vector; then run "
            "`nightshift db upgrade`."
        ) from error
    except (exc.DBAPIError, psycopg.Error) as error:
        cause = getattr(error, "orig", error)
        why = explain_step(cause) if isinstance(cause, psycopg.Error) else None
        if why is None:
            raise
        raise SchemaMismatchError(why) from error
    finally:
        engine.dispose()


@contextmanager
def _alone(engine: sa.Engine) -> Iterator[None]:
    """Waits until no other process migrates.

    A transaction of its own holds the lock, so that it outlasts those of the migrations, also through a pooler; one
    that only waits keeps nothing from vacuum.
    """
    with engine.connect() as guard:
        guard.execute(sa.select(sa.func.set_config("idle_in_transaction_session_timeout", "0", True)))
        guard.execute(sa.select(sa.func.set_config("statement_timeout", "0", True)))
        guard.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    folder = str(files("migrations"))
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config
