"""The database: opened, brought up to date, watched; its errors become ours here."""

from db.store.cleaning import clean_text
from db.store.dump import dump_database, restore_database
from db.store.engine import MOST_SCANNED, create_engine, engine_beside
from db.store.failures import count_failure, failure_counts
from db.store.lending import driver, raw_connection, reading_connection, transaction
from db.store.migrate import require_schema, schema_status, upgrade
from db.store.opening import EMBEDDED_DIR, direct_address, open_server, open_store, open_unchecked
from db.store.queue import STALE_AFTER_S, Queue, Row, Wait, ago, alone, ask, listening, wake
from db.store.refusals import plain_errors
from db.store.server import read_server, require_server
from db.store.sessions import RawConnection, require_sessions, session_connection
from db.store.watching import pulse_of

__all__ = [
    "EMBEDDED_DIR",
    "MOST_SCANNED",
    "STALE_AFTER_S",
    "Queue",
    "RawConnection",
    "Row",
    "Wait",
    "ago",
    "alone",
    "ask",
    "clean_text",
    "count_failure",
    "create_engine",
    "direct_address",
    "driver",
    "dump_database",
    "engine_beside",
    "failure_counts",
    "listening",
    "open_server",
    "open_store",
    "open_unchecked",
    "plain_errors",
    "pulse_of",
    "raw_connection",
    "read_server",
    "reading_connection",
    "require_schema",
    "require_server",
    "require_sessions",
    "restore_database",
    "schema_status",
    "session_connection",
    "transaction",
    "upgrade",
    "wake",
]
