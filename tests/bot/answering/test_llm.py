"""The language model over real HTTP: whatever the server does, one whole text or one plain error, in time."""

from __future__ import annotations

import asyncio
import logging
import time

import pytest

from bot.answering.llm import LanguageModel, connect_language_model
from bot.answering.prompt import Prompt
from db.errors import LanguageModelError
from db.settings import Settings
from tests.doubles import Aimock
from tests.doubles_chat import ChatServer, Reply, Request, as_json, chunk, said, stream

PROMPT = Prompt("Be brief.", "secret-question")


async def test_the_text_arrives_piece_by_piece(aimock: Aimock) -> None:
    aimock.says("The deck is open until ten [1].", chunkSize=5)
    seen: list[str] = []

    async def see(text: str) -> None:
        seen.append(text)

    assert await LanguageModel(aimock.settings()).write(PROMPT, see) == "The deck is open until ten [1]."
    assert len(seen) >= 5
    assert all(later.startswith(earlier) for earlier, later in zip(seen, seen[1:], strict=False))
    assert seen[-1] == "The deck is open until ten [1]."


async def test_what_is_sent(aimock: Aimock) -> None:
    aimock.says("Yes.")
    await LanguageModel(aimock.settings(llm_max_tokens=70)).write(PROMPT)
    await LanguageModel(aimock.settings(llm_max_tokens=70, llm_model="gpt-5-mini")).write(PROMPT)
    plain, reasoning = aimock.requests()
    assert plain["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "secret-question"},
    ]
    assert (plain["temperature"], plain["stream"], plain["max_tokens"]) == (0, True, 70)
    assert "max_completion_tokens" not in plain
    assert (reasoning["max_completion_tokens"], reasoning["reasoning_effort"]) == (70, "low")
    assert "max_tokens" not in reasoning


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_failure_that_passes_is_tried_again(aimock: Aimock, status: int) -> None:
    aimock.says("Yes.")
    aimock.fails(status)
    assert await LanguageModel(aimock.settings(llm_retries=1)).write(PROMPT) == "Yes."
    assert len(aimock.requests()) == 2


@pytest.mark.parametrize(("status", "requests"), [(500, 2), (401, 1)])
async def test_retries_are_bounded(aimock: Aimock, status: int, requests: int) -> None:
    aimock.fails(status, times=9)
    with pytest.raises(LanguageModelError, match=f"status {status}"):
        await LanguageModel(aimock.settings(llm_retries=1)).write(PROMPT)
    assert len(aimock.requests()) == requests


async def test_one_deadline_for_all(aimock: Aimock) -> None:
    aimock.says("Slowly, very slowly.", chunkSize=1, latency=300)
    started = time.monotonic()
    with pytest.raises(LanguageModelError, match="within 1 s"):
        await LanguageModel(aimock.settings(llm_deadline_s=1)).write(PROMPT)
    assert time.monotonic() - started < 5


async def test_the_deadline_holds_over_retries(aimock: Aimock) -> None:
    aimock.fails(429, times=9)
    with pytest.raises(LanguageModelError, match="within 1 s"):
        await LanguageModel(aimock.settings(llm_deadline_s=1, llm_retries=5)).write(PROMPT)


async def test_a_server_that_accepts_and_says_nothing() -> None:
    release = asyncio.Event()

    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = Settings(llm_base_url=f"http://127.0.0.1:{port}/v1", llm_api_key="x", llm_deadline_s=1)
        with pytest.raises(LanguageModelError, match="within 1 s"):
            await LanguageModel(settings).write(PROMPT)
        release.set()


async def test_a_stream_that_breaks_off(aimock: Aimock) -> None:
    aimock.says("The deck is open until ten [1].", chunkSize=5, latency=20, truncateAfterChunks=4)
    with pytest.raises(LanguageModelError):
        await LanguageModel(aimock.settings()).write(PROMPT)


async def test_a_stream_that_ends_without_saying_so() -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        event = 'data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":[%s]}\n\n'
        choice = '{"index":0,"delta":{"role":"assistant","content":"Half an"},"finish_reason":null}'
        body = (event % choice).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(break_off, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(LanguageModelError, match="broke off"):
            await LanguageModel(Settings(llm_base_url=f"http://127.0.0.1:{port}/v1", llm_api_key="x")).write(PROMPT)


@pytest.mark.parametrize("content", ["  \n ", "<think>Hmm, the deck…</think>"])
async def test_saying_nothing_is_no_answer(aimock: Aimock, content: str) -> None:
    aimock.says(content)
    with pytest.raises(LanguageModelError):
        await LanguageModel(aimock.settings()).write(PROMPT)


async def test_a_megabyte_is_cut(aimock: Aimock) -> None:
    aimock.says("blah " * 200_000, chunkSize=2_000)
    text = await LanguageModel(aimock.settings(llm_max_tokens=100)).write(PROMPT)
    assert text.endswith(" …")
    assert len(text) < 1_000


async def test_an_answer_cut_by_the_server_says_so(aimock: Aimock) -> None:
    aimock.says("The deck is open until", response={"finishReason": "length"})
    assert await LanguageModel(aimock.settings()).write(PROMPT) == "The deck is open until …"


async def test_thoughts_are_no_part_of_the_answer(aimock: Aimock) -> None:
    aimock.says("<think>The deck? I'd say ten.</think>\n\nUntil ten [1].", chunkSize=4)
    seen: list[str] = []

    async def see(text: str) -> None:
        seen.append(text)

    assert await LanguageModel(aimock.settings()).write(PROMPT, see) == "Until ten [1]."
    assert not any("think" in text or "say" in text for text in seen)


async def test_nobody_listens() -> None:
    settings = Settings(llm_base_url="http://127.0.0.1:1/v1", llm_api_key="x", llm_retries=0)
    with pytest.raises(LanguageModelError, match="Connection"):
        await LanguageModel(settings).write(PROMPT)


async def test_nothing_of_a_prompt_is_logged(aimock: Aimock, caplog: pytest.LogCaptureFixture) -> None:
    aimock.says("secret-answer")
    with caplog.at_level(logging.DEBUG):
        model = LanguageModel(aimock.settings(llm_retries=0, llm_api_key="secret-key"))
        await model.write(PROMPT)
        aimock.fails(500)
        with pytest.raises(LanguageModelError):
            await model.write(PROMPT)
    assert "status 500" in caplog.text
    assert "secret-" not in caplog.text


def test_a_new_event_loop_for_each_answer(aimock: Aimock) -> None:
    aimock.says("Yes.")
    model = LanguageModel(aimock.settings())
    assert [asyncio.run(model.write(PROMPT)) for _ in range(2)] == ["Yes.", "Yes."]


def test_without_a_key_and_an_address_there_is_none(aimock: Aimock) -> None:
    assert connect_language_model(Settings()) is None
    assert connect_language_model(aimock.settings()) is not None
    assert connect_language_model(Settings(llm_api_key="x")) is not None


async def test_a_local_server_wants_no_key(chat_server: ChatServer) -> None:
    model = connect_language_model(chat_server.settings(llm_api_key=None))
    assert model is not None
    assert await model.write(PROMPT) == "Yes [1]."


GOOD = "You get 25 days [1]."
THOUGHT = "Let me look. The secret passage [2] says 20."


async def written(server: ChatServer, *replies: Reply, **settings: object) -> tuple[str, list[str]]:
    """What is written, and all that was shown before."""
    server.says(*replies)
    shown: list[str] = []

    async def show(text: str) -> None:
        shown.append(text)

    return await LanguageModel(server.settings(**settings)).write(PROMPT, show), shown


@pytest.mark.parametrize(
    "reason", ["eos_token", "end_turn", "stop_sequence", "STOP", "COMPLETE", "tool_calls", "", None]
)
async def test_a_whole_answer_is_kept_whatever_its_end_is_called(chat_server: ChatServer, reason: str | None) -> None:
    assert (await written(chat_server, said(GOOD, reason)))[0] == GOOD


@pytest.mark.parametrize("reason", ["max_tokens", "MAX_TOKENS", "model_length"])
async def test_a_cut_answer_says_so(chat_server: ChatServer, reason: str) -> None:
    assert (await written(chat_server, said(GOOD, reason)))[0] == f"{GOOD} …"


@pytest.mark.parametrize("reason", ["content_filter", "SAFETY", "error", "insufficient_system_resource"])
async def test_an_answer_that_was_broken_off_is_none(chat_server: ChatServer, reason: str) -> None:
    with pytest.raises(LanguageModelError, match="broke off"):
        await written(chat_server, said(GOOD, reason))


async def test_a_refusal_is_no_answer(chat_server: ChatServer) -> None:
    with pytest.raises(LanguageModelError, match="refusal"):
        await written(chat_server, stream(chunk("You get"), chunk(None, refusal="I can't."), chunk(None, "stop")))


async def test_thoughts_that_take_all_tokens_are_told_by_the_setting_s_name(chat_server: ChatServer) -> None:
    with pytest.raises(LanguageModelError, match="NIGHTSHIFT_LLM_MAX_TOKENS"):
        await written(chat_server, said(f"<think>{THOUGHT}", "length"))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 200])
@pytest.mark.parametrize(
    "text",
    [
        f"<think>{THOUGHT}</think>\n\n{GOOD}",
        f"{THOUGHT}\n</think>\n\n{GOOD}",
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{GOOD}<|return|>",
        f"[THINK]{THOUGHT}[/THINK]{GOOD}<|im_end|>\n<|im_start|>user\nsecret",
        f"```markdown\n<Thinking>{THOUGHT}</Thinking>{GOOD}\n```",
    ],
)
async def test_nothing_but_what_is_said_is_ever_shown(chat_server: ChatServer, text: str, size: int) -> None:
    answer, shown = await written(chat_server, said(text, size=size))
    assert answer == shown[-1] == GOOD
    assert all(GOOD.startswith(part) for part in shown)


async def test_thoughts_in_parts_of_their_own_are_not_shown(chat_server: ChatServer) -> None:
    thinking = chunk([{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}])
    text = chunk([{"type": "text", "text": GOOD}])
    reply = stream(chunk("", reasoning_content=THOUGHT), thinking, text, chunk(None, "stop"))
    assert await written(chat_server, reply) == (GOOD, [GOOD])


async def test_a_model_that_leaves_out_the_opening_is_known_by_its_first_answer(chat_server: ChatServer) -> None:
    chat_server.says(said(f"Twenty, perhaps secret.</think>{GOOD}"))
    model = LanguageModel(chat_server.settings())
    shown: list[str] = []

    async def show(text: str) -> None:
        shown.append(text)

    await model.write(PROMPT, show)
    shown.clear()
    assert await model.write(PROMPT, show) == GOOD
    assert shown and all(GOOD.startswith(part) for part in shown)


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b"\n\n"])
async def test_a_page_is_no_answer_and_the_address_is_asked_about(chat_server: ChatServer, body: bytes) -> None:
    with pytest.raises(LanguageModelError, match="NIGHTSHIFT_LLM_BASE_URL"):
        await written(chat_server, Reply(body, kind="text/html"))


async def test_the_deadline_holds_over_refusals(chat_server: ChatServer) -> None:
    def answer(_: Request) -> Reply:
        time.sleep(0.4)
        return as_json({"error": {"message": "stream, temperature, max_tokens, max_completion_tokens"}}, 400)

    chat_server.answer = answer
    with pytest.raises(LanguageModelError, match="within 1 s"):
        await LanguageModel(chat_server.settings(llm_deadline_s=1)).write(PROMPT)


async def test_what_it_took_is_told_where_the_server_tells_it(chat_server: ChatServer) -> None:
    spent: list[tuple[int, int]] = []
    model = LanguageModel(chat_server.settings(), lambda read, written: spent.append((read, written)))
    usage = {"prompt_tokens": 900, "completion_tokens": 40, "total_tokens": 940}
    last = {**chunk(), "choices": [], "usage": usage}
    for reply in (stream(chunk("Yes."), chunk(None, "stop"), last), said("Yes.")):
        chat_server.says(reply)
        assert await model.write(PROMPT) == "Yes."
    odd = {**last, "usage": {"prompt_tokens": "many", "completion_tokens": None}}
    chat_server.says(stream({**chunk("Yes."), "usage": {**usage, "completion_tokens": 1}}, chunk(None, "stop"), odd))
    assert await model.write(PROMPT) == "Yes."
    assert spent == [(900, 40), (900, 1)]
