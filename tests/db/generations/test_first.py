"""The first generation is made once, and knows what refusals are counted from."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from db.generations.catalogue import list_generations
from db.generations.first import ensure_base_generation
from db.generations.generation import Generation
from db.generations.roles import maintained, serving
from db.models import encoder
from db.settings import Settings
from tests.db.generations.rows import table_exists
from tests.scales import Lifted


def test_the_first_generation_is_made_once_however_many_ask(engine: sa.Engine) -> None:
    settings = Settings(encoder_dtype="float32")
    together = threading.Barrier(2)

    def ask() -> Generation:
        together.wait()
        return ensure_base_generation(engine, settings)

    with ThreadPoolExecutor(2) as pool:
        first, second = (future.result() for future in [pool.submit(ask) for _ in range(2)])
    assert first == second == ensure_base_generation(engine, settings) == serving(engine)
    assert list_generations(engine) == maintained(engine) == [first]
    assert (first.dimension, first.dtype, first.status) == (384, "float32", "built")
    assert table_exists(engine, first)


@pytest.mark.parametrize(("unrelated", "nearness", "spread"), [(0, 0.18, 0.086), (0.75, 0.79, 0.022)])
def test_nearness_counts_from_what_is_unrelated_on_the_encoders_own_scale(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, unrelated: float, nearness: float, spread: float
) -> None:
    load = encoder.load_encoder
    monkeypatch.setattr("db.models.load_encoder", lambda *given, **named: Lifted(load(*given, **named), unrelated))
    made = ensure_base_generation(engine, Settings(encoder_dtype="float32"))
    assert made.unrelated_nearness == pytest.approx(nearness, abs=0.01)
    assert made.unrelated_spread == pytest.approx(spread, abs=0.002)
