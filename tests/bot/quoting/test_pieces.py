"""Chunks are cut where a reader would: sentences whole, lists and tables with what makes them readable."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.quoting import pieces
from bot.quoting.pieces import MAX_CODE_LINES, cut_pieces, split_sentences


def texts(markdown: str) -> list[str]:
    return [piece.text for piece in cut_pieces(markdown)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It opens at 8. It closes at 10!", ["It opens at 8.", "It closes at 10!"]),
        ("Ask Dr. Amy B. Lund, e.g. by mail. She answers.", ["Ask Dr. Amy B. Lund, e.g. by mail.", "She answers."]),
        ("Version 2.5 costs 3.50 a day. Really?", ["Version 2.5 costs 3.50 a day.", "Really?"]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("**Stop here.** _Then_ go on.", ["**Stop here.**", "_Then_ go on."]),
        ("今日は休みです。明日は働きます。", ["今日は休みです。", "明日は働きます。"]),
        ("no end at all", ["no end at all"]),
        ("…  ---", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(text) == sentences


def test_a_list_is_one_piece_with_its_introduction() -> None:
    pieces = cut_pieces("## Q3\n\nBefore. The plan is:\n\n- Handover\n  across makers\n- Maps\n\n1. not this\n\nAfter.")
    assert [(piece.kind, piece.text, piece.heading) for piece in pieces] == [
        ("sentence", "Before.", "Q3"),
        ("list", "The plan is:\n\n- Handover\n  across makers\n- Maps\n1. not this", "Q3"),
        ("sentence", "After.", "Q3"),
    ]
    assert [piece.place for piece in pieces] == [0, 1, 2]


def test_items_keep_what_is_nested_in_them() -> None:
    [piece] = cut_pieces("Choose:\n- Item 1\n    - with detail\n- Item 2")
    assert (piece.introduction, piece.items) == ("Choose:", ("- Item 1\n    - with detail", "- Item 2"))


def test_numbered_lists_are_steps() -> None:
    assert [piece.kind for piece in cut_pieces("1. Stop.\n2. Go.\n\nNow:\n\n* Stop.")] == ["steps", "list"]


def test_a_table_reads_as_a_list() -> None:
    table = "| Item | Who | When |\n|---|:--:|---|\n| Handover | Tomasz | 16 July |\n| Maps | | 6 August |"
    assert texts(table) == ["Item:\n\n- **Handover** — Who: Tomasz; When: 16 July\n- **Maps** — When: 6 August"]
    [announced] = cut_pieces(f"Who does what:\n\n{table}")
    assert (announced.kind, announced.introduction, len(announced.items)) == ("table", "Who does what:", 2)


def test_rows_that_lost_their_header_are_still_readable() -> None:
    assert texts("| Handover | Tomasz |\n| Maps | Yewande |") == ["- Handover; Tomasz\n- Maps; Yewande"]
    assert texts("|---|---|\n| Maps | Yewande |") == ["- Maps; Yewande"]


def test_code_stays_whole_and_closed() -> None:
    assert texts("Run this:\n```sh\nmake # all\n- x\n```\nDone.") == ["Run this:\n```sh\nmake # all\n- x\n```", "Done."]
    cut = texts("```\n" + "line\n" * 40)
    assert cut == ["```\n" + "line\n" * MAX_CODE_LINES + "```"]


@pytest.mark.parametrize(
    "code",
    [
        "````md\n```\ninner\n```\n# no heading\n````",
        "~~~\n```\n- no item\n~~~",
        "```\n~~~\n```` is no end\n```",
        "> ```\n> run\n> ```",
        "1. ```sh\n   run\n   ```",
        "```\n    ```\nrun\n   ```",
    ],
)
def test_code_ends_where_its_fence_does(code: str) -> None:
    assert [(piece.kind, piece.text) for piece in cut_pieces(f"{code}\n\nAfter.")] == [
        ("code", code),
        ("sentence", "After."),
    ]


def test_marks_around_words_open_no_code() -> None:
    assert [piece.kind for piece in cut_pieces("```run``` it.\n\nAfter.")] == ["sentence", "sentence"]


def test_what_its_author_broke_stays_broken() -> None:
    assert texts("Street 1\\\n10115 Berlin,\nfirst floor.") == ["Street 1\n10115 Berlin, first floor."]
    assert texts("- one\\\n  two") == ["- one\n  two"]
    assert texts("| Team | Budget |\n|---|---|\n| R&D | 4<br>from 5 |") == ["Team:\n\n- **R&D** — Budget: 4\n  from 5"]


def test_headings_and_rules_are_no_pieces() -> None:
    assert texts("# Title\n\n---\n\n## Other\n\n***\n") == []


def test_headings_are_the_nearest_above() -> None:
    pieces = cut_pieces("One.\n# A\nTwo.\n## B ##\nThree.")
    assert [piece.heading for piece in pieces] == ["", "A", "B"]


@given(st.text(alphabet="ab.|-#`~*1) \n\t:。", max_size=200))
def test_any_text_can_be_cut(markdown: str) -> None:
    pieces = cut_pieces(markdown)
    assert [piece.place for piece in pieces] == list(range(len(pieces)))
    assert all(piece.text.strip() for piece in pieces)


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[3].glob("docs/*.md")), ids=lambda path: path.name)
def test_code_and_headings_are_where_markdown_it_finds_them(path: Path) -> None:
    """A passage may be a part of some Markdown, or none at all: it is read line by line, and here held against it."""
    lines = path.read_text().splitlines()
    own = [(kind, block) for kind, block in pieces._blocks(lines) if kind in ("code", "heading")]
    tokens = MarkdownIt("commonmark").enable("table").parse("\n".join(lines))
    spans = [(token.type, lines[slice(*token.map)]) for token in tokens if token.map]
    assert [block for kind, block in own if kind == "code"] == [span for kind, span in spans if kind == "fence"]
    headings = [span[0].strip("# ") for kind, span in spans if kind == "heading_open"]
    assert [block[0] for kind, block in own if kind == "heading"] == headings
