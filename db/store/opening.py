"""Opens the store: the embedded server or the one that was set, checked, with its tables up to date."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import ConfigurationError
from db.store.address import DATABASE_URL, DIRECT_DATABASE_URL, read_address
from db.store.engine import create_engine
from db.store.migrate import require_schema, schema_status, upgrade
from db.store.server import require_server

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
    direct_address(settings)
    if settings.database_url is not None:
        yield read_address(settings.database_url.get_secret_value()).render_as_string(hide_password=False)
        return
    from db.embedded import EmbeddedServer

    server = EmbeddedServer.attach(settings.home / EMBEDDED_DIR)
    try:
        yield server.url
    finally:
        server.detach()


def direct_address(settings: Settings) -> sa.URL | None:
    """The server's own address, where NIGHTSHIFT_DATABASE_URL leads through a pooler.

    Raises:
        ConfigurationError: it can't be read, or is there without the other.
    """
    if settings.direct_database_url is None:
        return None
    if settings.database_url is None:
        raise ConfigurationError(f"{DIRECT_DATABASE_URL} is set, but {DATABASE_URL} isn't: set it too, or unset both.")
    return read_address(settings.direct_database_url.get_secret_value(), DIRECT_DATABASE_URL)


@contextmanager
def open_unchecked(settings: Settings, *, statement_timeout_s: int | None = None) -> Iterator[sa.Engine]:
    """Yields an engine on the database as it stands, whatever its tables are like: nothing is checked or changed.

    Raises:
        ConfigurationError: NIGHTSHIFT_DATABASE_URL can't be read.
        EmbeddedServerError: the embedded server can't be started.
    """
    with open_server(settings) as url:
        engine = create_engine(
            url,
            direct_url=direct_address(settings),
            connect_timeout_s=settings.connect_timeout_s,
            statement_timeout_s=statement_timeout_s,
        )
        try:
            yield engine
        finally:
            engine.dispose()


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
        DatabaseRefusedError: it can't be used as it is.
        SchemaMismatchError: its tables are of another version, or somebody else's.
        EmbeddedServerError: the embedded server can't be started.
    """
    with open_server(settings) as url:
        engine = create_engine(
            url,
            direct_url=direct_address(settings),
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
