"""Streams and ends as servers send them, wherever the bytes are cut."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.chat.replies import MAX_PIECE_BYTES, EventStream, end_named, plain_completion, text_of
from db.errors import LanguageModelError


@pytest.mark.parametrize("reason", ["", "null", "none", "None", None, " "])
def test_an_end_that_is_not_said(reason: object) -> None:
    assert end_named(reason) is None


@pytest.mark.parametrize(
    "reason",
    "stop STOP eos eos_token end_turn stop_sequence COMPLETE complete completed done finished tool_calls "
    "function_call END_OF_TURN whatever".split(),
)
def test_ends_of_a_whole_answer(reason: str) -> None:
    assert end_named(reason) == "stop"


@pytest.mark.parametrize(
    "reason",
    "length LENGTH max_tokens MAX_TOKENS max_output_tokens max_new_tokens model_length token_limit "
    "model_context_window_exceeded".split(),
)
def test_ends_of_a_cut_answer(reason: str) -> None:
    assert end_named(reason) == "length"


@pytest.mark.parametrize(
    "reason",
    "content_filter ContentFilter SAFETY refusal RECITATION error ERROR_LIMIT abort cancelled network_error "
    "insufficient_system_resource guardrail_intervened PROHIBITED_CONTENT BLOCKLIST".split(),
)
def test_ends_of_an_answer_that_broke_off(reason: str) -> None:
    assert end_named(reason) not in (None, "stop", "length")


def test_an_end_with_its_kind_inside() -> None:
    assert end_named({"type": "eos"}) == "stop"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        (None, ""),
        ([{"type": "text", "text": "a"}, {"type": "output_text", "text": "b"}, "c"], "abc"),
        ([{"type": "thinking", "thinking": [{"type": "text", "text": "no"}]}, {"type": "text", "text": "a"}], "a"),
        ([{"type": "reasoning", "text": "no"}, {"type": "reasoning_content", "text": "no"}, {"text": "a"}], "a"),
        ([{"type": "text", "text": {"value": "a"}}], "a"),
        ({"type": "text", "text": "a"}, "a"),
        (7, ""),
    ],
)
def test_the_text_of_a_content(content: object, text: str) -> None:
    assert text_of(content) == text


def read(*pieces: bytes) -> tuple[str, list[Any], bool]:
    """The text, ends, and whether it was said that nothing more comes."""
    events = EventStream()
    sent = b"".join([*(events.feed(piece) for piece in pieces), events.end()])
    payloads = [part.removeprefix("data: ") for part in sent.decode().split("\n\n") if part]
    chunks = [json.loads(payload) for payload in payloads if payload != "[DONE]"]
    choices = [choice for part in chunks for choice in part.get("choices", [])]
    text = "".join(choice["delta"]["content"] for choice in choices)
    ends = [choice["finish_reason"] for choice in choices if choice["finish_reason"]]
    return text, ends, payloads[-1:] == ["[DONE]"]


def event(content: object = None, end: object = None, **more: object) -> bytes:
    return json.dumps({"choices": [{"delta": {"content": content, **more}, "finish_reason": end}]}).encode()


WHOLE = ("Zehn – 十 [1].", ["stop"], True)


@pytest.mark.parametrize(
    "body",
    [
        b"data: " + event("Zehn – 十 [1].") + b"\n\ndata: " + event(None, "eos") + b"\n\ndata: [DONE]\n\n",
        b"data:" + event("Zehn – 十 [1].", "") + b"\r\n\r\ndata:[DONE]\r\n\r\n",
        b": wait\n\nevent: message\nid: 7\ndata: " + event("Zehn – 十 [1].", None) + b"\n\ndata: [DONE]",
        b"data: " + event("Zehn – ") + b"\ndata: " + event("十 [1].") + b"\ndata: [DONE]\n",
        b'\xef\xbb\xbfdata: {"choices":\ndata: [{"delta": {"content": "Zehn \xe2\x80\x93 \xe5\x8d\x81 [1]."}}]}'
        b"\n\ndata: [DONE]\n\n",
        b"data: " + event([{"type": "text", "text": "Zehn – 十 [1]."}]) + b"\n\ndata: [DONE]\n\n",
        b'data: {"choices": [{"message": {"content": "Zehn \\u2013 \\u5341 [1]."}}]}\n\ndata: [DONE]\n\n',
        b'data: {"choices": [{"text": "Zehn \\u2013 \\u5341 [1]."}]}\n\ndata: [DONE]\n\n',
        b'{"choices": [{"message": {"content": "Zehn \\u2013 \\u5341 [1]."}, "finish_reason": "stop"}], "usage": {}}',
        b'\n {\n "choices": [\n {"message": {"content": "Zehn \\u2013 \\u5341 [1]."}}]}',
        event("Zehn – 十 [1].") + b"\n" + event(None, "stop") + b"\n[DONE]",
    ],
)
@given(data=st.data())
def test_a_whole_reply_in_any_form_and_any_pieces(body: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(body)), max_size=6)))
    pieces = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    assert read(*pieces) == WHOLE


def test_a_stream_that_just_ends_is_not_said_to_be_whole() -> None:
    assert read(b"data: " + event("Half an", "") + b"\n\n") == ("Half an", [], False)


def test_a_refusal_is_no_end_of_a_whole_answer() -> None:
    body = b"data: " + event(None, refusal="No.") + b"\n\ndata: " + event(None, "stop") + b"\n\ndata: [DONE]\n\n"
    assert set(read(body)[1]) == {"refusal"}


@pytest.mark.parametrize(
    "body",
    [
        b'data: {"error": {"message": "overloaded"}}\n\n',
        b'data: {"object": "error", "message": "overloaded"}\n\ndata: [DONE]\n\n',
        b'{"error": {"message": "overloaded"}}',
        b'{"error": "overloaded"}',
    ],
)
def test_an_error_stays_one(body: bytes) -> None:
    events = EventStream()
    assert json.loads((events.feed(body) + events.end()).split(b"\n")[0].removeprefix(b"data: "))["error"]


def test_odd_parts_are_passed_over() -> None:
    odd = [{"choices": None}, {"choices": []}, {"choices": [{"delta": None}]}, {"choices": [7]}, {}, [], 7, None]
    body = b"".join(b"data: " + json.dumps(part).encode() + b"\n\n" for part in odd)
    assert read(body + b"data: " + event("Yes", "stop") + b"\n\ndata: [DONE]\n\n") == ("Yes", ["stop"], True)


@pytest.mark.parametrize("start", [b"{", b"data: {"])
def test_what_is_too_large_is_no_answer(start: bytes) -> None:
    events = EventStream()
    events.feed(start)
    with pytest.raises(LanguageModelError, match="more than"):
        events.feed(b" " * (MAX_PIECE_BYTES + 1))


def test_a_completion_that_came_whole_is_made_plain() -> None:
    reply = {"choices": [{"message": {"content": [{"type": "text", "text": "a"}]}, "finish_reason": "eos"}]}
    assert plain_completion(reply)["choices"] == [{"message": {"content": "a"}, "finish_reason": "stop"}]
    assert plain_completion({"choices": None})["choices"] == []
