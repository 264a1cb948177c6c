"""Held-out, golden and asked questions: disjoint, seeded, near-duplicates together."""

from __future__ import annotations

import numpy as np

from nightshift.simulate.parts import MAX_GOLDEN, MAX_HELD_OUT, split_questions

N = 60
IDS = [f"q{number}" for number in range(N)]
TEXTS = [f"question number {number}" for number in range(N)]
VECTORS = np.eye(N, dtype=np.float32)


def test_every_question_is_in_one_part_of_the_right_size() -> None:
    parts = split_questions(IDS, TEXTS, VECTORS, seed=0)
    assert sorted(parts.held_out + parts.golden + parts.asked) == sorted(IDS)
    assert (len(parts.held_out), len(parts.golden)) == (N // 3, N // 6)


def test_there_are_as_many_curated_pairs_as_asked_for() -> None:
    parts = split_questions(IDS, TEXTS, VECTORS, seed=0, golden=20)
    assert (len(parts.held_out), len(parts.golden), len(parts.asked)) == (20, 20, 20)
    assert parts.held_out == split_questions(IDS, TEXTS, VECTORS, seed=0).held_out


def test_the_split_depends_on_the_seed_and_not_on_the_order() -> None:
    parts = split_questions(IDS, TEXTS, VECTORS, seed=0)
    assert split_questions(IDS[::-1], TEXTS[::-1], VECTORS, seed=0) == parts
    assert split_questions(IDS, TEXTS, VECTORS, seed=1) != parts


def test_near_duplicates_stay_together() -> None:
    texts = [f"Question {number // 3}?" + "!" * (number % 3) for number in range(N)]
    for seed in range(5):
        parts = split_questions(IDS, texts, VECTORS, seed=seed)
        part_of = {
            question_id: name for name in ("held_out", "golden", "asked") for question_id in getattr(parts, name)
        }
        for first in range(0, N, 3):
            assert len({part_of[IDS[first + offset]] for offset in range(3)}) == 1


def test_large_sets_are_held_out_in_bounds() -> None:
    n = 3000
    vectors = np.zeros((n, 2), dtype=np.float32)  # alike to nothing
    parts = split_questions([f"q{i}" for i in range(n)], [f"question {i}" for i in range(n)], vectors, seed=0)
    assert (len(parts.held_out), len(parts.golden)) == (MAX_HELD_OUT, MAX_GOLDEN)
