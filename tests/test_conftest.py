"""What every test shares leaves nothing behind for the next one."""

from __future__ import annotations

from tests.conftest import engine_on


def test_a_connection_that_outlives_its_engine_is_closed_as_it_is_given_back(database_url: str) -> None:
    with engine_on(database_url) as engine:
        lent = engine.raw_connection()
        connection = lent.driver_connection
        assert connection is not None
    assert not connection.closed
    lent.close()
    assert connection.closed
