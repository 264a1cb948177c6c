"""The server's side of a connection: which one it is, and its end."""

from __future__ import annotations

import sqlalchemy as sa

from db.store.lending import reading_connection
from tests.conftest import maintenance_connection


def backend_pid(engine: sa.Engine) -> int:
    with reading_connection(engine) as (raw, _):
        return raw.info.backend_pid


def end_backend(url: str, pid: int) -> None:
    """The server ends a connection, and has done so when this returns."""
    with maintenance_connection(url) as connection:
        assert connection.execute("SELECT pg_terminate_backend(%s, 10000)", (pid,)).fetchone() == (True,)


def with_options(url: str, options: str) -> str:
    return sa.make_url(url).update_query_dict({"options": options}).render_as_string(hide_password=False)
