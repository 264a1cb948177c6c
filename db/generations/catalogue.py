"""The rows of generations and of the artefacts they refer to: found, added, changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.errors import UnknownIdError
from db.generations.generation import Generation, select_generations
from db.generations.ranking import Ranking
from db.schema import artefact, generation, retrain_run

if TYPE_CHECKING:
    from db.settings import Settings


def get_generation(engine: sa.Engine, generation_id: int) -> Generation:
    """One generation.

    Raises:
        UnknownIdError: there is none by that id.
    """
    with engine.connect() as connection:
        return read_generation(connection, generation_id)


def read_generation(connection: sa.Connection, generation_id: int) -> Generation:
    """The same as `get_generation`, within a transaction."""
    row = connection.execute(select_generations().where(generation.c.id == generation_id)).one_or_none()
    if row is None:
        raise UnknownIdError(f"There is no generation {generation_id}; `nightshift generations list` shows them all.")
    return Generation(*row)


def list_generations(engine: sa.Engine) -> list[Generation]:
    """All generations ever made, newest first."""
    with engine.connect() as connection:
        rows = connection.execute(select_generations().order_by(generation.c.id.desc())).all()
    return [Generation(*row) for row in rows]


def find_candidate(engine: sa.Engine, run_id: int) -> Generation | None:
    """The generation that a run is building, if it got that far."""
    with engine.connect() as connection:
        row = connection.execute(select_generations().where(generation.c.run_id == run_id)).one_or_none()
    return Generation(*row) if row is not None else None


def add_artefact(
    connection: sa.Connection, *, base_model: str, uri: str, sha256: str, dtype: str, dimension: int
) -> int:
    """Inserts the row of an encoder and returns its id; its vector table is not made here."""
    row = {"base_model": base_model, "uri": uri, "sha256": sha256, "dtype": dtype, "dimension": dimension}
    return int(connection.execute(artefact.insert().values(row).returning(artefact.c.id)).scalar_one())


def add_generation(connection: sa.Connection, **values: Any) -> Generation:  # noqa: ANN401 - a row's columns
    """Inserts a row and returns it. Its `artefact_id` may be another one's too: then they share encoder and vectors."""
    made = generation.insert().values(**_stored(values)).returning(generation.c.id)
    return read_generation(connection, connection.execute(made).scalar_one())


def add_ranking(
    connection: sa.Connection, of: Generation, *, run_id: int, ranking: Ranking, metrics: Mapping[str, Any]
) -> Generation:
    """Inserts one with another ranking for the encoder and the vectors of `of`, which it shares; it is being built.

    Where that encoder learnt from what was erased since, so did this one; a ranking's own lesson isn't handed on.
    Before, the transaction takes the run's lease (`require_lease`), for which an erasure waits.
    """
    trained = sa.select(retrain_run.c.id).where(retrain_run.c.kind == "night")
    of_encoder = (generation.c.artefact_id == of.artefact_id, generation.c.run_id.in_(trained))
    erased = connection.scalars(sa.select(generation.c.learnt_from_erased).where(*of_encoder))
    return add_generation(
        connection,
        parent_id=of.id,
        run_id=run_id,
        artefact_id=of.artefact_id,
        unrelated_nearness=of.unrelated_nearness,
        unrelated_spread=of.unrelated_spread,
        ranking=ranking,
        metrics=dict(metrics),
        learnt_from_erased=any(erased.all()),
    )


def update_generation(connection: sa.Connection, generation_id: int, **values: Any) -> Generation:  # noqa: ANN401
    """Changes columns of a row and returns it as it is now."""
    connection.execute(generation.update().where(generation.c.id == generation_id).values(**_stored(values)))
    return read_generation(connection, generation_id)


def _stored(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.as_json() if isinstance(value, Ranking) else value for name, value in values.items()}


def set_breadth(connection: sa.Connection, item: Generation, ef_search: int) -> Generation:
    """Sets how widely its index is searched, for all who share it; returns the generation as it is now."""
    connection.execute(artefact.update().where(artefact.c.id == item.artefact_id).values(ef_search=ef_search))
    return read_generation(connection, item.id)


def with_base_model_of_store(engine: sa.Engine, settings: Settings) -> Settings:
    """The settings with the base model at the commit that this store's generations are of.

    So every night starts from the same files, on whichever machine and whatever its name on Hugging Face leads to now.
    A setting that names a commit itself, or another model, stays.
    """
    known = sa.select(artefact.c.base_model).where(
        artefact.c.base_model.startswith(f"{settings.base_model}@", autoescape=True)
    )
    with engine.connect() as connection:
        name = connection.scalar(known.order_by(artefact.c.id.desc()).limit(1))
    return settings if name is None else settings.model_copy(update={"base_model": name})
