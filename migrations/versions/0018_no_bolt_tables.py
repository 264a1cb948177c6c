"""Bolt's installation tables go: one deployment serves one organisation, whose token is a setting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_TABLES = ("slack_oauth_states", "slack_installations", "slack_bots")
_MADE = """
CREATE TABLE IF NOT EXISTS slack_bots (
    id SERIAL PRIMARY KEY, client_id VARCHAR(32) NOT NULL, app_id VARCHAR(32) NOT NULL,
    enterprise_id VARCHAR(32), enterprise_name VARCHAR(200), team_id VARCHAR(32), team_name VARCHAR(200),
    bot_token VARCHAR(200), bot_id VARCHAR(32), bot_user_id VARCHAR(32), bot_scopes VARCHAR(1000),
    bot_refresh_token VARCHAR(200), bot_token_expires_at TIMESTAMP,
    is_enterprise_install BOOLEAN NOT NULL, installed_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS slack_bots_idx ON slack_bots (client_id, enterprise_id, team_id, installed_at);
CREATE TABLE IF NOT EXISTS slack_installations (
    id SERIAL PRIMARY KEY, client_id VARCHAR(32) NOT NULL, app_id VARCHAR(32) NOT NULL,
    enterprise_id VARCHAR(32), enterprise_name VARCHAR(200), enterprise_url VARCHAR(200),
    team_id VARCHAR(32), team_name VARCHAR(200),
    bot_token VARCHAR(200), bot_id VARCHAR(32), bot_user_id VARCHAR(32), bot_scopes VARCHAR(1000),
    bot_refresh_token VARCHAR(200), bot_token_expires_at TIMESTAMP,
    user_id VARCHAR(32) NOT NULL, user_token VARCHAR(200), user_scopes VARCHAR(1000),
    user_refresh_token VARCHAR(200), user_token_expires_at TIMESTAMP,
    incoming_webhook_url VARCHAR(200), incoming_webhook_channel VARCHAR(200),
    incoming_webhook_channel_id VARCHAR(200), incoming_webhook_configuration_url VARCHAR(200),
    is_enterprise_install BOOLEAN NOT NULL, token_type VARCHAR(32), installed_at TIMESTAMP NOT NULL
);
CREATE INDEX IF NOT EXISTS slack_installations_idx
    ON slack_installations (client_id, enterprise_id, team_id, user_id, installed_at);
CREATE TABLE IF NOT EXISTS slack_oauth_states (
    id SERIAL PRIMARY KEY, state VARCHAR(200) NOT NULL, expire_at TIMESTAMP NOT NULL
);
"""


def upgrade() -> None:
    """Nothing here ever wrote to them: one with rows in it is another app's, and stays."""
    connection = op.get_bind()
    for name in _TABLES:
        if not connection.execute(sa.select(sa.exists().select_from(sa.table(name)))).scalar_one():
            op.drop_table(name)


def downgrade() -> None:
    """Those that are gone, as slack_sdk's stores declare them."""
    op.execute(_MADE)
