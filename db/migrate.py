"""Brings a database's tables to this version of Nightshift, and tells where they stand."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.engine import create_engine, require_server
from db.errors import SchemaMismatchError

_LOCK = 0x6E69_0001
"""Advisory lock that one migrating process holds, so that two starting at once don't collide."""


@dataclass(frozen=True, slots=True)
class SchemaStatus:
    """Where a database stands: revisions are Alembic's, None before the first migration."""

    current: str | None
    latest: str

    @property
    def up_to_date(self) -> bool:
        """Whether this version's code may use the database."""
        return self.current == self.latest


def upgrade(url: str, revision: str = "head") -> None:
    """Applies every migration that is missing up to `revision`; doing nothing is fine.

    Raises:
        DatabaseUnavailableError: the database can't be reached.
        DatabaseTooOldError: PostgreSQL or pgvector is too old.
    """
    _migrate(url, command.upgrade, revision)


def downgrade(url: str, revision: str) -> None:
    """Undoes migrations down to `revision` ("base" for all): for tests, never offered in a release."""
    _migrate(url, command.downgrade, revision)


def schema_status(engine: sa.Engine) -> SchemaStatus:
    """Reads where the database stands, changing nothing."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    latest = ScriptDirectory.from_config(_config()).get_current_head()
    assert latest is not None  # noqa: S101 - the package carries its migrations
    return SchemaStatus(current, latest)


def require_schema(engine: sa.Engine) -> None:
    """Refuses to go on with tables of another version.

    Raises:
        SchemaMismatchError: with what to run.
    """
    status = schema_status(engine)
    if not status.up_to_date:
        raise SchemaMismatchError(
            f"The database's tables are at revision {status.current or 'none'}, this version needs {status.latest}: "
            "run `nightshift db upgrade`."
        )


def _migrate(url: str, step: object, revision: str) -> None:
    engine = create_engine(url)
    try:
        require_server(engine)
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            connection.commit()
            try:
                config = _config()
                config.attributes["connection"] = connection
                step(config, revision)  # type: ignore[operator]
                connection.commit()
            finally:
                connection.rollback()
                connection.execute(sa.text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
                connection.commit()
    finally:
        engine.dispose()


def _config() -> Config:
    import migrations

    config = Config()
    config.set_main_option("script_location", os.fspath(Path(migrations.__file__).parent).replace("%", "%%"))
    return config
