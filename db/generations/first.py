"""The first generation: of the base model, serving from the start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.errors import EmptyCorpusError
from db.generations.catalogue import add_artefact, add_generation
from db.generations.generation import Generation
from db.generations.roles import hold_roles, put_in_service, serving
from db.generations.vectors import create_vector_table
from db.store import transaction

if TYPE_CHECKING:
    from db.settings import Settings

UNRELATED_NEARNESS, UNRELATED_SPREAD = 0.182, 0.086
"""On the usual scale, as measured in the sample corpus; measured anew when documents are in."""


def ensure_base_generation(engine: sa.Engine, settings: Settings) -> Generation:
    """The serving generation; where there is none yet, one of the base model with an empty table is made and serves.

    Raises:
        ModelError: the base model can't be used.
    """
    try:
        return serving(engine)
    except EmptyCorpusError:
        pass
    from db.models import choose_dtype, find_base_model, load_encoder, measure_encoder, name_at_commit

    directory, sha256 = find_base_model(settings.base_model)
    name = name_at_commit(settings.base_model, directory)
    dtype = choose_dtype(directory) if settings.encoder_dtype == "auto" else settings.encoder_dtype
    encoder = load_encoder(directory, sha256=sha256, dtype=dtype, frozen=True)
    scale = measure_encoder(encoder)
    with transaction(engine) as (connection, raw):
        raw.execute("LOCK TABLE in_service IN SHARE ROW EXCLUSIVE MODE")  # others who ask at once wait
        if not hold_roles(connection):
            made = add_generation(
                connection,
                artefact_id=add_artefact(
                    connection,
                    base_model=name,
                    uri=f"base:{name}",
                    sha256=sha256,
                    dtype=dtype,
                    dimension=encoder.dimension,
                ),
                unrelated_nearness=scale.at(UNRELATED_NEARNESS),
                unrelated_spread=UNRELATED_SPREAD * (1 - scale.unrelated),
                status="built",
                promoted_at=sa.func.now(),
                promoted_by="the first ingest",
            )
            create_vector_table(raw, made)
            put_in_service(connection, None, serving=made.id)
    return serving(engine)
