"""Passages are small enough, lose nothing, and know their headings."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.chunking import SMALLEST, Piece, Shares, split_document
from intake.extract.headings import Section, read_outline
from intake.formats import Placed

PARAGRAPH = "Every employee may work from home on two days a week, if the manager agrees and the team knows. "


def split(markdown: str, chunk_size: int = 1000, chunk_overlap: int = 200) -> list[Piece]:
    return split_document(read_outline([Placed(markdown)]).sections, chunk_size, chunk_overlap)


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
    text = re.sub(r"(?m)^[`.\- ]+$", "", text)  # a heading with nothing but marks beneath makes no passage
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


def test_a_passage_is_of_one_place() -> None:
    sections = [Section(("A",), "one", "#page=1"), Section(("B",), "two", "#page=1"), Section(("B",), "3", "#page=2")]
    assert split_document(sections) == [
        Piece("", "# A\n\none\n\n# B\n\ntwo", "#page=1"),
        Piece("B", "3", "#page=2"),
    ]


def by_length(most: int) -> Shares:
    return lambda pieces: [(len(piece.section) + len(piece.text)) / most for piece in pieces]


def within(sections: list[Section], most: int) -> list[Piece]:
    return split_document(sections, 1000, 200, by_length(most))


def test_a_passage_over_the_budget_is_cut_into_equal_ones_that_overlap() -> None:
    (whole,) = split_document([Section((), PARAGRAPH * 9)])
    one, other = within([Section((), PARAGRAPH * 9)], 800)
    assert whole.text.startswith(one.text) and whole.text.endswith(other.text)
    assert 0 < len(one.text) + len(other.text) - len(whole.text) <= 200
    assert min(len(one.text), len(other.text)) > 0.7 * max(len(one.text), len(other.text))


def test_a_passage_within_the_budget_stays_as_it_is() -> None:
    sections = [Section((), PARAGRAPH * 9), Section((), "Short.")]
    assert within(sections, 2000) == split_document(sections)


def test_a_table_over_the_budget_has_its_header_on_each_passage() -> None:
    table = "| Country | Days |\n| --- | --- |\n" + "\n".join(
        f"| Country {number} | {number} |" for number in range(30)
    )
    pieces = within([Section((), table)], 300)
    assert len(pieces) > 2
    assert all(piece.text.startswith("| Country | Days |\n| --- | --- |") for piece in pieces)
    assert all(any(f"| {number} |" in piece.text for piece in pieces) for number in range(30))


def test_headings_leave_half_of_the_budget_to_the_text() -> None:
    sections = [Section(("Home", "x " * 250), PARAGRAPH * 3), Section(("Home", "x " * 250), PARAGRAPH * 9)]
    pieces = within(sections, 300)
    assert all(len(piece.section) + len(piece.text) <= 300 for piece in pieces)
    assert {piece.section[:9] for piece in pieces} == {"… > x x x"} and pieces[0].section.endswith("…")
    whole = " ".join(piece.text for piece in pieces)
    assert pieces[0].text.startswith("Home") and whole.count("Home") == 1 and whole.count("x") >= 250
    assert max(len(piece.text) for piece in within(sections, 650)) <= 325 + 200


def test_the_outermost_headings_go_first_and_are_text_of_the_first_passage_below_them() -> None:
    far, near = "Far from it " * 9, "Near it"
    pieces = within([Section((far, near, "Leave"), PARAGRAPH * 9), Section((far, near, "Pay"), PARAGRAPH * 9)], 200)
    assert {piece.section for piece in pieces} == {"… > Near it > Leave", "… > Near it > Pay"}
    assert [piece.text.count("Far from it") for piece in pieces if "Far" in piece.text] == [9]
    assert within([Section(("Home", "Leave"), PARAGRAPH)], 200)[0].section == "Home > Leave"


def test_a_budget_without_room_for_any_heading_still_gets_the_text() -> None:
    pieces = split_document(
        [Section(("Home",), PARAGRAPH)],
        shares=lambda own: [0.6 + (len(piece.section) + len(piece.text)) / 300 for piece in own],
    )
    assert {piece.section for piece in pieces} == {""}
    assert set(f"Home {PARAGRAPH}".split()) <= set(" ".join(piece.text for piece in pieces).split())


@pytest.mark.parametrize(
    "text",
    [
        f'```python title="{"how it is drawn " * 10}"\n' + "+-----+-----+\n" * 50 + "```",
        ">" * 94 + " ```\n" + (">" * 94 + " a b c d\n") * 3 + ">" * 94 + " ```",
        f"| {'n' * 30} | {'m' * 30} |\n|---|---|\n" + f"| {'v' * 25} | {'w ' * 40} |\n" * 3,
    ],
    ids=["code without words", "code deep in quotations", "table of long names"],
)
def test_what_is_as_long_however_it_is_cut_ends(text: str) -> None:
    pieces = within([Section(("x" * 60,), text)], 170)
    assert len("".join(piece.text for piece in pieces)) < 20 * len(text)


@settings(max_examples=50)
@given(st.text("ab \n|#-", max_size=900), st.integers(120, 600))
def test_no_word_is_lost_to_a_budget(text: str, most: int) -> None:
    words = re.findall(r"[ab]+", text)
    pieces = within([Section((), text)], most)
    assert all(len(piece.text) <= most for piece in pieces)
    kept = " ".join(piece.text for piece in pieces)
    assert set(words) <= set(re.findall(r"[ab]+", kept)) or any(len(word) > SMALLEST for word in words)
