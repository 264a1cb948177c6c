"""An embedded PostgreSQL server with pgvector, for those who have none of their own."""

from db.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
