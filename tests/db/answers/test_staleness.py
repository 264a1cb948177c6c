"""When a document is told as one that may be outdated, and in which words."""

from __future__ import annotations

from datetime import date

import pytest

from db.answers.staleness import MOST_NAMESAKES, Day, said_stale

TODAY = date(2026, 11, 27)
NEW = Day(None, date(2026, 11, 1))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (Day(None, date(2024, 11, 27)), ""),
        (Day(None, date(2024, 11, 26)), "may be outdated: unchanged since 2024-11-26"),
        (Day(date(2024, 11, 27), date(2020, 1, 1)), ""),
        (Day(date(2021, 3, 4), TODAY), "may be outdated: dated 2021-03-04"),
    ],
)
def test_the_day_that_it_names_counts_else_the_one_on_which_it_changed(day: Day, said: str) -> None:
    assert said_stale(day, TODAY, 730) == said
    assert said_stale(day, TODAY, 0) == ""


def test_a_few_people_have_to_say_it() -> None:
    assert said_stale(NEW, TODAY, 730, called_outdated_by=2) == ""
    assert said_stale(NEW, TODAY, 730, called_outdated_by=3) == "may be outdated: several people call it outdated"


@pytest.mark.parametrize(
    ("own", "other", "is_newer"),
    [
        (Day(None, date(2026, 1, 1)), Day(None, date(2026, 1, 2)), True),
        (Day(None, date(2026, 1, 1)), Day(None, date(2026, 1, 1)), False),
        (Day(date(2025, 1, 1), date(2026, 5, 5)), Day(date(2025, 1, 2), date(2026, 1, 1)), True),
        (Day(date(2025, 1, 2), date(2026, 1, 1)), Day(date(2025, 1, 1), date(2026, 5, 5)), False),
        (Day(date(2026, 1, 3), date(2026, 1, 3)), Day(None, date(2026, 1, 4)), True),
    ],
)
def test_a_newer_one_is_so_by_the_days_that_both_name_else_by_their_changes(
    own: Day, other: Day, is_newer: bool
) -> None:
    said = "may be outdated: a newer document has the same name" if is_newer else ""
    assert said_stale(own, TODAY, 0, namesakes=[other]) == said


def test_what_many_documents_are_called_names_none_of_them() -> None:
    older, newer = Day(None, date(2026, 1, 1)), Day(None, date(2026, 2, 1))
    assert said_stale(older, TODAY, 0, namesakes=[newer] * MOST_NAMESAKES)
    assert not said_stale(older, TODAY, 0, namesakes=[newer] * (MOST_NAMESAKES + 1))


def test_all_that_says_so_is_said() -> None:
    said = said_stale(Day(date(2021, 3, 4), TODAY), TODAY, 1, called_outdated_by=9, namesakes=[Day(TODAY, TODAY)])
    assert said == (
        "may be outdated: dated 2021-03-04; several people call it outdated; a newer document has the same name"
    )
