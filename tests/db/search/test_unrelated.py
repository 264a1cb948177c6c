"""What refusals are counted from, measured in a store."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

import nightshift
from db.generations import serving
from db.search.unrelated import keep_unrelated, measure_unrelated, unanswerable_questions, unrelated_of
from tests.corpus import add_base_generation, add_document, embed, encoders


def test_the_questions_are_the_calibrating_ones_that_are_no_matter_of_the_handbook() -> None:
    file = Path(nightshift.__file__).parent / "corpus" / "unanswerable.jsonl"
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    asked = [(each["prompt"], each["kind"]) for each in lines]
    calibrating = [prompt for prompt, kind in asked if kind != "near miss" and _first_byte(prompt) % 2]
    assert list(unanswerable_questions()) == calibrating


def _first_byte(text: str) -> int:
    return hashlib.sha256(text.encode()).digest()[0]


def test_mean_and_spread() -> None:
    assert unrelated_of([0.1, 0.3], trained=False).nearness == pytest.approx(0.2)
    assert unrelated_of([0.1, 0.3], trained=False).spread == pytest.approx(0.1)
    assert unrelated_of([0.2], trained=False).spread == 0.02


def test_by_a_trained_encoder_sources_need_be_less_near() -> None:
    base, trained = (unrelated_of([0.1, 0.3], trained=trained) for trained in (False, True))
    assert trained.spread == base.spread
    assert trained.distance(0.3) == pytest.approx(base.distance(0.3) + 0.8)


def test_it_is_measured_on_what_is_served_and_kept(engine: sa.Engine) -> None:
    generation = add_base_generation(engine)
    encoder = encoders().get(generation)
    assert measure_unrelated(engine, generation, encoder, 5) is None
    embed(engine, add_document(engine, "Parking", [("", "Visitors park on the north side."), ("", "Or behind.")]))
    embed(engine, add_document(engine, "Payroll", [("", "Salaries are paid on the 25th of each month.")]))
    measured = measure_unrelated(engine, generation, encoder, 5)
    assert measured is not None and -0.1 < measured.nearness < 0.2 and 0.02 <= measured.spread < 0.15
    with engine.begin() as connection:
        kept = keep_unrelated(connection, generation, measured)
    assert kept == serving(engine)
    assert (kept.unrelated_nearness, kept.unrelated_spread) == pytest.approx((measured.nearness, measured.spread))
