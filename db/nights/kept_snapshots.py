"""What an unfinished night reads, kept so that each of its attempts reads the very same; gone when the night ends."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.nights.leases import require_lease
from db.nights.runs import Run
from db.schema import kept_snapshot, retrain_run


def keep_snapshot(engine: sa.Engine, run: Run, bounds: dict[str, Any], content: bytes) -> None:
    """Keeps it in the place of what the run had kept, with its bounds in the run's row; other nights' go.

    Whoever is erased takes the run's lease away, and then what is kept: one of the two finds the other's work.

    Raises:
        StaleRunError: another process took the run up since, or somebody was erased.
    """
    with engine.begin() as connection:
        require_lease(connection, run.lease)
        connection.execute(retrain_run.update().where(retrain_run.c.id == run.id).values(snapshot=bounds))
        connection.execute(kept_snapshot.delete().where(kept_snapshot.c.run_id != run.id))
        kept = insert(kept_snapshot).values(run_id=run.id, content=content)
        connection.execute(
            kept.on_conflict_do_update(constraint=kept_snapshot.primary_key, set_={"content": kept.excluded.content})
        )


def find_kept_snapshot(engine: sa.Engine, run_id: int) -> bytes | None:
    """What an earlier attempt of the run kept; None where there was none, or it went with what was erased."""
    with engine.connect() as connection:
        return connection.scalar(sa.select(kept_snapshot.c.content).where(kept_snapshot.c.run_id == run_id))


def drop_snapshot(engine: sa.Engine, run_id: int) -> None:
    """Removes what an ended run had kept."""
    with engine.begin() as connection:
        connection.execute(kept_snapshot.delete().where(kept_snapshot.c.run_id == run_id))
