"""From labels and lists to choices: what counts as right, what as wrong, and what says nothing."""

from __future__ import annotations

import numpy as np

from db.answers import Ranked
from retrain.lesson import Anchor, Label
from retrain.ranking.choices import Choice, choices_of

ASKED = Anchor("question", 1)


def listed(chunk_id: int, *, document: int = 0, copy: int = 0, shown: bool = False) -> Ranked:
    return Ranked(chunk_id, document or chunk_id, copy or chunk_id, shown, (float(chunk_id),) * 7)


def said(**votes: float) -> list[Label]:
    """Like c1=1.0, c2=-1.0: weights with the signs of the labels."""
    return [Label(ASKED, int(name[1:]), 1 if own > 0 else -1, abs(own)) for name, own in votes.items()]


def rows(choice: Choice) -> tuple[list[float], list[float]]:
    return choice.right[:, 0].tolist(), choice.wrong[:, 0].tolist()


def test_down_voted_and_unshown_passages_stand_against_those_that_were_voted_up() -> None:
    served = [listed(1, shown=True), listed(2, shown=True), listed(3, shown=True), listed(4), listed(5)]
    [choice] = choices_of(said(c1=1.0, c2=-1.0), {ASKED: served})
    assert rows(choice) == ([1], [2, 4, 5])  # the third was shown and not voted on


def test_nothing_of_a_right_document_nor_a_copy_of_it_is_wrong() -> None:
    served = [listed(1, shown=True), listed(2, document=1), listed(3, copy=1), listed(4)]
    [choice] = choices_of(said(c1=1.0), {ASKED: served})
    assert rows(choice) == ([1], [4])


def test_passages_of_a_shown_document_are_not_unshown() -> None:
    served = [listed(1, shown=True), listed(2, shown=True), listed(3, document=2), listed(4)]
    [choice] = choices_of(said(c1=1.0), {ASKED: served})
    assert rows(choice) == ([1], [4])


def test_a_question_with_nothing_right_or_nothing_wrong_is_no_choice() -> None:
    served = [listed(1, shown=True), listed(2)]
    assert choices_of(said(c1=-1.0), {ASKED: served}) == []
    assert choices_of(said(c1=1.0), {ASKED: served[:1]}) == []
    assert choices_of(said(c9=1.0), {ASKED: served}) == []
    assert choices_of(said(c1=1.0), {}) == []
    assert choices_of([], {ASKED: served}) == []


def test_many_people_make_a_choice_no_weightier_than_one_and_doubt_makes_it_lighter() -> None:
    served = {ASKED: [listed(1, shown=True), listed(2)]}
    assert [choices_of(said(c1=weight), served)[0].weight for weight in (0.25, 1.0, 40.0)] == [0.25, 1.0, 1.0]


def test_a_question_that_is_asked_again_and_again_weighs_as_much_as_one() -> None:
    anchors = [Anchor("question", number) for number in range(4)]
    served = {anchor: [listed(1, shown=True), listed(2)] for anchor in anchors}
    labels = [Label(anchor, 1, 1, 0.8) for anchor in anchors[:3]]
    unheard = Label(anchors[3], 2, -1, 1.0)  # of the same cluster, but it makes no choice
    choices = choices_of([*labels, unheard], served, {anchors[0]: 7, anchors[1]: 7, anchors[3]: 7})
    assert [choice.weight for choice in choices] == [0.4, 0.4, 0.8]


def test_each_question_is_its_own_choice() -> None:
    other = Anchor("question", 2)
    labels = [Label(other, 1, 1, 1.0), *said(c2=1.0)]
    served = {own: [listed(1), listed(2), listed(3)] for own in (ASKED, other)}
    first, second = choices_of(labels, served)
    assert (rows(first), rows(second)) == (([2], [1, 3]), ([1], [2, 3]))
    assert np.isfinite(first.right).all()
