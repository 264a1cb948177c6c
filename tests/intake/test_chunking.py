"""Passages are small enough, lose nothing, and know their headings."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.chunking import Piece, split_document
from intake.extract.headings import Section, read_outline

PARAGRAPH = "Every employee may work from home on two days a week, if the manager agrees and the team knows. "


def split(markdown: str, chunk_size: int = 1000, chunk_overlap: int = 200) -> list[Piece]:
    return split_document(read_outline(markdown).sections, chunk_size, chunk_overlap)


def test_sections_that_fit_share_a_passage_each_under_its_heading() -> None:
    pieces = split("# Home\nBy train.\n## Parking\nDeck B.\n### Bikes\nDeck A.\n")
    assert pieces == [Piece("Home", "By train.\n\n## Parking\n\nDeck B.\n\n### Bikes\n\nDeck A.")]


def test_the_headings_above_a_passage_are_those_its_sections_share() -> None:
    long = PARAGRAPH * 10 + "Ask the office first. "
    pieces = split(f"# Home\n## Train\n### Tickets\n{long}\n### Passes\n{long}\n## Car\nDeck B.\n## Bike\nShed.\n")
    assert [(piece.section, piece.text[:9]) for piece in pieces] == [
        ("Home > Train > Tickets", "Every emp"),
        ("Home > Train > Passes", "Every emp"),
        ("Home", "## Car\n\nD"),
    ]


def test_long_text_is_cut_at_the_size_with_an_overlap() -> None:
    text = "\n\n".join(f"{number}. {PARAGRAPH * 3}" for number in range(20))
    pieces = split(text, 1000, 200)
    assert all(len(piece.text) <= 1000 for piece in pieces)
    longest = split(PARAGRAPH * 40, 1000, 200)
    for one, other in zip(longest, longest[1:], strict=False):
        assert any(one.text.endswith(other.text[:length]) for length in range(50, 201))


@settings(max_examples=50)
@given(st.text("ab \n#`.-", max_size=600), st.integers(20, 80))
def test_no_word_is_lost(text: str, size: int) -> None:
    text = re.sub(r"(?<=[ab])`+(?=[ab])", "", text)  # a heading's words come without the marks inside them
    words = re.findall(r"[ab]+", text)
    pieces = split(text, size, size // 5)
    assert all(len(piece.text) <= size for piece in pieces)
    kept = " ".join(f"{piece.section} {piece.text}" for piece in pieces)
    assert set(words) <= set(re.findall(r"[ab]+", kept)) or any(len(word) > size // 2 for word in words)


def test_plain_text_has_no_headings() -> None:
    assert split_document([Section((), "# a comment\ncommand")]) == [Piece("", "# a comment\ncommand")]


def test_passages_without_a_word_are_left_out() -> None:
    long = PARAGRAPH * 10 + "Ask the office first. "
    assert [piece.section for piece in split(f"# A\n---\n\n```\n```\n## B\n{long}")] == ["A > B"]


@pytest.mark.parametrize(
    "text", ["x" * 300_000, "word " * 60_000, "。" * 10 + "文" * 300_000], ids=["x", "words", "cjk"]
)
def test_one_huge_line_is_cut_too(text: str) -> None:
    started = time.process_time()
    pieces = split(text)
    assert all(len(piece.text) <= 1000 for piece in pieces)
    assert sum(len(piece.text) for piece in pieces) >= len(text.replace(" ", ""))
    assert time.process_time() - started < 30
