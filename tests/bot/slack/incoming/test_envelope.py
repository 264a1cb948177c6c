"""The shape of what Slack sends: what isn't like it is named by its place, never by a word of it."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from bot.slack.incoming.envelope import MisshapenError, parse_body, require_shape

MARK = "words-of-a-person"
JSON, FORM = "application/json; charset=utf-8", "application/x-www-form-urlencoded"
EVENT = {"type": "event_callback", "team_id": "T1", "event": {"type": "message", "text": MARK}}
PRESS = {"type": "block_actions", "user": {"id": "U1"}, "actions": [{"action_id": "vote_up", "value": MARK}]}


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (json.dumps(EVENT).encode(), JSON),
        (json.dumps(EVENT).encode(), "text/plain"),
        (urlencode({"payload": json.dumps(EVENT)}).encode(), FORM),
    ],
)
def test_json_and_a_form_around_it_are_read(body: bytes, content_type: str) -> None:
    assert require_shape(parse_body(body, content_type)) == EVENT


def test_a_command_is_the_form_itself() -> None:
    form = {"command": "/ask", "text": MARK, "user_id": ""}
    assert require_shape(parse_body(urlencode(form).encode(), FORM)) == form
    assert require_shape(parse_body(b"ssl_check=1&token=x", FORM))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b"null",
        b'"' + MARK.encode() + b'"',
        b"\xff{",
        b"{}",
        b'{"type": NaN}',
        b'{"type": "event_callback", "n": -Infinity}',
        b'{"type": "event_callback", "n": ' + b"9" * 5000 + b"}",
        b'{"a":' * 100_000,
        b"[" * 100_000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_no_payload_is_misshapen(body: bytes) -> None:
    for given, content_type in ((body, JSON), (urlencode({"payload": body}).encode(), FORM)):
        with pytest.raises(MisshapenError) as caught:
            require_shape(parse_body(given, content_type))
        assert MARK not in str(caught.value)


@pytest.mark.parametrize(
    ("payload", "place"),
    [
        (EVENT | {"event": [MARK]}, "wrong: event"),
        (EVENT | {"event": {"text": MARK}}, "no event.type"),
        (EVENT | {"event": {"type": "message", "text": 5}}, "wrong: event.text"),
        (EVENT | {"event": {"type": "message", "user": {"id": [MARK]}}}, "wrong: event.user"),
        (EVENT | {"authorizations": [None]}, "wrong: authorizations"),
        (EVENT | {"team_id": "\ud800"}, "wrong: team_id"),
        (EVENT | {"team_id": "T\0"}, "wrong: team_id"),
        (EVENT | {"team_id": f"{MARK} and more of them"}, "wrong: team_id"),
        (EVENT | {"team_id": "T" * 256}, "wrong: team_id"),
        (PRESS | {"actions": []}, "no actions"),
        (PRESS | {"actions": {}}, "wrong: actions"),
        (PRESS | {"actions": [{"value": MARK}]}, "no actions"),
        (PRESS | {"actions": [MARK]}, "wrong: actions"),
        (PRESS | {"user": 5}, "wrong: user"),
        ({"type": "view_submission", "user": {"id": "U1"}}, "no view"),
        ({"type": "message_action"}, "no callback_id"),
        ({"type": MARK}, "wrong: type"),
        ({"event": {"type": "message"}}, "no command"),
    ],
)
def test_what_is_misshapen_is_named_by_its_place(payload: dict[str, Any], place: str) -> None:
    with pytest.raises(MisshapenError) as caught:
        require_shape(payload)
    assert str(caught.value).startswith(place)
    assert MARK not in str(caught.value)


def test_what_nobody_looks_at_may_be_anything() -> None:
    strange = {"surprise": [[MARK]], "event": {"type": "user_change", "user": {"id": "U1", "profile": 5}, "new": {}}}
    assert require_shape(EVENT | strange)
    assert require_shape(PRESS | {"state": None, "message": None, "view": {"state": [MARK]}})


def test_a_button_has_its_face_as_an_object() -> None:
    face = {"type": "plain_text", "text": "👍", "emoji": True}
    press = {"type": "block_actions", "actions": [{"type": "button", "action_id": "vote_up", "text": face}]}
    assert require_shape(press) == press


@pytest.mark.parametrize("depth", [300, 100_000])
def test_a_payload_that_never_ends_is_refused_in_few_words(depth: int) -> None:
    nested: dict[str, Any] = {}
    for _ in range(depth):
        nested = {"message": nested}
    with pytest.raises(MisshapenError) as caught:
        require_shape(EVENT | nested)
    assert str(caught.value).startswith("wrong: message.message")
    assert len(str(caught.value)) < 100
