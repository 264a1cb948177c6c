from __future__ import annotations

import pytest
from pydantic import SecretStr

from db.chat.model import open_chat_model
from db.settings import Settings


@pytest.mark.parametrize(
    ("name", "reasons"),
    [("gpt-5-mini", True), ("openai/o3", True), ("gpt-5-chat-latest", False), ("llama-3.3-70b", False)],
)
def test_models_that_reason_are_limited_by_another_name(name: str, reasons: bool) -> None:
    settings = Settings(llm_api_key="x", llm_model=name, llm_max_tokens=70, llm_retries=1)
    model = open_chat_model(settings, None, streaming=False)
    assert (model.max_tokens, model.extra_body) == ((70, None) if reasons else (None, {"max_tokens": 70}))
    assert model.reasoning_effort == ("low" if reasons else None)
    assert (model.streaming, model.max_retries, model.openai_api_base) == (False, 1, "https://api.openai.com/v1")


def test_only_openai_itself_is_asked_what_it_took() -> None:
    own = Settings(llm_api_key=SecretStr("x"))
    assert open_chat_model(own, None, streaming=True).stream_usage
    others = own.model_copy(update={"llm_base_url": "http://127.0.0.1:9/v1"})
    assert not open_chat_model(others, None, streaming=True).stream_usage
