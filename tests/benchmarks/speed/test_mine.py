"""What is mined among all passages is what a product of matrices says is nearest, and what words find beside it."""

from __future__ import annotations

from benchmarks.speed.bare import bare_searches
from benchmarks.speed.measure import OURS
from benchmarks.speed.mine import BY_VECTORS, PRODUCT, corpus_of, miners
from benchmarks.speed.prose import ask_about
from benchmarks.speed.stock import Stock, encoded
from db.search import search


def test_both_find_the_same_nearest(stock: Stock) -> None:
    asked = ask_about(stock.prose, 10)
    with bare_searches(stock.engine, stock.generation) as bare:
        contenders = miners(stock, asked, corpus_of(stock, asked), bare)
    for ours, nearest, own in zip(contenders[BY_VECTORS](), contenders[PRODUCT](), asked.about.tolist(), strict=True):
        assert ours == [row for row in nearest if row != own][: len(ours)]
        assert len(ours) == 2


def test_ours_are_what_is_served(stock: Stock) -> None:
    asked = ask_about(stock.prose, 10)
    corpus = corpus_of(stock, asked)
    with bare_searches(stock.engine, stock.generation) as bare:
        mined = miners(stock, asked, corpus, bare)[OURS]()
    for ours, question, own in zip(mined, encoded(asked), asked.about.tolist(), strict=True):
        served = search(stock.engine, stock.generation, question, stock.everyone, 50, exact=True)
        by_both = sorted(served, key=lambda hit: -(hit.similarity + stock.generation.ranking.words_weight * hit.words))
        rows = corpus.rows_of([hit.chunk_id for hit in by_both])
        assert ours == [row for row in rows if row != own][:2]
