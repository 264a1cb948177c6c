"""What stands beside our ordering gives the same."""

from __future__ import annotations

import pytest

from benchmarks.speed.measure import OURS
from benchmarks.speed.order import K, PlainOrder, compare_ordering, look, look_plainly
from benchmarks.speed.prose import Prose, ask_about, write_prose
from benchmarks.speed.stock import Stock
from db.generations import Ranking
from db.search import Written, search


@pytest.fixture(scope="module")
def prose() -> Prose:
    return write_prose(200)


def test_plain_code_reckons_what_ours_does() -> None:
    passages = [
        Written("Visa letters", "", "Guests need letters, visa forms ... visa letters"),
        Written("Beds", "", ""),
    ]
    for question in "visa letters guests", "beds beds", "parrots":
        assert look_plainly(question, passages) == look(question, passages)


def test_ids_are_ordered_as_a_search_orders_them_by_texts_alone(stock: Stock) -> None:
    by_texts = Ranking(meaning=0.0, words=0.0, pairs=1.0, in_title=0.3, in_opening=0.2, length=0.1)
    ids = list(range(1, len(stock.prose.texts) + 1))
    plain = PlainOrder(stock.prose, ids, by_texts)
    for question in stock.questions[:20]:
        hits = search(stock.engine, stock.generation, question, stock.everyone, K)
        best = plain.order(question.text, [hit.chunk_id for hit in hits])
        scores = {hit.chunk_id: sum(map(lambda w, f: w * f, by_texts.weights, hit.features)) for hit in hits}
        assert [scores[id_] for id_ in best] == pytest.approx(sorted(scores.values(), reverse=True))


def test_ordering_is_compared_with_what_is_promised(prose: Prose) -> None:
    compared = compare_ordering(prose, ask_about(prose, 5).texts, 3, lambda done, total: None)
    assert list(compared.seconds) == [OURS, "5 ms", "plain code"]
    assert compared.limit == 1.0
