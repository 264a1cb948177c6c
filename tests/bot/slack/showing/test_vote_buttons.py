"""The buttons to vote with, and how a person's own votes show in them."""

from __future__ import annotations

from typing import Any

import pytest

from bot.slack.showing.vote_buttons import (
    VOTE_ACTIONS,
    answer_row,
    ballot,
    show_chosen,
    source_buttons,
    vote_button,
    vote_line,
)
from db.question import Passage, Source

SOURCES = [Source(f"cite{number}", number, "Parking", "", (Passage("", "text", 0.5, 0.5),)) for number in (1, 2)]


def styles(blocks: list[dict[str, Any]]) -> dict[tuple[str, str], str | None]:
    """The style of each button, by action and value."""
    return {
        (button["action_id"], button.get("value")): button.get("style")
        for block in blocks
        if block["type"] == "actions"
        for button in block["elements"]
    }


def under_an_answer() -> list[dict[str, Any]]:
    rows = [source_buttons(source) for source in SOURCES] + answer_row(1, SOURCES)
    return [{"type": "section", "text": "An answer."}, *(block.to_dict() for block in rows)]


def test_vote_line() -> None:
    assert vote_line("[2]", 1) == "Your vote on [2]: 👍 (press again to take it back)"
    assert vote_line("the answer", -1) == "Your vote on the answer: 👎 (press again to take it back)"
    assert vote_line("[2]", 0) == "Your vote on [2] is taken back."


def test_a_message_shows_which_buttons_are_pressed() -> None:
    shown = show_chosen(under_an_answer(), {"cite1": 1, "cite2": -1, None: -1})
    assert {button: style for button, style in styles(shown).items() if style} == {
        ("vote_up", "cite1"): "primary",
        ("vote_down", "cite2"): "danger",
        ("answer_down", "cite1"): "danger",
    }
    assert show_chosen(shown, {}) == under_an_answer()


def test_a_vote_on_the_answer_is_none_on_its_first_source() -> None:
    chosen = styles(show_chosen(under_an_answer(), {None: 1}))
    assert (chosen["answer_up", "cite1"], chosen["vote_up", "cite1"]) == ("primary", None)


def test_other_buttons_and_blocks_stay_as_they_are() -> None:
    other = {"type": "actions", "elements": [{"type": "button", "action_id": "share", "style": "primary"}, {}]}
    assert show_chosen([other, {"type": "actions"}, {}], {"cite1": 1}) == [
        other,
        {"type": "actions", "elements": []},
        {},
    ]


def test_a_ballot_has_a_button_for_each_of_a_persons_votes_and_no_more() -> None:
    _, row = (block.to_dict() for block in ballot("Your vote", SOURCES, {"cite2": -1, None: 1}, ("cite2", -1)))
    assert [button["text"]["text"] for button in row["elements"]] == ["[2] 👎", "answer 👍"]
    assert styles([row]) == {("ballot_vote_down/2", "cite2"): "danger", ("ballot_answer_up/0", "cite1"): "primary"}


def test_a_vote_that_was_taken_back_can_be_given_again() -> None:
    _, row = (block.to_dict() for block in ballot("Taken back", SOURCES, {}, ("cite1", 1)))
    assert styles([row]) == {("ballot_vote_up/1", "cite1"): None}
    _, row = (block.to_dict() for block in ballot("Taken back", SOURCES, {}, (None, -1)))
    assert styles([row]) == {("ballot_answer_down/0", "cite1"): None}


def test_the_buttons_of_a_row_are_told_apart() -> None:
    votes = {"cite1": 1, "cite2": 1, None: 1}
    _, row = (block.to_dict() for block in ballot("Your vote", SOURCES, votes, (None, 1)))
    action_ids = [button["action_id"] for button in row["elements"]]
    assert len(set(action_ids)) == 3 and all(map(VOTE_ACTIONS.match, action_ids))
    meant = [vote_button(action_id) for action_id in action_ids]
    assert [button and (button.value, button.whole, button.in_ballot) for button in meant] == [
        (1, False, True),
        (1, False, True),
        (1, True, True),
    ]


@pytest.mark.parametrize(
    ("action_id", "is_vote"),
    [
        ("vote_up", True),
        ("ballot_answer_down", True),
        ("ballot_vote_up/12", True),
        ("right_source", False),
        ("vote_upward", False),
        ("vote_up/x", False),
    ],
)
def test_which_actions_are_votes(action_id: str, is_vote: bool) -> None:
    assert bool(VOTE_ACTIONS.match(action_id)) is is_vote
