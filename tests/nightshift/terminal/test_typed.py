"""What lines at the prompt mean: words of command, votes in every way people write them, and questions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightshift.terminal.typed import Afresh, Help, Leave, NoVote, Question, Thanks, Typed, Votes, read_typed


def votes(*given: tuple[int, int]) -> Votes:
    return Votes(given)


@pytest.mark.parametrize(
    ("lines", "typed"),
    [
        (("exit", "quit", "Exit", ":q", ":q!", "/exit", "exit()", "\\q", "bye"), Leave()),
        (("help", "?", "/help", ":h", "HELP", "help me", "hi", "hello!"), Help()),
        (("new", "/new", "reset"), Afresh()),
        (("thanks!", "ok cool", "🎉"), Thanks()),
        (("+1", "++1", "+ 1", "+  1 ", "+[1]", "👍 1", "👍1"), votes((1, 1))),
        (("-2", "--2", "- 2", "–2", "−2", "👎 2"), votes((-1, 2))),
        (("0 2", "0  2", "0 [2]"), votes((0, 2))),
        (("+1 +2", "+1+2", "+1, +2", "++1 ; + 2"), votes((1, 1), (1, 2))),
        (("+1 -3 0 2", "+1,-3,0 2"), votes((1, 1), (-1, 3), (0, 2))),
        (("+9",), votes((1, 9))),
        (("+", "-", "++", "+1 2", "2", "0", "2 3", "+-1", "+1 + ", "1+", "👍", "+1 0"), NoVote()),
    ],
)
def test_what_is_typed(lines: tuple[str, ...], typed: Typed) -> None:
    assert [(line, read_typed(line)) for line in lines] == [(line, typed) for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "help with my VPN",
            "exit interview?",
            "how do I quit",
            "new laptops",
            "+1 what?",
            "2026 holidays",
            "-v flag",
        ),
        *("2026 holidays", "0 days left?", "thanks, and on Sundays?", "1234567890", "who is on call"),
    ],
)
def test_a_question_stays_one(text: str) -> None:
    assert read_typed(text) == Question(text)


@given(st.text(min_size=1).filter(str.strip))
def test_every_line_means_something(line: str) -> None:
    assert isinstance(read_typed(line), Typed)
