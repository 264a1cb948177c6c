"""Models by the names they go by at many servers."""

from __future__ import annotations

import pytest

from db.chat.names import manner_of, may_think_aloud

OPENAI_S = """o1 o1-mini o1-preview-2024-09-12 o3 o3-mini o4-mini openai/o3-mini openai.o3-mini azure/o4-mini O3-Mini
gpt-5 gpt-5-mini GPT-5-mini gpt-5.1 gpt-5.2-codex gpt-5-pro gpt-6 gpt5 my-gpt5-deployment prod_gpt_5_eu
openai/gpt-5-mini openai.gpt-5-mini azure/gpt-5 models/gpt-5-nano ft:gpt-5-mini-2025-08-07:acme::a1
ft:o4-mini-2025-04-16:acme:x:b2 gpt-5-mini-2025-08-07 openrouter/openai/o3:free us.openai.o3-v1:0
team-o3-mini-prod chatgpt-5 codex-mini-latest"""
OTHERS = """deepseek-reasoner deepseek-ai/DeepSeek-R1-0528 deepseek-r1:14b qwq-32b Qwen/QwQ-32B magistral-small-2506
grok-4-fast-reasoning grok-3-mini x-ai/grok-4 qwen3-235b-a22b-thinking-2507 kimi-k2-thinking
phi-4-reasoning-plus claude-opus-4-1-thinking"""
PLAIN = """gpt-4o gpt-4o-mini gpt-4.1 gpt-41 gpt-35-turbo gpt-3.5-turbo gpt-oss-20b openai/gpt-oss-120b
gpt-5-chat-latest llama-3.3-70b claude-opus-4-1 mistral-large-latest gemma3:4b qwen3-4b-instruct-2507
grok-4-fast-non-reasoning test m command-r1000 gpt-neox-20b turbo3 video1 foo3 gpt-2"""


@pytest.mark.parametrize("name", OPENAI_S.split())
def test_openai_s_models_that_reason_are_known_behind_any_name(name: str) -> None:
    assert manner_of(name) == "reasoning effort"


@pytest.mark.parametrize("name", OTHERS.split())
def test_others_that_reason_get_no_temperature(name: str) -> None:
    assert manner_of(name) == "no temperature"


@pytest.mark.parametrize("name", PLAIN.split())
def test_all_others_are_asked_plainly(name: str) -> None:
    assert manner_of(name) == "plain"


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("deepseek-r1:14b", True),
        ("Qwen/Qwen3-8B", True),
        ("qwen3-4b-instruct-2507", False),
        ("gpt-oss-20b", True),
        ("gpt-4o-mini", False),
        ("test", False),
    ],
)
def test_who_may_think_aloud(name: str, may: bool) -> None:
    assert may_think_aloud(name) is may
