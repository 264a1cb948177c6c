"""Alembic migrations: forward only in a release, tested up and down with rows in place."""
