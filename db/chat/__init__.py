"""Chat models, which write answers by day and questions by night: any OpenAI-compatible server, its errors ours."""

from db.chat.model import open_chat_model, open_http_client
from db.chat.names import may_think_aloud
from db.chat.tracing import traced_as_set

__all__ = [
    "may_think_aloud",
    "open_chat_model",
    "open_http_client",
    "traced_as_set",
]
