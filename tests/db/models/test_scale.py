"""A share of an encoder's scale selects the same pairs, whatever cosines that encoder gives to unrelated texts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from db.models.encoder import SentenceEncoder, load_encoder
from db.models.files import find_base_model
from db.models.scale import USUAL_SCALE, Scale, measure_encoder, measure_scale
from tests.scales import Lifted, lifted
from tests.synthetic import unit_vectors

LIFTS = st.floats(0.2, 0.9)
SHARES = st.floats(-1, 1)


@pytest.fixture(scope="module")
def minilm() -> SentenceEncoder:
    directory, sha256 = find_base_model("all-MiniLM-L6-v2")
    return load_encoder(directory, sha256=sha256)


@given(LIFTS, st.floats(0.5, 0.99))
def test_as_many_pairs_are_alike_on_any_scale(unrelated: float, share: float) -> None:
    vectors = lifted(unit_vectors(300, 24, clusters=60), 0.4)
    cosines, from_cosine = pairs(vectors), measure_scale(vectors).at(share)
    raised = lifted(vectors, unrelated)
    alike = pairs(raised) >= measure_scale(raised).at(share)
    assert alike[cosines >= from_cosine + 0.02].all()
    assert not alike[cosines < from_cosine - 0.02].any()


@given(LIFTS, SHARES, SHARES)
def test_from_minus_one_to_one_it_rises_and_can_be_undone(unrelated: float, share: float, other: float) -> None:
    scale = Scale(unrelated)
    assert (scale.at(-1), scale.at(0), scale.at(1)) == pytest.approx((-1, unrelated, 1))
    assert scale.share_of(scale.at(share)) == pytest.approx(share, abs=1e-9)
    assert scale.share_of(np.array([scale.at(share)])) == pytest.approx([share], abs=1e-9)
    assert (scale.at(share) <= scale.at(other)) == (share <= other) or share == pytest.approx(other)
    assert USUAL_SCALE.at(share) == share


@pytest.mark.parametrize(
    "vectors",
    [
        np.empty((0, 8), np.float32),
        unit_vectors(1),
        np.repeat(unit_vectors(1), 5, axis=0),
        np.repeat(unit_vectors(1), 3000, axis=0),
        unit_vectors(400, 3),
        unit_vectors(50, 64),
        np.full((6, 4), np.nan, np.float32),
    ],
    ids=["none", "one", "one repeated", "one repeated often", "wide", "around 0", "broken"],
)
def test_what_says_nothing_of_the_scale_leaves_the_usual_one(vectors: NDArray[np.float32]) -> None:
    assert measure_scale(vectors) == USUAL_SCALE


def test_paraphrases_among_other_questions_are_not_the_scale() -> None:
    paraphrases = unit_vectors(40, 64, seed=1) * 0.5 + unit_vectors(1, 64, seed=2)
    paraphrases /= np.linalg.norm(paraphrases, axis=1, keepdims=True)
    asked = np.concatenate([paraphrases, unit_vectors(15, 64, seed=3)])
    assert np.median(pairs(asked)) > 0.5
    assert measure_scale(asked).at(0.9) == pytest.approx(0.9, abs=0.01)


def test_a_handful_of_texts_moves_little() -> None:
    assert measure_scale(lifted(unit_vectors(2, seed=4), 0.75)).unrelated < 0.01
    assert measure_scale(lifted(unit_vectors(100, 64), 0.75)).unrelated == pytest.approx(0.7, abs=0.03)


def test_it_does_not_depend_on_order_nor_on_how_many_there_are() -> None:
    vectors = lifted(unit_vectors(5000, 32), 0.7)
    scale = measure_scale(vectors)
    assert measure_scale(vectors[::-1]).unrelated == pytest.approx(scale.unrelated, abs=1e-6)
    assert measure_scale(vectors[:900]).unrelated == pytest.approx(scale.unrelated, abs=0.01)
    assert measure_scale(vectors[:700], vectors[700:]).unrelated == pytest.approx(scale.unrelated, abs=0.01)


def test_an_encoder_s_own_scale_is_the_usual_one_or_what_it_was_lifted_to(minilm: SentenceEncoder) -> None:
    assert measure_encoder(minilm) == USUAL_SCALE
    assert measure_encoder(Lifted(minilm, 0.75)).unrelated == pytest.approx(0.74, abs=0.02)


def pairs(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return (vectors @ vectors.T)[np.triu_indices(len(vectors), 1)]
