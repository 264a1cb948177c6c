"""Times and environments are found as people write them, and words that only look like them aren't."""

from __future__ import annotations

import pytest

from bot.quoting.facets import contradicts, fits, name_facets


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Price list 2025", {"year": {"2025"}}),
        ("roadmap-q3-2026.md", {"quarter": {"3"}, "year": {"2026"}}),
        ("the third quarter", {"quarter": {"3"}}),
        ("postmortems/2026-02-11-gantry", {"year": {"2026"}, "month": {"feb"}}),
        ("notes of 28 May 2026, or Sept.", {"year": {"2026"}, "month": {"may", "sep"}}),
        ("last march", {"month": {"mar"}}),
        ("restart PROD", {"environment": {"production"}}),
        ("stg and dev/db", {"environment": {"staging", "dev"}}),
        ("Who may march with Mary and Martin to the mart, 2000.5 of them?", {}),
        ("Business development costs €2,000", {}),
    ],
)
def test_what_is_named(text: str, named: dict[str, set[str]]) -> None:
    assert name_facets(text) == named


def test_pages_fit_contradict_or_say_nothing() -> None:
    asked = name_facets("sales in q3 2026")
    for page, fitting, contradicting in (
        ("Q3", True, False),
        ("Q3 2025", True, True),
        ("Q2 2026", True, True),
        ("Q2", False, True),
        ("Sales (production)", False, False),
        ("Q2 and Q3 2026", True, False),
    ):
        named = name_facets(page)
        assert (fits(asked, named), contradicts(asked, named)) == (fitting, contradicting), page
