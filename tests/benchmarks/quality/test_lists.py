"""The lists of the benchmark are those of the product: its search's, on the task's rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.quality.lists import SHOWN, list_found, lists_before, rank_listed, sources_of
from benchmarks.quality.matches import Matched, WordMatches
from benchmarks.quality.peers import untrained
from benchmarks.quality.task import Task
from db.generations import SHIPPED
from db.search import Written
from tests.benchmarks.quality.small_task import ASKED, GOLDEN, make_task
from tests.benchmarks.quality.test_regression import with_set


def told_by_title() -> Task:
    """Every question asks for blue herons; passage 41 has them for a title, and nothing else tells it."""
    written = list(make_task().written)
    written[41] = Written("Blue herons", "", "Passage 41")
    words = Matched(np.array([41]), np.array([1.0]), np.array([0.25]))
    return make_task(
        written=tuple(written), questions=("Where are blue herons?",) * 120, words=WordMatches.of([words] * 120)
    )


def test_passages_have_all_features_and_stand_by_the_ranking() -> None:
    task = told_by_title()
    cosines = untrained.rank(task)
    first = list_found(task, task.judging, cosines, replace(SHIPPED, in_title=2.0))
    assert [own[0].chunk_id for own in first] == [41] * len(task.held_out)
    assert first[0][0].in_title > 0 and first[0][0].pairs > 0 and first[0][0].coverage == 0.25
    for found, of_one in zip(list_found(task, task.judging, cosines), cosines, strict=True):
        assert [own.score for own in found] == sorted((own.score for own in found), reverse=True)
        assert len(found) == 50
        assert all(own.similarity == of_one[own.chunk_id] for own in found)


def test_scores_order_as_the_lists_do_and_the_rest_stands_below() -> None:
    task = told_by_title()
    cosines = untrained.rank(task)
    scores = rank_listed(task, task.judging, cosines, SHIPPED)
    for row, found in zip(scores, list_found(task, task.judging, cosines), strict=True):
        ids = [own.chunk_id for own in found]
        assert row[ids].tolist() == sorted(row[ids].tolist(), reverse=True)
        assert np.delete(row, ids).max() < row[ids].min()


def test_the_regression_set_has_a_shelf_of_its_own() -> None:
    more = with_set(make_task())
    own = set(np.flatnonzero(more.of_regression).tolist())
    for question, found in zip(more.judging, list_found(more, more.judging, untrained.rank(more)), strict=True):
        ids = {each.chunk_id for each in found}
        assert ids <= own if question in more.regression else not ids & own


def test_what_was_found_before_the_night_is_of_asked_questions_and_pairs() -> None:
    task = make_task()
    before = lists_before(task)
    assert list(before) == list(range(ASKED + GOLDEN))
    sources = sources_of(before[0])
    documents = task.document_of_passage[sources].tolist()
    assert len(set(documents)) == len(documents) == SHOWN
    assert sources[0] == before[0][0].chunk_id
