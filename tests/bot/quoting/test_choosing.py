"""The best is quoted, and beside it what adds something, within what people read."""

from __future__ import annotations

import numpy as np

from bot.quoting.choosing import MARGIN, MAX_QUOTED_CHARS, MAX_QUOTES, NEARBY, NEW_WORDS, Candidate, choose
from bot.quoting.pieces import Piece
from bot.quoting.wording import Wording
from tests.hits import hit

WORDING = Wording((frozenset({"a"}), frozenset({"b"})), np.array([0.5, 0.5]), np.zeros((2, 0)), {})


def candidate(text: str, score: float, having: tuple[float, float] = (1, 1), passage: str = "") -> Candidate:
    return Candidate(1, hit(text=passage or text), Piece("sentence", (text,)), score, np.array(having))


def chosen(*candidates: Candidate) -> list[str]:
    return [one.piece.text for one in choose(candidates, WORDING)]


def test_the_best_and_what_is_nearly_as_good() -> None:
    assert chosen(candidate("far", 1 - MARGIN - 0.01), candidate("best", 1), candidate("near", 1.01 - MARGIN)) == [
        "best",
        "near",
    ]


def test_what_has_another_of_the_question_s_words_is_worth_more() -> None:
    far = 1 - MARGIN - NEW_WORDS / 4
    assert chosen(candidate("a", 1, (1, 0)), candidate("same", far, (1, 0)), candidate("b", far, (0, 1))) == ["a", "b"]


def test_what_stands_beside_the_best_is_worth_more() -> None:
    far = 1 - MARGIN - NEARBY / 2
    pieces = (candidate("a", 1, passage="page"), candidate("b", far, passage="page"), candidate("c", far))
    assert chosen(*pieces) == ["a", "b"]


def test_few_and_short_and_nothing_twice() -> None:
    assert len(chosen(*(candidate(f"{letter}.", 1) for letter in "abcdefgh"))) == MAX_QUOTES
    long = "x" * (MAX_QUOTED_CHARS - 10)
    assert chosen(candidate(long, 1), candidate("y" * 20, 0.95), candidate("short", 0.9)) == [long, "short"]
    assert chosen(candidate("One. Two.", 1), candidate("one.\n two.", 0.9), candidate("Two", 0.9)) == ["One. Two."]
