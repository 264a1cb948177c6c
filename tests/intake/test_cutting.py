"""What is too long for a passage is cut into several that are each whole."""

from __future__ import annotations

from intake.cutting import cut_code, cut_table


def cut_text(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]


def test_a_row_too_long_is_several_with_its_first_cell() -> None:
    table = f"| Country | Rules | Note |\n|---|---|---|\n| Norway | {'x' * 150} | y |\n| Spain | z | w |"
    pieces = list(cut_table(table, 100, cut_text))
    assert all(len(piece) <= 100 and piece.startswith("| Country |") for piece in pieces)
    assert all(piece.split("\n")[2].startswith(("| Norway |", "| Spain |")) for piece in pieces)
    assert sum(piece.count("x") for piece in pieces) == 150
    assert pieces[-1] == "| Country | Rules | Note |\n|---|---|---|\n| Spain | z | w |"
    assert any("| Note |" in piece and "| y |" in piece for piece in pieces[:-1])


def test_a_header_too_long_is_shortened_rather_than_left_out() -> None:
    names = " | ".join(f"The name of column {number}" for number in range(8))
    table = f"| {names} |\n|{'---|' * 8}\n" + "\n".join("| a | b | c | d | e | f | g | h |" for _ in range(10))
    pieces = list(cut_table(table, 300, cut_text))
    assert all(len(piece) <= 300 and piece.startswith("| The na") for piece in pieces)
    assert sum(piece.count("| a |") for piece in pieces) == 10


def test_pipes_in_cells_are_no_edges() -> None:
    table = f"| A | B |\n|---|---|\n| a\\|b | {'x' * 120} |"
    assert all(piece.endswith(" |") and "| a\\|b |" in piece for piece in cut_table(table, 80, cut_text))


def test_code_is_closed_as_it_was_opened() -> None:
    block = "1. ~~~sh\n" + "   run\n" * 9 + "   ~~~"
    pieces = list(cut_code(block, 40, cut_text))
    assert all(piece.startswith("1. ~~~sh\n") and piece.endswith("\n   ~~~") for piece in pieces)
    assert "".join(piece.count("run") * "x" for piece in pieces) != ""
    assert list(cut_code("```\n" + "word " * 4, 16, cut_text))[0] == "```\nword wor\n```"
