"""A model that obeys a document puts harmless pieces side by side: whatever they join into, on no way out is it live.

Texts are read here as Slack reads them: what is appended to a stream is one text, angle brackets are mentions and
links in mrkdwn and in Markdown alike, and in code too.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import AsyncMock, patch

from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from slack_sdk.models.blocks import SectionBlock
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.answering import Change
from bot.model_text import check_text, finished_part
from bot.slack.asking import streaming
from bot.slack.asking.agent_view import suggest_prompts
from bot.slack.asking.private_reply import PrivateReply
from bot.slack.asking.reply import Reply, ThreadReply
from bot.slack.asking.share import Sharing
from bot.slack.asking.support import Support
from bot.slack.home import Home
from bot.slack.incoming import QuestionMessage
from bot.slack.showing import (
    change_blocks,
    document_title,
    gap_blocks,
    health_blocks,
    notice_block,
    person_blocks,
    render_night,
)
from bot.slack.text import verbatim
from bot.slack.text.markdown import unaddressed
from bot.slack.transport import make_client
from bot.slack.votes import Reviews
from db.answers import Gap, PastQuestion, ShownSource
from db.feedback import Review
from db.question import Answer, Asked, Passage, Source
from db.settings import Settings
from db.slack import Health, NightFacts
from retrain.lesson import Anchor
from retrain.report.page import render_report
from tests.night_rows import make_run

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OWN = "https://docs.example.com/plan"
SETTINGS = Settings(data_dir=Path("unused"), slack_bot_token="xoxb-of-the-tests")
MESSAGE = QuestionMessage(
    "T1", "C1", "channel", "U1", "1.5", None, "When?", shared=False, response_url="https://x.test"
)

PIECES = st.sampled_from(
    "< > ! @ # | [ ] ( ) ] ( channel here everyone U0EVE C0EVE subteam^S1 x https: // evil.example http://evil.example "
    "/?q=1 mailto: & lt; gt; &lt; &#60; &lt;! @U0EVE> !channel> \\ ` `` ``` * ** _ ~~ # - 1. > [1] <b> </b> <br> "
    "<code> </code> <sub> </sub> <!-- --> <a> <!channel> <@U0EVE> <https://evil.example|x> 重要 「 」 word. ---".split()
    + [" ", "\n", "\n\n", "\u200b", "\u2060", "\ue000", "\u200d", "\n| a |\n|---|\n| ", " | "]
)
WRAPPINGS = st.sampled_from(
    ["{}"] * 4
    + ["[{}](" + OWN + ")", "![{}](x)", "**{}**", "*{}*", "~~{}~~", "<b>{}</b>", "<span>{}</span>", "`{}`", "[{}]()"]
    + ["<!--x-->{}", "\\{}", "# {}\n", "<" + OWN + ">{}", "<i>{}", "<kbd>{}</kbd>"]
)
ANSWERS = st.lists(st.builds(lambda wrapping, piece: wrapping.format(piece), WRAPPINGS, PIECES), max_size=14).map(
    "".join
)

ATTACKS = [
    f"Ready [1] <[!channel>]({OWN})",
    f"<[@U0EVE>]({OWN}) <[!here>]({OWN}) and [<]({OWN})!everyone>",
    f"@[channel]({OWN}) @[**here**]({OWN})",
    f"&[lt;]({OWN})!channel>",
    f"[https:]()//evil.example/[x]({OWN})",
    "# @**channel** https:**//evil.example**",
    "<<!--x-->!channel> <<b>!here></b> <<span>@U0EVE</span>>",
    "]![](x)(https://evil.example)",
    "# <\n**&lt;**@U0EVE>",
    f"see [evil.]()example and [x]({OWN})[](x)(//evil.example)",
]


def sources(title: str) -> tuple[Source, ...]:
    return (Source("cite1", 1, title, OWN, (Passage(title, "text", 0.5, 0.5),)),)


def answer_of(text: str, title: str = "Plan") -> Answer:
    """As a model's text comes to whoever shows it."""
    return Answer(1, "generated", check_text(text, 1, {OWN}).text, sources(title), 1, {}, title)


@asynccontextmanager
async def recorded() -> AsyncIterator[list[tuple[str, dict[str, Any]]]]:
    """Everything that is sent, in place of the last step before the network."""
    sent: list[tuple[str, dict[str, Any]]] = []

    async def request(self: object, *, http_verb: str, api_url: str, req_args: dict[str, Any]) -> dict[str, Any]:
        sent.append((api_url.rpartition("/")[2], req_args["json"]))
        return {"data": {"ok": True, "ts": "1700000000.000001"}, "status_code": 200, "headers": {}}

    async def respond(self: object, body: dict[str, Any]) -> Any:
        sent.append(("response_url", body))
        return type("Taken", (), {"status_code": 200})

    with (
        patch.object(AsyncWebClient, "_request", request),
        patch.object(AsyncWebhookClient, "send_dict", respond),
        patch.object(streaming, "WRITE_EVERY_S", 0),
    ):
        yield sent


def texts_in(payload: Any) -> Iterator[tuple[str, str]]:
    """Every text in a payload that Slack reads for markup, with its dialect."""
    if isinstance(payload, list):
        for item in payload:
            yield from texts_in(item)
    elif isinstance(payload, dict):
        kind = payload.get("type", "mrkdwn")
        for name, value in payload.items():
            if isinstance(value, str) and name == "text" and kind in ("mrkdwn", "markdown", "markdown_text"):
                yield ("mrkdwn" if kind == "mrkdwn" else "markdown"), value
            elif name == "chunks":
                continue
            elif isinstance(value, dict | list):
                yield from texts_in(value)


def require_dead(sent: list[tuple[str, dict[str, Any]]], asker: str = "U1") -> None:
    found = [text for _, payload in sent for text in texts_in(payload)]
    assert not [payload for _, payload in sent if payload.get("markdown_text")]
    grown = ""
    for _, arguments in sent:
        for chunk in arguments.get("chunks", []):
            grown += chunk["text"]
            require_dead_markdown(grown)
    for dialect, text in found:
        assert dialect == "mrkdwn"
        require_dead_mrkdwn(text, asker)


def require_dead_mrkdwn(text: str, asker: str = "U1") -> None:
    for markup in re.findall(r"<([^<>]*)>", text):
        assert markup in (f"@{asker}", "#C1") or markup.startswith("!date^") or markup.partition("|")[0] == OWN, text
    rest = re.sub(r"<[^<>]*>", "", text)
    assert "<" not in rest, text
    assert not re.search(r"@(channel|here|everyone)\b", rest), text
    assert not re.search(r"[a-z]://", re.sub(r"```.*?```|`[^`\n]*`", "`", rest, flags=re.DOTALL)), text


def require_dead_markdown(text: str) -> None:
    assert not re.search(r"<[@#!]|<[a-z][a-z0-9+.-]*:(?!:)|@(channel|here|everyone)\b", text, re.IGNORECASE), text
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for token in (part for block in parser.parse(text) for part in (block, *(block.children or ()))):
        assert token.type not in ("link_open", "image", "html_inline", "html_block"), text
        if token.type == "text":
            assert not re.search(r"[a-z0-9]://|evil\.example|@channel|<!", token.content, re.IGNORECASE), text


async def show(reply: Reply, text: str, cuts: list[int], title: str) -> None:
    """Writes an answer as a model does, in pieces, and then whole."""
    await reply.show_loading()
    for cut in sorted(min(cut, len(text)) for cut in cuts):
        so_far = check_text(finished_part(text[:cut]), 1, {OWN}).text
        if so_far and isinstance(reply, ThreadReply):
            await reply._write(so_far)
    await reply.show_answer(answer_of(text, title))


def attacks(test: Any) -> Any:
    for text in ATTACKS:
        test = example(text, [len(text) // 3, len(text) - 3], text)(test)
    return test


@attacks
@settings(max_examples=150, deadline=None)
@given(ANSWERS, st.lists(st.integers(0, 150), max_size=5), ANSWERS)
async def test_in_a_stream_that_grows(text: str, cuts: list[int], title: str) -> None:
    async with recorded() as sent:
        await show(ThreadReply(make_client(SETTINGS), MESSAGE, Support()), text, cuts, title)
    require_dead(sent)


@attacks
@settings(max_examples=100, deadline=None)
@given(ANSWERS, st.lists(st.integers(0, 150), max_size=3), ANSWERS)
async def test_in_a_message_that_is_updated_and_in_one_that_one_person_sees(
    text: str, cuts: list[int], title: str
) -> None:
    support = Support()
    support._lacking.add(("streams", None))
    async with recorded() as sent:
        await show(ThreadReply(make_client(SETTINGS), MESSAGE, support), text, cuts, title)
        await show(PrivateReply(MESSAGE), text, cuts, title)
    assert {method for method, _ in sent} >= {"chat.postMessage", "response_url"}
    require_dead(sent)


def asked(text: str) -> Asked:
    return Asked(text=text, workspace="T1", channel="C1", channel_kind="public", person="T1:U1")


async def send_everything_else(text: str) -> None:
    """The same text as question, title, reason and failure, wherever Slack is told of these."""
    client = make_client(SETTINGS)
    with (
        patch("bot.slack.asking.share.load_answer", lambda *_, **__: answer_of(text, text)),
        patch("bot.slack.asking.share.remember_message", lambda *_: None),
        patch("bot.slack.asking.agent_view.find_prompts", lambda *_: [{"title": text[:75], "message": text}]),
    ):
        await Sharing(client, cast(Any, None))._post(1, asked(text))
        await suggest_prompts(client, cast(Any, None), "T1", "D1")
    source = ShownSource("c1", 1, text, 1, 1, 1)
    past = PastQuestion(1, text, "C1", "public", True, NOW, 1, (source,))
    health = Health(3, NOW, True, None, 10, 100, 5, 1, 7, 0.5, {text: 1})
    home = [notice_block(text), *person_blocks([past], 0, has_more=False), *gap_blocks([Gap(2, text, NOW)])]
    home += [*change_blocks(1, [Change(past, (source,), (text,))]), *health_blocks(health)]
    await Home._publish(cast(Any, SimpleNamespace(_client=client)), "U1", home)
    run = make_run(reasons=[text])
    night = NightFacts(run, 3, serves=True, can_roll_back=True, requests=(), texts={("pair", 1): text})
    report = render_night(night)
    await client.chat_postMessage(channel="C1", text=report.text, blocks=report.blocks)
    line = f"Somebody says that {document_title(Review(1, 1, text, OWN, 1, None, 'open', None))} is outdated."
    await Reviews(client, cast(Any, None), cast(Any, None), None)._post("C1", line, [SectionBlock(text=verbatim(line))])
    sentence = "So: " + text.replace("//", "")  # an address in one of our own sentences stays one
    await ThreadReply(client, MESSAGE, Support()).say(sentence)
    await PrivateReply(MESSAGE).say(sentence)


@settings(max_examples=60, deadline=None)
@given(ANSWERS)
@example("".join(ATTACKS))
async def test_everywhere_else(text: str) -> None:
    async with recorded() as sent:
        await send_everything_else(text)
    assert {method for method, _ in sent} >= {"views.publish", "assistant.threads.setSuggestedPrompts", "response_url"}
    require_dead(sent)
    for prompt in next(payload["prompts"] for method, payload in sent if method.startswith("assistant")):
        assert unaddressed(prompt["title"] + "\n" + prompt["message"]) == prompt["title"] + "\n" + prompt["message"]


@given(ANSWERS)
@settings(max_examples=30, deadline=None)
@example("".join(ATTACKS))
async def test_an_export_shows_what_was_written_as_code_that_nothing_is_read_in(text: str) -> None:
    with patch("bot.slack.home.export.export_person", lambda *_: {"question": text}):
        async with recorded() as sent:
            press = SimpleNamespace(person="T1:U1", user="U1")
            await Home._export(
                cast(Any, SimpleNamespace(_client=make_client(SETTINGS), _engine=None, _readers=AsyncMock())),
                cast(Any, press),
            )
    for _, payload in sent:
        assert payload["text"] == "Your data, part 1 of 1"
        [block] = payload["blocks"]
        [code] = block["elements"]
        assert (block["type"], code["type"], [part["type"] for part in code["elements"]]) == (
            "rich_text",
            "rich_text_preformatted",
            ["text"],
        )


@given(ANSWERS)
@settings(max_examples=30, deadline=None)
@example("</td><script>alert(1)</script><img src=x onerror=y>")
def test_a_page_has_no_tag_or_address_of_a_texts_own(text: str) -> None:
    def tags(html: str) -> list[str]:
        return re.findall(r"<[^<>]*>", html)

    texts = Anchor("pair", 1)
    harmless = render_report(make_run(reasons=["x"], requested_by="x"), {texts: "x"}, b"", 2)
    page = render_report(make_run(reasons=[text], requested_by=text), {texts: text}, b"", 2)
    assert tags(page) == tags(harmless)
