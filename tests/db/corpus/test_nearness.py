"""How near texts are is the share of one's words that the other has in their order."""

from __future__ import annotations

import pytest

from db.corpus.nearness import Shelf, nearness, split_words


def near(text: str, *others: str) -> tuple[int, float] | None:
    found = Shelf(others).nearest(split_words(text))
    return None if found is None else (found.place, round(found.share, 2))


@pytest.mark.parametrize(
    ("words", "others", "share"),
    [
        ("a b c d", "a b c d", 1.0),
        ("a b c d", "x a b c d y z", 1.0),
        ("a b c d", "a b x d", 0.75),
        ("a b c d", "d c b a", 0.25),
        ("a b", "", 0.0),
        ("", "a b", 0.0),
    ],
)
def test_nearness_counts_the_words_that_stayed_in_their_order(words: str, others: str, share: float) -> None:
    assert nearness(words.split(), others.split()) == share


def test_the_nearest_is_found_whatever_its_case_spacing_and_markup() -> None:
    old = "The **permit** costs 40 euros\na month."
    assert near(old, "Lunch is at noon.", "the permit costs 40 euros a month") == (1, 1.0)
    assert near(old, "The permit costs 45 euros a month.", "The permit costs 40 dollars or 38 a month") == (0, 0.86)
    assert near("許可証は毎月四十ユーロです", "許可証は毎月五十ユーロです", "食堂は正午に開きます") == (0, 0.92)


def test_of_equals_the_first_is_nearest_and_what_has_less_than_half_is_none() -> None:
    assert near("a b c d", "a b c x", "a b c y") == (0, 0.75)
    assert near("a b c d", "a b x y") == (0, 0.5)
    assert near("a b c d", "a x y z", "b", "") is None
    assert near("…", "…") is None
    assert near("a b") is None


def test_words_that_are_said_again_and_again_count_as_often() -> None:
    row = "name {} price {} status open"
    table, next_month = (" ".join(row.format(f"n{n}", month + n) for n in range(5)) for month in (10, 20))
    assert near(table, "another table of other things", next_month) == (1, 0.83)
    assert near("a a a a b c d", "a x y z", "a a a a x y z") == (1, 0.57)


def test_of_many_that_say_the_same_words_those_alone_are_compared_that_have_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []
    monkeypatch.setattr(
        "db.corpus.nearness.nearness", lambda words, others: compared.append(others) or nearness(words, others)
    )
    rows = [f"open sales name price status n{n}" for n in range(500)]
    assert near("name price status sales n77 open", *rows) == (77, 0.67)
    assert len(compared) < 20


def test_a_passage_that_was_cut_elsewhere_is_nearest_to_the_one_with_more_of_it() -> None:
    sentences = [f"sentence{n} says thing{n} of topic{n}." for n in range(12)]
    cut = [" ".join(sentences[start : start + 4]) for start in (0, 3, 6, 9)]
    assert near(" ".join(sentences[4:8]), *cut) == (1, 0.75)


def test_words_of_both_are_split_alike() -> None:
    assert split_words("See [the plan](http://x.example/a_b) &amp; <b>more</b>.") == ["see", "the", "plan", "more"]
