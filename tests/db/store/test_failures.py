"""Failures by day and kind: counted in one row, and told for so many days."""

from __future__ import annotations

import sqlalchemy as sa

from db.schema import failure_count
from db.store.failures import count_failure, failure_counts


def test_each_kind_is_one_row_a_day(engine: sa.Engine) -> None:
    for kind in ("token_revoked", "LanguageModelError", "token_revoked"):
        count_failure(engine, kind)
    assert failure_counts(engine) == {"token_revoked": 2, "LanguageModelError": 1}
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(failure_count)) == 2


def test_what_is_too_long_ago_is_left_out(engine: sa.Engine) -> None:
    count_failure(engine, "ratelimited")
    with engine.begin() as connection:
        connection.execute(sa.update(failure_count).values(day=failure_count.c.day - 6))
    count_failure(engine, "ratelimited")
    assert failure_counts(engine) == {"ratelimited": 2}
    assert failure_counts(engine, days=6) == {"ratelimited": 1}
