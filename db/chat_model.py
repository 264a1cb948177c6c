"""The language model's client: any OpenAI-compatible server, at temperature 0."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    import openai
    from langchain_openai import ChatOpenAI

    from db.settings import Settings

_OPENAI = "https://api.openai.com/v1"


def open_http_client() -> openai.DefaultAsyncHttpxClient:
    """A connection pool of the caller's own: none can be left over from a closed event loop or a reset connection."""
    import openai

    return openai.DefaultAsyncHttpxClient(verify=_certificates())


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

    name, tokens = settings.llm_model, settings.llm_max_tokens
    # models that reason count their thoughts as tokens; the others' servers may know only the older name
    reasons = re.match(r"(.*/)?(gpt-5|o\d)(?!.*chat)", name) is not None
    return ChatOpenAI(
        model=name,
        temperature=0,
        streaming=streaming,
        api_key=settings.llm_api_key,
        base_url=settings.llm_base_url or _OPENAI,
        max_retries=settings.llm_retries,
        timeout=settings.llm_deadline_s,
        stream_chunk_timeout=None,
        use_responses_api=False,
        http_async_client=client,
        max_completion_tokens=tokens if reasons else None,
        reasoning_effort="low" if reasons else None,
        extra_body=None if reasons else {"max_tokens": tokens},
    )
