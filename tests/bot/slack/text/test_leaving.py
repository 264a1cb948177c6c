"""The last look: what we mean to send stays as it is, what nobody meant notifies nobody, wherever in a payload."""

from __future__ import annotations

import pytest
from slack_sdk.models.blocks import ContextBlock, SectionBlock

from bot.slack.text.fitting import verbatim
from bot.slack.text.leaving import check_mrkdwn, checked

WJ = "\u2060"


@pytest.mark.parametrize(
    "ours",
    [
        "<@U0ANNA> asked: when &lt;now&gt;?",
        "*[1]* <https://docs.example.com/a?b=1&amp;c=@here|Plan &amp; goals> · Sites",
        "<!date^1772323200^{date_short_pretty}|2026-03-01> · <#C0HTTP>",
        "5 &lt; 6 &amp;&amp; `a &gt; b`\n> quoted",
        "https://docs.example.com",
    ],
)
def test_what_we_write_stays(ours: str) -> None:
    assert check_mrkdwn(ours) == ours


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("<!channel> <!here|here>", "&lt;!channel> &lt;!here|here>"),
        ("<!subteam^S1> <mailto:eve@evil.example|x>", "&lt;!subteam^S1> &lt;mailto:eve@evil.example|x>"),
        ("<slack://user?team=T1|x>", "&lt;slack://user?team=T1|x>"),
        ("@channel, @Everyone and <https://docs.example.com|@here>", None),
        ("`<!channel>`", "`&lt;!channel>`"),
        ("<<!channel>>", "&lt;&lt;!channel>>"),
    ],
)
def test_what_nobody_meant_is_broken_up(written: str, sent: str | None) -> None:
    known = f"@{WJ}channel, @{WJ}Everyone and <https://docs.example.com|@{WJ}here>"
    assert check_mrkdwn(written) == (sent or known)
    assert check_mrkdwn(check_mrkdwn(written)) == check_mrkdwn(written)


def test_every_part_of_a_payload_is_looked_at() -> None:
    hostile = "<!channel>"
    sent = checked(
        {
            "channel": "C1",
            "text": hostile,
            "blocks": [
                SectionBlock(text=verbatim(hostile), fields=[verbatim(hostile)]),
                ContextBlock(elements=[verbatim(hostile)]),
                {"type": "markdown", "text": hostile},
            ],
            "chunks": [{"type": "markdown_text", "text": f"`{hostile}`"}],
            "markdown_text": hostile,
            "view": {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": hostile}}]},
            "prompts": [{"title": hostile, "message": hostile}],
            "thread_ts": None,
        }
    )
    assert hostile not in str(sent)
    assert (sent["channel"], sent["thread_ts"]) == ("C1", None)
    assert sent["chunks"] == [{"type": "markdown_text", "text": f"`<{WJ}!channel>`"}]


def test_where_slack_reads_no_markup_a_text_stays_as_it_is() -> None:
    plain = {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "a <!here> b"}}]}
    code = {"elements": [{"type": "text", "text": "<!here>"}], "type": "rich_text_preformatted"}
    assert checked(plain | {"code": code}) == plain | {"code": code}
