"""A message's words, wherever Slack keeps them: own words first, none twice, no button's."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.incoming.words import read_words


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def text(written: str) -> dict[str, Any]:
    return {"type": "text", "text": written}


LIST = {
    "type": "rich_text_list",
    "elements": [{"type": "rich_text_section", "elements": [text(item)]} for item in "ab"],
}
BUTTON = {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}}]}
PRESSED = {"type": "section", "text": mrkdwn("Disk"), "accessory": {"type": "button", "text": mrkdwn("Mute")}}
TABLE = {
    "type": "table",
    "rows": [[{"type": "raw_text", "text": "Site"}, rich(text("Leiden"))], [{"type": "raw_text"}]],
}
ALERT = [
    {"type": "header", "text": {"type": "plain_text", "text": "Disk <90%>"}},
    {"type": "section", "text": mrkdwn("On *db1*"), "fields": [mrkdwn("*Since*\n9:00"), mrkdwn("*Where*\nLeiden")]},
    {"type": "context", "elements": [mrkdwn("See <https://docs.example.com|the runbook>")]},
    {"type": "image", "alt_text": "A curve", "title": {"type": "plain_text", "text": "Use"}},
    {"type": "divider"},
]


@pytest.mark.parametrize(
    ("message", "own", "attached"),
    [
        ({"text": "Where?", "blocks": [rich(text("Where?"))]}, "Where?", ""),
        ({"blocks": [rich(text("how "), text("many?"))]}, "how many?", ""),
        (
            {"blocks": [rich(text("a<b "), {"type": "user", "user_id": "U1"}, {"type": "emoji", "name": "tada"})]},
            None,
            "",
        ),
        (
            {"blocks": [rich({"type": "link", "url": "https://x"}, text(" "), {"type": "link", "text": "y"})]},
            "https://x y",
            "",
        ),
        ({"blocks": [{"type": "rich_text", "elements": [LIST]}]}, "a\nb", ""),
        ({"blocks": [rich(text("x = 1"), kind="rich_text_preformatted")]}, "x = 1", ""),
        ({"text": "", "attachments": [{"is_share": True, "text": "how many?"}]}, "", "how many?"),
        (
            {"text": "So?", "attachments": [{"is_msg_unfurl": True, "from_url": "x", "text": "how many?"}]},
            "So?",
            "how many?",
        ),
        ({"text": "So?", "attachments": [{"from_url": "https://x", "title": "A page", "text": "its text"}]}, "So?", ""),
        ({"attachments": [{"from_url": "https://x", "title": "A page", "text": "its text"}]}, "", "A page\nits text"),
        ({"attachments": [{"fallback": "Build failed"}]}, "", "Build failed"),
        ({"attachments": [{"fallback": "no", "pretext": "p", "title": "t", "text": "x"}]}, "", "p\nt\nx"),
        ({"attachments": [{"fields": [{"title": "Host", "value": "db1"}, {"value": "v"}]}]}, "", "Host: db1\nv"),
        ({"attachments": [{"blocks": [PRESSED, BUTTON]}]}, "", "Disk"),
        ({"attachments": [{"message_blocks": [{"message": {"blocks": [rich(text("hidden?"))]}}]}]}, "", "hidden?"),
        (
            {"attachments": [{"text": "same?", "message_blocks": [{"message": {"blocks": [rich(text("same?"))]}}]}]},
            "",
            "same?",
        ),
        ({"blocks": [TABLE]}, "Site\nLeiden", ""),
        ({"files": [{"title": "Q3 & Q4 plan.pdf"}]}, "", "Q3 &amp; Q4 plan.pdf"),
        ({"text": "So?", "files": [{"title": "Screenshot 1"}]}, "So?", ""),
        (
            {"text": "Alert", "bot_id": "B1", "blocks": ALERT[1:2]},
            "Alert\nOn *db1*\n*Since*\n9:00\n*Where*\nLeiden",
            "",
        ),
        ({"bot_id": "B1", "blocks": ALERT}, "ALERT", ""),
        ({}, "", ""),
    ],
)
def test_words_wherever_they_are(message: dict[str, Any], own: str | None, attached: str) -> None:
    words = read_words(message, "T1")
    alert = (
        "Disk &lt;90%&gt;\nOn *db1*\n*Since*\n9:00\n*Where*\nLeiden\nSee <https://docs.example.com|the runbook>\n"
        "Use\nA curve"
    )
    assert (words.own, words.attached) == ({"ALERT": alert, None: "a&lt;b <@U1>:tada:"}.get(own, own), attached)


def test_own_words_come_first_and_others_are_named() -> None:
    shared = {"is_share": True, "author_id": "U2", "text": "how many?"}
    words = read_words({"text": "Is it so?", "attachments": [shared, shared | {"channel_team": "T2"}]}, "T1")
    assert words.all == "Is it so?\nhow many?"
    assert words.authors == ("T1:U2", "T2:U2")


JSON = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["type", "text", "elements", "fields", "blocks", "rows", "title"]), inner, max_size=4
        ),
    ),
    max_leaves=15,
)


@settings(max_examples=100, deadline=None)
@given(JSON, JSON, JSON)
def test_whatever_slack_sends_raises_nothing(blocks: Any, attachments: Any, files: Any) -> None:
    words = read_words({"text": 5, "blocks": blocks, "attachments": attachments, "files": files}, "T1")
    assert isinstance(words.all, str)


def test_what_is_nested_without_end_is_read_to_a_depth() -> None:
    block: dict[str, Any] = {"type": "section", "text": mrkdwn("deep")}
    for _ in range(5_000):
        block = {"type": "context", "elements": [block]}
    assert read_words({"blocks": [block]}, "T1").all == ""
