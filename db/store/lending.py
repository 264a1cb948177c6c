"""The pool's connections, lent: to statements of either kind, whose errors become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa

from db.store.refusals import plain_errors
from db.store.sessions import RawConnection, sessions_of


@contextmanager
def raw_connection(engine: sa.Engine) -> Iterator[RawConnection]:
    """Lends a pooled psycopg connection in one transaction, committed at the end, rolled back on an error."""
    with transaction(engine) as (_, raw):
        yield raw


@contextmanager
def transaction(engine: sa.Engine) -> Iterator[tuple[sa.Connection, RawConnection]]:
    """One transaction for statements of both kinds, committed at the end, rolled back on an error."""
    with plain_errors(), engine.begin() as connection:
        yield connection, driver(connection)


def driver(connection: sa.Connection) -> RawConnection:
    """The psycopg connection under a SQLAlchemy one, in the same transaction."""
    raw = connection.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)  # noqa: S101 - the only driver
    return raw


@contextmanager
def reading_connection(engine: sa.Engine) -> Iterator[tuple[RawConnection, dict[Any, Any]]]:
    """Lends a pooled psycopg connection outside any transaction, for single reading statements.

    With it comes a dictionary that lives as long as what is SET on it. Where a pooler shares sessions out, that is one
    transaction, and it is in one.
    """
    lent = engine.raw_connection()
    try:
        raw = lent.driver_connection
        assert isinstance(raw, psycopg.Connection)  # noqa: S101 - the only driver
        sessions = sessions_of(engine)
        with plain_errors():
            if sessions.shared:
                sessions.apply(raw)
                yield raw, {}
                raw.commit()
            else:
                raw.autocommit = True
                yield raw, lent.info
                raw.autocommit = False
    except BaseException:
        lent.invalidate()  # in whatever state the failed statement left it
        raise
    finally:
        lent.close()
