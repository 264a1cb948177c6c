"""Promotion by a person: what the gate refused serves only by force, recorded as such, and level with the documents."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.ingest import ingest_paths
from db.encoders import Encoders
from db.errors import NotPromotableError
from db.generations import add_generation, get_generation, maintained, roll_back, serving
from db.promotion import promote_by_hand
from db.settings import Settings
from tests.nicknames import make_matters, write_documents


def test_a_refused_generation_serves_by_force_and_it_is_recorded_by_whom(engine: sa.Engine, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", encoder_dtype="float32")
    encoders = Encoders(settings)
    write_documents(tmp_path / "documents", make_matters(topics=2))
    ingest_paths(engine, settings, encoders, [tmp_path / "documents"])
    base = serving(engine)
    with engine.begin() as connection:
        refused = add_generation(
            connection,
            parent_id=base.id,
            base_model=base.base_model,
            artefact_uri=base.artefact_uri,
            artefact_sha256=base.artefact_sha256,
            dtype=base.dtype,
            dimension=base.dimension,
            min_similarity=base.min_similarity,
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
