"""Doubles that the tests of the bot share."""

from tests.doubles import aimock, aimock_server
from tests.doubles_chat import chat_server

__all__ = ["aimock", "aimock_server", "chat_server"]
