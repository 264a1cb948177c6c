"""What is told of a passage that was found."""

from __future__ import annotations

from datetime import date

import pytest

from db.search.found import copy_of, date_of


def test_passages_are_copies_if_their_words_are_the_same_however_they_are_set() -> None:
    assert copy_of("28 days of leave.\n") == copy_of(" 28  DAYS\tof leave.")
    assert copy_of("28 days of leave.") != copy_of("29 days of leave.")
    assert -(2**63) <= copy_of("\ud800") < 2**63


@pytest.mark.parametrize("named", [None, "", "soon", "2026-13-01", "March 2026", "20"])
def test_a_document_is_of_the_day_that_it_names_or_of_none(named: str | None) -> None:
    assert date_of(named) is None
    assert date_of("2024-02-29 10:00:00Z") == date_of("2024-02-29") == date(2024, 2, 29)
