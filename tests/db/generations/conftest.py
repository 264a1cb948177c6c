"""A generation that serves, and one that could."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db.generations.filling import backfill
from db.generations.generation import Generation
from tests.synthetic import (
    HashingEncoder,
    add_chunks,
    make_generation,
    serve,
)


@pytest.fixture
def base(engine: sa.Engine) -> Generation:
    """A generation that serves four chunks."""
    made = make_generation(engine)
    serve(engine, made)
    add_chunks(engine, 4)
    backfill(engine, made, HashingEncoder())
    return made


@pytest.fixture
def candidate(engine: sa.Engine, base: Generation) -> Generation:
    """Another one that is built and level with the documents."""
    made = make_generation(engine, parent_id=base.id)
    backfill(engine, made, HashingEncoder())
    return made
