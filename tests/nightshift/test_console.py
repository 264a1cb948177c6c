"""Asking and voting at a terminal: one person unless they say who, and nothing is taken back that wasn't given."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from unittest.mock import patch

import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from db import schema
from db.errors import BadInputError
from db.feedback import live_votes
from db.question import Answer, Asked
from db.settings import Settings
from nightshift.console import ask_on, cast_vote, console_question
from nightshift.terminal.person import PERSON, person_named
from tests.corpus import ASKED, add_answer, encoders

PLACE = ("workspace", "channel", "channel_kind", "person")


@pytest.fixture
def answer(engine: sa.Engine) -> Answer:
    return add_answer(
        engine, 2, replace(ASKED, workspace="local", channel="console", channel_kind="console", person=PERSON)
    )


def events(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(schema.vote_event)) or 0


def test_a_vote_returns_what_stood_before_and_nothing_is_taken_back_of_none(engine: sa.Engine, answer: Answer) -> None:
    citation_id = answer.sources[0].citation_id
    assert cast_vote(engine, citation_id, 0) == 0 and events(engine) == 0
    assert [cast_vote(engine, citation_id, value) for value in (1, -1, 0, 0)] == [0, 1, -1, 0]
    assert events(engine) == 3
    assert live_votes(engine, answer.question_id, PERSON) == {}


def test_several_people_at_one_terminal_have_votes_of_their_own(engine: sa.Engine, answer: Answer) -> None:
    citation_id = answer.sources[0].citation_id
    cast_vote(engine, citation_id, 1)
    assert cast_vote(engine, citation_id, -1, person=person_named("anna")) == 0
    assert live_votes(engine, answer.question_id, PERSON) == {citation_id: 1}
    assert live_votes(engine, answer.question_id, "local:anna") == {citation_id: -1}


@pytest.mark.parametrize("name", ["", "a b", "T1:U1", "a\nb", "x" * 65, "a/b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(BadInputError, match="name"):
        person_named(name)


def test_an_interrupted_question_is_asked_no_longer() -> None:
    asked, stopped = threading.Event(), threading.Event()

    class Silent(Answerer):
        async def answer(self, asked_: Asked, on_text: Any = None) -> Answer:
            assert asked_ == console_question("when?", person="local:anna", thread_ts="1.5")
            asked.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
            raise AssertionError

    answerer = Silent(cast(Any, None), Settings(data_dir=Path("unused")), encoders(), None)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def interrupt(_future: object) -> None:
        asked.wait(30)
        raise KeyboardInterrupt

    try:
        with patch("concurrent.futures.Future.result", interrupt), pytest.raises(KeyboardInterrupt):
            ask_on(answerer, loop, person="local:anna")("when?", thread_ts="1.5")
        assert stopped.wait(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
