"""An embedded PostgreSQL server with pgvector, for those who have none: `server.py` is the way in."""

from db.embedded.server import EmbeddedServer, probe_extension
from db.embedded.status import ServerStatus

__all__ = ["EmbeddedServer", "ServerStatus", "probe_extension"]
