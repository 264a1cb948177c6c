"""An embedded PostgreSQL server with pgvector, for those who have none of their own."""

from db.embedded.account import ENVIRONMENT as PROGRAM_ENVIRONMENT
from db.embedded.binaries import installed_program
from db.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer", "PROGRAM_ENVIRONMENT", "installed_program"]
