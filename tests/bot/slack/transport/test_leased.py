"""A claim is one process's as long as it says so, and nobody else's meanwhile."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from bot.slack.transport import leased
from bot.slack.transport.leased import LeaseLostError, lease
from db import schema
from db.errors import DatabaseUnavailableError
from db.slack import finish_event


def take_over(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.update(schema.slack_event).values(attempts=schema.slack_event.c.attempts + 1))


async def test_one_has_it_and_others_have_not(engine: sa.Engine) -> None:
    async with lease(engine, "Ev1", {}) as first, lease(engine, "Ev1", {}) as second, lease(engine, "Ev2", {}) as other:
        assert first is not None and second is None and other is not None
        assert (first.attempt, first.is_held) == (1, True)
        await first.require()
        finish_event(engine, "Ev1", first.attempt)
    async with lease(engine, "Ev1", {}) as done:
        assert done is None


async def test_what_was_taken_over_is_known_before_anything_is_shown(engine: sa.Engine) -> None:
    async with lease(engine, "Ev1", {}) as held:
        assert held is not None
        take_over(engine)
        with pytest.raises(LeaseLostError):
            await held.require()
        assert not held.is_held


async def test_work_ends_where_it_waits_once_its_claim_is_lost(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leased, "BEAT_S", 0.01)
    with pytest.raises(LeaseLostError):
        async with lease(engine, "Ev1", {}):
            take_over(engine)
            await asyncio.Event().wait()


async def test_while_nobody_can_say_whose_it_is_its_age_decides(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object) -> bool:
        raise DatabaseUnavailableError

    now = [1_000.0]
    monkeypatch.setattr(leased, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(leased, "renew_event", lost)
    async with lease(engine, "Ev1", {}) as held:
        assert held is not None
        await held.require()
        now[0] += leased._SURE_FOR_S
        with pytest.raises(LeaseLostError):
            await held.require()


async def test_an_error_of_the_work_is_its_own(engine: sa.Engine) -> None:
    with pytest.raises(TimeoutError):
        async with lease(engine, "Ev1", {}):
            raise TimeoutError


async def test_a_renewal_that_fails_is_tried_again_and_the_work_goes_on(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leased, "BEAT_S", 0.01)
    renewed, tries = asyncio.Event(), []
    loop = asyncio.get_running_loop()

    def renew(*arguments: object) -> bool:
        tries.append(arguments)
        if len(tries) == 1:
            raise DatabaseUnavailableError
        loop.call_soon_threadsafe(renewed.set)
        return True

    monkeypatch.setattr(leased, "renew_event", renew)
    async with lease(engine, "Ev1", {}) as held:
        assert held is not None
        await renewed.wait()
        assert held.is_held
