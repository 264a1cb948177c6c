"""A generation's row and its artefact's are read as one, whoever shares the artefact."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from db.errors import UnknownIdError
from db.generations.catalogue import add_ranking, get_generation, list_generations, set_breadth, update_generation
from db.generations.ranking import SHIPPED, Ranking
from db.store import raw_connection
from db.words.postings import Indexed, write_indexed
from tests.db.generations.rows import start_run
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


def test_a_ranking_is_another_generation_of_the_same_encoder(engine: sa.Engine) -> None:
    of, run_id = make_generation(engine, artefact_uri="data:run-1", unrelated_nearness=0.4), start_run(engine)
    with engine.begin() as connection:
        made = add_ranking(connection, of, run_id=run_id, ranking=Ranking(words=1.2), metrics={"training": "so"})
    assert made == get_generation(engine, made.id)
    assert (made.table, made.parent_id, made.run_id, made.status) == (of.table, of.id, run_id, "building")
    assert (made.ranking, made.metrics, made.unrelated_nearness) == (Ranking(words=1.2), {"training": "so"}, 0.4)
    assert (made.is_trained, made.learnt_from_erased) == (True, False)


@pytest.mark.parametrize(("kind", "marked"), [("night", True), ("ranking", False)])
def test_a_ranking_learnt_what_its_encoder_did_and_not_what_other_rankings_did(
    engine: sa.Engine, kind: str, marked: bool
) -> None:
    with engine.begin() as connection:
        of = make_generation(engine, run_id=start_run(engine), learnt_from_erased=True)
        connection.execute(sa.text("UPDATE retrain_run SET kind = :kind"), {"kind": kind})
    with engine.begin() as connection:
        made = add_ranking(connection, of, run_id=start_run(engine), ranking=SHIPPED, metrics={})
    assert made.learnt_from_erased == marked


def test_the_base_model_is_trained_by_no_ranking_that_was_fitted_to_it(engine: sa.Engine) -> None:
    assert not make_generation(engine, run_id=start_run(engine)).is_trained
