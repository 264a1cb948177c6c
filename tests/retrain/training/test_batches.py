from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from retrain.lesson import Anchor, TrainingRow
from retrain.training.batches import BatchRules, group_rows, make_batches


def question(number: int) -> Anchor:
    return Anchor("question", number)


def batch(*rows: TrainingRow, right: dict[Anchor, frozenset[int]] | None = None, epoch: int = 0, **rules: int):  # noqa: ANN201
    (only,) = make_batches(rows, right or {}, epoch=epoch, seed=0, rules=BatchRules(**rules))
    allowed = {
        anchor.id: {chunk for chunk, on in zip(only.chunk_ids, only.allowed[index], strict=True) if on}
        for index, anchor in enumerate(only.anchors)
    }
    return only, allowed


def test_a_row_stands_against_its_negatives_and_the_other_rows_passages() -> None:
    only, allowed = batch(TrainingRow(question(1), 10, (12,), (), 0.5), TrainingRow(question(2), 20, (), (21,), 1.0))
    assert allowed == {1: {10, 12, 20, 21}, 2: {10, 12, 20, 21}}
    assert [only.chunk_ids[column] for column in only.target] == [{1: 10, 2: 20}[a.id] for a in only.anchors]
    assert sorted(only.weights.tolist()) == [0.5, 1.0]


def test_another_passage_known_to_be_right_is_left_out() -> None:
    rows = TrainingRow(question(1), 10, (), (), 1.0), TrainingRow(question(2), 20, (), (), 1.0)
    assert batch(*rows)[1][2] == {10, 20}
    assert batch(*rows, right={question(2): frozenset({10, 20})})[1][2] == {20}


def test_but_never_what_a_person_called_wrong() -> None:
    rows = TrainingRow(question(1), 10, (), (), 1.0), TrainingRow(question(2), 20, (10,), (), 1.0)
    assert batch(*rows, right={question(2): frozenset({10, 20})})[1][2] == {10, 20}


def test_each_epoch_takes_the_next_of_the_voted_negatives() -> None:
    row = TrainingRow(question(1), 10, (11, 12, 20, 21), (22,), 1.0)
    taken = [set(batch(row, epoch=epoch, voted=2, mined=1)[0].chunk_ids) - {10, 22} for epoch in range(2)]
    assert taken == [{11, 12}, {20, 21}]


def test_what_one_kind_of_negative_lacks_the_other_makes_up() -> None:
    only_mined = TrainingRow(question(1), 10, (), (11, 12, 20, 21, 22), 1.0)
    assert batch(only_mined, voted=2, mined=2)[0].chunk_ids == (10, 11, 12, 20, 21)
    only_voted = TrainingRow(question(1), 10, (11, 12, 20, 21), (), 1.0)
    assert batch(only_voted, voted=2, mined=2)[0].chunk_ids == (10, 11, 12, 20, 21)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), unique=True, min_size=1, max_size=40),
    st.integers(2, 9),
)
def test_every_row_is_in_one_group_and_groups_are_even(pairs: list[tuple[int, int]], size: int) -> None:
    rows = [TrainingRow(question(anchor), positive, (), (), 1.0) for anchor, positive in pairs]
    groups = group_rows(rows, epoch=1, seed=3, size=size)
    assert {id(row) for group in groups for row in group} == {id(row) for row in rows}
    assert sum(map(len, groups)) == len(rows)
    sizes = [len(group) for group in groups]
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1


def test_rows_of_one_question_or_one_passage_may_meet_and_never_punish_each_other() -> None:
    rows = [TrainingRow(question(1), 10, (), (), 1.0), TrainingRow(question(1), 20, (), (), 1.0)]
    only, _ = batch(*rows, right={question(1): frozenset({10, 20})})
    assert only.allowed.sum() == 2
    assert only.allowed[[0, 1], only.target].all()
    twins = [TrainingRow(question(1), 10, (), (), 1.0), TrainingRow(question(2), 10, (), (), 1.0)]
    only, allowed = batch(*twins)
    assert only.chunk_ids == (10,)
    assert allowed == {1: {10}, 2: {10}}
    assert only.target.tolist() == [0, 0]


def test_epochs_differ_and_the_same_seed_gives_the_same() -> None:
    rows = [TrainingRow(question(n), n, (), (), 1.0) for n in range(50)]
    first = group_rows(rows, epoch=0, seed=1, size=8)
    assert first == group_rows(rows, epoch=0, seed=1, size=8)
    assert first != group_rows(rows, epoch=1, seed=1, size=8)
    assert first != group_rows(rows, epoch=0, seed=2, size=8)


def test_groups_are_even() -> None:
    rows = [TrainingRow(question(n), n, (), (), 1.0) for n in range(67)]
    assert [len(group) for group in group_rows(rows, epoch=0, seed=1, size=32)] == [23, 22, 22]
