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


def test_a_page_that_is_laid_out_as_a_table_loses_nothing() -> None:
    told = " ".join(f"word{number}" for number in range(60))
    for table in (f"| {told} |\n|---|\n| a |", f"| {told[:200]} | B |\n|---|---|\n| a | {told[200:] * 2} |"):
        pieces = list(cut_table(table, 500, cut_text))
        kept = "".join(pieces)
        assert all(len(piece) <= 500 for piece in pieces)
        assert all(f"word{number}" in kept for number in range(60))
    shortened = list(cut_table(pieces[-1], 120, cut_text))
    assert sum("word2 " in piece and "|" not in piece for piece in shortened) == 0, "it was said in full before"


def test_cells_beyond_the_header_stay() -> None:
    pieces = list(cut_table(f"| A | B |\n|---|---|\n| a | {'x' * 120} | beyond |", 80, cut_text))
    assert "beyond" in pieces[-1]


def test_a_cell_beside_long_names_isnt_cut_into_letters() -> None:
    row = f"| {'v' * 25} | {'w ' * 40} |"
    pieces = list(cut_table(f"| {'n' * 24} | {'m' * 30} |\n|---|---|\n{row}", 100, cut_text))
    assert len(pieces) < 12 and all(len(piece) <= 100 for piece in pieces)


def test_a_header_without_rows_is_cut_as_text() -> None:
    names = "| " + " | ".join(f"name{number}" for number in range(60)) + " |"
    assert list(cut_table(f"{names}\n|{'---|' * 60}", 100, lambda text, size: [text[:size], text[size:]])) == [
        names[:100],
        f"{names[100:]}\n|{'---|' * 60}",
    ]


def test_pipes_in_cells_are_no_edges() -> None:
    table = f"| A | B |\n|---|---|\n| a\\|b | {'x' * 120} |"
    assert all(piece.endswith(" |") and "| a\\|b |" in piece for piece in cut_table(table, 80, cut_text))


def test_code_is_closed_as_it_was_opened() -> None:
    block = "1. ~~~sh\n" + "   run\n" * 9 + "   ~~~"
    pieces = list(cut_code(block, 40, cut_text))
    assert all(piece.startswith("1. ~~~sh\n") and piece.endswith("\n   ~~~") for piece in pieces)
    assert "".join(piece.count("run") * "x" for piece in pieces) != ""
    assert list(cut_code("```\n" + "word " * 4, 16, cut_text))[0] == "```\nword wor\n```"


def test_what_no_fence_opens_is_cut_as_text() -> None:
    assert list(cut_code("word word", 5, cut_text)) == ["word ", "word"]
