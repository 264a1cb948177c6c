"""Audiences by the names that people write: channels, user groups, persons, several of them, nobody."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_NEW = "'person', 'any', 'nobody'"


def upgrade() -> None:
    """Who sees what stays until the next pass, which reads all documents anew: what they say of it counts now."""
    op.drop_constraint(op.f("ck_audience_kind"), "audience", type_="check")
    op.create_check_constraint(op.f("ck_audience_kind"), "audience", f"kind IN ('public', 'channel', 'group', {_NEW})")
    slack_id = (
        "what Slack has by that name, 'workspace:id', since it was first met: another by the same name is another"
    )
    op.add_column("audience", sa.Column("slack_id", sa.Text(), comment=slack_id))
    op.create_table(
        "audience_part",
        sa.Column("audience_id", sa.BigInteger(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["audience_id"], ["audience.id"], name=op.f("fk_audience_part_audience_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["part_id"], ["audience.id"], name=op.f("fk_audience_part_part_id")),
        sa.PrimaryKeyConstraint("audience_id", "part_id", name=op.f("pk_audience_part")),
        comment="whoever is in one of its parts is in an audience of kind 'any'",
    )
    op.create_index(op.f("ix_audience_part_part_id"), "audience_part", ["part_id"], unique=False)
    until = "a membership that Slack told of counts until then; without, until it is taken away"
    op.add_column("audience_member", sa.Column("until", sa.DateTime(timezone=True), comment=until))
    said_by = "who said which audience: '' nobody, 'source', 'document' itself, or 'person', whom no pass overrules"
    op.add_column("document", sa.Column("audience_from", sa.Text(), nullable=False, server_default="", comment=said_by))
    op.create_check_constraint(
        op.f("ck_document_audience_from"), "document", "audience_from IN ('', 'source', 'document', 'person')"
    )
    owner_set = "a person said who owns it, whom no pass overrules"
    op.add_column(
        "document",
        sa.Column("owner_is_set", sa.Boolean(), nullable=False, server_default=sa.false(), comment=owner_set),
    )
    op.execute("UPDATE document SET content_hash = ''")
    op.execute("INSERT INTO audience (kind, name) VALUES ('nobody', 'nobody')")


def downgrade() -> None:
    """What only this version can resolve becomes a group without members, which nobody sees."""
    op.drop_column("document", "owner_is_set")
    op.drop_column("document", "audience_from")
    theirs = f"a.id = m.audience_id AND a.kind IN ({_NEW})"
    op.execute(f"DELETE FROM audience_member m USING audience a WHERE {theirs}")  # noqa: S608
    op.execute("DELETE FROM audience_member WHERE until IS NOT NULL")
    op.drop_column("audience_member", "until")
    op.drop_table("audience_part")
    op.drop_column("audience", "slack_id")
    op.drop_constraint(op.f("ck_audience_kind"), "audience", type_="check")
    op.execute("DELETE FROM audience WHERE kind = 'nobody' AND id NOT IN (SELECT audience_id FROM document)")
    op.execute(f"UPDATE audience SET name = kind || ' ' || id, kind = 'group' WHERE kind IN ({_NEW})")  # noqa: S608
    op.create_check_constraint(op.f("ck_audience_kind"), "audience", "kind IN ('public', 'channel', 'group')")
