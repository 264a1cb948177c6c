"""What is said to a question: help, thanks, why there is no answer, or the answer; and what is remembered of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.answering import OnText
from bot.answering.answer import Answer, Asked
from bot.slack.asking.answering import HELP, NO_QUESTION, WELCOME
from bot.slack.incoming import QuestionMessage
from db import schema
from db.answers import question_of_message
from db.errors import EmptyCorpusError
from db.store import failure_counts
from tests.bot.slack.asking.scripted import MESSAGE, ScriptedAnswerer, event_row, make_questions, raising, said, stored
from tests.doubles_slack import ANNA, HTTP_CHANNEL, TEAM, OwnSlack, refused


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


async def test_an_unknown_audience_is_explained_and_done(engine: sa.Engine, slack: OwnSlack) -> None:
    slack.answers["conversations.info"] = [refused("missing_scope")]
    questions = make_questions(slack, engine)
    await questions.answer(MESSAGE)
    await questions.answer(MESSAGE)
    [sentence] = said(slack)
    assert "I can't find out who would read my reply" in sentence
    assert failure_counts(engine) == {"AudienceUnknownError": 1}
    assert event_row(engine) == (True, 1)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(schema.question)) == 0


async def test_an_unknown_audience_replaces_the_loading_message(engine: sa.Engine, slack: OwnSlack) -> None:
    slack.answers["assistant.threads.setStatus"] = [refused("unknown_method")]
    slack.answers["conversations.info"] = [refused("missing_scope")]
    await make_questions(slack, engine).answer(MESSAGE)
    loading, sentence = said(slack)
    assert loading.startswith("Looking") and "I can't find out" in sentence
    assert [method for method, _ in slack.calls][-1] == "chat.update"


async def test_an_empty_corpus_is_explained(engine: sa.Engine, slack: OwnSlack) -> None:
    await make_questions(slack, engine).answer(MESSAGE)
    assert said(slack) == [str(EmptyCorpusError())]


async def test_a_bare_mention_gets_a_hint(engine: sa.Engine, slack: OwnSlack) -> None:
    bare = QuestionMessage(TEAM, HTTP_CHANNEL, "channel", ANNA, "1.5", "1.0", "", shared=False)
    await make_questions(slack, engine).answer(bare)
    assert said(slack) == [NO_QUESTION]
    assert slack.of("chat.postMessage")[0]["thread_ts"] == "1.0"


@pytest.mark.parametrize(
    ("text", "place", "posted", "whispered"),
    [
        ("thanks!", {"channel_type": "im"}, [WELCOME], []),
        (":+1::skin-tone-2:", {"channel_type": "im"}, [WELCOME], []),
        ("merci", {"channel_type": "im", "thread_ts": "1.0"}, [], []),
        ("ok cool", {}, [], []),
        ("danke", {"thread_ts": "1.0"}, [], []),
        ("help", {"channel_type": "im"}, [HELP], []),
        ("hi", {}, [], [HELP]),
        ("help", {"thread_ts": "1.0"}, [], [HELP]),
    ],
)
async def test_what_asks_nothing_is_never_searched_for(
    engine: sa.Engine, slack: OwnSlack, text: str, place: dict[str, Any], posted: list[str], whispered: list[str]
) -> None:
    questions = make_questions(slack, engine, raising(AssertionError("searched")))
    message = replace(MESSAGE, text=text, **place)
    await questions.answer(message)
    await questions.answer(message)  # as a mention arrives twice
    assert said(slack) == posted
    assert [words["text"] for words in slack.of("chat.postEphemeral")] == whispered
    assert slack.of("assistant.threads.setStatus") == []
    assert failure_counts(engine) == {}


async def test_what_was_got_round_is_counted(engine: sa.Engine, slack: OwnSlack) -> None:
    slack.answers["chat.postMessage"] = [refused("invalid_blocks"), {}]
    await make_questions(slack, engine, stored(engine)).answer(MESSAGE)
    assert failure_counts(engine) == {"invalid_blocks": 1}
    assert event_row(engine) == (True, 1)


async def test_a_streams_message_is_known_before_the_answer_is_shown(engine: sa.Engine, slack: OwnSlack) -> None:
    started = asyncio.Event()

    class Writing(ScriptedAnswerer):
        async def answer(self, asked: Asked, on_text: OnText | None = None) -> Answer:
            assert on_text is not None
            await on_text("I think that")
            await started.wait()
            return await self._script(asked)

    def start() -> dict[str, object]:
        started.set()
        return {"ts": "1.9"}

    def update() -> dict[str, object]:
        assert question_of_message(engine, TEAM, HTTP_CHANNEL, "1.9") is not None
        return {}

    slack.answers |= {"chat.startStream": [start], "chat.update": [update]}
    questions = make_questions(slack, engine)
    questions._answering._answerer = Writing(engine, stored(engine))
    await questions.answer(MESSAGE)
    assert said(slack) == ["I don't know."]
