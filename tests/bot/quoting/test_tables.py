"""A table of any of Markdown's shapes is read with its columns' names."""

from __future__ import annotations

import pytest

from bot.quoting.pieces import cut_pieces
from bot.quoting.tables import is_rule, row_items, table_at

ITEM = "- **Norway** — Vacation: 45; Sick: 65"


@pytest.mark.parametrize(
    "table",
    [
        "| Country | Vacation | Sick |\n|---|---|---|\n| Norway | 45 | 65 |",
        "| Country | Vacation | Sick |\n|:--|-:|:-:|\n| Norway | 45 | 65 |",
        "|Country|Vacation|Sick|\n|-|-|-|\n|Norway|45|65|",
        "Country | Vacation | Sick\n--- | --- | ---\nNorway | 45 | 65",
        "Country|Vacation|Sick\n-|-|-\nNorway|45|65",
        "| Country | Vacation | Sick\n|---|---|---\n| Norway | 45 | 65",
        "> | Country | Vacation | Sick |\n> |---|---|---|\n> | Norway | 45 | 65 |",
        "  | Country | Vacation | Sick |\n  | - | - | - |\n  | Norway | 45 | 65 |",
    ],
)
def test_rows_are_read_with_their_columns_names(table: str) -> None:
    [piece] = cut_pieces(f"{table}\n\nAfter.")[:-1]
    assert (piece.kind, piece.items) == ("table", (ITEM,))


def test_a_table_ends_where_its_lines_do() -> None:
    pieces = cut_pieces("a | b\n--|--\n1 | 2\n\nText | with a pipe.\n- and | a list\n")
    assert [piece.kind for piece in pieces] == ["table", "sentence", "list"]


def test_a_rule_of_other_columns_is_none() -> None:
    assert not table_at(["a | b | c", "--|--"], 0)
    assert is_rule("> |:-:|") and not is_rule("---") and not is_rule("| a |")


def test_a_pipe_in_a_cell_divides_nothing() -> None:
    assert row_items(["| a | b |", "|---|---|", "| x \\| y | z |"]) == ["- **x \\| y** — b: z"]
