"""The language model over real HTTP: whatever it sends, a night gets what can be used and goes on."""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from db.schema import synthetic_question
from db.settings import Settings
from retrain.lesson.writing import TOGETHER, may_write, write_questions
from tests.corpus import add_document
from tests.doubles import Aimock

QUESTION = "How late is the garage open?"
SAID = json.dumps({"question": QUESTION})
BEGAN = datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def passages(engine: sa.Engine) -> list[int]:
    sections = [("Garage", f"Deck {number} of the secret-garage is open until ten.") for number in range(20)]
    return [hit.chunk_id for hit in add_document(engine, "Parking", sections)]


def write(engine: sa.Engine, settings: Settings, seen: list[tuple[int, int]] | None = None) -> dict[str, int]:
    return write_questions(
        engine, settings, since=BEGAN, seed="0", on_progress=lambda *now: None if seen is None else seen.append(now)
    )


def stored(engine: sa.Engine) -> list[Any]:
    with engine.connect() as connection:
        columns = synthetic_question.c.chunk_id, synthetic_question.c.text, synthetic_question.c.model
        return list(connection.execute(sa.select(*columns).order_by(synthetic_question.c.chunk_id)))


def test_no_key_or_no_budget_and_nothing_is_written(aimock: Aimock) -> None:
    assert not may_write(Settings(synthetic_questions=5))
    assert not may_write(aimock.settings())
    assert may_write(aimock.settings(synthetic_questions=5))


def test_one_passage_one_question(engine: sa.Engine, aimock: Aimock, passages: list[int]) -> None:
    aimock.says(SAID)
    seen: list[tuple[int, int]] = []
    assert write(engine, aimock.settings(synthetic_questions=50), seen) == {"written": 20, "unwritten": 0}
    assert stored(engine) == [(chunk_id, QUESTION, "test") for chunk_id in passages]
    assert seen == [(8, 20), (16, 20), (20, 20)]
    sent = aimock.requests()
    assert len(sent) == 20
    assert sent[0]["response_format"]["type"] == "json_schema"
    assert (sent[0]["temperature"], sent[0]["max_tokens"]) == (0, 700)
    assert {sum(f"Deck {number} of" in prompt for prompt in aimock.prompts()) for number in range(20)} == {1}
    assert write(engine, aimock.settings(synthetic_questions=50)) == {"written": 20, "unwritten": 0}
    assert len(aimock.requests()) == 20


def test_the_budget_is_the_night_s_however_often_it_dies(
    engine: sa.Engine, aimock: Aimock, passages: list[int]
) -> None:
    aimock.says(SAID)

    def die(done: int, _total: int) -> None:
        raise KeyboardInterrupt

    settings = aimock.settings(synthetic_questions=10)
    with pytest.raises(KeyboardInterrupt):
        write_questions(engine, settings, since=BEGAN, seed="0", on_progress=die)
    assert len(stored(engine)) == len(aimock.requests()) == TOGETHER
    seen: list[tuple[int, int]] = []
    assert write(engine, settings, seen) == {"written": 10, "unwritten": 0}
    assert seen == [(2, 2)]
    assert len(stored(engine)) == len(aimock.requests()) == 10
    tomorrow = datetime.now(UTC)
    written = write_questions(engine, settings, since=tomorrow, seed="1", on_progress=lambda *_: None)
    assert (written["written"], len(stored(engine))) == (10, 20)


@pytest.mark.parametrize(
    "said",
    [" ", "I'd rather not.", "[1]", "null", '{"question": 7}', '{"question": ""}', '{"question": "Who owns the', "{}"],
)
def test_garbage_costs_a_batch_and_then_the_model_is_left_alone(
    engine: sa.Engine, aimock: Aimock, passages: list[int], said: str
) -> None:
    aimock.says(said)
    assert write(engine, aimock.settings(synthetic_questions=50, llm_retries=0)) == {
        "written": 0,
        "unwritten": TOGETHER,
    }
    assert stored(engine) == []
    assert len(aimock.requests()) == TOGETHER


def test_a_passage_that_the_model_fails_on_is_passed_over(
    engine: sa.Engine, aimock: Aimock, passages: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    aimock.says("secret-nonsense", match={"userMessage": "Deck 7 of"})
    aimock.says(SAID)
    aimock.fails(500, times=3)
    with caplog.at_level(logging.DEBUG):
        counts = write(engine, aimock.settings(synthetic_questions=50, llm_retries=0, llm_api_key="secret-key"))
    assert counts == {"written": 16, "unwritten": 4}
    assert passages[7] not in {chunk_id for chunk_id, _, _ in stored(engine)}
    assert "status 500" in caplog.text
    assert "secret-" not in caplog.text


def test_a_failure_that_passes_is_tried_again(engine: sa.Engine, aimock: Aimock, passages: list[int]) -> None:
    aimock.says(SAID)
    aimock.fails(503)
    assert write(engine, aimock.settings(synthetic_questions=3, llm_retries=1))["written"] == 3
    assert len(aimock.requests()) == 4


def test_one_deadline_for_a_call(engine: sa.Engine, aimock: Aimock, passages: list[int]) -> None:
    aimock.says(SAID)
    aimock.fails(429, times=99)
    began = time.monotonic()
    settings = aimock.settings(synthetic_questions=50, llm_deadline_s=1, llm_retries=5)
    assert write(engine, settings) == {"written": 0, "unwritten": TOGETHER}
    assert time.monotonic() - began < 10


def test_nobody_listens(engine: sa.Engine, passages: list[int]) -> None:
    settings = Settings(llm_base_url="http://127.0.0.1:1/v1", llm_api_key="x", llm_retries=0, synthetic_questions=50)
    assert write(engine, settings)["unwritten"] == TOGETHER
