"""Whatever is added, changed, removed, moved, merged and rebuilt: scores stay those of the definition of BM25."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from db.store import raw_connection
from db.words import merging, postings, rebuild
from tests.histories import History, assert_counts, assert_scores
from tests.synthetic import add_audience, make_generation, serve

WORDS = [
    "parrot",
    "permit",
    "Permits",
    "travel",
    "the",
    "PROJ-1234",
    "PROJ-77",
    "1234",
    "v2.5",
    "die",
    "Verträge",
    "東京",
]
LANGUAGES = [("english",), ("english", "german"), ("german",)]

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
names = st.integers(0, 3)
audiences = st.integers(0, 2)
changes = st.one_of(
    st.tuples(st.just("write"), names, st.sampled_from(["Title", "Parrot"]), st.lists(texts, max_size=5), audiences),
    st.tuples(st.just("write"), names, st.just("Title"), st.lists(texts, min_size=1, max_size=2), audiences),
    st.tuples(st.just("move"), names, audiences),
    st.tuples(st.just("remove"), st.lists(names, max_size=3)),
    st.tuples(st.just("merge"), st.integers(0, 2**32).map(Random)),
    st.tuples(st.just("rebuild"), st.sampled_from(LANGUAGES)),
)


@pytest.fixture
def small_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few documents are in several spans of ids."""
    for module in postings, merging, rebuild:
        monkeypatch.setattr(module, "SPAN", 4)


def empty(engine: sa.Engine) -> None:
    with raw_connection(engine) as raw:
        raw.execute("TRUNCATE document, chunk, posting, words, words_segment, words_of_audience CASCADE")


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=st.lists(changes, min_size=1, max_size=20), asked=st.lists(texts, min_size=1, max_size=3))
def test_scores_are_those_of_the_definition_after_any_history(
    engine: sa.Engine, audience_ids: list[int], small_spans: None, history: list[Any], asked: list[str]
) -> None:
    empty(engine)
    documents = History(engine, audience_ids)
    for kind, *arguments in history:
        event(kind)
        getattr(documents, kind)(*arguments)
    one, two, three = audience_ids
    assert_scores(engine, [*asked, " ".join(WORDS)], [[one], [two, three], audience_ids, []])
    assert_counts(engine)


@pytest.fixture
def audience_ids(engine: sa.Engine) -> list[int]:
    serve(engine, make_generation(engine))
    return [1, add_audience(engine, "C1"), add_audience(engine, "C2")]
