"""Each role is one generation's, and something serves once there is a corpus."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import schema
from db.errors import EmptyCorpusError
from db.generations.generation import Generation
from db.generations.roles import maintained, serving
from tests.synthetic import (
    make_generation,
)


def test_before_anything_was_ingested_nothing_serves(engine: sa.Engine) -> None:
    for ask in serving, maintained:
        with pytest.raises(EmptyCorpusError):
            ask(engine)


def test_a_role_is_one_generation_s_and_a_generation_has_one_role(engine: sa.Engine, base: Generation) -> None:
    for role, generation_id in (("serving", 99), ("previous", base.id), ("winner", make_generation(engine).id)):
        with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
            connection.execute(schema.in_service.insert().values(role=role, generation_id=generation_id))
