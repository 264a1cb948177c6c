"""Admins begin a trial that waits for them by a button, as they decide on generations."""

from alembic import op

revision = "0038"
down_revision = "0037"

_WANTED = "wanted IN ('promote', 'reject', 'roll_back'{})"


def upgrade() -> None:
    """No trial was begun by one."""
    _allow(_WANTED.format(", 'begin_trial'"))


def downgrade() -> None:
    """What asked for it is gone: whoever reads it then doesn't know what that is."""
    op.execute("DELETE FROM decision_request WHERE wanted = 'begin_trial'")
    _allow(_WANTED.format(""))


def _allow(wanted: str) -> None:
    op.drop_constraint(op.f("ck_decision_request_wanted"), "decision_request")
    op.create_check_constraint(op.f("ck_decision_request_wanted"), "decision_request", wanted)
