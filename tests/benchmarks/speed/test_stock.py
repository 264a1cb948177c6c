"""What is searched is there as it was written, and one in a hundred documents is for few."""

from __future__ import annotations

from benchmarks.speed.search import found
from benchmarks.speed.stock import Stock
from db.corpus import count_chunks, count_documents
from db.generations import unsound_indexes
from db.store import raw_connection


def test_every_passage_is_in_and_indexed(stock: Stock) -> None:
    assert count_chunks(stock.engine) == 1500
    assert count_documents(stock.engine) == 150
    assert unsound_indexes(stock.engine, stock.generation) == []


def test_few_see_their_own_documents_alone(stock: Stock) -> None:
    with raw_connection(stock.engine) as raw:
        own = raw.execute(
            "SELECT c.id FROM chunk c JOIN document d ON d.id = c.document_id WHERE d.audience_id = %s", (stock.few,)
        ).fetchall()
    assert len(own) == 20
    assert set(found(stock, stock.questions[0], [stock.few])) <= {row[0] for row in own}
