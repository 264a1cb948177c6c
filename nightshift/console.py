"""Asking and voting at a terminal: the same way as from Slack."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from bot.answering import Answerer, connect_language_model
from db.answers import question_of_citation
from db.feedback import VoteEvent, live_votes, record_vote
from db.question import Answer, Asked
from nightshift.terminal.person import PERSON, WORKSPACE, Ask

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.answering import OnText, OnTokens
    from db.generations import Encoders
    from db.settings import Settings


def make_answerer(
    engine: sa.Engine,
    settings: Settings,
    encoders: Encoders,
    on_answered: Callable[[Answer], None] = lambda answer: None,
    on_tokens: OnTokens = lambda read, written: None,
) -> Answerer:
    """The one way questions are answered, with a language model where a key is set."""
    return Answerer(engine, settings, encoders, connect_language_model(settings, on_tokens), on_answered=on_answered)


def console_question(
    text: str, *, person: str = PERSON, thread_ts: str | None = None, event_id: str | None = None
) -> Asked:
    """A question by whoever sits at the terminal; in a thread, one that may follow up on what was asked in it."""
    return Asked(
        text=text,
        workspace=WORKSPACE,
        channel="console",
        channel_kind="console",
        person=person,
        thread_ts=thread_ts,
        event_id=event_id,
    )


def cast_vote(engine: sa.Engine, citation_id: str, value: int, *, person: str = PERSON) -> int:
    """Sets a vote from the terminal on a source: 1, -1, or 0 to take it back; returns the one that stood before.

    Raises:
        UnknownIdError: no such source.
        VoteRefusedError: it was shown to somebody else.
    """
    question_id = question_of_citation(engine, citation_id)
    before = live_votes(engine, question_id, person).get(citation_id, 0)
    if value or before:
        record_vote(
            engine,
            VoteEvent(
                dedupe_key=f"console:{uuid.uuid4()}",
                workspace=WORKSPACE,
                person=person,
                question_id=question_id,
                citation_id=citation_id,
                action="set",
                value=1 if value > 0 else -1 if value < 0 else 0,
                occurred_ts=Decimal(f"{time.time():.6f}"),
            ),
        )
    return before


def ask_on(answerer: Answerer, loop: asyncio.AbstractEventLoop | None = None, *, person: str = PERSON) -> Ask:
    """A plain function that asks; on `loop`, running in another thread, where one is given.

    Whoever is interrupted while waiting for it has asked nothing.
    """

    def ask(
        text: str, *, thread_ts: str | None = None, event_id: str | None = None, on_text: OnText | None = None
    ) -> Answer:
        asked = console_question(text, person=person, thread_ts=thread_ts, event_id=event_id)
        coroutine = answerer.answer(asked, on_text)
        if loop is None:
            return asyncio.run(coroutine)
        future = asyncio.run_coroutine_threadsafe(coroutine, loop)
        try:
            return future.result()
        except KeyboardInterrupt:
            future.cancel()
            raise

    return ask
