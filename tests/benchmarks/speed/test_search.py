"""Who searches beside us finds the same chunks."""

from __future__ import annotations

from benchmarks.speed.handbook import handbook_passages, handbook_questions
from benchmarks.speed.measure import OURS
from benchmarks.speed.search import BARE, K, searchers, stocked_store
from db.models import SentenceEncoder, encode_questions


def test_everyone_finds_the_same_chunks(encoder: SentenceEncoder) -> None:
    questions = encode_questions(encoder, handbook_questions()[:3])
    with (
        stocked_store(encoder, handbook_passages()[:5], 60) as (engine, generation),
        searchers(engine, generation, questions) as contenders,
    ):
        for _ in questions:
            found = contenders[OURS]()
            assert len(set(found)) == K
            assert contenders[BARE]() == found
