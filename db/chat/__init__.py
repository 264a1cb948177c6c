"""Chat models behind an OpenAI-compatible server, whose refusals and replies become ours here."""

from db.chat.model import open_chat_model, open_http_client
from db.chat.names import may_think_aloud
from db.chat.tracing import traced_as_set

__all__ = [
    "may_think_aloud",
    "open_chat_model",
    "open_http_client",
    "traced_as_set",
]
