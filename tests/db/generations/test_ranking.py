"""What orders passages: read from what is stored, or the shipped one with a reason."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import pytest
import sqlalchemy as sa

from db.generations.catalogue import get_generation, update_generation
from db.generations.ranking import FEATURES, SHIPPED, VERSION, Ranking, is_alike, read_ranking
from db.schema import generation
from tests.synthetic import make_generation

WEIGHTS = asdict(SHIPPED)


def stored(version: Any = VERSION, **weights: Any) -> dict[str, Any]:
    return {"version": version, "weights": {**WEIGHTS, **weights}}


def test_what_is_stored_is_read_back() -> None:
    own = Ranking(meaning=1.5, words=0.2, length=-0.1)
    assert read_ranking(json.loads(json.dumps(own.as_json()))) == (own, None)
    assert read_ranking({}) == (SHIPPED, None)
    assert own.words_weight == pytest.approx(0.2 / 1.5)
    assert dict(zip(FEATURES, own.weights, strict=True)) == asdict(own)


@pytest.mark.parametrize(
    ("unusable", "because"),
    [
        (None, "it has no weights"),
        ([], "it has no weights"),
        ({"version": VERSION}, "it has no weights"),
        ({"version": VERSION, "weights": [1.0]}, "it has no weights"),
        (stored(version=VERSION + 1), "it is of version 2, and this is 1"),
        (stored(version=None), "it is of version None"),
        (stored(charm=1.0), "its features aren't these: charm"),
        ({"version": VERSION, "weights": {"meaning": 1.0}}, "its features aren't these: coverage, in_opening"),
        (stored(words=float("nan")), "the weight of words is no number"),
        (stored(words=float("inf")), "the weight of words is no number"),
        (stored(words="0.3"), "the weight of words is no number"),
        (stored(words=None), "the weight of words is no number"),
        (stored(words=True), "the weight of words is no number"),
        (stored(meaning=0.0), "the weight of meaning is out of bounds: 0"),
        (stored(pairs=-0.1), "the weight of pairs is out of bounds: -0.1"),
        (stored(pairs=1e9), "the weight of pairs is out of bounds: 1e+09"),
        (stored(length=0.5), "the weight of length is out of bounds: 0.5"),
    ],
)
def test_what_can_not_be_used_is_the_shipped_one_and_says_why(unusable: object, because: str) -> None:
    ranking, why_not = read_ranking(unusable)
    assert ranking == SHIPPED
    assert why_not is not None and because in why_not


def test_a_generation_serves_by_its_ranking_and_by_the_shipped_one_where_that_is_spoilt(
    engine: sa.Engine, caplog: pytest.LogCaptureFixture
) -> None:
    made = make_generation(engine)
    assert made.ranking == SHIPPED
    own = Ranking(words=0.7)
    with engine.begin() as connection:
        assert update_generation(connection, made.id, ranking=own).ranking == own
    assert get_generation(engine, made.id).ranking == own
    with engine.begin() as connection:
        connection.execute(generation.update().values(ranking=stored(words=-1.0)))
    assert get_generation(engine, made.id).ranking == SHIPPED
    assert get_generation(engine, made.id).ranking == SHIPPED
    assert caplog.text.count("the weight of words is out of bounds") == 1  # and not with each question


def test_rankings_are_alike_where_hardly_a_list_would_be_another() -> None:
    assert is_alike(Ranking(), Ranking(words=SHIPPED.words + 0.004))
    assert is_alike(Ranking(1.0, 0.4, pairs=0.2), Ranking(2.0, 0.8, pairs=0.4))
    assert not is_alike(Ranking(), Ranking(words=SHIPPED.words + 0.006))
    assert not is_alike(Ranking(), Ranking(length=-0.01))
