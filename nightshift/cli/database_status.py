"""What `nightshift db status` tells, without starting or changing anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db.corpus import count_chunks, count_documents
from db.embedded import EmbeddedServer
from db.errors import ConfigurationError, DatabaseRefusedError, DatabaseUnavailableError, EmptyCorpusError
from db.feedback import count_votes
from db.generations import serving
from db.store import (
    EMBEDDED_DIR,
    open_unchecked,
    read_server,
    require_schema,
    require_server,
    require_sessions,
    schema_status,
)

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

Facts = dict[str, str | int | bool | None]


def read_status(settings: Settings) -> Facts:
    """Figures by name; an embedded server that is down is not started to be asked.

    Raises:
        DatabaseUnavailableError: a server that was set can't be reached.
        DatabaseTooOldError: it is too old.
        DatabaseRefusedError: it can't be used as it is.
        SchemaMismatchError: its tables are somebody else's.
    """
    if settings.database_url is not None:
        return {"server": "NIGHTSHIFT_DATABASE_URL", "running": True, **_ask(settings)}
    server = EmbeddedServer.status(settings.home / EMBEDDED_DIR)
    facts: Facts = {
        "server": "embedded",
        "home": str(server.home),
        "running": server.running,
        "pid": server.pid,
        "clients": server.clients,
        "bytes": server.size_bytes,
    }
    return {**facts, **_ask(settings)} if server.running else facts


def _ask(settings: Settings) -> Facts:
    with open_unchecked(settings) as engine:
        require_server(engine)
        schema = schema_status(engine)
        facts: Facts = {"tables": schema.current, "latest": schema.latest, **read_server(engine)}
        if facts["pooler"] is not None:
            facts["nights"] = _say_of_nights(engine)
        if not schema.up_to_date:
            return facts
        require_schema(engine)
        return {**facts, **_count(engine)}


def _say_of_nights(engine: sa.Engine) -> str:
    """Whether nights have a session of their own behind a pooler, or why not."""
    try:
        require_sessions(engine)
    except (ConfigurationError, DatabaseRefusedError, DatabaseUnavailableError) as error:
        return str(error)
    return "possible"


def _count(engine: sa.Engine) -> Facts:
    facts: Facts = {
        "documents": count_documents(engine),
        "chunks": count_chunks(engine),
        "votes": count_votes(engine),
    }
    try:
        facts["generation"] = serving(engine).id
    except EmptyCorpusError:
        facts["generation"] = None
    return facts
