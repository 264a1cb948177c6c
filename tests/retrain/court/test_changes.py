from __future__ import annotations

from retrain.court.changes import KEPT, Change, most_changed
from retrain.lesson import Anchor


def test_the_most_changed_come_first_and_the_unchanged_not_at_all() -> None:
    gains = {1: 0.1, 2: -0.5, 3: 0.0, 4: 0.9, 5: -0.2}
    changes = [Change(Anchor("pair", id_), (0.5, 0.5 + gain), (3, 1)) for id_, gain in gains.items()]

    kept = most_changed(changes)

    assert [change["id"] for change in kept["better"]] == [4, 1]
    assert [change["id"] for change in kept["worse"]] == [2, 5]
    assert kept["worse"][0] == {"kind": "pair", "id": 2, "ndcg": [0.5, 0.0], "rank": [3, 1]}


def test_ten_are_kept_each_way() -> None:
    changes = [Change(Anchor("pair", id_), (0.5, 0.5 + side / 4), (3, 1)) for id_ in range(30) for side in (1, -1)]
    assert [len(side) for side in most_changed(changes).values()] == [KEPT, KEPT]
