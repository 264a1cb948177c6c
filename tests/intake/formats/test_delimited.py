"""Values between commas are read with their columns' names."""

from __future__ import annotations

import pytest

from intake.formats.delimited import delimited_to_markdown


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_become_a_table(delimiter: str) -> None:
    text = f'Country{delimiter}Days\n\nNorway{delimiter}"25\nor more"\nSpain\n{delimiter}\n'
    assert delimited_to_markdown(text) == "| Country | Days |\n|---|---|\n| Norway | 25<br>or more |\n| Spain |  |"


def test_pipes_are_no_edges() -> None:
    assert delimited_to_markdown("a,b\nx|y,z") == "| a | b |\n|---|---|\n| x\\|y | z |"


@pytest.mark.parametrize("text", ["just words\nand more", "", "a,b\n" + '"' + "x" * 200_000])
def test_what_is_no_table_stays(text: str) -> None:
    assert delimited_to_markdown(text) == text
