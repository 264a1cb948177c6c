"""What all tables share: one metadata with names for constraints, and columns that recur."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity() -> sa.Column[int]:
    """The `id` of a row, which the database gives."""
    return sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True)


def now(name: str) -> sa.Column[object]:
    """When the row was made, as the database's clock says."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def time(name: str) -> sa.Column[object]:
    """A moment that may not have come."""
    return sa.Column(name, sa.DateTime(timezone=True))


def attempts(at_first: int) -> sa.Column[int]:
    """How often a row was claimed, with so many claims when it is made: one where that claims it."""
    return sa.Column("attempts", sa.Integer, nullable=False, server_default=str(at_first))


def one_of(column: str, *values: str) -> sa.CheckConstraint:
    """A check that a column is one of these values, or NULL."""
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)
