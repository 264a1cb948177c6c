"""Answers as blocks: Slack's limits hold and nothing hostile gets through, whatever the texts are."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.slack.showing.render import ANSWER_LIMIT, MAX_SOURCES, Rendered, render_answer, render_rows, stream_text
from bot.slack.showing.source_rows import link_address
from db.question import Answer, NearDocument, Passage, Source

OWN = "https://docs.example.com/"


def source(number: int, title: str = "Parking", uri: str = OWN + "parking", section: str = "Sites > Leiden") -> Source:
    return Source(f"cite{number}", number, title, uri, (Passage(section, "text", 0.5, 0.5),))


def answer(text: str, *sources: Source, note: str | None = None) -> Answer:
    return Answer(1, "quoted", text, sources, 1, {}, note)


def shown(rendered: Rendered) -> list[dict[str, Any]]:
    """The blocks as they are sent: building them runs the SDK's own validation."""
    return [block.to_dict() for block in rendered.blocks]


def texts(blocks: list[dict[str, Any]]) -> list[str]:
    """Every mrkdwn text, in order."""
    found = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    return found + [part["text"] for block in blocks if block["type"] == "context" for part in block["elements"]]


def test_a_refusal_lists_the_nearest_documents_linked_where_they_can_be() -> None:
    near = (
        NearDocument("Parking <b>", OWN + "parking"),
        NearDocument("Visitors", "file:///srv/kb/handbook/visitors.md"),
    )
    refused = Answer(1, "unknown", "I don't know.", (), 1, {}, None, "It names “Siemens”.", near)
    blocks = shown(render_answer(refused))
    assert texts(blocks)[:2] == [
        "I don't know.",
        "The nearest documents, in case one helps:\n"
        "• <https://docs.example.com/parking|Parking &lt;b&gt;>\n• Visitors `handbook/visitors.md`",
    ]
    assert "Siemens" not in str(blocks)


def test_an_answer_with_two_sources() -> None:
    blocks = shown(
        render_answer(
            answer(
                "Park at the **back** [1][2].",
                source(1),
                source(2, "Visitors", "file:///srv/kb/handbook/visitors.md", ""),
                note="These are quotes.",
            )
        )
    )
    rows = ["section", "actions"] * 2 + ["context", "actions"]
    assert [block["type"] for block in blocks] == ["section", "context", *rows]
    assert texts(blocks) == [
        "Park at the *back* [1][2].",
        "*[1]* <https://docs.example.com/parking|Parking> · Sites &gt; Leiden",
        "*[2]* Visitors `handbook/visitors.md`",
        "These are quotes.",
        "Was this answer helpful?",
    ]
    buttons = [button for block in blocks if block["type"] == "actions" for button in block["elements"]]
    assert [(button["action_id"], button["value"], button["text"]["text"]) for button in buttons] == [
        ("vote_up", "cite1", "👍"),
        ("vote_down", "cite1", "👎"),
        ("vote_up", "cite2", "👍"),
        ("vote_down", "cite2", "👎"),
        ("answer_up", "cite1", "👍"),
        ("answer_down", "cite1", "👎"),
        ("right_source", "1", "Here's the right one"),
    ]
    assert all(block["text"]["verbatim"] is True for block in blocks if block["type"] == "section")


def test_without_sources_there_is_nothing_to_vote_on() -> None:
    [_, row] = shown(render_answer(answer("I don't know.")))
    assert [button["action_id"] for button in row["elements"]] == ["right_source"]


def test_what_stands_under_a_stream_is_what_stands_under_a_post() -> None:
    whole = answer("Park at the back [1].", source(1), note="These are quotes.")
    assert [block.to_dict() for block in render_rows(whole)] == shown(render_answer(whole))[1:]


@pytest.mark.parametrize("empty", ["", "   ", "\x00", "---"])
def test_an_empty_answer_still_says_something(empty: str) -> None:
    rendered = render_answer(answer(empty))
    assert texts(shown(rendered)) == ["I have nothing to say to that."]
    assert rendered.text


def test_a_long_answer_is_split_into_sections_and_cut() -> None:
    blocks = shown(render_answer(answer("\n\n".join(f"Paragraph {n} " + "word " * 60 for n in range(40)), source(1))))
    sections = texts(blocks)[:-2]
    assert len(sections) == 3
    assert sections[0].startswith("Paragraph 0 ")
    assert sections[-1].endswith(" …")
    assert 4_500 < sum(map(len, sections)) <= 6_000


def test_long_code_stays_code_in_every_section() -> None:
    sections = texts(shown(render_answer(answer("```\n" + "print(1 < 2)\n" * 400 + "```"))))
    assert len(sections) == 2
    assert all(section.startswith("```\n") and section.endswith("\n```") for section in sections)


def test_an_address_longer_than_a_section_stays_code() -> None:
    sections = texts(shown(render_answer(answer("https://evil.example/" + "https://evil.example/" * 400))))
    assert len(sections) == 2
    assert all(section.startswith("`") and section.rstrip(" …").endswith("`") for section in sections)


def test_fifty_thousand_ampersands() -> None:
    sections = texts(shown(render_answer(answer("&" * 50_000, source(1, "&" * 5_000, OWN + "&" * 3_000, "<" * 999)))))
    assert all(len(section) <= 3_000 and not re.search(r"&(?!amp;|lt;|gt;)", section) for section in sections)


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        (OWN + "a b?q=1&r=<2>|3", OWN + "a%20b?q=1&amp;r=%3C2%3E%7C3"),
        ("HTTPS://Docs.example.com/x", "https://Docs.example.com/x"),
        ("https://docs.example.com/\u00e9", "https://docs.example.com/%C3%A9"),
        ("javascript:alert(1)", None),
        ("slack://user?team=T1&id=U1", None),
        ("file:///etc/passwd", None),
        ("https://user:password@docs.example.com/", None),
        ("https://", None),
        ("https://[broken", None),
        ("/srv/kb/a.md", None),
        ("", None),
    ],
)
def test_only_plain_web_addresses_are_linked(uri: str, address: str | None) -> None:
    assert link_address(uri) == address


def test_a_local_path_shows_its_last_parts_only() -> None:
    [_, row, _] = texts(
        shown(render_answer(answer("x", source(1, "T", "file:///home/anna/private/kb/a%20b.md?x#y", ""))))
    )
    assert row == "*[1]* T `kb/a%20b.md`"


HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "<!here|here>",
        "<!subteam^S1>",
        "<@U024BE7LH>",
        "@everyone",
        "<#C1>",
        "<https://evil.example|Chimera>",
        "[x](https://evil.example/?q=secret)",
        "![x](https://evil.example/p.png)",
        "https://evil.example",
        "HTTP://evil.example",
        "<https://evil.example>",
        "[1]: https://evil.example",
        "&lt;!channel&gt;",
        "&#60;!channel&#62;",
        "`",
        "```",
        "```\n<!channel>",
        "|",
        ">",
        "<",
        "&",
        "*",
        "_",
        "\n",
        "\n\n",
        "\ud800",
        "\x00",
        "\u202e",
        "\u200b",
        "- ",
        "# ",
        "\\",
        "](evil.example)",
        "[x][1]",
        "|",
        "\n|-|-|\n",
        "~~~\n",
        "eve@evil.example",
        "www.evil.example",
        "&#96;",
        "<a href='https://evil.example'>",
        " [1] ",
        "word " * 50,
        "x" * 3_000,
        "é" * 100,
    ]
)


class Long(str):
    """A text that Hypothesis can print."""

    def __repr__(self) -> str:
        return f"{self[:10]!r}… ({len(self)} characters)"


TEXTS = st.one_of(
    st.lists(HOSTILE, max_size=30).map("".join),
    st.text(st.characters(exclude_categories=()), max_size=200),
    HOSTILE.map(lambda piece: Long((piece * 50_000)[:50_000])),
)
SOURCES = st.lists(st.tuples(TEXTS, st.one_of(TEXTS, TEXTS.map(OWN.__add__)), TEXTS), max_size=MAX_SOURCES + 3)
MARKUP = re.compile(r"<([^<>]*)>")


@settings(max_examples=100, deadline=None)
@given(TEXTS, SOURCES, st.one_of(st.none(), TEXTS))
def test_whatever_the_texts_are(text: str, found: list[tuple[str, str, str]], note: str | None) -> None:
    sources = [source(number, *parts) for number, parts in enumerate(found, start=1)]
    rendered = render_answer(answer(text, *sources, note=note))
    blocks = shown(rendered)
    pieces = texts(blocks)
    everything = [*pieces, rendered.text]

    assert 1 <= len(blocks) <= 50
    assert all(0 < len(piece) <= 3_000 for piece in pieces)
    faces = sum(len(b["text"]["text"]) for block in blocks if block["type"] == "actions" for b in block["elements"])
    assert sum(map(len, everything)) + faces <= 13_000
    for piece in everything:
        piece.encode("utf-8")
        assert not re.search("[\x00-\x08\u202e]", piece)
        assert not re.search(r"&(?!amp;|lt;|gt;)", piece)
        assert not re.search(r"@(channel|here|everyone)\b", MARKUP.sub("", piece))
    allowed = {link_address(one.uri) for one in sources}
    for piece in everything:
        for markup in MARKUP.findall(piece):
            address, _, label = markup.partition("|")
            assert address in allowed and label.strip()
        assert not re.search("[<>]", MARKUP.sub("", piece).replace("\n> ", "\n").removeprefix("> "))
    outside_code = re.sub(r"```.*?```|`[^`\n]*`", "", MARKUP.sub("", "\n".join(everything)), flags=re.DOTALL)
    assert "://" not in outside_code


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_stream_notifies_nobody_and_leads_nowhere(text: str) -> None:
    streamed = stream_text(text)
    assert len(streamed) <= ANSWER_LIMIT
    streamed.encode("utf-8")
    assert not re.search("[\x00-\x08\u202e]", streamed)
    assert not re.search(r"<[@#!]|<[a-z][a-z0-9+.-]*:(?!:)|@(channel|here|everyone)\b", streamed, re.IGNORECASE)
    parser = MarkdownIt("commonmark").enable("table")
    for token in (part for block in parser.parse(streamed) for part in (block, *(block.children or ()))):
        assert token.type not in ("link_open", "image", "html_inline", "html_block")
        if token.type == "text":
            assert not re.search(r"[a-z0-9]://|evil\.example", token.content, re.IGNORECASE)
