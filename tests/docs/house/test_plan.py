"""Where rooms stand: above what they import, with as few arrows crossing as can be."""

from __future__ import annotations

from pathlib import Path

from docs.house.order import Order, read_order
from docs.house.plan import arrows_within, rooms_of, stack, without_detours
from tests.docs.house.rooms import write_house


def test_arrows_are_counted_between_the_rooms_of_a_folder(tmp_path: Path) -> None:
    tree = write_house(tmp_path)
    order = read_order(tmp_path) or Order({})
    assert rooms_of("ground", order) == ["errors", "store", "votes"]
    assert arrows_within("ground", order, tree) == {
        ("store", "errors"): 1,
        ("votes", "errors"): 1,
        ("votes", "store"): 1,
    }
    assert arrows_within("", order, tree) == {
        ("day", "ground"): 2,
        ("intake", "ground"): 1,
        ("roof", "day"): 1,
        ("roof", "intake"): 1,
    }
    assert arrows_within("intake", order, tree) == {("*", "files"): 1}


def test_an_arrow_that_others_tell_is_left_out() -> None:
    assert without_detours([("c", "b"), ("b", "a"), ("c", "a")]) == [("b", "a"), ("c", "b")]


def test_a_room_stands_above_all_that_it_imports_and_arrows_pass_the_floors_between() -> None:
    plan = stack(["a", "d", "b", "c"], [("c", "b"), ("b", "a"), ("c", "d")])
    assert {room: plan.spot(room)[1] for room in "abcd"} == {"a": 0, "b": 1, "c": 2, "d": 0}
    assert plan.route("c", "d") == [("c", 2), ("c d", 1), ("d", 0)]
    assert [sorted(floor) for floor in plan.floors] == [[("a", 0), ("d", 0)], [("b", 1), ("c d", 1)], [("c", 2)]]


def test_arrows_are_untangled() -> None:
    plan = stack(["a", "b", "x", "y", "top"], [("x", "b"), ("y", "a"), ("top", "x"), ("top", "y")])
    below, above, _ = ([name for name, _ in floor] for floor in plan.floors)
    assert (below, above) in [(["a", "b"], ["y", "x"]), (["b", "a"], ["x", "y"])]
