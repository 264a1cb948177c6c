"""A generation's row and its artefact's are read as one, whoever shares the artefact."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from db.errors import UnknownIdError
from db.generations.catalogue import get_generation, list_generations, set_breadth, update_generation
from db.generations.ranking import SHIPPED
from db.store import raw_connection
from db.words.postings import Indexed, write_indexed
from tests.synthetic import make_generation, make_sharing


def test_there_is_no_generation_that_nobody_made(engine: sa.Engine) -> None:
    with pytest.raises(UnknownIdError, match="no generation 7"):
        get_generation(engine, 7)
    assert list_generations(engine) == []


def test_what_is_the_artefact_s_is_so_for_all_that_share_it(engine: sa.Engine) -> None:
    first = make_generation(engine, artefact_uri="data:run-1", dimension=3)
    second = make_sharing(engine, first, parent_id=first.id, unrelated_nearness=0.4)
    assert second == replace(
        first, id=second.id, parent_id=first.id, unrelated_nearness=0.4, created_at=second.created_at
    )
    with engine.begin() as connection:
        assert set_breadth(connection, second, 400) == replace(second, ef_search=400)
        changed = update_generation(connection, second.id, status="refused")
    assert list_generations(engine) == [changed, replace(first, ef_search=400)]


def test_each_generation_knows_the_languages_of_the_words_beside_it(engine: sa.Engine) -> None:
    made = make_generation(engine)
    assert (made.languages, made.ranking) == (("english",), SHIPPED)
    with raw_connection(engine) as raw:
        write_indexed(raw, Indexed(("german", "english"), 1, None))
    assert get_generation(engine, made.id).languages == ("german", "english")
