"""The page on what is kept names every table, and what is said of erasure is what erasure does."""

from __future__ import annotations

import pytest

from db.privacy.erasure import NAMED_IN, SAID_IN
from docs import kept


def test_a_table_that_is_not_named_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    page = "x\n<!-- tables -->\n<!-- /tables -->\ny"
    assert "| `vote_event` | each press" in kept.fill_in(page)
    without = {name: own for name, own in kept.PARTS["Slack's"].items() if name != "ballot"}
    monkeypatch.setitem(kept.PARTS, "Slack's", without)
    with pytest.raises(SystemExit, match="say what is kept in ballot"):
        kept.fill_in(page)


def test_what_goes_and_what_loses_the_name_is_as_erasure_has_it() -> None:
    said = {name: own.erased for part in kept.PARTS.values() for name, own in part.items()}
    assert {column.table.name for column in NAMED_IN} <= {name for name, own in said.items() if "name" in own}
    assert {column.table.name for column in SAID_IN} <= {name for name, own in said.items() if own.startswith("goes")}
