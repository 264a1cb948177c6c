"""Pages whose names nearly are the same are told apart by what differs."""

from __future__ import annotations

from datetime import date

import pytest

from bot.quoting.rivals import facets_of, find_rivalled, find_superseded, is_of_another_year, title_words, year_of
from db.words import tokenizer_of
from tests.hits import hit

TOKENIZER = tokenizer_of(("english",))
TITLES = ("Parental leave: Ireland", "Parental leave: Portugal", "The Cork office", "Expenses", "Expenses (2024)")


def words(text: str) -> frozenset[str]:
    return title_words(hit(title=text), TOKENIZER)


@pytest.mark.parametrize(
    ("question", "rivalled"),
    [
        ("leave in Portugal", {0}),
        ("parental leave in Ireland", {1}),
        ("parental leave", set()),
        ("leave in Ireland and in Portugal", set()),
        ("expenses of 2024", {3}),
        ("offices", set()),
    ],
)
def test_the_twin_of_what_is_named_is_not_meant(question: str, rivalled: set[int]) -> None:
    assert find_rivalled(words(question), [words(title) for title in TITLES]) == rivalled


def test_pages_with_little_in_common_are_no_twins() -> None:
    titles = [words("Chimera: programme overview for everybody"), words("Kimera")]
    assert find_rivalled(words("kimera"), titles) == set()
    assert find_rivalled(words("kimera"), [words("Chimera"), words("Kimera")]) == set()


def test_an_older_edition_is_superseded() -> None:
    pages = [hit(title=title, dated=date(2026, 2, 2)) for title in ("Expenses", "Expenses (2024)", "Price list 2025")]
    assert find_superseded([title_words(page, TOKENIZER) for page in pages], [*map(year_of, pages)]) == {1}
    assert [year_of(page) for page in pages] == [2026, 2024, 2025]


def test_a_page_without_a_date_holds_beside_one_with_a_year_in_its_title() -> None:
    titles = [words("Expenses"), words("Expenses (2024)"), words("Expenses")]
    assert find_superseded(titles, [None, 2024, None]) == {1}
    assert find_superseded(titles[::2], [None, 2024]) == set()  # a date alone tells nothing of what has none
    assert not is_of_another_year({"year": frozenset({"2024"})}, hit(title="Expenses", dated=None))


def test_an_address_and_headings_name_too() -> None:
    page = hit(title="Restart", section="On call > Staging", uri="https://docs.example.com/a%20b/restart-2024.html?x=1")
    assert facets_of(page, "Q3") == {"environment": {"staging"}, "year": {"2024"}, "quarter": {"3"}}
    assert is_of_another_year({"year": frozenset({"2024"})}, page)
    assert not is_of_another_year({"year": frozenset({"2026"})}, page)
    assert not is_of_another_year({}, page)
