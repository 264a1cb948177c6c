"""What nights left in the models folder and no generation has any more: of trainings that were killed or given up."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from db.generations.catalogue import list_generations
from db.schema import retrain_run

if TYPE_CHECKING:
    from db.settings import Settings

_OF_RUN = re.compile(r"\.?run-(\d+)(?!\d)")
"""How everything is named that a night puts there; what else is there is somebody else's."""


def find_leftovers(engine: sa.Engine, settings: Settings) -> list[Path]:
    """Models, halves of models and checkpoints of nights that are over, in order; those of generations aren't."""
    if not settings.models_dir.is_dir():
        return []
    # before the database is read: what a night makes meanwhile isn't among them
    found = [(path, match) for path in settings.models_dir.iterdir() if (match := _OF_RUN.match(path.name))]
    unfinished = sa.select(retrain_run.c.id).where(retrain_run.c.status.in_(["requested", "running"]))
    with engine.connect() as connection:
        run_ids = set(connection.scalars(unfinished))
    own = {item.artefact_uri.removeprefix("data:") for item in list_generations(engine) if item.status != "pruned"}
    return sorted(path for path, match in found if int(match[1]) not in run_ids and path.name not in own)


def remove_leftovers(engine: sa.Engine, settings: Settings) -> list[Path]:
    """Removes `find_leftovers`, and returns them."""
    leftovers = find_leftovers(engine, settings)
    for path in leftovers:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return leftovers
