"""Alembic's entry: runs on the connection that `db/store/migrate.py` hands over."""

from __future__ import annotations

from alembic import context

from db.schema import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    # all in one transaction: one that meets something of another program's leaves nothing half done
    transaction_per_migration=False,
    # by its whole name: another program may have its own in a schema that is looked into after ours
    version_table_schema=context.config.attributes["schema"],
)
with context.begin_transaction():
    context.run_migrations()
