"""Doubles that the end-to-end tests share."""

from tests.doubles import aimock, aimock_server
from tests.doubles_slack import local_slack

__all__ = ["aimock", "aimock_server", "local_slack"]
