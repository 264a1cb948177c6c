"""Addresses as people write and paste them."""

from __future__ import annotations

import pytest

from db.settings.chat_address import split_address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/", "https://api.example.com/v1"),
        ("https://api.example.com", "https://api.example.com"),
        ("https://api.example.com/", "https://api.example.com"),
        (" https://api.example.com/v1\n", "https://api.example.com/v1"),
        ("<https://api.example.com/v1>", "https://api.example.com/v1"),
        ('"https://api.example.com/v1"', "https://api.example.com/v1"),
        ("HTTPS://api.example.com/v1", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions/", "https://api.example.com/v1"),
        ("https://api.example.com/v1/chat/completions/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com/v1/Chat/Completions", "https://api.example.com/v1"),
        ("https://api.example.com/v1/responses", "https://api.example.com/v1"),
        ("https://api.example.com/v1/v1", "https://api.example.com/v1"),
        ("https://api.example.com//v1//v1/", "https://api.example.com/v1"),
        ("https://api.example.com/api/v1/api/v1", "https://api.example.com/api/v1"),
        ("https://api.example.com/v1/chat/completions/v1/chat/completions", "https://api.example.com/v1"),
        ("https://api.example.com/openai/v1beta/openai", "https://api.example.com/openai/v1beta/openai"),
        ("https://api.example.com/v1#models", "https://api.example.com/v1"),
        ("https://me:word@api.example.com/v1", "https://me:word@api.example.com/v1"),
        ("api.example.com/v1", "https://api.example.com/v1"),
        ("//api.example.com/v1", "https://api.example.com/v1"),
        ("api.example.com:8443", "https://api.example.com:8443"),
        ("127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"),
        ("localhost:8000", "http://localhost:8000"),
        ("ollama:11434/v1", "http://ollama:11434/v1"),
        ("10.1.2.3/v1", "http://10.1.2.3/v1"),
        ("[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("llm.internal/v1", "http://llm.internal/v1"),
        ("8.8.8.8/v1", "https://8.8.8.8/v1"),
    ],
)
def test_what_can_be_meant_is_understood(written: str, address: str) -> None:
    assert split_address(written) == (address, {})
    assert split_address(address) == (address, {})


@pytest.mark.parametrize(
    ("written", "address", "query"),
    [
        (
            "https://x.example.com/openai/deployments/gpt?api-version=2024-10-21",
            "https://x.example.com/openai/deployments/gpt",
            {"api-version": "2024-10-21"},
        ),
        (
            "https://x.example.com/openai/deployments/gpt/chat/completions?api-version=1&code=a%20b",
            "https://x.example.com/openai/deployments/gpt",
            {"api-version": "1", "code": "a b"},
        ),
        ("https://x.example.com/v1/?key=", "https://x.example.com/v1", {"key": ""}),
        ("https://x.example.com?key=k", "https://x.example.com", {"key": "k"}),
    ],
)
def test_a_query_stands_apart(written: str, address: str, query: dict[str, str]) -> None:
    assert split_address(written) == (address, query)


@pytest.mark.parametrize(
    "written",
    [
        "ftp://secret.example.com",
        "http://",
        "https:///v1",
        "https:/secret.example.com/v1",
        "https//secret.example.com:x/v1",
        "https://secret.example.com:port/v1",
        "https://<your-secret>.example.com/v1",
        "https://secret.example.com/v1https://secret.example.com/v1",
        "https://secret example.com/v1",
        "https://[::secret/v1",
        "[::secret/v1",
    ],
)
def test_what_is_no_address_is_refused_without_quoting_it(written: str) -> None:
    with pytest.raises(ValueError, match=r"https?://|host") as refused:
        split_address(written)
    assert "secret" not in str(refused.value)
