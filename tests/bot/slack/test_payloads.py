"""What is read out of Slack's payloads, and what is passed over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.slack.payloads import Press, plain_question, read_press, read_question, read_reaction
from tests.doubles_slack import ANNA, BOT, HTTP_CHANNEL, TEAM

ASK = f"<@{BOT}> Where do I park?"
WEIRD: list[Any] = [None, [], "x", 5, {}, {"id": 5}]


def message(**changes: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "channel": HTTP_CHANNEL,
        "channel_type": "channel",
        "user": ANNA,
        "ts": "1.5",
        "text": ASK,
    }
    return {"team_id": TEAM, "event_id": "Ev1", "event": event | changes}


def reaction(**changes: Any) -> dict[str, Any]:
    item = {"type": "message", "channel": HTTP_CHANNEL, "ts": "1.5"}
    event = {
        "type": "reaction_added",
        "user": ANNA,
        "reaction": "+1::skin-tone-2",
        "item": item,
        "event_ts": "9.000001",
    }
    return {"team_id": TEAM, "event_id": "Ev1", "event": event | changes}


def press(**changes: Any) -> dict[str, Any]:
    action = {"action_id": "vote_down", "value": "cite1", "action_ts": "7.25"}
    return {
        "team": {"id": TEAM},
        "user": {"id": ANNA, "team_id": "T0OTHER"},
        "message": {"thread_ts": "1.5"},
        "actions": [action | changes],
    }


def test_a_mention_has_one_key_under_both_its_events() -> None:
    as_message = read_question(message(), BOT)
    as_mention = read_question(message(type="app_mention", channel_type=None), BOT)
    assert as_message is not None and as_mention is not None
    assert as_message.key == as_mention.key == f"message:{TEAM}:{HTTP_CHANNEL}:1.5"
    assert as_message.text == "Where do I park?"
    assert as_message.person == f"{TEAM}:{ANNA}"


def test_a_direct_message_needs_no_mention() -> None:
    asked = read_question(message(channel_type="im", text="Where?"), BOT)
    assert asked is not None and asked.text == "Where?"


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "no mention"},
        {"text": "<@U0OTHER> hello"},
        {"subtype": "message_changed"},
        {"subtype": "channel_join"},
        {"bot_id": "B1"},
        {"user": BOT},
        {"hidden": True},
        {"user": None},
        {"ts": 5},
        {"channel": {"id": "C1"}},
    ],
)
def test_what_is_not_asked_by_a_person_is_passed_over(changes: dict[str, Any]) -> None:
    assert read_question(message(**changes), BOT) is None


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (f"<@{BOT}>   where?\n\nhere", "where? here"),
        (f"where <@{BOT}|nightshift>?", "where ?"),
        ("who manages <@U0BERT>?", "who manages @U0BERT?"),
        ("is <#C1|general> or <#C2> right", "is #general or #channel right"),
        ("see <https://x.example/a|the page> and <https://y.example>", "see the page and https://y.example"),
        ("<!here> <!subteam^S1|@ops> a &lt;b&gt; &amp; c", "@here @ops a <b> & c"),
        ("nul\x00 and \ud800", "nul and ?"),
        (f"<@{BOT}>", ""),
    ],
)
def test_plain_question(text: str, plain: str) -> None:
    assert plain_question(text, BOT) == plain


def test_a_reaction_with_a_skin_tone() -> None:
    read = read_reaction(reaction())
    assert read is not None
    assert (read.value, read.added, read.occurred_ts) == (1, True, Decimal("9.000001"))
    gone = read_reaction(reaction(type="reaction_removed", reaction="thumbsdown"))
    assert gone is not None and (gone.value, gone.added) == (-1, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"reaction": "heart"},
        {"item": {"type": "file", "file": "F1"}},
        {"event_ts": "NaN"},
        {"event_ts": "soon"},
        {"event_ts": None},
        {"user": None},
    ],
)
def test_other_reactions_are_passed_over(changes: dict[str, Any]) -> None:
    assert read_reaction(reaction(**changes)) is None


def test_a_press_names_the_persons_own_workspace() -> None:
    assert read_press(press()) == Press("T0OTHER", ANNA, "cite1", -1, Decimal("7.25"), "1.5")


@pytest.mark.parametrize(
    "changes", [{"action_id": "other"}, {"value": None}, {"action_ts": "-1"}, {"action_ts": "1e999"}, {"action_ts": ""}]
)
def test_other_actions_are_passed_over(changes: dict[str, Any]) -> None:
    assert read_press(press(**changes)) is None


@pytest.mark.parametrize("weird", WEIRD)
@pytest.mark.parametrize("field", ["event", "team_id", "event_id", "actions", "user", "team", "message"])
def test_misshapen_payloads_raise_nothing(field: str, weird: Any) -> None:
    for body in (message(), reaction(), press()):
        read_question(body | {field: weird}, BOT)
        read_reaction(body | {field: weird})
        read_press(body | {field: weird})
