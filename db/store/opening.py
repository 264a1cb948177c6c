"""Opens the store: the embedded server or the one that was set, checked, with its tables up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import ConfigurationError
from db.store.engine import create_engine, require_server
from db.store.migrate import require_schema, schema_status, upgrade

if TYPE_CHECKING:
    from db.settings import Settings

EMBEDDED_DIR = "postgres"
"""The embedded server's folder in the data folder."""


@contextmanager
def open_server(settings: Settings) -> Iterator[str]:
    """Yields the database's url; an embedded server is started when needed, and stopped by the last to leave.

    Raises:
        ConfigurationError: NIGHTSHIFT_DATABASE_URL can't be read.
        EmbeddedServerError: the embedded server can't be started.
    """
    if settings.database_url is not None:
        yield _with_driver(settings.database_url.get_secret_value())
        return
    from db.embedded import EmbeddedServer

    server = EmbeddedServer.attach(settings.home / EMBEDDED_DIR)
    try:
        yield server.url
    finally:
        server.detach()


def _with_driver(url: str) -> str:
    """The address as SQLAlchemy wants it: with its driver named."""
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(
            "NIGHTSHIFT_DATABASE_URL is not an address of a PostgreSQL database; "
            "use postgresql://user:password@host:5432/database."
        ) from None
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextmanager
def open_store(
    settings: Settings, *, bounded: bool = True, progress: Callable[[int, int], None] | None = None
) -> Iterator[sa.Engine]:
    """Yields an engine on a database that this version can use.

    An embedded database is brought up to date by itself; another is its operator's to upgrade. `bounded` applies the
    statement time-out of the settings: right for questions, wrong for building an index. `progress` is that of
    `db.store.migrate.upgrade`.

    Raises:
        DatabaseUnavailableError: the database can't be reached.
        DatabaseTooOldError: PostgreSQL or pgvector is too old.
        SchemaMismatchError: its tables are of another version.
        EmbeddedServerError: the embedded server can't be started.
    """
    with open_server(settings) as url:
        engine = create_engine(
            url,
            pool_size=settings.pool_size,
            connect_timeout_s=settings.connect_timeout_s,
            statement_timeout_s=settings.statement_timeout_s if bounded else None,
            revive=_reviver(settings),
        )
        try:
            require_server(engine)
            if settings.database_url is None and not schema_status(engine).up_to_date:
                upgrade(url, languages=settings.language_names, progress=progress)
                engine.dispose()
            require_schema(engine)
            yield engine
        finally:
            engine.dispose()


def _reviver(settings: Settings) -> Callable[[], object] | None:
    """What starts the embedded server again if it died: a bot that runs for weeks outlives that."""
    if settings.database_url is not None:
        return None
    from db.embedded import EmbeddedServer

    return lambda: EmbeddedServer.attach(settings.home / EMBEDDED_DIR)
