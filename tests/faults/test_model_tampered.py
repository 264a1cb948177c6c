"""A model file with a byte flipped: the generation before answers, by its own encoder, and admins hear of it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from bot.slack.home import AdminHome
from bot.slack.nights import ModelAlarm
from bot.slack.transport import make_client
from db.errors import ModelTamperedError
from db.generations import Encoders, Generation, Pins, artefact_directory, backfill
from db.generations.roles import serving
from db.generations.swap import promote
from db.models.files import hash_model
from db.question import Asked
from db.settings import Settings
from db.store import failure_counts
from tests.corpus import add_base_generation, add_document, embed
from tests.doubles_slack import BOT_TOKEN, OwnSlack
from tests.synthetic import insert_generation

ASKED = Asked("How much leave is there?", "T1", "C1", "public", "T1:U1")


class EveryoneIsAdmin:
    async def include(self, *_: str) -> bool:
        return True


@pytest.fixture
async def slack() -> AsyncIterator[OwnSlack]:
    slack = OwnSlack()
    async with slack.running():
        yield slack


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, encoder_dtype="float32")


@pytest.fixture
def tuned(engine: sa.Engine, settings: Settings) -> Generation:
    """A generation with a model of its own, on disk, that serves; the base model's is the one before it."""
    base = add_base_generation(engine)
    embed(engine, add_document(engine, "Paid leave", [("", "Everyone has 28 days of paid leave a year.")]))
    folder = settings.models_dir / "run-1"
    shutil.copytree(artefact_directory(base, settings), folder)
    (folder / "tuned.txt").write_text("another model")
    with engine.begin() as connection:
        made = insert_generation(
            connection,
            base,
            artefact_uri="data:run-1",
            artefact_sha256=hash_model(folder),
            status="built",
        )
    backfill(engine, made, Encoders(settings).get(made))
    promote(engine, made, expected_current_id=base.id, by="run 1")
    return serving(engine)


def flip_a_byte(settings: Settings, generation: Generation) -> None:
    weights = artefact_directory(generation, settings) / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)


async def test_the_generation_before_answers_with_its_own_encoder_and_admins_hear_of_it(
    engine: sa.Engine, settings: Settings, tuned: Generation, slack: OwnSlack, caplog: pytest.LogCaptureFixture
) -> None:
    answerer = Answerer(engine, settings, Encoders(settings), None)
    flip_a_byte(settings, tuned)
    with caplog.at_level(logging.ERROR):
        answers = [await answerer.answer(ASKED) for _ in range(2)]

    assert [answer.generation_id for answer in answers] == [tuned.parent_id or 1] * 2
    assert "28 days" in answers[0].text
    assert serving(engine).id == tuned.id
    assert caplog.text.count(f"The model of generation {tuned.id} can't be used") == 1
    assert failure_counts(engine) == {f"model of generation {tuned.id} refused": 1}

    client = make_client(Settings(slack_bot_token=BOT_TOKEN, slack_api_url=slack.api_url))
    alarm = ModelAlarm(client, answerer.pins, "C0ADMINS")
    await ModelAlarm(client, answerer.pins, None).sweep()
    for _ in range(2):
        await alarm.sweep()
    [told] = slack.of("chat.postMessage")
    assert told["channel"] == "C0ADMINS" and f"The model of generation {tuned.id} can't be used" in told["text"]

    home = AdminHome(engine, settings, EveryoneIsAdmin(), Encoders(settings))  # type: ignore[arg-type]
    shown = str([block.to_dict() for block in await home.blocks("T1", "U1")])
    assert f"The model of generation {tuned.id} can't be used" in shown
    assert f"model of generation {tuned.id} refused" in shown


def test_a_query_is_encoded_by_the_encoder_of_the_generation_that_is_searched(
    engine: sa.Engine, settings: Settings, tuned: Generation
) -> None:
    encoders = Encoders(settings)
    pins = Pins(engine, encoders, retry_after_s=0)
    good, loaded = pins.pin()
    assert (good.id, loaded) == (tuned.id, encoders.get(tuned))

    encoders = Encoders(settings)
    pins = Pins(engine, encoders, retry_after_s=0)
    flip_a_byte(settings, tuned)
    fallback, encoder = pins.pin()
    assert (fallback.id, encoder) == (1, encoders.get(fallback))
    assert encoder is not loaded and np.isfinite(encoder.encode_questions(["leave"])).all()
    assert list(pins.refused) == [tuned.id]

    flip_a_byte(settings, tuned)  # the recorded files are back
    assert pins.pin()[0].id == tuned.id
    assert pins.refused == {}


def test_where_neither_can_be_used_it_is_a_plain_sentence(
    engine: sa.Engine, settings: Settings, tuned: Generation
) -> None:
    flip_a_byte(settings, tuned)
    with engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE artefact SET sha256 = 'x' WHERE id <> {tuned.artefact_id}"))
    pins = Pins(engine, Encoders(settings))
    for _ in range(2):
        with pytest.raises(ModelTamperedError, match="refused. Put the recorded files back, or roll back"):
            pins.pin()
    assert len(pins.refused) == len(failure_counts(engine)) == 2
