"""Golden pairs grow, are edited, deleted and taken in again, asked and marked: what trained once judges nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from db.feedback import add_golden_pair, import_pairs
from db.generations import Encoders
from db.nights import note_trained
from db.nights.requests import request_run
from db.nights.taking import finish_run, take_next_run
from db.schema import curated_pair
from db.settings import Settings
from intake.ingest import ingest_paths
from retrain.lesson import Lesson
from retrain.night import lesson_of_now, preview_night
from tests.nicknames import Matter, make_matters, write_documents, write_pairs


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data", encoder_dtype="float32")


@pytest.fixture
def encoders(engine: sa.Engine, settings: Settings, tmp_path: Path) -> Encoders:
    """Of a store that a company was read into."""
    encoders = Encoders(settings)
    write_documents(tmp_path / "documents", make_matters(topics=13))
    ingest_paths(engine, settings, encoders, [tmp_path / "documents"])
    return encoders


def add(engine: sa.Engine, folder: Path, pairs: list[Matter]) -> None:
    write_pairs(folder / "pairs.jsonl", pairs)
    import_pairs(engine, folder / "pairs.jsonl", added_by="test")


def learn(engine: sa.Engine, encoders: Encoders, settings: Settings) -> tuple[Lesson, set[str], set[str]]:
    """What a night would learn, the questions it trains on and those it judges by; and notes it, as a night does."""
    _, lesson = lesson_of_now(engine, encoders, settings)
    request_run(engine, "cli", "test")
    with take_next_run(engine) as run:
        assert run is not None
        taught = lesson.taught()
        note_trained(engine, run, taught)
        finish_run(engine, run, "refused", [])
    return lesson, set(taught.values()), judging(lesson)


def judging(lesson: Lesson) -> set[str]:
    return {lesson.snapshot.anchors[anchor].text for anchor in lesson.judging("pair")}


def test_what_trained_once_judges_nobody(
    engine: sa.Engine, settings: Settings, encoders: Encoders, tmp_path: Path
) -> None:
    matters = make_matters(topics=13)
    add(engine, tmp_path, matters[:160])
    first, taught, judged = learn(engine, encoders, settings)
    assert (len(taught), len(judged), first.spent) == (80, 80, 0)

    edited, deleted, reworded = sorted(taught)[:3]
    with engine.begin() as connection:
        connection.execute(
            sa.update(curated_pair).where(curated_pair.c.prompt == edited).values(prompt="where is the moon landing?")
        )
        connection.execute(sa.delete(curated_pair).where(curated_pair.c.prompt.in_([deleted, reworded])))
    add(engine, tmp_path, matters[:200])  # with what was edited and deleted, under other ids
    other_words = reworded.replace("who looks", "so who is it that looks")
    title = next(matter.title for matter in matters if matter.question == reworded)
    add_golden_pair(engine, encoders, other_words, title, "test")

    second, taught_again, judging_now = learn(engine, encoders, settings)
    assert len(judging_now) == 100
    assert not judging_now & taught
    assert not judging_now & {"where is the moon landing?", other_words, reworded, deleted}
    assert "where is the moon landing?" in taught_again
    assert second.spent >= 80 + 1
    _, third = lesson_of_now(engine, encoders, settings)
    assert judging(third) == judging_now


def test_where_all_have_trained_the_night_says_so_and_goes_on_once_there_are_new_ones(
    engine: sa.Engine, settings: Settings, encoders: Encoders, tmp_path: Path
) -> None:
    matters = make_matters(topics=13)
    add(engine, tmp_path, matters[:140])
    _, taught, judged = learn(engine, encoders, settings)
    with engine.begin() as connection:
        connection.execute(sa.delete(curated_pair).where(curated_pair.c.prompt.in_(judged)))
    add(engine, tmp_path, matters[140:150])
    preview = preview_night(engine, encoders, settings)
    [reason] = preview["missing"]
    assert "10 golden questions and 0 held-out questions" in reason
    assert f"Another {len(taught)} golden questions trained in earlier nights, and what trained never judges." in reason
    add(engine, tmp_path, matters[150:170])
    assert preview_night(engine, encoders, settings)["missing"] == []
