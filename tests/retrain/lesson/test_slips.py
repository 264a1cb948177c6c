"""An up-vote is believed as far as its rank is right."""

from __future__ import annotations

from retrain.lesson.labels import Judgement, labels_from_pairs, labels_from_votes
from retrain.lesson.slips import believe_by_rank


def vote(person: str = "ann", question: int = 1, chunk: int = 10, value: int = 1, rank: int | None = None) -> Judgement:
    return Judgement(person, question, chunk, value, 1.0, rank=rank)  # type: ignore[arg-type]


def test_an_up_vote_at_a_rank_that_is_rarely_right_is_believed_less() -> None:
    votes = [vote(f"p{q}", question=q, chunk=2 * q, value=1 if q % 2 else -1, rank=1) for q in range(100)]
    votes += [vote(f"p{q}", question=q, chunk=2 * q + 1, value=-1 if q % 12 else 1, rank=5) for q in range(100)]
    labels = believe_by_rank(labels_from_votes(votes), votes)
    first = next(x.weight for x in labels if x.value > 0 and x.chunk_id % 2 == 0)
    fifth = next(x.weight for x in labels if x.value > 0 and x.chunk_id % 2 == 1)
    down = {x.weight for x in labels if x.value < 0}
    assert first > 0.9
    assert 0.05 <= fifth < 0.7
    assert down == {1.0}


def test_labels_without_a_known_rank_are_left_alone() -> None:
    labels = labels_from_votes([vote()]) + labels_from_pairs({1: [4]})
    assert believe_by_rank(labels, [vote()]) == labels
