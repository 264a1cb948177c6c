from __future__ import annotations

from dataclasses import replace

import pytest

from retrain.lesson.labels import (
    Anchor,
    Judgement,
    Label,
    LabelRules,
    labels_beside,
    labels_from_pairs,
    labels_from_synthetic,
    labels_from_votes,
)

NO_CAPS = LabelRules(person_share=1.0, chunk_share=1.0)


def vote(
    person: str = "ann", question: int = 1, chunk: int = 10, value: int = 1, at: float = 1.0, **more: object
) -> Judgement:
    return Judgement(person, question, chunk, value, at, **more)  # type: ignore[arg-type]


def test_a_person_has_one_say_and_it_is_the_latest() -> None:
    votes = [vote(value=-1, at=2.0), vote(value=1, at=1.0), vote(value=1, at=0.5)]
    expected = [Label(Anchor("question", 1), 10, -1, 1.0)]
    assert labels_from_votes(votes, NO_CAPS) == labels_from_votes(votes[::-1], NO_CAPS) == expected


def test_a_vote_on_the_source_stands_before_a_later_share_of_one_on_the_answer() -> None:
    votes = [vote(value=1, at=1.0), vote(value=-1, at=9.0, origin="answer", weight=0.2)]
    assert labels_from_votes(votes, NO_CAPS) == [Label(Anchor("question", 1), 10, 1, 1.0)]


def test_a_vote_on_a_passage_that_was_edited_is_worth_the_share_of_the_words_that_stayed() -> None:
    (label,) = labels_from_votes([vote(nearness=0.75, weight=0.5)], NO_CAPS)
    assert label.weight == 0.375


def test_a_share_of_a_vote_on_the_answer_is_a_weak_label() -> None:
    (label,) = labels_from_votes([vote(origin="answer", weight=0.25)], NO_CAPS)
    assert label.weight == 0.25


@pytest.mark.parametrize(("reason", "kept"), [(None, 1), ("wrong_source", 1), ("outdated", 0), ("badly_written", 0)])
def test_only_a_wrong_source_makes_a_negative(reason: str | None, kept: int) -> None:
    assert len(labels_from_votes([vote(value=-1, reason=reason)], NO_CAPS)) == kept


def test_nothing_is_learnt_where_people_disagree() -> None:
    assert labels_from_votes([vote("ann"), vote("bob", value=-1)], NO_CAPS) == []
    two_to_one = [vote("ann"), vote("bob"), vote("cid", value=-1)]
    assert labels_from_votes(two_to_one, NO_CAPS) == []


def test_a_clear_majority_stands_with_what_is_left_of_its_weight() -> None:
    votes = [vote(person) for person in ("ann", "bob", "cid", "dan")] + [vote("eve", value=-1)]
    assert labels_from_votes(votes, NO_CAPS) == [Label(Anchor("question", 1), 10, 1, 3.0)]


DAY = 86_400.0
HALF_IN_20 = replace(NO_CAPS, half_life_days=20.0)


def test_a_vote_is_worth_half_as_much_for_each_half_life_before_the_newest() -> None:
    votes = [vote("ann", 1, at=1000 * DAY), vote("bob", 2, at=980 * DAY, weight=0.5), vote("cid", 3, at=960 * DAY)]
    assert [label.weight for label in labels_from_votes(votes, HALF_IN_20)] == [1.0, 0.25, 0.25]


def test_votes_of_one_day_are_worth_the_same_whatever_the_hour() -> None:
    votes = [vote("ann", 1, at=10.9 * DAY), vote("bob", 2, at=10.0 * DAY)]
    assert [label.weight for label in labels_from_votes(votes, HALF_IN_20)] == [1.0, 1.0]


def test_where_people_disagree_over_the_years_the_newer_word_stands() -> None:
    old, new = vote("ann", value=1, at=0.0), vote("bob", value=-1, at=730 * DAY)
    assert labels_from_votes([old, replace(new, occurred_s=1.0)], NO_CAPS) == []
    (label,) = labels_from_votes([old, new], NO_CAPS)
    assert (label.value, label.weight) == (-1, 0.75)


def test_who_votes_now_is_not_capped_to_what_old_votes_are_still_worth() -> None:
    old = [vote(f"p{n}", n, n, at=0.0) for n in range(20)]
    new = [vote("ann", 100 + n, 100 + n, at=730 * DAY) for n in range(10)]
    weights = {label.anchor.id: label.weight for label in labels_from_votes(old + new)}
    unaged = {
        label.anchor.id: label.weight
        for label in labels_from_votes(old + [replace(one, occurred_s=0.0) for one in new])
    }
    assert {weights[n] / unaged[n] for n in range(20)} == {0.25}
    assert {weights[n] / unaged[n] for n in range(100, 110)} == {1.0}


def test_one_loud_person_carries_a_tenth() -> None:
    loud = [vote("loud", question=q, chunk=q) for q in range(500)]
    others = [vote(f"p{n}", question=1000 + n, chunk=1000 + n) for n in range(40)]
    labels = labels_from_votes(loud + others, LabelRules(chunk_share=1.0))
    of_loud = sum(label.weight for label in labels if label.anchor.id < 1000)
    assert of_loud / sum(label.weight for label in labels) == pytest.approx(0.1)


def test_one_chunk_carries_a_twentieth() -> None:
    hub = [vote(f"p{n % 50}", question=n, chunk=7) for n in range(300)]
    others = [vote(f"p{n % 50}", question=1000 + n, chunk=1000 + n) for n in range(100)]
    labels = labels_from_votes(hub + others)
    of_hub = sum(label.weight for label in labels if label.chunk_id == 7)
    assert of_hub / sum(label.weight for label in labels) == pytest.approx(0.05, rel=1e-3)


def test_the_order_in_which_votes_come_does_not_matter() -> None:
    votes = [vote(f"p{n % 7}", question=n % 5, chunk=n % 11, value=1 if n % 3 else -1, at=n) for n in range(200)]
    assert labels_from_votes(votes) == labels_from_votes(votes[::-1])


def test_a_curated_pair_makes_each_chunk_that_holds_its_completion_right() -> None:
    assert labels_from_pairs({3: [8, 7, 8]}) == [
        Label(Anchor("pair", 3), 7, 1, 0.5),
        Label(Anchor("pair", 3), 8, 1, 0.5),
    ]
    assert labels_from_pairs({3: [7]}, marked={3}) == [Label(Anchor("marked", 3), 7, 1, 1.0)]


def test_a_written_question_is_worth_less_than_a_word_of_anybody_s_and_is_not_given() -> None:
    [label] = labels_from_synthetic({3: 7})
    assert (label.anchor, label.chunk_id, label.value) == (Anchor("synthetic", 3), 7, 1)
    assert label.weight < 1
    assert [Anchor(kind, 1).is_given for kind in ("question", "synthetic", "pair", "marked")] == [
        False,
        False,
        True,
        True,
    ]


UNCAPPED = LabelRules(person_share=1.0, chunk_share=1.0, beside_share=0.3)


def beside(votes: list[Judgement], rules: LabelRules = UNCAPPED) -> list[tuple[int, int, float]]:
    """(chunk, value, weight) of each label on a passage that didn't lead."""
    found = labels_beside(labels_from_votes(votes, rules), votes, rules)
    return [(label.chunk_id, label.value, label.weight) for label in found]


@pytest.mark.parametrize("value", [1, -1])
def test_passages_beside_the_leading_one_get_a_share_of_what_people_say_together(value: int) -> None:
    votes = [vote(who, value=value, beside=(11, 12)) for who in ("ann", "bob")]
    assert beside(votes) == [(11, value, pytest.approx(0.6)), (12, value, pytest.approx(0.6))]
    assert beside([*votes, vote("cid", value=-value, beside=(11, 12))]) == [], "nor where people disagree"
    assert beside([vote(value=value)]) == []
    assert beside(votes, replace(UNCAPPED, beside_share=0.0)) == []


def test_what_does_not_teach_of_the_leading_passage_teaches_of_no_other() -> None:
    assert beside([vote(value=-1, reason="outdated", beside=(11,))]) == []
    assert beside([vote(origin="answer", weight=0.1, beside=(11,))]) == [(11, 1, pytest.approx(0.03))]


def test_labels_of_leading_passages_are_the_same_however_many_stand_beside_them() -> None:
    people = [f"p{n % 7}" for n in range(60)]
    bare = [vote(who, n, 10 + n % 9, 1 if n % 3 else -1) for n, who in enumerate(people)]
    full = [replace(own, beside=(own.chunk_id + 100, own.chunk_id + 200)) for own in bare]
    assert labels_from_votes(full) == labels_from_votes(bare)


def test_no_passage_gets_more_by_standing_beside_than_a_leading_one_may() -> None:
    votes = [vote(f"p{n}", n, 10 + n, beside=(9,)) for n in range(100)]
    assert sum(weight for _, _, weight in beside(votes)) == pytest.approx(30)
    capped = beside(votes, replace(UNCAPPED, chunk_share=0.05))
    assert sum(weight for _, _, weight in capped) == pytest.approx(0.05 * (100 + 0.05 / 0.95 * 100))
