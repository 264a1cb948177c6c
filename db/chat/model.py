"""The language model's client: any OpenAI-compatible server, reached as our settings say and nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from db.chat.names import manner_of
from db.settings import split_address

if TYPE_CHECKING:
    import ssl

    import openai
    from langchain_openai import ChatOpenAI

    from db.settings import Settings

_OPENAI = "https://api.openai.com/v1"


def open_http_client(settings: Settings) -> openai.DefaultAsyncHttpxClient:
    """A connection pool of the caller's own: none can be left over from a closed event loop or a reset connection.

    It heeds no proxy of the environment's, and mends what servers and clients don't agree on (`db.chat.transport`).
    """
    import httpx2
    import openai

    from db.chat.transport import AdaptingTransport

    inner = httpx2.AsyncHTTPTransport(verify=_certificates(), proxy=settings.llm_proxy, trust_env=False)
    return openai.DefaultAsyncHttpxClient(transport=AdaptingTransport(inner), trust_env=False)


@cache
def _certificates() -> ssl.SSLContext:
    """Read once for a process: it takes 20 ms of a processor, and fifty people may ask at once."""
    import httpx2

    return httpx2.create_ssl_context()


def open_chat_model(settings: Settings, client: object, *, streaming: bool) -> ChatOpenAI:
    """A client of the server that the settings name, over an `httpx` client of the caller's own; sends nothing.

    It tries again what may pass, `llm_retries` times; a deadline over all of it is the caller's to set.
    """
    from langchain_openai import ChatOpenAI

    # without a key the client would look for one in the environment
    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key is not None else "none"
    address, query = split_address(settings.llm_base_url or _OPENAI)
    return ChatOpenAI(
        model=settings.llm_model,
        streaming=streaming,
        stream_usage=settings.llm_base_url is None,  # others may refuse to be asked
        api_key=SecretStr(key),
        base_url=address,
        default_query=query,
        # Azure's older addresses, the ones with a version in the query, want the key by this name
        default_headers={"api-key": key} if "api-version" in query else None,
        openai_proxy=None,
        max_retries=settings.llm_retries,
        timeout=settings.llm_deadline_s,
        stream_chunk_timeout=None,
        use_responses_api=False,
        output_version=None,
        http_async_client=client,
        **_manner(settings.llm_model, settings.llm_max_tokens),
    )


def _manner(name: str, tokens: int) -> dict[str, Any]:
    """Models that reason refuse a temperature; servers of others may know only the older name of the limit."""
    manner = manner_of(name)
    if manner == "reasoning effort":
        return {"temperature": None, "max_completion_tokens": tokens, "reasoning_effort": "low"}
    temperature = None if manner == "no temperature" else 0
    return {"temperature": temperature, "extra_body": {"max_tokens": tokens}}
