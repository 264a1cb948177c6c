"""The passage that an answer draws on leads its source."""

from __future__ import annotations

import pytest

from bot.answering.leading import find_drawn_on, led_by
from db.search import FoundDocument, Hit
from tests.hits import hit

TEXTS = ("Everyone has 28 days of paid leave.", "Leave was 20 days until 2019.", "Ask your lead two weeks ahead.")


def document(number: int, texts: tuple[str, ...]) -> FoundDocument[Hit]:
    return FoundDocument(tuple(hit(10 * number + n, text, document_id=number) for n, text in enumerate(texts)))


SOURCES = [document(1, TEXTS), document(2, ("Racks are at the door.", "The garage has two decks."))]


@pytest.mark.parametrize(
    ("written", "drawn_on"),
    [
        ("You have 28 days of paid leave [1].", {1: 10}),
        ("Until 2019 it was 20 days [1].", {1: 11}),
        ("Until 2019 it was 20 days. [1] Park in the garage, on two decks. [2]", {1: 11, 2: 21}),
        ("Park in the garage, on two decks [2]. Ask your lead two weeks ahead [1].", {1: 12, 2: 21}),
        ("Ask your lead two weeks ahead [1]; and once more, ask ahead, and until 2019 it was more [1].", {1: 12}),
        ("Two weeks ahead, by the racks at the door [1][2].", {1: 12, 2: 20}),
        ("Oui [1].", {1: 10}),
        ("I don't know.", {}),
    ],
)
def test_it_is_the_one_that_shares_most_words_with_what_stands_before_its_citations(
    written: str, drawn_on: dict[int, int]
) -> None:
    assert find_drawn_on(written, SOURCES) == drawn_on


def test_sources_are_led_by_it_and_keep_their_numbers() -> None:
    leads = [source.lead.chunk_id for source in led_by(SOURCES, {2: 21})]
    assert leads == [10, 21]
    assert [len(source.passages) for source in led_by(SOURCES, {1: 12})] == [3, 2]
