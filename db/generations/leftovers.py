"""What no generation has any more: in the models folder of trainings that were killed, in the database of lost rows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, LiteralString

import sqlalchemy as sa
from psycopg import sql

from db.generations.catalogue import list_generations
from db.schema import retrain_run
from db.store import raw_connection

if TYPE_CHECKING:
    from db.settings import Settings

_OF_RUN = re.compile(r"\.?run-(\d+)(?!\d)")
"""How everything is named that a night puts there; what else is there is somebody else's."""

_ORPHANS: LiteralString = (
    "SELECT c.relname FROM pg_class c WHERE c.relnamespace = quote_ident(current_schema())::regnamespace"
    " AND c.relkind = 'r' AND c.relname ~ '^embedding_[0-9]+$' AND NOT EXISTS (SELECT FROM generation g"
    " WHERE 'embedding_' || g.artefact_id = c.relname AND g.status <> 'pruned') ORDER BY length(relname), relname"
)


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


def find_orphan_tables(engine: sa.Engine) -> list[str]:
    """Tables of vectors that no generation has, or only pruned ones, which nothing brings back."""
    with raw_connection(engine) as raw:
        return [row[0] for row in raw.execute(_ORPHANS).fetchall()]


def drop_orphan_tables(engine: sa.Engine) -> list[str]:
    """Removes `find_orphan_tables`, and returns them."""
    dropped = find_orphan_tables(engine)
    with raw_connection(engine) as raw:
        for table in dropped:
            raw.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(table)))
    return dropped
