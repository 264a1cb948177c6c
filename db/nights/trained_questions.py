"""What nights trained on, by its words: it never judges again, whatever becomes of the question or pair it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from db.nights.learnt_from import QuestionOrPair
from db.nights.leases import require_lease
from db.nights.runs import Run
from db.schema import trained_question


@dataclass(frozen=True, slots=True)
class TrainedQuestion:
    """One that trained, as it read then. A pair has the question that it is about beside it, if there is one."""

    id: int
    question_id: int | None
    pair_id: int | None
    text: str


def note_trained(engine: sa.Engine, run: Run, texts: Mapping[QuestionOrPair, str]) -> None:
    """Notes that the run trains on these, before it does.

    Who asked it, or wrote it, is noted too: what is erased is forgotten here as well, and no digest of it is left,
    since a short question's can be guessed from. Whatever was deleted while the night ran isn't noted.

    Raises:
        StaleRunError: another process took the run up since, or somebody was erased.
    """
    asked, pairs = ({id_: text for (kind, id_), text in texts.items() if kind == own} for own in ("question", "pair"))
    with engine.begin() as connection:
        require_lease(connection, run.lease)
        for statement, own in ((_FROM_QUESTIONS, asked), (_FROM_PAIRS, pairs)):
            connection.execute(statement, {"run_id": run.id, "ids": list(own), "texts": list(own.values())})


_INSERT = "INSERT INTO trained_question (run_id, question_id, pair_id, text, person)"
_GIVEN = "unnest(CAST(:ids AS bigint[]), CAST(:texts AS text[])) AS given (id, text)"

_FROM_QUESTIONS = sa.text(
    f"{_INSERT} SELECT :run_id, question.id, NULL, given.text, question.person"  # noqa: S608 - no values in it
    f" FROM {_GIVEN} JOIN question USING (id) ORDER BY id ON CONFLICT DO NOTHING"
)
_FROM_PAIRS = sa.text(
    f"{_INSERT} SELECT :run_id, pair.question_id, pair.id, given.text, coalesce(question.person, pair.added_by)"  # noqa: S608
    f" FROM {_GIVEN} JOIN curated_pair AS pair USING (id) LEFT JOIN question ON question.id = pair.question_id"
    " ORDER BY pair.id ON CONFLICT DO NOTHING"
)


def read_trained(connection: sa.Connection, apart_from: int | None = None) -> list[TrainedQuestion]:
    """All that ever trained, in any run but that one."""
    columns = [trained_question.c[name] for name in TrainedQuestion.__slots__]
    query = sa.select(*columns).order_by(trained_question.c.id)
    if apart_from is not None:
        query = query.where(trained_question.c.run_id != apart_from)
    return [TrainedQuestion(*row) for row in connection.execute(query)]
