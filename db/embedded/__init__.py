"""An embedded PostgreSQL server with pgvector, for those who have none: `server.py` is the way in."""

from db.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
