"""What went wrong is a line in the log and a count, and neither is a failure of its own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.slack.transport.failures import count_kinds, despite_errors, note_failure, note_unforeseen
from bot.slack.transport.refusals import SlackRefusedError
from db.store import create_engine, failure_counts

SECRET_WORDS = "what a person wrote"


async def test_a_failure_is_logged_and_counted_by_its_kind(engine: sa.Engine, caplog: pytest.LogCaptureFixture) -> None:
    await note_failure(engine, "App Home failed for T1:U1", KeyError(SECRET_WORDS))
    await note_unforeseen(engine, SlackRefusedError("is_archived"))
    assert caplog.messages == ["App Home failed for T1:U1: KeyError.", "Something for Slack failed: is_archived."]
    assert failure_counts(engine) == {"KeyError": 1, "is_archived": 1}


async def test_what_was_got_round_is_counted_alone(engine: sa.Engine, caplog: pytest.LogCaptureFixture) -> None:
    await count_kinds(engine, "invalid_blocks", "invalid_blocks", "llm_fallback")
    assert failure_counts(engine) == {"invalid_blocks": 2, "llm_fallback": 1}
    assert caplog.messages == []


async def test_without_a_database_they_are_logged_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    away = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nowhere", connect_timeout_s=2)
    await note_failure(away, "A modal wasn't stored", KeyError(SECRET_WORDS))
    assert caplog.messages[0] == "A modal wasn't stored: KeyError."
    assert caplog.messages[1].startswith("A failure (KeyError) wasn't counted")


async def test_what_can_not_be_noted_is_logged_by_its_name(caplog: pytest.LogCaptureFixture) -> None:
    def remember(words: str) -> None:
        raise KeyError(words)

    await despite_errors(remember, SECRET_WORDS)
    assert caplog.messages == ["remember failed: KeyError."]
