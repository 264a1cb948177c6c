"""Errors of many servers, each in its own words; and what is sent after them."""

from __future__ import annotations

import json

import pytest

from db.chat.refusals import SYSTEM_ROLE, named_parameter, without_parameters

REQUEST = {"model": "m", "messages": [], "stream": True, "temperature": 0, "max_tokens": 70, "reasoning_effort": "low"}


def openai(message: str, param: str | None = None) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}


BODIES = [
    (openai("Unsupported parameter: 'temperature' is not supported with this model.", "temperature"), "temperature"),
    (openai("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"), "temperature"),
    (
        openai("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead."),
        "max_tokens",
    ),
    (openai("Unrecognized request argument supplied: reasoning_effort"), "reasoning_effort"),
    (openai("Your organization must be verified to stream this model.", "stream"), "stream"),
    (openai("Unsupported parameter", "reasoning.effort"), "reasoning_effort"),
    (openai("property 'reasoning_effort' is unsupported"), "reasoning_effort"),
    (openai("litellm.UnsupportedParamsError: m does not support parameters: ['temperature']"), "temperature"),
    ({"detail": [{"type": "extra_forbidden", "loc": ["body", "reasoning_effort"], "input": "x"}]}, "reasoning_effort"),
    (
        {"object": "error", "message": {"detail": [{"loc": ["body", "max_tokens"], "msg": "Extra inputs"}]}},
        "max_tokens",
    ),
    (
        {
            "object": "error",
            "message": "[{'type': 'extra_forbidden', 'loc': ('body', 'reasoning_effort'), 'msg': 'Extra inputs are not "
            "permitted', 'input': 'low'}]",
            "code": 400,
        },
        "reasoning_effort",
    ),
    ({"error": "Input validation error: `temperature` must be strictly positive"}, "temperature"),
    (
        "Failed to deserialize the JSON body into the target type: unknown field `reasoning_effort`, expected one of "
        "`model`, `messages`, `temperature`, `max_tokens` at line 1",
        "reasoning_effort",
    ),
    (
        {"type": "error", "error": {"type": "x", "message": "temperature: Extra inputs are not permitted"}},
        "temperature",
    ),
    ({"error": {"message": 'Invalid JSON payload. Unknown name "maxTokens": Cannot find field.'}}, "max_tokens"),
    ([{"error": {"code": 400, "message": 'Unknown name "max_tokens"', "status": "INVALID_ARGUMENT"}}], "max_tokens"),
    ({"message": "max_output_tokens is not permitted"}, "max_tokens"),
    ({"error": {"message": "Streaming is not supported for this model"}}, "stream"),
    ({"error": {"message": "This model's maximum context length is 8192 tokens."}}, None),
    ({"error": {"message": "The model `m` does not exist", "param": "model"}}, None),
    ({"error": {"message": "Invalid 'messages'", "param": "messages"}}, None),
    ({"error": None}, None),
    ("", None),
    ("<html>Bad Request</html>", None),
]


@pytest.mark.parametrize(("body", "name"), BODIES)
def test_the_parameter_that_an_error_names(body: object, name: str | None) -> None:
    written = body if isinstance(body, str) else json.dumps(body)
    assert named_parameter(written.encode(), REQUEST) == name


@pytest.mark.parametrize(
    "error",
    [
        {"error": {"message": "System role not supported"}},
        openai("Unsupported value: 'messages[0].role' does not support 'system' with this model.", "messages[0].role"),
        {"error": {"message": "Developer instruction is not enabled for models/gemma-3-27b-it"}},
        {"object": "error", "message": "Conversation roles must alternate user/assistant/user/assistant/..."},
    ],
)
def test_a_model_without_a_system_role_is_known(error: object) -> None:
    assert named_parameter(json.dumps(error).encode(), {SYSTEM_ROLE, *REQUEST}) == SYSTEM_ROLE
    assert named_parameter(json.dumps(error).encode(), REQUEST) is None


def test_its_message_goes_to_the_head_of_the_next() -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
    left = without_parameters({"messages": messages}, [SYSTEM_ROLE])
    assert left == {"messages": [{"role": "user", "content": "Be brief.\n\nWhy?"}]}


def test_what_was_not_sent_is_not_named() -> None:
    assert named_parameter(b'{"error": {"param": "top_p", "message": "top_p and temperature"}}', ["top_p"]) == "top_p"
    assert named_parameter(b'{"error": {"param": "top_p"}}', REQUEST) is None


def test_bytes_that_are_no_text_are_no_name() -> None:
    assert named_parameter(b"\xff\xfe\x00temperature", REQUEST) == "temperature"
    assert named_parameter(b"\xff\xfe\x00", REQUEST) is None


@pytest.mark.parametrize(
    ("names", "left"),
    [
        ([], REQUEST),
        (["temperature"], {**REQUEST, "temperature": None}),
        (["max_tokens"], {**REQUEST, "max_tokens": None, "max_completion_tokens": 70}),
        (["max_tokens", "max_completion_tokens"], {**REQUEST, "max_tokens": None}),
        (["stream"], {**REQUEST, "stream": False}),
        (["stream_options"], REQUEST),
    ],
)
def test_what_is_sent_after_a_refusal(names: list[str], left: dict[str, object]) -> None:
    assert without_parameters(REQUEST, names) == {name: value for name, value in left.items() if value is not None}


def test_a_limit_that_came_by_its_newer_name_goes_by_the_older_one() -> None:
    assert without_parameters({"max_completion_tokens": 7}, ["max_completion_tokens"]) == {"max_tokens": 7}
    assert without_parameters({"max_completion_tokens": 7}, ["max_completion_tokens", "max_tokens"]) == {}
