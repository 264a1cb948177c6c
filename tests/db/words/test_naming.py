"""Names and identifiers, as people type them into questions."""

from __future__ import annotations

import pytest

from db.words.naming import find_identifiers, find_names, find_numbered

_STOP_WORDS = frozenset(("has", "is", "in", "the", "at", "of", "a"))


@pytest.mark.parametrize(
    ("question", "identifiers"),
    [
        ("what does hawthorn error 734 mean", ["734"]),
        ("my change has 700 lines", []),
        ("price list 2028", ["2028"]),
        ("what is new in chimera 2.7", ["2.7"]),
        ("ERR_PALLET_TIMEOUT", ["ERR_PALLET_TIMEOUT"]),
        ("what is the state of return R-30177", ["R-30177"]),
        ("what does a Mule M4 cost", ["M4"]),
        ("may I spend €1800 or 250% of it at 10:30, e.g. on books?", []),
        ("SOFA", ["SOFA"]),
        ("what does TIP mean", ["TIP"]),
        ("HOW DO I RESET MY PASSWORD", []),
        ("how does ticketmaster.com use my address", ["ticketmaster.com"]),
        ("how much weight can a mule pull", []),
        (f"name{500 * '_'}/date", []),
        (f"1{500 * '_'}:x", []),
    ],
)
def test_identifiers(question: str, identifiers: list[str]) -> None:
    assert find_identifiers(question, lambda word: word.lower() in _STOP_WORDS) == identifiers


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("what is Google's parental leave policy", ["Google"]),
        ("who is Oisín Fallon", ["Oisín", "Fallon"]),
        ("Parental leave. Who pays?", []),
        ("Parental Leave Policy In Ireland", []),
        ("can i just dm hamza", []),
    ],
)
def test_names(question: str, names: list[str]) -> None:
    assert find_names(question, ("english",)) == names


def test_where_nouns_have_capitals_they_tell_nothing() -> None:
    assert find_names("wie viele Tage Urlaub habe ich", ("english", "german")) == []


@pytest.mark.parametrize(
    ("question", "numbered"),
    [
        ("when does chimera 3 come out", ["chimera 3"]),
        ("SOC 2 report, floor 3?", ["SOC 2", "floor 3"]),
        ("the last 3 months", []),
        ("is 5 enough", []),
        ("approves discount 15% or fee 9 € of lift 2.5", []),
        ("error 733 of Q3 12 13", ["Q3 12"]),
        ("at 9:30 in room-4 1", []),
        ("チキン 3 つ", ["チキン 3"]),
    ],
)
def test_a_number_behind_a_word_says_which_one(question: str, numbered: list[str]) -> None:
    assert find_numbered(question, lambda word: word.lower() in _STOP_WORDS) == numbered
