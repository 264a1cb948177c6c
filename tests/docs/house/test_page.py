"""The generated parts of docs/architecture.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs.house.order import Order, read_order
from docs.house.page import fill_in
from tests.docs.house.rooms import write_house

PAGE = """# House

<!-- rooms -->
attic
<!-- /rooms -->

### A vote

1. [`day.slack.asking.ask`](somewhere) asks.
2. [`ground.votes.fold.Fold.cast`]() casts, in [`ground.votes`]().
"""


def filled(root: Path, page: str) -> str:
    return fill_in(page, write_house(root), read_order(root) or Order({}))


def test_rooms_are_told_in_the_words_of_their_doors(tmp_path: Path) -> None:
    page = filled(tmp_path, PAGE)
    assert "attic" not in page
    assert page.index("**`roof/`** All together.") < page.index("**`day/`** Daytime.") < page.index("**`ground/`**")
    assert "| [`ground/store/`](../ground/store) | The database, opened. |\n" in page
    assert "| [`ground/errors.py`](../ground/errors.py) | What goes wrong. |\n" in page
    assert page.index("| [`day/slack/`](") < page.index("| [`day/slack/asking.py`](")


def test_stops_link_to_where_they_are_written(tmp_path: Path) -> None:
    page = filled(tmp_path, PAGE)
    assert "1. [`day.slack.asking.ask`](../day/slack/asking.py) asks.\n" in page
    assert "2. [`ground.votes.fold.Fold.cast`](../ground/votes/fold.py) casts" in page
    assert "in [`ground.votes`](../ground/votes/__init__.py)." in page
    assert filled(tmp_path, page) == page


@pytest.mark.parametrize(
    "name", ["day.slack.asking.gone", "ground.votes.fold.Fold.gone", "attic.one", "day.slack.asking.ask.x"]
)
def test_a_stop_that_is_gone_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=f"names {name}, which isn't there"):
        filled(tmp_path, PAGE.replace("day.slack.asking.ask", name))


def test_a_walk_has_eight_stops_at_most(tmp_path: Path) -> None:
    stop = "1. [`day.slack.asking.ask`]() asks.\n"
    filled(tmp_path, f"### One\n\n{stop * 8}\n### Two\n\n{stop * 8}")
    with pytest.raises(SystemExit, match="“Two” has more than 8 stops"):
        filled(tmp_path, f"### One\n\n{stop * 8}\n### Two\n\n{stop * 9}")
