"""Which emoji are votes."""

from __future__ import annotations

import pytest

from bot.slack.votes.reactions import vote_value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("+1", 1),
        ("thumbsup", 1),
        ("+1::skin-tone-2", 1),
        ("thumbsup::skin-tone-6", 1),
        ("-1", -1),
        ("thumbsdown", -1),
        ("-1::skin-tone-4", -1),
        ("thumbsdown::skin-tone-3", -1),
        ("heart", None),
        ("+100", None),
        ("::", None),
        ("", None),
    ],
)
def test_vote_value(name: str, value: int | None) -> None:
    assert vote_value(name) == value
