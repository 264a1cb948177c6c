"""Promotion by a person: what the gate refused serves only by force, recorded as such, and level with the documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from db.errors import NotCaughtUpError, NotPromotableError
from db.generations import promotion
from db.generations.catalogue import get_generation
from db.generations.encoders import Encoders
from db.generations.promotion import catch_up_and_promote, promote_by_hand
from db.generations.roles import maintained, serving
from db.generations.swap import promote, roll_back
from db.settings import Settings
from intake.ingest import ingest_paths
from tests.nicknames import make_matters, write_documents
from tests.synthetic import HashingEncoder, add_chunks, insert_generation, make_generation, serve


def test_a_refused_generation_serves_by_force_and_it_is_recorded_by_whom(engine: sa.Engine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", encoder_dtype="float32")
    encoders = Encoders(settings)
    write_documents(tmp_path / "documents", make_matters(topics=2))
    ingest_paths(engine, settings, encoders, [tmp_path / "documents"])
    base = serving(engine)
    with engine.begin() as connection:
        refused = insert_generation(
            connection,
            base,
            parent_id=base.id,
            status="refused",
        )

    with pytest.raises(NotPromotableError, match="--force"):
        promote_by_hand(engine, settings, encoders, refused, by="ann", force=False)
    assert maintained(engine) == [base]

    seen: list[tuple[int, int]] = []
    promote_by_hand(
        engine, settings, encoders, refused, by="ann", force=True, on_progress=lambda *now: seen.append(now)
    )

    now = get_generation(engine, refused.id)
    assert serving(engine) == now
    assert (now.status, now.forced, now.promoted_by) == ("built", True, "ann")
    assert seen[-1] == (32, 32)
    with engine.connect() as connection:
        assert connection.scalar(sa.text(f"SELECT count(*) FROM {now.table}")) == 32

    # served again later by somebody else, it is still one that was forced
    roll_back(engine, "bob")
    promote_by_hand(engine, settings, encoders, now, by="bob", force=False)
    assert get_generation(engine, refused.id).forced


def test_what_arrives_between_the_last_round_and_the_swap_costs_another_round(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, made = make_generation(engine), make_generation(engine)
    serve(engine, base)
    add_chunks(engine, 3)
    swaps = 0

    def promote_late(*arguments: Any, **options: Any) -> None:
        nonlocal swaps
        swaps += 1
        if swaps == 1:
            raise NotCaughtUpError
        promote(*arguments, **options)

    monkeypatch.setattr(promotion, "promote", promote_late)
    catch_up_and_promote(engine, made, HashingEncoder(), lambda _: None, expected_current_id=base.id, by="ann")
    assert (swaps, serving(engine).id) == (2, made.id)
