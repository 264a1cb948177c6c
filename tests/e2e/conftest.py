"""Doubles that the end-to-end tests share."""

from tests.doubles_slack import local_slack

__all__ = ["local_slack"]
