"""By which address a person's one message about their votes on an answer can be changed, for as long as it can be."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from db.schema import ballot
from db.slack.events import nameless_key
from db.store import ago

USES = 3
"""Slack takes five messages by an address; one showed the votes, one may have said that storing them takes long."""

VALID_FOR_S = 1_700
"""Slack takes them for half an hour."""


def keep_ballot(engine: sa.Engine, person: str, question_id: int, response_url: str) -> None:
    """Notes the newest address of a person's message about an answer.

    Raises:
        DatabaseUnavailableError: it isn't noted.
    """
    row = {"response_url": response_url, "uses_left": USES, "given_at": sa.func.now()}
    kept = insert(ballot).values(key=_key(person, question_id), **row)
    with engine.begin() as connection:
        connection.execute(kept.on_conflict_do_update(index_elements=[ballot.c.key], set_=row))


def use_ballot(engine: sa.Engine, person: str, question_id: int) -> str | None:
    """The address, for one use; None where there is none that still works. One process gets each of its uses.

    Raises:
        DatabaseUnavailableError: it can't be told.
    """
    used = (
        sa.update(ballot)
        .where(ballot.c.key == _key(person, question_id), ballot.c.uses_left > 0, ~_is_over())
        .values(uses_left=ballot.c.uses_left - 1)
        .returning(ballot.c.response_url)
    )
    with engine.begin() as connection:
        address: str | None = connection.scalar(used)
    return address


def prune_ballots(engine: sa.Engine) -> None:
    """Forgets the addresses that no longer work."""
    with engine.begin() as connection:
        connection.execute(sa.delete(ballot).where(_is_over()))


def _key(person: str, question_id: int) -> str:
    return nameless_key("ballot", person, str(question_id))


def _is_over() -> sa.ColumnElement[bool]:
    return ballot.c.given_at < ago(VALID_FOR_S)
