"""What a server refuses isn't sent again, and what it sends becomes what was asked for; over real HTTP."""

from __future__ import annotations

import asyncio
from typing import Any

import openai
import pytest

from bot.answering.llm import LanguageModel
from bot.answering.prompt import Prompt
from db.chat.model import open_chat_model, open_http_client
from db.settings import Settings
from tests.doubles_chat import ChatServer, Reply, Request, as_json, chat_server, refused, said

__all__ = ["chat_server"]

WHOLE = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Yes [1]."}, "finish_reason": "stop"}]}


def openai_error(name: str) -> dict[str, Any]:
    return {"error": {"message": f"Unsupported parameter: '{name}'", "param": name, "code": "unsupported_parameter"}}


def vllm_error(name: str) -> dict[str, Any]:
    return {"object": "error", "message": f"[{{'type': 'extra_forbidden', 'loc': ('body', '{name}')}}]", "code": 400}


def ask(settings: Settings, *, streaming: bool = True) -> str:
    async def run() -> str:
        async with open_http_client(settings) as client:
            return str((await open_chat_model(settings, client, streaming=streaming).ainvoke("secret-question")).text)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("test", {"temperature": 0, "max_tokens": 70}),
        ("o1", {"max_completion_tokens": 70, "reasoning_effort": "low"}),
        ("o3-mini", {"max_completion_tokens": 70, "reasoning_effort": "low"}),
        ("openai/gpt-5-mini", {"max_completion_tokens": 70, "reasoning_effort": "low"}),
        ("GPT-5-mini", {"max_completion_tokens": 70, "reasoning_effort": "low"}),
        ("deepseek-reasoner", {"max_tokens": 70}),
    ],
)
def test_what_is_sent_to_a_model_of_that_name(
    chat_server: ChatServer, name: str, parameters: dict[str, object]
) -> None:
    ask(chat_server.settings(llm_model=name, llm_max_tokens=70))
    assert chat_server.requests[0].parameters == parameters


@pytest.mark.parametrize("status", [400, 422])
@pytest.mark.parametrize("error", [openai_error, vllm_error])
def test_a_refused_parameter_is_left_out_once_and_remembered(chat_server: ChatServer, status: int, error: Any) -> None:
    chat_server.refuses(["temperature"], error, said("Yes [1]."), status)
    settings = chat_server.settings()
    assert [ask(settings), ask(settings)] == ["Yes [1].", "Yes [1]."]
    assert ["temperature" in request.body for request in chat_server.requests] == [True, False, False]
    assert ask(chat_server.settings(llm_model="another")) == "Yes [1]."
    assert "temperature" in chat_server.requests[3].body


def test_several_are_left_out_one_after_the_other(chat_server: ChatServer) -> None:
    names = ["reasoning_effort", "max_completion_tokens", "max_tokens", "stream"]
    chat_server.answer = lambda request: (
        refused(openai_error(named)) if (named := next(filter(request.body.get, names), "")) else as_json(WHOLE)
    )
    settings = chat_server.settings(llm_model="gpt-5-mini")
    assert [ask(settings), ask(settings)] == ["Yes [1].", "Yes [1]."]
    assert [sorted(request.parameters) for request in chat_server.requests] == [
        ["max_completion_tokens", "reasoning_effort"],
        ["max_completion_tokens"],
        ["max_tokens"],
        [],
        [],
        [],
    ]
    assert [request.body["stream"] for request in chat_server.requests] == [True] * 4 + [False] * 2


@pytest.mark.parametrize(("model", "other"), [("m", "max_completion_tokens"), ("o3-mini", "max_tokens")])
def test_a_limit_goes_by_its_other_name(chat_server: ChatServer, model: str, other: str) -> None:
    named = "max_tokens" if other == "max_completion_tokens" else "max_completion_tokens"
    chat_server.refuses([named], openai_error, said("Yes [1]."))
    assert ask(chat_server.settings(llm_model=model, llm_max_tokens=70)) == "Yes [1]."
    assert [request.body.get(other) for request in chat_server.requests] == [None, 70]


def test_a_model_without_a_system_role_gets_its_words_with_the_question(chat_server: ChatServer) -> None:
    chat_server.answer = lambda request: (
        refused({"error": {"message": "System role not supported"}})
        if request.body["messages"][0]["role"] == "system"
        else said("Yes [1].")
    )
    settings = chat_server.settings()
    for requests in (2, 3):
        assert asyncio.run(LanguageModel(settings).write(Prompt("Be brief.", "Why?"))) == "Yes [1]."
        assert len(chat_server.requests) == requests
    assert chat_server.requests[-1].body["messages"] == [{"role": "user", "content": "Be brief.\n\nWhy?"}]


def test_a_server_that_refuses_whatever_is_sent_is_asked_no_more(chat_server: ChatServer) -> None:
    chat_server.says(refused({"error": {"message": "temperature, max_tokens, max_completion_tokens, stream, model"}}))
    with pytest.raises(openai.BadRequestError):
        ask(chat_server.settings())
    assert len(chat_server.requests) == 5
    chat_server.says(said("Yes [1]."))
    assert ask(chat_server.settings()) == "Yes [1]."
    assert "temperature" in chat_server.requests[5].body  # leaving it out didn't help


@pytest.mark.parametrize("body", [openai_error("messages"), openai_error("model"), {"error": "no"}, "no"])
def test_a_refusal_that_names_nothing_to_leave_out_is_one(chat_server: ChatServer, body: object) -> None:
    chat_server.says(refused(body))
    with pytest.raises(openai.BadRequestError):
        ask(chat_server.settings())
    assert len(chat_server.requests) == 1


def test_a_reply_that_came_whole_becomes_a_stream(chat_server: ChatServer) -> None:
    chat_server.says(as_json(WHOLE))
    assert ask(chat_server.settings()) == "Yes [1]."
    assert [request.body["stream"] for request in chat_server.requests] == [True]


def test_a_reply_that_was_asked_for_whole_is_made_plain(chat_server: ChatServer) -> None:
    message = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes."}],
    }
    chat_server.says(as_json({"choices": [{"index": 0, "message": message, "finish_reason": "eos"}]}))
    assert ask(chat_server.settings(), streaming=False) == "Yes."


def test_an_address_without_a_path_leads_to_v1_where_the_root_has_nothing(chat_server: ChatServer) -> None:
    def answer(request: Request) -> Reply:
        return said("Yes [1].") if request.path == "/v1/chat/completions" else as_json({"detail": "Not Found"}, 404)

    chat_server.answer = answer
    settings = chat_server.settings(llm_base_url=chat_server.address)
    assert [ask(settings), ask(settings)] == ["Yes [1].", "Yes [1]."]
    assert [request.path for request in chat_server.requests] == [
        "/chat/completions",
        "/v1/chat/completions",
        "/v1/chat/completions",
    ]


def test_what_is_not_there_at_all_stays_so(chat_server: ChatServer) -> None:
    chat_server.says(as_json({"error": {"message": "no such model", "code": "model_not_found"}}, 404))
    with pytest.raises(openai.NotFoundError, match="no such model"):
        ask(chat_server.settings(llm_base_url=chat_server.address))
    assert len(chat_server.requests) == 2
    with pytest.raises(openai.NotFoundError):
        ask(chat_server.settings())
    assert len(chat_server.requests) == 3


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/v1/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/", "/v1/chat/completions"),
        ("/openai/deployments/g?api-version=2024", "/openai/deployments/g/chat/completions?api-version=2024"),
        ("?key=a%26b", "/chat/completions?key=a%26b"),
        ("/v1?key=k&api-version=1", "/v1/chat/completions?key=k&api-version=1"),
    ],
)
def test_where_an_address_leads(chat_server: ChatServer, written: str, path: str) -> None:
    for address in (chat_server.address, chat_server.address.removeprefix("http://")):
        assert ask(chat_server.settings(llm_base_url=address + written)) == "Yes [1]."
        assert chat_server.requests[-1].path == path


def test_azure_s_older_addresses_get_the_key_by_their_name_for_it(chat_server: ChatServer) -> None:
    ask(chat_server.settings(llm_base_url=f"{chat_server.address}/openai/deployments/g?api-version=1"))
    ask(chat_server.settings())
    assert [request.headers.get("api-key") for request in chat_server.requests] == ["sk-x", None]


@pytest.mark.parametrize(("key", "sent"), [("sk-x\n", "sk-x"), (" sk-x\r\n", "sk-x"), (None, "none"), ("", "none")])
def test_the_key_that_is_sent(
    chat_server: ChatServer, key: str | None, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "somebody's")
    ask(chat_server.settings(llm_api_key=key))
    assert chat_server.requests[0].headers["authorization"] == f"Bearer {sent}"


def test_somebody_s_environment_leads_nowhere_else(chat_server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = "http://127.0.0.1:1"
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy", "OPENAI_PROXY"):
        monkeypatch.setenv(name, nowhere)
    for name in ("OPENAI_API_BASE", "OPENAI_BASE_URL", "LANGSMITH_GATEWAY"):
        monkeypatch.setenv(name, f"{nowhere}/v1")
    for name in ("OPENAI_ORG_ID", "OPENAI_ORGANIZATION", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "theirs")
    monkeypatch.setenv("LANGSMITH_GATEWAY_API_KEY", "theirs")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert ask(chat_server.settings()) == "Yes [1]."
    assert "theirs" not in str(chat_server.requests[0].headers)


def test_our_own_proxy_is_heeded(chat_server: ChatServer) -> None:
    settings = chat_server.settings(llm_base_url="http://llm.example.com/v1", llm_proxy=chat_server.address)
    assert ask(settings) == "Yes [1]."
    assert chat_server.requests[0].path == "http://llm.example.com/v1/chat/completions"
