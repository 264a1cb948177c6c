"""The buttons by which admins decide: each can be told by its action id."""

from __future__ import annotations

from typing import get_args

from bot.slack.showing.night_buttons import DECISION_ACTIONS, decision_buttons, wanted_by
from db.generations import Wanted


def test_each_button_is_listened_to_and_says_what_is_wanted_of_which_generation() -> None:
    wanted: tuple[Wanted, ...] = get_args(Wanted)
    buttons = decision_buttons(7, wanted).to_dict()["elements"]
    assert [wanted_by(button["action_id"]) for button in buttons] == list(wanted)
    assert all(DECISION_ACTIONS.match(button["action_id"]) and button["value"] == "7" for button in buttons)
    assert all("7" in button["confirm"]["title"]["text"] for button in buttons)


def test_other_buttons_decide_nothing() -> None:
    assert not any(
        DECISION_ACTIONS.match(action) for action in ("decide_", "decide_vote", "vote_up", "xdecide_promote")
    )
