"""An encoder and its vectors, as a row that several generations may refer to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BREADTH = "breadth of the index's search"
LEVEL = "number of the change of documents that {} level with"
NAMES = ("base_model", "artefact_uri", "artefact_sha256", "dtype", "dimension", "ef_search", "level_seq")
"""What was the generation's own."""


def upgrade() -> None:
    op.create_table(
        "artefact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("base_model", sa.Text(), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("dtype", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.Column("ef_search", sa.Integer(), server_default="100", nullable=False, comment=BREADTH),
        sa.Column("level_seq", sa.BigInteger(), comment=LEVEL.format("its vectors were")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artefact")),
        comment="an encoder and the vectors it made; its files and table go with the last generation that uses them",
    )
    op.execute(  # by the generation's own number, so that its table keeps its name
        "INSERT INTO artefact (id, base_model, uri, sha256, dtype, dimension, ef_search, level_seq)"
        " OVERRIDING SYSTEM VALUE"
        " SELECT id, base_model, artefact_uri, artefact_sha256, dtype, dimension, ef_search, level_seq FROM generation"
    )
    op.execute("SELECT setval(pg_get_serial_sequence('artefact', 'id'), last_value, is_called) FROM generation_id_seq")
    op.add_column("generation", sa.Column("artefact_id", sa.BigInteger()))
    op.execute("UPDATE generation SET artefact_id = id")
    op.alter_column("generation", "artefact_id", nullable=False)
    op.create_foreign_key(op.f("fk_generation_artefact_id"), "generation", "artefact", ["artefact_id"], ["id"])
    op.create_index(op.f("ix_generation_artefact_id"), "generation", ["artefact_id"])
    for name in NAMES:
        op.drop_column("generation", name)


def downgrade() -> None:
    for name in ("base_model", "artefact_uri", "artefact_sha256", "dtype"):
        op.add_column("generation", sa.Column(name, sa.Text()))
    op.add_column("generation", sa.Column("dimension", sa.Integer()))
    op.add_column("generation", sa.Column("ef_search", sa.Integer(), server_default="100", comment=BREADTH))
    op.add_column("generation", sa.Column("level_seq", sa.BigInteger(), comment=LEVEL.format("it was")))
    op.execute(
        "UPDATE generation SET base_model = a.base_model, artefact_uri = uri, artefact_sha256 = sha256,"
        " dtype = a.dtype, dimension = a.dimension, ef_search = a.ef_search, level_seq = a.level_seq"
        " FROM artefact a WHERE a.id = artefact_id"
    )
    for name in NAMES:
        op.alter_column("generation", name, nullable=name == "level_seq")
    _give_each_its_own_vectors()
    op.drop_column("generation", "artefact_id")
    op.drop_table("artefact")


def _give_each_its_own_vectors() -> None:
    """Copies the tables that several use, or one of another number."""
    users = op.get_bind().execute(
        sa.text(
            "SELECT artefact_id, array_agg(id) FROM generation"
            " WHERE status IN ('building', 'built') AND to_regclass('embedding_' || artefact_id) IS NOT NULL"
            " GROUP BY 1 HAVING array_agg(id) <> ARRAY[artefact_id]"
        )
    )
    copied = {f"shared_{artefact_id}": (artefact_id, ids) for artefact_id, ids in users}
    for shared, (artefact_id, _) in copied.items():
        op.rename_table(f"embedding_{artefact_id}", shared)
    for shared, (_, generation_ids) in copied.items():
        for generation_id in generation_ids:
            op.execute(f"CREATE TABLE embedding_{generation_id} (LIKE {shared} INCLUDING ALL)")
            op.execute(f"INSERT INTO embedding_{generation_id} TABLE {shared}")
        op.drop_table(shared)
    for _, generation_ids in copied.values():  # by the names under which they are looked for, which are free by now
        for generation_id in generation_ids:
            for column, name in ("embedding", "hnsw"), ("audience_id", "audience"):
                index = f"embedding_{generation_id}_{column}_idx"
                op.execute(f"ALTER INDEX IF EXISTS {index} RENAME TO embedding_{generation_id}_{name}")
