"""What is in service, by role: read as of one moment, changed by one at a time."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.errors import EmptyCorpusError
from db.generations.generation import Generation, Role, select_generations
from db.schema import in_service


def serving(engine: sa.Engine) -> Generation:
    """The generation that answers questions now.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    return maintained(engine)[0]


def maintained(engine: sa.Engine) -> list[Generation]:
    """The generations that every change of a document must reach: the serving one first, then the one to roll back to.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    return list(generations_by_role(engine).values())


def generations_by_role(engine: sa.Engine) -> dict[Role, Generation]:
    """What is in service, as of one moment, in the order of `maintained`; there is always one that serves.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    role = in_service.c.role
    query = select_generations(role).join(in_service).order_by(role != "serving", role)
    with engine.connect() as connection:
        found = {role: Generation(*row) for *row, role in connection.execute(query)}
    if not found:
        raise EmptyCorpusError
    return found


def hold_roles(connection: sa.Connection) -> dict[Role, int]:
    """What has which role; until the transaction ends, nobody else who begins with this changes any."""
    role, generation_id = in_service.c.role, in_service.c.generation_id
    connection.execute(sa.select(role).where(role == "serving").with_for_update())
    return {role: id_ for role, id_ in connection.execute(sa.select(role, generation_id))}


def put_in_service(connection: sa.Connection, by: str | None, **generation_ids: int) -> None:
    """Gives each role its generation, in one statement: they may be swapped.

    Who brings in one that had no role has its vectors level, and holds them and the serving one's (`hold_vectors`).
    """
    rows = [{"role": role, "generation_id": id_, "changed_by": by} for role, id_ in generation_ids.items()]
    put = insert(in_service).values(rows)
    new = {"generation_id": put.excluded.generation_id, "changed_at": sa.func.now(), "changed_by": by}
    connection.execute(put.on_conflict_do_update(index_elements=[in_service.c.role], set_=new))
