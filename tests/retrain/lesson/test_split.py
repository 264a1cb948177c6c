from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrain.lesson.split import Asked, SplitRules, cluster_questions, normalise_question, split_questions
from tests.scales import lifted


def units(*rows: list[float]) -> np.ndarray:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def random_units(count: int, seed: int, dim: int = 64) -> np.ndarray:
    return units(*np.random.default_rng(seed).normal(size=(count, dim)).tolist())


def test_case_punctuation_and_spacing_make_no_other_question() -> None:
    assert normalise_question("  Who owns\tthe ROADMAP?! ") == normalise_question("who owns the roadmap")


def test_near_duplicates_are_joined_through_one_another() -> None:
    vectors = units([1, 0, 0], [1, 0.4, 0], [1, 0.9, 0], [0, 0, 1])
    assert vectors[0] @ vectors[2] < 0.9 <= min(vectors[0] @ vectors[1], vectors[1] @ vectors[2])
    assert cluster_questions(["a", "b", "c", "d"], vectors, 0.9).tolist() == [0, 0, 0, 3]


def test_the_same_words_are_one_question_whatever_their_vectors() -> None:
    assert cluster_questions(["How?", "why", "how"], units([1, 0], [0, 1], [-1, 0])).tolist() == [0, 1, 0]


def test_clusters_do_not_depend_on_the_block() -> None:
    vectors = random_units(50, 1, dim=3)
    texts = [f"question {n}" for n in range(50)]
    assert (cluster_questions(texts, vectors, block=7) == cluster_questions(texts, vectors)).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["golden", "voted"])), min_size=1, max_size=60),
    st.integers(0, 1000),
)
def test_no_question_that_judges_is_trained_on_not_even_as_a_near_duplicate(
    drawn: list[tuple[int, str]], seed: int
) -> None:
    centres = random_units(13, 5)
    jitter = np.random.default_rng(seed).normal(size=(len(drawn), 64)).astype(np.float32) * 0.02
    vectors = centres[[topic for topic, _ in drawn]] + jitter
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    asked = [Asked(f"question {n} of {topic}", kind, float(n)) for n, (topic, kind) in enumerate(drawn)]  # type: ignore[arg-type]
    parts = split_questions(asked, vectors, seed=seed)
    judge = [index for index, part in enumerate(parts) if part == "gate"]
    train = [index for index, part in enumerate(parts) if part == "train"]
    if judge and train:
        assert (vectors[judge] @ vectors[train].T).max() < 0.9


def test_shares_are_met_and_voted_questions_mostly_train() -> None:
    asked = [Asked(f"golden {n}", "golden") for n in range(300)]
    asked += [Asked(f"voted {n}", "voted", float(n)) for n in range(400)]
    parts = split_questions(asked, random_units(700, 2, dim=256), seed=3)
    assert [parts[:300].count(name) for name in ("train", "gate")] == [200, 100]
    assert parts[300:].count("gate") == 80
    assert parts[300:].count("train") == 320


def test_half_of_the_explored_questions_judge() -> None:
    asked = [Asked(f"explored {n}", "explored", float(n)) for n in range(40)]
    asked += [Asked(f"voted {n}", "voted", float(n)) for n in range(100)]
    parts = split_questions(asked, random_units(140, 2, dim=256), seed=3)
    assert [parts[:40].count(name) for name in ("train", "gate")] == [20, 20]
    assert parts[40:].count("gate") == 20


def test_half_of_the_voted_questions_that_judge_are_the_newest() -> None:
    asked = [Asked(f"voted {n}", "voted", float(n)) for n in range(400)]
    parts = split_questions(asked, random_units(400, 2, dim=256), seed=3)
    assert parts[360:] == ["gate"] * 40
    assert parts[:360].count("gate") == 40


def test_another_seed_is_another_split_and_order_does_not_matter() -> None:
    asked = [Asked(f"golden {n}", "golden") for n in range(60)]
    vectors = random_units(60, 4, dim=256)
    parts = split_questions(asked, vectors, seed=1)
    assert parts != split_questions(asked, vectors, seed=2)
    assert parts == split_questions(asked[::-1], vectors[::-1], seed=1)[::-1]


def test_a_voted_near_duplicate_of_a_golden_question_goes_where_that_goes() -> None:
    asked = [Asked("how much leave", "golden"), Asked("How much leave?", "voted")]
    rules = SplitRules(shares={"golden": 1.0, "explored": 0.0, "voted": 0.0})
    assert split_questions(asked, random_units(2, 0), seed=0, rules=rules) == ["gate", "gate"]


def test_as_many_golden_pairs_as_are_asked_for_are_enough_and_hardly_more() -> None:
    def judging(pairs: int) -> int:
        asked = [Asked(f"question {n}", "golden") for n in range(pairs)]
        return split_questions(asked, np.eye(pairs, dtype=np.float32), seed=1).count("gate")

    for needed in (1, 10, 25, 49, 50, 60, 100):
        assert needed <= judging(SplitRules().pairs_to_add(0, needed)) <= 1.05 * needed


def test_shares_are_of_clusters_so_paraphrases_make_nobody_judge() -> None:
    asked = [Asked(f"golden {n}", "golden") for n in range(150)] + [
        Asked(f"Golden {n % 2}?", "golden") for n in range(60)
    ]
    vectors = random_units(210, 2, dim=256)
    parts = split_questions(asked, vectors, seed=3)
    judging = {normalise_question(own.text) for own, part in zip(asked, parts, strict=True) if part == "gate"}
    assert len(judging) == 75


@pytest.mark.parametrize("seed", range(4))
def test_as_the_set_grows_what_trained_never_judges_and_no_fewer_do(seed: int) -> None:
    trained: set[str] = set()
    for pairs in (160, 240, 320, 1000):
        asked = [Asked(text, "golden", trained=text in trained) for text in map("question {}".format, range(pairs))]
        parts = split_questions(asked, np.eye(pairs, dtype=np.float32), seed=seed)
        judging = {own.text for own, part in zip(asked, parts, strict=True) if part == "gate"}
        assert not judging & trained
        assert len(judging) == max(min(round(pairs / 2), 100), round(pairs / 3))
        trained |= {own.text for own in asked} - judging


def test_where_everything_has_trained_nothing_judges_until_there_is_something_new() -> None:
    asked = [Asked(f"question {n}", kind, trained=True) for n in range(40) for kind in ("golden", "explored", "voted")]
    new = [Asked(f"new {n}", "golden") for n in range(30)]
    vectors = np.eye(150, dtype=np.float32)
    assert set(split_questions(asked, vectors[:120], seed=1)) == {"train"}
    parts = split_questions([*asked, *new], vectors, seed=1)
    assert set(parts[:120]) == {"train"}
    assert parts.count("gate") == 30


def test_without_questions_there_is_nothing_to_split() -> None:
    assert split_questions([], np.empty((0, 4), dtype=np.float32), seed=0) == []


def test_what_counts_as_one_question_does_not_depend_on_the_encoder_s_scale() -> None:
    vectors = random_units(300, 6)
    vectors[200:] = units(*(vectors[:100] + 0.25 * random_units(100, 7)).tolist())  # paraphrases, at a cosine of .97
    vectors = lifted(vectors, 0.3)
    texts = [f"question {n}" for n in range(300)]
    clusters = cluster_questions(texts, vectors)
    assert len(set(clusters.tolist())) == 200
    for unrelated in (0.6, 0.75, 0.9):
        assert (cluster_questions(texts, lifted(vectors, unrelated)) == clusters).all()
