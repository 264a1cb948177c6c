"""The fold against what a person sees: their own presses, in their own order, however they arrive."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from db.feedback.fold import ANSWER_VOTE_WEIGHT, LiveVote, VoteEvent, fold_buttons, fold_votes

CITED = ("aaa", "bbb", "ccc")


def event(action: str, value: int, ts: float, citation_id: str | None = None, key: str | None = None) -> VoteEvent:
    return VoteEvent(
        dedupe_key=key or f"{action}{value}{ts}{citation_id}",
        workspace="T1",
        person="T1:U1",
        question_id=1,
        citation_id=citation_id,
        action=action,  # type: ignore[arg-type]
        value=value,  # type: ignore[arg-type]
        occurred_ts=Decimal(str(ts)),
    )


def values(events: list[VoteEvent], cited: tuple[str, ...] = CITED) -> dict[str, int]:
    return {citation_id: vote.value for citation_id, vote in fold_votes(events, cited).items()}


def test_the_same_button_takes_back_and_the_opposite_flips() -> None:
    up, again, down = (event("press", value, ts, "aaa") for value, ts in ((1, 1), (1, 2), (-1, 3)))
    assert values([up]) == {"aaa": 1}
    assert values([up, again]) == {}
    assert values([up, down]) == {"aaa": -1}
    assert values([up, again, down]) == {"aaa": -1}


def test_set_is_absolute() -> None:
    assert values([event("set", 1, 1, "aaa"), event("set", 1, 2, "aaa")]) == {"aaa": 1}
    assert values([event("press", 1, 1, "aaa"), event("set", 0, 2, "aaa")]) == {}
    assert values([event("set", 1, 1, "aaa"), event("press", 1, 2, "aaa")]) == {}


def test_a_reaction_is_shared_among_the_sources() -> None:
    live = fold_votes([event("react", -1, 7)], CITED)
    assert live == {citation: LiveVote(-1, ANSWER_VOTE_WEIGHT / 3, "answer", Decimal(7)) for citation in CITED}


def test_a_reaction_to_an_answer_with_one_source_is_a_vote_on_it() -> None:
    assert fold_votes([event("react", 1, 7)], ["aaa"]) == {"aaa": LiveVote(1, 1.0, "source", Decimal(7))}


def test_both_thumbs_are_no_vote_and_removing_one_leaves_the_other() -> None:
    both = [event("react", 1, 1), event("react", -1, 2)]
    assert values(both) == {}
    assert values([*both, event("unreact", 1, 3)]) == dict.fromkeys(CITED, -1)
    assert values([*both, event("unreact", 1, 3), event("unreact", -1, 4)]) == {}


def test_a_button_overrides_the_reaction_for_good() -> None:
    events = [event("press", 1, 1, "aaa"), event("press", 1, 2, "aaa"), event("react", -1, 3)]
    assert values(events) == {"bbb": -1, "ccc": -1}


def test_the_answers_own_buttons_toggle_and_override_reactions_for_good() -> None:
    up, thumb = event("press", 1, 1), event("react", -1, 2)
    assert fold_votes([up], CITED) == {
        citation: LiveVote(1, ANSWER_VOTE_WEIGHT / 3, "answer", Decimal(1)) for citation in CITED
    }
    assert values([up, thumb]) == dict.fromkeys(CITED, 1)
    assert values([up, thumb, event("press", 1, 3)]) == {}
    assert values([up, thumb, event("press", -1, 3)]) == dict.fromkeys(CITED, -1)
    assert values([thumb, event("set", 1, 3)]) == dict.fromkeys(CITED, 1)


def test_a_sources_own_button_overrides_the_answers() -> None:
    assert values([event("press", 1, 1), event("press", -1, 2, "aaa")]) == {"aaa": -1, "bbb": 1, "ccc": 1}


def test_the_answers_own_button_is_weaker_than_its_only_sources() -> None:
    assert fold_votes([event("press", 1, 7)], ["aaa"]) == {"aaa": LiveVote(1, ANSWER_VOTE_WEIGHT, "answer", Decimal(7))}


def test_buttons_show_what_was_pressed_and_no_reaction() -> None:
    events = [event("press", 1, 1), event("press", -1, 2, "aaa"), event("set", 1, 3, "bbb"), event("react", -1, 4)]
    assert fold_buttons(events) == {None: 1, "aaa": -1, "bbb": 1}
    assert fold_buttons([*events, event("press", -1, 5, "aaa"), event("set", 0, 6)]) == {"bbb": 1}


def test_an_answer_without_sources_has_no_votes() -> None:
    assert fold_votes([event("react", 1, 1), event("press", 1, 2)], []) == {}


@pytest.mark.parametrize(
    ("action", "value", "citation_id"),
    [("press", 0, None), ("react", 1, "aaa"), ("unreact", 1, "aaa"), ("unreact", 0, None), ("press", 0, "aaa")],
)
def test_events_that_no_button_makes_are_refused(action: str, value: int, citation_id: str | None) -> None:
    with pytest.raises(ValueError, match="a "):
        event(action, value, 1, citation_id)


EVENTS = st.builds(
    lambda kind, value, ts, citation_id: event(
        kind, value, ts, citation_id if kind in ("press", "set") else None, key=f"{kind}{value}{ts}{citation_id}"
    ),
    st.sampled_from(["press", "set", "react", "unreact"]),
    st.sampled_from([-1, 1]),
    st.integers(0, 3),
    st.sampled_from([*CITED, None]),
)


@given(st.lists(EVENTS, max_size=12), st.data())
def test_order_of_arrival_and_repeats_change_nothing(events: list[VoteEvent], data: st.DataObject) -> None:
    arrived = data.draw(st.permutations(events + events[: data.draw(st.integers(0, len(events)))]))
    assert fold_votes(arrived, CITED) == fold_votes(events, CITED)
    assert fold_buttons(arrived) == fold_buttons(events)


class Person(RuleBasedStateMachine):
    """Someone acts, and a dict keeps what they see at once; deliveries come late, mixed up and repeated."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.buttons: dict[str | None, int] = {}
        self.thumbs: dict[int, bool] = {1: False, -1: False}
        self.under_way: list[VoteEvent] = []
        self.arrived: list[VoteEvent] = []

    def _send(self, action: str, value: int, citation_id: str | None = None) -> None:
        self.now += 1
        # keys that sort against time: the order must come from the timestamp
        self.under_way.append(event(action, value, self.now, citation_id, key=f"{10_000 - self.now}"))

    @rule(citation_id=st.sampled_from([*CITED, None]), value=st.sampled_from([-1, 1]))
    def press(self, citation_id: str | None, value: int) -> None:
        self.buttons[citation_id] = 0 if self.buttons.get(citation_id) == value else value
        self._send("press", value, citation_id)

    @rule(citation_id=st.sampled_from([*CITED, None]), value=st.sampled_from([-1, 0, 1]))
    def set(self, citation_id: str | None, value: int) -> None:
        self.buttons[citation_id] = value
        self._send("set", value, citation_id)

    @rule(value=st.sampled_from([-1, 1]))
    def react(self, value: int) -> None:
        self.thumbs[value] = True
        self._send("react", value)

    @rule(value=st.sampled_from([-1, 1]))
    def unreact(self, value: int) -> None:
        self.thumbs[value] = False
        self._send("unreact", value)

    @rule(data=st.data())
    def deliver_any(self, data: st.DataObject) -> None:
        if self.under_way:
            self.arrived.append(self.under_way.pop(data.draw(st.integers(0, len(self.under_way) - 1))))

    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        if self.arrived:
            self.arrived.append(data.draw(st.sampled_from(self.arrived)))

    @invariant()
    def once_all_is_delivered_the_fold_is_what_the_person_sees(self) -> None:
        thumb = sum(value for value, stands in self.thumbs.items() if stands)
        whole = self.buttons.get(None, thumb)
        seen = {citation_id: self.buttons.get(citation_id, whole) for citation_id in CITED}
        delivered = self.under_way[::-1] + self.arrived
        assert values(delivered) == {key: value for key, value in seen.items() if value}
        assert fold_buttons(delivered) == {key: value for key, value in self.buttons.items() if value}


Person.TestCase.settings = settings(max_examples=100, stateful_step_count=25, deadline=None)
TestPerson = Person.TestCase


@pytest.mark.parametrize(
    ("action", "value", "ts", "citation_id", "wrong"),
    [
        ("react", 1, 1, "aaa", "names the whole answer"),
        ("press", 0, 1, "aaa", "is up or down"),
        ("press", 1, "NaN", "aaa", "happens at some time"),
        ("set", 1, "Infinity", "aaa", "happens at some time"),
    ],
)
def test_what_is_no_vote_is_none(action: str, value: int, ts: float, citation_id: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        event(action, value, ts, citation_id)
