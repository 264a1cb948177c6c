from __future__ import annotations

from collections.abc import Sequence

from retrain.lesson.labels import Anchor, Label
from retrain.lesson.triplets import (
    Positive,
    TrainingRow,
    Triplet,
    TripletKind,
    build_triplets,
    known_positives,
    positives_of,
    training_rows,
)

Q1, Q2, P1 = Anchor("question", 1), Anchor("question", 2), Anchor("pair", 1)


def no_mining(positives: Sequence[Positive]) -> list[list[tuple[int, TripletKind]]]:
    return [[] for _ in positives]


def test_a_question_with_down_votes_only_gets_no_invented_positive() -> None:
    assert build_triplets([Label(Q1, 5, -1, 1.0), Label(Q1, 6, -1, 1.0)], no_mining) == []


def test_people_s_negatives_come_first_and_all_of_them_whatever_the_miner_says() -> None:
    labels = [Label(Q1, 1, 1, 0.5)] + [Label(Q1, chunk, -1, 1.0) for chunk in (2, 3, 4, 5)]
    triplets = build_triplets(labels, lambda positives: [[(3, "mined"), (9, "mined"), (8, "random")]])
    assert [(t.negative_chunk_id, t.kind) for t in triplets] == [
        (2, "voted"),
        (3, "voted"),
        (4, "voted"),
        (5, "voted"),
        (9, "mined"),
        (8, "random"),
    ]
    assert {t.weight for t in triplets} == {0.5}


def test_a_chunk_people_call_right_is_never_a_mined_negative() -> None:
    labels = [Label(Q1, 1, 1, 1.0), Label(Q1, 2, 1, 1.0)]
    triplets = build_triplets(labels, lambda positives: [[(2, "mined")], [(1, "mined")]])
    assert triplets == [Triplet(Q1, 1, None, "random", 1.0), Triplet(Q1, 2, None, "random", 1.0)]


def test_every_up_label_becomes_a_positive_that_knows_the_others() -> None:
    labels = [
        Label(Q2, 7, 1, 1.0),
        Label(Q1, 4, -1, 0.5),
        Label(Q1, 3, -1, 2.0),
        Label(Q1, 1, 1, 1.0),
        Label(P1, 9, 1, 1.0),
    ]
    assert positives_of(labels) == [
        Positive(P1, 9, 1.0, frozenset({9}), ()),
        Positive(Q1, 1, 1.0, frozenset({1}), (3, 4)),
        Positive(Q2, 7, 1.0, frozenset({7}), ()),
    ]


def test_rows_hold_everything_the_triplets_hold() -> None:
    labels = [Label(Q1, 1, 1, 0.5), Label(Q1, 2, -1, 1.0), Label(Q2, 7, 1, 1.0)]
    rows = training_rows(build_triplets(labels, lambda positives: [[(9, "mined"), (8, "random")], []]))
    assert rows == [TrainingRow(Q1, 1, (2,), (9, 8), 0.5), TrainingRow(Q2, 7, (), (), 1.0)]


def test_known_positives_are_the_up_labels() -> None:
    assert known_positives([Label(Q1, 1, 1, 1.0), Label(Q1, 2, 1, 1.0), Label(Q2, 3, -1, 1.0)]) == {
        Q1: frozenset({1, 2})
    }
