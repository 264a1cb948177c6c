"""Where there is neither table nor code it is LangChain's splitting to the letter; these are never cut through."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_text_splitters import RecursiveCharacterTextSplitter

from intake.extract import parse_blocks
from intake.splitting import MarkdownSplitter

SENTENCE = "Every employee may work from home on two days a week, if the manager agrees to it. "


def split(text: str, size: int = 1000, overlap: int = 200) -> list[str]:
    return MarkdownSplitter(chunk_size=size, chunk_overlap=overlap).split_text(text)


def fences(text: str) -> list[tuple[str, str]]:
    return [(token.markup + token.info, token.content) for token in parse_blocks(text) if token.type == "fence"]


@settings(max_examples=200)
@given(st.text("ab .\n-#", max_size=500), st.integers(20, 90))
def test_prose_is_split_as_by_langchain(text: str, size: int) -> None:
    recipe = RecursiveCharacterTextSplitter(chunk_size=size, chunk_overlap=size // 5)
    assert split(text, size, size // 5) == recipe.split_text(text)


@pytest.mark.parametrize(
    ("opening", "closing", "before"),
    [
        ("```bash", "```", ""),
        ("~~~", "~~~", ""),
        ("````md", "````", ""),
        ("  ```sh", "  ```", "- an item\n\n"),
        ("> ```", "> ```", "> quoted\n>\n"),
        ("```python title='x'", "", ""),
    ],
)
def test_code_longer_than_a_passage_stays_code(opening: str, closing: str, before: str) -> None:
    prefix = opening[: len(opening) - len(opening.lstrip("> "))]
    lines = [f"{prefix}export SERVICE_{number}=https://host{number}.internal:8000/api" for number in range(60)]
    lines[20] = lines[40] = prefix.rstrip()
    after = f"\n\n{SENTENCE}" if closing else ""
    passages = split(f"{SENTENCE}\n\n{before}{opening}\n" + "\n".join(lines) + f"\n{closing}{after}")
    assert all(len(passage) <= 1000 for passage in passages)
    code = [passage for passage in passages if "export" in passage]
    assert len(code) > 3
    for passage in code:
        [(opened, content)] = fences(passage)
        assert opened == opening.strip("> ")
        assert content.count("export") == passage.count("export")
    assert "".join(code).count("export") == 58
    assert not after or passages[-1] == SENTENCE.strip()


def test_code_that_fits_is_never_cut() -> None:
    code = "```\n" + "one line\n\n" * 40 + "```"
    passages = split(f"{SENTENCE * 8}\n\n{code}\n\n{SENTENCE * 8}")
    assert sum(code in passage for passage in passages) == 1
    assert sum("one line" in passage for passage in passages) == 1


def test_code_and_a_table_beside_prose_without_an_empty_line_are_told_from_it() -> None:
    table = "| a | b |\n|---|---|\n| one | two |"
    passages = split(f"{SENTENCE * 11}\n```\nrun\n\nit\n```\n{SENTENCE * 11}\n\n{SENTENCE * 10}\n\n{table}\n\nEnd.")
    assert any("```\nrun\n\nit\n```" in passage for passage in passages)
    assert any(table in passage for passage in passages)
    assert all(passage.count("```") % 2 == 0 and passage.count("|") in (0, 9) for passage in passages)


def test_every_passage_of_a_table_begins_with_its_header() -> None:
    head = "| Country | Vacation days | Sick days |\n|:--|---|--:|"
    rows = [f"| Country {number} | {number} | {number + 1} |" for number in range(200)]
    passages = split(f"{SENTENCE}\n\n{head}\n" + "\n".join(rows) + f"\n\n{SENTENCE}")
    assert passages[0] == passages[-1] == SENTENCE.strip()
    tables = passages[1:-1]
    assert len(tables) > 5
    assert all(table.startswith(head + "\n| Country ") and len(table) <= 1000 for table in tables)
    assert [row for table in tables for row in table.split("\n")[2:]] == rows


@pytest.mark.parametrize(
    "text",
    [
        "|a" * 100_000 + "\n" + "|-" * 100_000 + "\n" + "|x" * 100_000,
        "```\n" * 100_000,
        "```\n" + "x" * 1_000_000,
        "|a|b|\n|-|-|\n" + "|x|y|\n" * 60_000,
        "| a |\n|---|\n| " + "x" * 500_000 + " |",
        "> " * 200_000 + "```",
    ],
    ids=["columns", "fences", "line", "rows", "cell", "quotes"],
)
def test_hostile_blocks_take_no_time_and_little_room(text: str) -> None:
    started = time.process_time()
    passages = split(text)
    assert all(len(passage) <= 1000 for passage in passages)
    assert sum(map(len, passages)) < 20 * len(text)
    assert time.process_time() - started < 30


def test_a_fence_that_nothing_follows_is_no_passage_of_empty_lines() -> None:
    split = MarkdownSplitter(chunk_size=40, chunk_overlap=0).split_text(f"{'word ' * 12}\n\n~~~\n\n\n")
    assert split[-1] == "~~~" and all(passage.strip() == passage for passage in split)
