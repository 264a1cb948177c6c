"""What is in service, by role: read as of one moment, changed by one at a time."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from db.errors import EmptyCorpusError
from db.generations.generation import Generation, Role, select_generations
from db.schema import in_service

_GIVE = sa.text(
    "INSERT INTO in_service (role, generation_id, changed_by)"
    " SELECT role, id, :by FROM unnest(CAST(:roles AS text[]), CAST(:ids AS bigint[])) AS given (role, id)"
    " ON CONFLICT (role) DO UPDATE"
    " SET generation_id = excluded.generation_id, changed_at = now(), changed_by = excluded.changed_by"
    " RETURNING role"
)


def serving(engine: sa.Engine) -> Generation:
    """The generation that answers questions now.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    return maintained(engine)[0]


def maintained(engine: sa.Engine) -> list[Generation]:
    """The generations that every change of a document must reach: the serving one first, then the one to roll back to.

    What is on trial comes last.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    return list(generations_by_role(engine).values())


def answering(by_role: Mapping[Role, Generation]) -> list[Generation]:
    """By which any question may be answered: what serves, and where that can't be, the one to roll back to."""
    return [generation for role, generation in by_role.items() if role != "trial"]


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
    role = in_service.c.role
    held = sa.select(role, in_service.c.generation_id).order_by(role != "serving").with_for_update()
    return {role: generation_id for role, generation_id in connection.execute(held)}


def put_in_service(connection: sa.Connection, by: str | None, **generation_ids: int) -> None:
    """Gives each role its generation; see `giving_roles`."""
    connection.execute(sa.select(giving_roles(by, **generation_ids)))


def giving_roles(by: str | None, **generation_ids: int) -> sa.CTE:
    """What gives each role its generation, as a part of a statement: they may be swapped.

    Who brings in one that had no role has its vectors level, and holds them and the serving one's (`hold_vectors`).
    """
    given = _GIVE.bindparams(roles=list(generation_ids), ids=list(generation_ids.values()), by=by)
    return given.columns(in_service.c.role).cte("given")


def leave_service(connection: sa.Connection, role: Role) -> None:
    """Nothing has that role any more; who changes roles holds them (`hold_roles`)."""
    connection.execute(in_service.delete().where(in_service.c.role == role))
