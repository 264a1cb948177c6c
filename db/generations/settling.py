"""What was left to people, or to their votes, is decided: the run that made the candidate says how."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from db.schema import retrain_run

if TYPE_CHECKING:
    from db.nights import Decision


def settle_run(
    connection: sa.Connection, run_id: int, decision: Decision, *reasons: str, was: Sequence[Decision] = ("pending",)
) -> bool:
    """Puts what was decided in the place of what it `was`, with more reasons; whether it still was that."""
    settled = connection.execute(
        retrain_run.update()
        .where(retrain_run.c.id == run_id, retrain_run.c.decision.in_(was))
        .values(
            decision=decision, reasons=retrain_run.c.reasons + sa.cast(list(reasons), JSONB), report_outdated=sa.true()
        )
    )
    return settled.rowcount == 1
