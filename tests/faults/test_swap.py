"""The swap under load: questions go on, each answered by one generation's encoder and that generation's vectors."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from bot.answering import Answerer
from db.generations import Encoders, Generation, backfill, build_and_measure_index, typical_questions
from db.generations.roles import serving
from db.generations.swap import promote, roll_back
from db.models import find_base_model, load_encoder, save_model
from db.question import Answer, Asked
from db.schema import impression, question
from db.settings import Settings
from intake.ingest import ingest_paths
from tests.nicknames import make_matters, write_documents
from tests.synthetic import insert_generation

SWAPS = 12


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.fixture
def two_generations(tmp_path: Path, engine: sa.Engine, settings: Settings) -> tuple[Generation, Generation, Encoders]:
    """The base generation, and a built one whose encoder turns everything into something quite different."""
    import torch

    encoders = Encoders(settings)
    write_documents(tmp_path / "documents", make_matters(topics=4))
    ingest_paths(engine, settings, encoders, [tmp_path / "documents"])
    base = serving(engine)
    directory, sha256 = find_base_model(settings.base_model)
    other = load_encoder(directory, sha256=sha256)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in other.model.parameters():
            parameter += 0.02 * torch.randn_like(parameter)
    settings.models_dir.mkdir(parents=True)
    saved = save_model(other.model, settings.models_dir / "other")
    with engine.begin() as connection:
        made = insert_generation(
            connection,
            base,
            parent_id=base.id,
            artefact_uri="data:other",
            artefact_sha256=saved,
            unrelated_nearness=-9.0,
            status="built",
        )
    backfill(engine, made, encoders.get(made))
    questions = typical_questions(engine, made, encoders.get(made))
    made, _ = build_and_measure_index(engine, made, 0.95, questions)
    return base, made, encoders


def ask_until(
    stop: threading.Event, answerer: Answerer, answers: list[Answer], swapped: threading.Semaphore
) -> Callable[[], None]:
    async def ask(number: int) -> Answer:
        text = f"who looks after guest badges in Payroll, question {number}?"
        return await answerer.answer(Asked(text, "local", "console", "console", "local:console"))

    def loop() -> None:
        while not stop.is_set():
            answers.append(asyncio.run(ask(len(answers))))
            swapped.release()

    return loop


def test_no_error_and_no_mixed_answer_while_generations_swap(
    engine: sa.Engine, settings: Settings, two_generations: tuple[Generation, Generation, Encoders]
) -> None:
    base, other, encoders = two_generations
    answers: list[Answer] = []
    stop, answered = threading.Event(), threading.Semaphore(0)
    loop = ask_until(stop, Answerer(engine, settings, encoders, None), answers, answered)
    failures: list[BaseException] = []

    def guarded() -> None:
        try:
            loop()
        except BaseException as error:
            failures.append(error)
            answered.release(10_000)

    thread = threading.Thread(target=guarded)
    thread.start()
    promote(engine, other, expected_current_id=base.id, by="test")
    for _ in range(SWAPS):
        for _ in range(2):
            answered.acquire(timeout=60)
        roll_back(engine, "test")
    stop.set()
    thread.join()

    assert failures == []
    assert {answer.generation_id for answer in answers} == {base.id, other.id}
    assert_each_answer_is_of_one_generation(engine, {base.id: base, other.id: other}, encoders)


def assert_each_answer_is_of_one_generation(
    engine: sa.Engine, generations: dict[int, Generation], encoders: Encoders
) -> None:
    """Every logged similarity is the cosine of the question and the chunk, both by the generation of the question."""
    with engine.connect() as connection:
        shown = connection.execute(
            sa.select(
                question.c.raw_text, question.c.generation_id, impression.c.chunk_id, impression.c.similarity
            ).join(impression)
        ).all()
        vectors = {
            (key, row.chunk_id): np.array(row.embedding.to_list(), dtype=np.float32)
            for key, generation in generations.items()
            for row in connection.execute(sa.text(f"SELECT chunk_id, embedding FROM {generation.table}"))
        }
    assert shown
    texts = {(row.raw_text, row.generation_id) for row in shown}
    asked = {(text, key): encoders.get(generations[key]).encode_questions([text])[0] for text, key in texts}
    for row in shown:
        cosine = asked[row.raw_text, row.generation_id] @ vectors[row.generation_id, row.chunk_id]
        assert abs(float(cosine) - row.similarity) < 0.005
