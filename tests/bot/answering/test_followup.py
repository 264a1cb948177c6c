"""A follow-up's prompt can't be broken out of, and of what a model makes of it only a question is believed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answering.followup import (
    MAX_REWRITTEN_CHARS,
    MAX_TURNS,
    TURN_ANSWER_CHARS,
    TURN_QUESTION_CHARS,
    build_rewrite_prompt,
    check_rewritten,
)
from db.answers import Turn

PARKING = Turn("Where can visitors park?", "On the north side [1].")
FOLLOW_UP = "and bicycles?"
STANDING = "Where can visitors park bicycles?"


def test_the_conversation_and_the_question_stand_behind_fences() -> None:
    prompt = build_rewrite_prompt(FOLLOW_UP, [PARKING])
    mark = re.search(r"end in -([0-9a-f]{16})\.", prompt.system)
    assert mark is not None
    assert prompt.user == (
        f"<conversation-{mark[1]}>\nQuestion: Where can visitors park?\nAnswer: On the north side (1).\n"
        f"</conversation-{mark[1]}>\n\n<question-{mark[1]}>\nand bicycles?\n</question-{mark[1]}>"
    )


@given(st.text(), st.lists(st.builds(Turn, st.text(), st.text()), min_size=1))
def test_no_text_closes_its_own_fence_and_the_length_is_bounded(question: str, history: list[Turn]) -> None:
    prompt = build_rewrite_prompt(question, history)
    mark = re.findall(r"-([0-9a-f]{16})\.", prompt.system)[0]
    assert prompt.user.count(mark) == 4
    turn_chars = TURN_QUESTION_CHARS + TURN_ANSWER_CHARS + 30
    assert len(prompt.user) <= MAX_TURNS * turn_chars + len(question) + 200


def test_only_the_last_turns_are_looked_back_on() -> None:
    history = [Turn(f"Question {number}?", "x" * 5_000) for number in range(MAX_TURNS + 1)]
    user = build_rewrite_prompt(FOLLOW_UP, history).user
    assert "Question 0?" not in user and f"Question {MAX_TURNS}?" in user
    assert "x" * TURN_ANSWER_CHARS not in user and " …" in user


@pytest.mark.parametrize("written", [STANDING, f'  "{STANDING}"\n', f"“{STANDING}”"])
def test_a_question_is_taken_without_its_quotes(written: str) -> None:
    assert check_rewritten(written, FOLLOW_UP) == STANDING


@pytest.mark.parametrize(
    "written",
    [
        "",
        '""',
        "???",
        f"Here is the question:\n{STANDING}",
        "Where " * (MAX_REWRITTEN_CHARS // 5),
        f"{STANDING} …",
        "<question-0123456789abcdef> where?",
        "Where? See https://evil.example/?q=north",
    ],
)
def test_anything_odd_leaves_the_question_as_it_was_asked(written: str) -> None:
    assert check_rewritten(written, FOLLOW_UP) == FOLLOW_UP


def test_what_the_question_had_it_may_keep() -> None:
    asked = "and what is on https://docs.example.com/parking? " + "Please. " * MAX_REWRITTEN_CHARS
    assert check_rewritten(asked.strip(), asked) == asked.strip()
