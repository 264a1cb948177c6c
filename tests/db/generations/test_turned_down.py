"""What people roll back, leave for an older one or reject is noted, with whose word it was, until they want it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.generations.catalogue import get_generation
from db.generations.decisions import reject_generation, supersede_undecided
from db.generations.generation import Generation
from db.generations.roles import serving
from db.generations.swap import promote, roll_back
from db.generations.turned_down import turned_down_generations
from tests.corpus import add_base_generation
from tests.waiting_generation import add_waiting_generation

ANN, BEN = "T1:U0ANN", "T1:U0BEN"


@pytest.fixture
def base(engine: sa.Engine) -> Generation:
    return add_base_generation(engine)


def serve(engine: sa.Engine, generation_id: int, by: str = "run 1", *, run: bool = True) -> None:
    """As a night does, or a person."""
    candidate = get_generation(engine, generation_id)
    lease = None
    if run:
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE retrain_run SET status = 'running', attempt = 1"))
        lease = (candidate.run_id or 0, 1)
    promote(engine, candidate, expected_current_id=serving(engine).id, by=by, run=lease)


def turned_down(engine: sa.Engine, base: Generation) -> list[tuple[int, str, str]]:
    found = turned_down_generations(engine, base.base_model)
    return [(own.generation.id, own.how, own.by) for own in found]


def test_a_roll_back_is_noted_and_taken_back_by_going_forward_again(engine: sa.Engine, base: Generation) -> None:
    made = add_waiting_generation(engine)
    serve(engine, made)
    assert turned_down(engine, base) == []
    roll_back(engine, ANN)
    assert turned_down(engine, base) == [(made, "rolled back", ANN)]
    roll_back(engine, BEN)
    assert (serving(engine).id, turned_down(engine, base)) == (made, [])


def test_going_forward_again_turns_down_nothing(engine: sa.Engine, base: Generation) -> None:
    first, second = add_waiting_generation(engine), add_waiting_generation(engine)
    for made in (first, second):
        serve(engine, made)
    roll_back(engine, ANN)
    assert turned_down(engine, base) == [(second, "rolled back", ANN)]
    roll_back(engine, ANN)
    assert (serving(engine).id, turned_down(engine, base)) == (second, [])


def test_a_person_who_promotes_an_older_one_rolls_back_what_came_since(engine: sa.Engine, base: Generation) -> None:
    first, second, third = (add_waiting_generation(engine) for _ in range(3))
    for made in (first, second):
        serve(engine, made)
    assert turned_down(engine, base) == []
    serve(engine, third, ANN, run=False)
    assert turned_down(engine, base) == []
    serve(engine, first, BEN, run=False)
    assert turned_down(engine, base) == [(third, "rolled back", BEN), (second, "rolled back", BEN)]
    serve(engine, third, ANN, run=False)
    assert turned_down(engine, base) == [(second, "rolled back", BEN)]


def test_what_a_person_rejects_is_turned_down_and_what_nobody_decided_on_is_not(
    engine: sa.Engine, base: Generation
) -> None:
    rejected, left = add_waiting_generation(engine), add_waiting_generation(engine)
    reject_generation(engine, rejected, "A person rejected it.", by=ANN)
    supersede_undecided(engine, 999)
    assert get_generation(engine, left).status == "refused"
    assert turned_down(engine, base) == [(rejected, "rejected", ANN)]
    assert turned_down_generations(engine, "another base model") == []
