"""A completion is found by its words, whatever happened to its form, and nowhere else."""

from __future__ import annotations

import time

import pytest

from db.feedback.completions import CompletionFinder, Passage, split_words

LEAVE = "Every employee has twenty-eight days of paid leave a year, and may carry five of them over until March."
SICK = "Whoever is ill tells the team by ten in the morning and brings a note from the third day on."
TRAVEL = "The company pays for second class trains; flights under four hours need a director's consent."


def find(completion: str, *documents: list[str], heading: str = "") -> list[int]:
    """Chunk n of document m (both from 1) has the id 10 m + n."""
    finder = CompletionFinder({7: completion})
    for m, texts in enumerate(documents, start=1):
        finder.look_in(Passage(10 * m + n, heading, text) for n, text in enumerate(texts, start=1))
    return finder.found(7)


@pytest.mark.parametrize(
    ("completion", "chunk"),
    [
        (LEAVE, LEAVE),
        (LEAVE.upper(), f"Before. {LEAVE} After."),
        ("has  twenty-eight\n days", LEAVE),
        ("has **twenty-eight** days of `paid` leave", LEAVE),
        ("ask [the People team](https://x.test/people) first", "Always ask the People team first."),
        ("ask the People team first", 'Always ask [the *People* team](people.md "Team") first.'),
        ("| Deck | Cars |\n|---|---|\n| B | 40 |", "Deck Cars\nB 40"),
        ("1. First\n2. Second", "1) First 2) Second"),
        ("don’t park – ever", "Don't park - ever!"),
        ("Q&amp;A sessions", "Our Q&A sessions"),
        ("\ufb01ve days", "Five days"),
        ("休暇は五日", "有給休暇は五日です"),
        ("snake_case name", "The snake case name"),
        ("B", "Deck B is open"),
    ],
)
def test_form_does_not_matter(completion: str, chunk: str) -> None:
    assert find(completion, ["Something else entirely.", chunk]) == [12]


@pytest.mark.parametrize(
    "completion", ["has twenty-eight nights", "days of leave", "eight-twenty", "employee has nothing"]
)
def test_other_words_are_not_found(completion: str) -> None:
    assert find(completion, [LEAVE]) == []


def test_it_is_found_in_every_chunk_that_holds_it_whole() -> None:
    assert find(SICK, [LEAVE, SICK], [f"{TRAVEL} {SICK}"], [TRAVEL]) == [12, 21]


def test_a_long_completion_has_every_chunk_inside_it() -> None:
    assert find(f"# Leave\n{LEAVE}\n\n{SICK} {TRAVEL}", [LEAVE, SICK, TRAVEL]) == [11, 12, 13]


def test_a_completion_across_two_chunks_has_both_if_both_hold_much_of_it() -> None:
    words = f"{LEAVE} {SICK}".split()
    overlapping = [" ".join(words[:24]), " ".join(words[18:])]
    assert find(" ".join(words[10:30]), overlapping, [TRAVEL]) == [11, 12]
    assert find(" ".join(words[:25]), overlapping) == [11]


def test_half_of_a_completion_is_not_enough() -> None:
    assert find(f"{LEAVE} {TRAVEL}", [f"x {LEAVE}"], [f"{TRAVEL} y"]) == []
    assert find(f"{LEAVE} {TRAVEL}", [f"x {LEAVE}", SICK]) == []


def test_a_heading_may_be_part_of_it() -> None:
    assert find(f"## Sick leave\n\n{SICK}", [SICK], heading="Sick leave") == [11]


def test_many_completions_are_found_in_one_pass() -> None:
    finder = CompletionFinder({n: f"room {n} has {n * 7 % 31} chairs and a screen" for n in range(1000)})
    started = time.process_time()
    for start in range(0, 1000, 10):
        rooms = range(start, start + 10)
        finder.look_in([Passage(start, "", ". ".join(f"Room {n} has {n * 7 % 31} chairs and a screen" for n in rooms))])
    assert all(finder.found(n) == [n // 10 * 10] for n in range(1000))
    assert time.process_time() - started < 10


def test_words_of_hostile_texts_take_no_time() -> None:
    started = time.process_time()
    for text in ("](" * 100_000, "<a" * 100_000, "[x](" + "y" * 200_000, "&#x" * 100_000):
        split_words(text)
    same = " ".join(["same"] * 2_000)
    assert find(same, [same, " ".join(["same"] * 150)]) == [11]
    assert time.process_time() - started < 10


@pytest.mark.parametrize("completion", ["", "—", "**", "…?!"])
def test_what_has_no_words_is_found_nowhere(completion: str) -> None:
    assert find(completion, ["Something else entirely.", completion, LEAVE]) == []
