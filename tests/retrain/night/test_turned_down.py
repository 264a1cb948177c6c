"""A night brings nothing again that a person turned down, nor its like, until people have said enough that is new."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from db import schema
from db.feedback import VoteEvent, read_said, record_vote, set_reason
from db.generations import (
    SHIPPED,
    Generation,
    Ranking,
    get_generation,
    roll_back,
    serving,
    turned_down_generations,
    update_generation,
)
from db.settings import Settings
from retrain.lesson import make_snapshot
from retrain.night.news import said_in
from retrain.night.turned_down import StaysBack, made_before, stays_back
from tests.corpus import add_answer, add_base_generation, add_pairs
from tests.synthetic import serve
from tests.waiting_generation import add_waiting_generation

ANN, BEN = "T1:U0ANN", "T1:U0BEN"
SETTINGS = Settings(data_dir=Path("unused"))


@pytest.fixture
def rolled_back(engine: sa.Engine) -> Generation:
    """A generation that learnt from 20 pairs, was promoted by its night, and rolled back by Ann."""
    base = add_base_generation(engine)
    add_answer(engine, 3)
    add_pairs(engine, 20)
    made = add_waiting_generation(engine, snapshot=asdict(read_said(engine).bounds))
    with engine.begin() as connection:
        update_generation(connection, made, promoted_at=sa.func.now(), metrics={"training": "as then"})
        of_it = schema.artefact.update().where(schema.artefact.c.id != base.artefact_id)
        connection.execute(of_it.values(sha256="1" * 64))
    serve(engine, get_generation(engine, made), base)
    roll_back(engine, ANN)
    return get_generation(engine, made)


def looked_at(engine: sa.Engine, training: str = "another") -> StaysBack:
    return stays_back(engine, make_snapshot(read_said(engine)), training, serving(engine), SETTINGS)


def vote(engine: sa.Engine, number: int, value: int = 1) -> VoteEvent:
    with engine.connect() as connection:
        citation = schema.citation.c
        query = sa.select(citation.id, citation.question_id).where(citation.number == number)
        citation_id, question_id = connection.execute(query).one()
    event = VoteEvent(f"{number} {value}", "T1", BEN, question_id, citation_id, "set", value, Decimal(9 + value))  # type: ignore[arg-type]
    record_vote(engine, event)
    return event


def test_it_stays_back_until_a_tenth_is_new_and_even_then_the_night_says_so(
    engine: sa.Engine, rolled_back: Generation
) -> None:
    [reason] = looked_at(engine).reasons
    [noted] = turned_down_generations(engine, rolled_back.base_model)
    by_whom = f"Generation {rolled_back.id} was rolled back by {ANN} on {noted.at:%-d %B %Y}"
    assert reason == (
        f"{by_whom}, and there is too little that is new: of votes and curated pairs, 0 have come or changed since it "
        "learnt from 20, and 2 are needed before a night may promote again. "
        f"`nightshift generations promote {rolled_back.id}` has it serve all the same."
    )
    vote(engine, 1)
    assert "1 have come or changed" in looked_at(engine).reasons[0]
    add_pairs(engine, 1)
    told = looked_at(engine)
    assert told.reasons == ()
    assert told.remark == (
        f"{by_whom}; 2 votes and curated pairs have come or changed since it learnt from 20, so another one was "
        "compared."
    )


def test_the_very_model_never_comes_again_by_itself(engine: sa.Engine, rolled_back: Generation) -> None:
    add_pairs(engine, 10)
    [reason] = looked_at(engine, "as then").reasons
    assert f"Generation {rolled_back.id} was rolled back by {ANN}" in reason
    assert "what this night makes is the very same model. It stays back" in reason
    twin = get_generation(engine, add_waiting_generation(engine))
    assert made_before(engine, twin) == []
    with engine.begin() as connection:
        of_twin = schema.artefact.update().where(schema.artefact.c.id == twin.artefact_id)
        connection.execute(of_twin.values(sha256=rolled_back.artefact_sha256))
    twin = get_generation(engine, twin.id)
    assert made_before(engine, twin) == [reason]


def test_another_ranking_on_the_model_that_was_turned_down_is_another_matter(
    engine: sa.Engine, rolled_back: Generation
) -> None:
    for words, is_it in (SHIPPED.words, True), (SHIPPED.words + 0.001, True), (SHIPPED.words + 0.2, False):
        twin = replace(rolled_back, id=99, ranking=Ranking(words=words))
        assert bool(made_before(engine, twin)) == is_it


def test_once_another_was_promoted_only_the_very_model_stays_back(engine: sa.Engine, rolled_back: Generation) -> None:
    later = add_waiting_generation(engine)
    with engine.begin() as connection:
        update_generation(connection, later, promoted_at=sa.func.now())
    serve(engine, get_generation(engine, later), rolled_back)
    assert looked_at(engine) == StaysBack()
    assert looked_at(engine, "as then").reasons


def test_another_base_model_is_another_matter(engine: sa.Engine, rolled_back: Generation) -> None:
    other = SETTINGS.model_copy(update={"base_model": "another"})
    assert stays_back(engine, make_snapshot(read_said(engine)), "as then", serving(engine), other) == StaysBack()


def test_what_counts_as_new_is_what_people_said(engine: sa.Engine, rolled_back: Generation) -> None:
    before = said_in(make_snapshot(read_said(engine)))
    event = vote(engine, 1, -1)
    voted = said_in(make_snapshot(read_said(engine)))
    set_reason(engine, BEN, event.citation_id or "", "outdated")
    explained = said_in(make_snapshot(read_said(engine)))
    vote(engine, 1, 1)
    turned = said_in(make_snapshot(read_said(engine)))
    assert [len(said) for said in (before, voted, explained, turned)] == [20, 21, 21, 21]
    assert len({tuple(said.items()) for said in (voted, explained, turned)}) == 3


def test_one_that_was_pruned_meanwhile_stays_back_without_a_way_to_bring_it_again(
    engine: sa.Engine, rolled_back: Generation
) -> None:
    with engine.begin() as connection:
        update_generation(connection, rolled_back.id, status="pruned")
    [reason] = looked_at(engine).reasons
    assert "there is too little that is new" in reason and "nightshift generations promote" not in reason
