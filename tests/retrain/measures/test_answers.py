from __future__ import annotations

import numpy as np
import pytest

from retrain.measures import Answered, holds_answer, judge_answers

RIGHT_DOCUMENT = {7: 1.0}
NONE_ANSWERS: dict[int, float] = {}


@pytest.mark.parametrize(
    ("answer", "relevant", "expected"),
    [
        (Answered((3, 7), refused=False), RIGHT_DOCUMENT, (1, 0, 0)),
        (Answered((3, 7), refused=True), RIGHT_DOCUMENT, (0, 1, 0)),
        (Answered((3, 4), refused=False), RIGHT_DOCUMENT, (0, np.nan, 1)),
        (Answered((3, 4), refused=True), RIGHT_DOCUMENT, (0, np.nan, 0)),
        (Answered((), refused=True), RIGHT_DOCUMENT, (0, np.nan, 0)),
        (Answered((3, 4), refused=False), {7: 1.0, 4: 0.0}, (0, np.nan, 1)),
        (Answered((3,), refused=False), NONE_ANSWERS, (np.nan, np.nan, 1)),
        (Answered((3,), refused=True), NONE_ANSWERS, (np.nan, np.nan, 0)),
    ],
)
def test_an_answer_is_right_or_wrongly_silent_or_wrongly_talkative_or_rightly_silent(
    answer: Answered, relevant: dict[int, float], expected: tuple[float, float, float]
) -> None:
    measured = judge_answers([answer], [relevant])
    assert list(measured) == ["right", "wrongly_silent", "wrongly_talkative"]
    assert np.concatenate(list(measured.values())) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "answer", "holds"),
    [
        ("> **Leave** [1]\n>\n> You get 25\n> days, and more.", "25 days", True),
        ("It takes “Five to Six” days!", "five to six", True),
        ("It takes 125 days", "25 days", False),
        ("25 working days", "25 days", False),
        ("Whatever it says", "…", False),
        ("", "25 days", False),
    ],
)
def test_a_text_holds_an_answer_whose_words_stand_in_it_together(text: str, answer: str, holds: bool) -> None:
    assert holds_answer(text, answer) is holds
