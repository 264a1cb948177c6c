"""Blocks know their lines."""

from __future__ import annotations

from intake.extract.blocks import line_starts, parse_blocks


def test_blocks_have_their_lines() -> None:
    text = "# T\n\n````md\n```\n# no\n````\n\n| a |\n|---|\n| b |\n\n[1]: https://x.test\n"
    kinds = [(token.type, token.map) for token in parse_blocks(text) if token.level == 0 and token.map]
    assert kinds == [
        ("heading_open", [0, 1]),
        ("fence", [2, 6]),
        ("table_open", [7, 10]),
        ("paragraph_open", [11, 12]),
    ]


def test_lines_begin_where_they_begin() -> None:
    assert line_starts("ab\n\nc") == [0, 3, 4, 6]


def test_of_a_table_only_its_edges_are_told() -> None:
    inner = [token.type for token in parse_blocks("> | a |\n> |---|\n> | b |\n\n| c |\n|---|\n")]
    assert inner == ["blockquote_open", "table_open", "table_close", "blockquote_close", "table_open", "table_close"]
