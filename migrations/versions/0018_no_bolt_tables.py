"""Bolt's installation tables go: one deployment serves one organisation, whose token is a setting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_TABLES = ("slack_oauth_states", "slack_installations", "slack_bots")


def upgrade() -> None:
    """Nothing here ever wrote to them: one with rows in it is another app's, and stays."""
    connection = op.get_bind()
    for name in _TABLES:
        if not connection.execute(sa.select(sa.exists().select_from(sa.table(name)))).scalar_one():
            op.drop_table(name)


def downgrade() -> None:
    """As slack_sdk's stores declare those that are gone."""
    from slack_sdk.oauth.installation_store.sqlalchemy import SQLAlchemyInstallationStore
    from slack_sdk.oauth.state_store.sqlalchemy import SQLAlchemyOAuthStateStore

    declared = sa.MetaData()
    SQLAlchemyInstallationStore.build_installations_table(declared, "slack_installations")
    SQLAlchemyInstallationStore.build_bots_table(declared, "slack_bots")
    SQLAlchemyOAuthStateStore.build_oauth_states_table(declared, "slack_oauth_states")
    declared.create_all(op.get_bind())
