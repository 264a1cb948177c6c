from __future__ import annotations

import numpy as np

from retrain.lesson.labels import Anchor
from retrain.lesson.mine import Beside, Mined, MiningRules, copies_of, mine_negatives, right_nearby


def unit(*rows: list[float]) -> np.ndarray:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def at_cosines(*cosines: float) -> np.ndarray:
    return np.array([[c, np.sqrt(1 - c * c)] for c in cosines], dtype=np.float32)


ANCHOR = at_cosines(1.0)


def mine(
    chunks: np.ndarray,
    right: set[int],
    taken: set[int] = frozenset(),  # type: ignore[assignment]
    trusted: bool = False,
    **rules: object,
) -> list[Mined]:
    chosen = MiningRules(**rules)  # type: ignore[arg-type]
    return mine_negatives(ANCHOR, [min(right)], chunks, [right], [taken], [trusted], seed=0, rules=chosen)[0]


def test_what_scores_close_to_the_positive_or_above_it_is_no_negative() -> None:
    chunks = at_cosines(0.8, 0.9, 0.77, 0.75, 0.5, 0.1)
    assert mine(chunks, {0}) == [Mined(3, random=False), Mined(4, random=False)]


def test_above_a_positive_that_was_given_is_what_there_is_to_learn() -> None:
    chunks = at_cosines(0.5, 0.99, 0.9, 0.55, 0.4)
    assert mine(chunks, {0}, trusted=True) == [Mined(1, random=False), Mined(2, random=False)]


def test_copies_of_a_chunk_are_those_as_like_it_as_that_and_itself() -> None:
    chunks = at_cosines(0.5, 0.99, 0.55, 0.98)
    assert copies_of({0, 1}, chunks, 0.95) == {0: {0, 2}, 1: {1, 3}}
    many = unit(*np.random.default_rng(1).normal(size=(600, 4)).tolist())  # more than are compared at once
    for row, copies in copies_of(range(600), many, 0.95).items():
        surely, maybe = (set(np.flatnonzero(many @ many[row] >= cosine)) for cosine in (0.95001, 0.94999))
        assert surely <= copies <= maybe
    assert copies_of({2}, chunks, 1.1) == {2: {2}}
    assert copies_of([], chunks, 0.95) == {}


def test_what_people_judged_is_not_mined_again() -> None:
    chunks = at_cosines(0.8, 0.7, 0.6, 0.5, 0.4)
    assert mine(chunks, {0, 1}, {2}) == [Mined(3, random=False), Mined(4, random=False)]


def test_what_was_right_for_a_similar_question_is_left_out() -> None:
    anchors = at_cosines(1.0, 0.9, 0.2)
    chunks = at_cosines(0.8, 0.7, 0.6, 0.5, 0.3)
    questions = {Anchor("question", n): vector for n, vector in enumerate(anchors)}
    own = {anchor: frozenset({anchor.id}) for anchor in questions}
    right = right_nearby(own, questions, 0.75)
    assert [right[anchor] for anchor in questions] == [{0, 1}, {0, 1}, {2}]
    found = mine_negatives(anchors, [0, 1, 2], chunks, list(right.values()), [set()] * 3, [False] * 3, seed=0)
    assert [negative.row for negative in found[0]] == [2, 3]


def test_nothing_is_right_where_nothing_was_asked() -> None:
    assert right_nearby({}, {}, 0.75) == {}


def test_a_vote_for_what_the_base_scores_low_is_not_lost_but_padded_at_random() -> None:
    chunks = at_cosines(0.05, 0.9, 0.8, 0.7, 0.6)
    found = mine(chunks, {0})
    assert [negative.random for negative in found] == [True, True]
    assert len({negative.row for negative in found} - {0}) == 2


def test_padding_takes_only_what_is_free_and_ends_with_the_corpus() -> None:
    chunks = at_cosines(0.05, 0.9, 0.8)
    assert [negative.row for negative in mine(chunks, {0, 1}, per_positive=4)] == [2]
    assert mine(at_cosines(0.5), {0}) == []


def test_it_is_exact_and_blocks_change_nothing() -> None:
    draw = np.random.default_rng(0)
    anchors, chunks = (unit(*draw.normal(size=(n, 16)).tolist()) for n in (40, 500))
    positives = [int(row) for row in draw.integers(500, size=40)]
    right = [{row} for row in positives]
    rules = MiningRules(per_positive=3, depth=500, similar_question=1.1)
    whole = mine_negatives(anchors, positives, chunks, right, [set()] * 40, [False] * 40, seed=1, rules=rules)
    assert whole == mine_negatives(
        anchors, positives, chunks, right, [set()] * 40, [False] * 40, seed=1, rules=rules, block=7
    )
    for anchor, positive, found in zip(anchors, positives, whole, strict=True):
        scores = chunks @ anchor
        best = [int(row) for row in np.argsort(-scores) if scores[row] < scores[positive] * 0.95 and row != positive]
        hard = [negative.row for negative in found if not negative.random]
        assert hard == best[: len(hard)]
        assert len(found) == 3


def test_what_words_bring_up_is_mined_and_counts_against_the_positive() -> None:
    chunks = at_cosines(0.8, 0.75, 0.5, 0.45, 0.4, 0.1)

    def by_words(added: dict[int, float], **rules: object) -> list[Mined]:
        beside = Beside(np.array(sorted(added)), np.array([added[row] for row in sorted(added)]))
        chosen = MiningRules(**rules)  # type: ignore[arg-type]
        return mine_negatives(
            ANCHOR, [0], chunks, [{0}], [()], [False], seed=0, rules=chosen, beside=lambda start, stop: [beside]
        )[0]

    assert by_words({4: 0.3, 5: 0.62}) == [Mined(1, random=False), Mined(5, random=False)]
    assert by_words({4: 0.3, 5: 0.68})[1] == Mined(4, random=False)  # the sixth is as good as the positive now
    assert by_words({0: 0.3, 4: 0.64, 5: 0.92}) == [Mined(4, random=False), Mined(5, random=False)]
    assert by_words({5: 0.62}, depth=3) == [Mined(1, random=False), Mined(5, random=False)]


def test_by_words_too_it_is_exact() -> None:
    draw = np.random.default_rng(0)
    anchors, chunks = (unit(*draw.normal(size=(n, 16)).tolist()) for n in (40, 500))
    added = np.where(draw.random((40, 500)) < 0.4, draw.random((40, 500)), 0.0)
    visible = draw.random((40, 500)) < 0.7
    besides = [
        Beside(own := np.flatnonzero(row), row[own], seen if place % 2 else None)
        for place, (row, seen) in enumerate(zip(added, visible, strict=True))
    ]
    found = mine_negatives(
        anchors,
        [0] * 40,
        chunks,
        [{0}] * 40,
        [()] * 40,
        [True] * 40,
        seed=1,
        rules=MiningRules(per_positive=9, depth=10),
        block=7,
        beside=lambda start, stop: besides[start:stop],
    )
    for place, negatives in enumerate(found):
        scores = chunks @ anchors[place] + added[place]
        if place % 2:
            scores[~visible[place]] = -np.inf
        best = [int(row) for row in np.argsort(-scores)[:10] if row != 0]
        assert [negative.row for negative in negatives if not negative.random] == best[:9]
