"""What is read out of Slack's payloads, and what is passed over."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.incoming.asked import QuestionMessage, plain_question, read_command, read_question, read_shortcut
from tests.doubles_slack import ANNA, BERT, BOT, HTTP_CHANNEL, TEAM

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


def test_a_mention_has_one_key_under_both_its_events() -> None:
    as_message = read_question(message(), BOT)
    as_mention = read_question(message(type="app_mention", channel_type=None), BOT)
    assert as_message is not None and as_mention is not None
    assert as_message.key == as_mention.key == f"message:{TEAM}:{HTTP_CHANNEL}:1.5"
    assert as_message.text == "Where do I park?"
    assert as_message.person == f"{TEAM}:{ANNA}"


FORWARDED = {"is_share": True, "author_id": "U0BERT", "text": "Where does <@U0EVE> park?", "fallback": "[1:02] bert: x"}


def test_what_is_forwarded_is_the_question_and_somebody_elses_words() -> None:
    bare = read_question(message(text="", channel_type="im", attachments=[FORWARDED]), BOT)
    said = read_question(message(text=f"<@{BOT}> is that so?", attachments=[FORWARDED]), BOT)
    own = read_question(message(text="", channel_type="im", attachments=[FORWARDED | {"author_id": ANNA}]), BOT)
    assert bare is not None and said is not None and own is not None
    assert (bare.text, bare.authors) == ("Where does @U0EVE park?", (f"{TEAM}:U0BERT",))
    assert (said.text, said.authors) == ("is that so? Where does @U0EVE park?", (f"{TEAM}:U0BERT",))
    assert own.authors == ()


def test_a_mention_in_what_is_forwarded_speaks_to_nobody() -> None:
    beside = read_question(message(text="look", attachments=[FORWARDED | {"text": f"<@{BOT}> where?"}]), BOT)
    assert beside is not None and not beside.addressed


def test_a_mention_that_stands_in_blocks_alone_is_one() -> None:
    line = {
        "type": "rich_text_section",
        "elements": [{"type": "user", "user_id": BOT}, {"type": "text", "text": " a<b?"}],
    }
    asked = read_question(message(text="", blocks=[{"type": "rich_text", "elements": [line]}]), BOT)
    assert asked is not None and asked.addressed and asked.text == "a<b?"


def test_a_direct_message_needs_no_mention() -> None:
    asked = read_question(message(channel_type="im", text="Where?"), BOT)
    assert asked is not None and asked.text == "Where?"


@pytest.mark.parametrize("kind", ["channel", "group", "mpim"])
def test_what_is_said_beside_the_bot_is_read_but_not_addressed_to_it(kind: str) -> None:
    beside = read_question(message(channel_type=kind, text="and on Sundays?", ts="2.5", thread_ts="1.5"), BOT)
    assert beside is not None and not beside.addressed
    assert (beside.text, beside.thread_ts) == ("and on Sundays?", "1.5")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "app_mention", "channel_type": None},
        {"text": f"<@U0OTHER> asked <@{BOT}>"},
        {"channel_type": "im", "text": "who is <@U0OTHER>?"},
        {"channel_type": "im", "subtype": "file_share", "files": [{"id": "F1"}]},
        {"channel_type": "im", "subtype": "thread_broadcast", "thread_ts": "1.0"},
    ],
)
def test_what_is_said_to_the_bot_is_addressed_to_it(changes: dict[str, Any]) -> None:
    asked = read_question(message(**changes), BOT)
    assert asked is not None and asked.addressed


@pytest.mark.parametrize(
    "changes",
    [
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
        ("<HTTP://X.example|cap> <ftp+x://a|b>", "cap b"),
        ("<!here> <!subteam^S1|@ops> a &lt;b&gt; &amp; c", "@here @ops a <b> & c"),
        ("nul\x00 and \ud800", "nul and ?"),
        (f"<@{BOT}>", ""),
    ],
)
def test_plain_question(text: str, plain: str) -> None:
    assert plain_question(text, BOT) == plain


@pytest.mark.parametrize("weird", WEIRD)
@pytest.mark.parametrize("field", ["event", "team_id", "event_id"])
def test_misshapen_payloads_raise_nothing(field: str, weird: Any) -> None:
    read_question(message() | {field: weird}, BOT)


def command(**changes: Any) -> dict[str, Any]:
    return {
        "team_id": TEAM,
        "channel_id": HTTP_CHANNEL,
        "user_id": ANNA,
        "text": "is <#C1|general> open &amp; free?",
        "trigger_id": "1.2.3",
        "response_url": "https://hooks.slack.example/1",
    } | changes


def test_a_command_is_a_question_of_its_channel() -> None:
    read = read_command(command(), BOT)
    assert read is not None
    assert (read.channel, read.person, read.text) == (HTTP_CHANNEL, f"{TEAM}:{ANNA}", "is #general open & free?")
    # Slack is asked what kind of channel it is, whatever the command says of it.
    assert read.channel_type == ""
    assert (read.key, read.response_url) == (f"command:{TEAM}:1.2.3", "https://hooks.slack.example/1")


@pytest.mark.parametrize("field", ["team_id", "channel_id", "user_id", "trigger_id", "response_url"])
@pytest.mark.parametrize("weird", [None, "", 5, {}])
def test_misshapen_commands_are_passed_over(field: str, weird: Any) -> None:
    assert read_command(command(**{field: weird}), BOT) is None


CHOSEN = {"type": "message", "user": BERT, "ts": "1.5", "thread_ts": "1.0", "text": "Where do <@U1> &amp; I park?"}


def shortcut(**changes: Any) -> dict[str, Any]:
    ids: dict[str, Any] = {"team": {"id": TEAM}, "channel": {"id": HTTP_CHANNEL}, "user": {"id": ANNA}}
    return ids | {"message": CHOSEN} | changes


def test_a_programs_alert_is_read_from_its_blocks_and_attachments() -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Disk of <https://x.example|db1> is full"}}
    alert = {"ts": "1.5", "bot_id": "B1", "text": "", "blocks": [section], "attachments": [{"fallback": "Runbook 7?"}]}
    read = read_shortcut(shortcut(message=alert), BOT)
    assert read is not None and (read.text, read.authors) == ("Disk of db1 is full Runbook 7?", ())


def test_a_forwarded_message_has_two_authors() -> None:
    forwarded = {"is_share": True, "author_id": "U0EVE", "text": "How many days?"}
    read = read_shortcut(shortcut(message=CHOSEN | {"text": "", "attachments": [forwarded]}), BOT)
    assert read is not None and (read.text, read.authors) == ("How many days?", (f"{TEAM}:{BERT}", f"{TEAM}:U0EVE"))


def test_a_shortcut_is_a_question_of_who_chose_it_under_the_messages_own_key() -> None:
    read = read_shortcut(shortcut(), BOT)
    assert read == QuestionMessage(
        TEAM, HTTP_CHANNEL, "", ANNA, "1.5", "1.0", "Where do @U1 & I park?", shared=False, authors=(f"{TEAM}:{BERT}",)
    )
    assert read.key == f"message:{TEAM}:{HTTP_CHANNEL}:1.5"


@pytest.mark.parametrize(
    ("message", "authors"),
    [
        ({"user": BERT}, (f"{TEAM}:{BERT}",)),
        ({"user": BERT, "team": "T0OTHER"}, (f"T0OTHER:{BERT}",)),
        ({"user": BERT, "bot_id": "B1"}, ()),
        ({}, ()),
    ],
)
def test_whose_words_they_are_is_known(message: dict[str, str], authors: tuple[str, ...]) -> None:
    read = read_shortcut(shortcut(message={"ts": "1.5", "text": "Where?"} | message), BOT)
    assert read is not None and read.authors == authors


def test_in_an_installation_for_an_organisation_the_team_is_the_users() -> None:
    read = read_shortcut(shortcut(team=None, user={"id": ANNA, "team_id": TEAM}), BOT)
    assert read is not None and read.team == TEAM


@pytest.mark.parametrize("field", ["team", "channel", "user", "message"])
@pytest.mark.parametrize("weird", [None, "x", 5, [], {}, {"id": 5}])
def test_misshapen_payloads_are_passed_over(field: str, weird: Any) -> None:
    assert read_shortcut(shortcut(**{field: weird}), BOT) is None
