"""The database: opened, brought up to date, watched; its errors become ours here."""

from db.store.cleaning import clean_text
from db.store.engine import (
    MOST_SCANNED,
    create_engine,
    driver,
    raw_connection,
    reading_connection,
    transaction,
)
from db.store.failures import count_failure, failure_counts
from db.store.migrate import schema_status, upgrade
from db.store.opening import EMBEDDED_DIR, direct_address, open_server, open_store
from db.store.pulse import pulse_of
from db.store.queue import STALE_AFTER_S, Queue, Row, Wait, ago, alone, ask, listening, wake
from db.store.refusals import plain_errors
from db.store.server import read_server, require_server
from db.store.sessions import RawConnection, require_sessions, session_connection

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
    "failure_counts",
    "listening",
    "open_server",
    "open_store",
    "plain_errors",
    "pulse_of",
    "raw_connection",
    "read_server",
    "reading_connection",
    "require_server",
    "require_sessions",
    "schema_status",
    "session_connection",
    "transaction",
    "upgrade",
    "wake",
]
