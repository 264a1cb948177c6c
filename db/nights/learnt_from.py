"""What each run learnt from, by its ids: so that a generation is known to have learnt what is erased later."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import sqlalchemy as sa

from db.nights.leases import require_lease
from db.nights.runs import Run

QuestionOrPair = tuple[Literal["question", "pair"], int]
"""An asked question, or a curated pair, by its id."""


def note_learnt_from(engine: sa.Engine, run: Run, sources: Collection[QuestionOrPair]) -> None:
    """Notes that the run learns from these, before it does; once more, it notes what is new among them.

    It stays noted when passages, documents or pairs go. Who asked and who voted is told by the question's own rows,
    which stay until they are erased; who added a pair is noted beside it.

    Raises:
        StaleRunError: another process took the run up since, or somebody was erased.
    """
    with engine.begin() as connection:
        require_lease(connection, run.lease)
        for statement, own in ((_FROM_QUESTIONS, "question"), (_FROM_PAIRS, "pair")):
            ids = sorted(id_ for kind, id_ in sources if kind == own)
            connection.execute(statement, {"run_id": run.id, "ids": ids})


_INSERT = "INSERT INTO learnt_from (run_id, question_id, pair_id, added_by)"

_FROM_QUESTIONS = sa.text(
    f"{_INSERT} SELECT :run_id, id, NULL, NULL FROM question WHERE id = ANY(CAST(:ids AS bigint[]))"  # noqa: S608 - no values
    " ORDER BY id ON CONFLICT DO NOTHING"
)
_FROM_PAIRS = sa.text(
    f"{_INSERT} SELECT :run_id, question_id, id, added_by FROM curated_pair WHERE id = ANY(CAST(:ids AS bigint[]))"  # noqa: S608
    " ORDER BY id ON CONFLICT DO NOTHING"
)
