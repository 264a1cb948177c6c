"""Which emoji on which messages are votes, and what is passed over."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from bot.slack.incoming.reactions import read_reaction, vote_value
from tests.doubles_slack import ANNA, HTTP_CHANNEL, TEAM

WEIRD: list[Any] = [None, [], "x", 5, {}, {"id": 5}, [None], {"blocks": [5]}]


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


def reaction(**changes: Any) -> dict[str, Any]:
    item = {"type": "message", "channel": HTTP_CHANNEL, "ts": "1.5"}
    event = {
        "type": "reaction_added",
        "user": ANNA,
        "reaction": "+1::skin-tone-2",
        "item": item,
        "event_ts": "9.000001",
    }
    return {"team_id": TEAM, "event_id": "Ev1", "event": event | changes}


def test_a_reaction_with_a_skin_tone() -> None:
    read = read_reaction(reaction())
    assert read is not None
    assert (read.value, read.added, read.occurred_ts) == (1, True, Decimal("9.000001"))
    assert not read.shared
    shared = read_reaction(reaction() | {"is_ext_shared_channel": True})
    assert shared is not None and shared.shared
    gone = read_reaction(reaction(type="reaction_removed", reaction="thumbsdown"))
    assert gone is not None and (gone.value, gone.added) == (-1, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"reaction": "heart"},
        {"item": {"type": "file", "file": "F1"}},
        {"event_ts": "NaN"},
        {"event_ts": "soon"},
        {"event_ts": None},
        {"user": None},
    ],
)
def test_other_reactions_are_passed_over(changes: dict[str, Any]) -> None:
    assert read_reaction(reaction(**changes)) is None


@pytest.mark.parametrize("weird", WEIRD)
@pytest.mark.parametrize("field", ["event", "team_id", "event_id"])
def test_misshapen_reactions_raise_nothing(field: str, weird: Any) -> None:
    read_reaction(reaction() | {field: weird})
