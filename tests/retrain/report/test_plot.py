from __future__ import annotations

from typing import Any

import pytest

from retrain.report.plot import bars_of, plot_night
from tests.night_rows import EVIDENCE, make_run


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"evidence": None, "phases": {}},
        {"evidence": {"golden": EVIDENCE["golden"]}, "phases": {"train": {"seconds": 1.0}}},
        {"kind": "ranking", "phases": {}},
    ],
    ids=["everything", "refused before training", "one slice and no curve", "a ranking run"],
)
def test_a_picture_of_every_kind_of_night(values: dict[str, Any]) -> None:
    picture = plot_night(make_run(**values))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(picture[at : at + 4]) for at in (16, 20))
    assert (width, height) == (1980, 792)
    assert plot_night(make_run(**values)) == picture


def test_bars_are_of_what_was_measured_with_the_interval_of_the_gain() -> None:
    bars = bars_of(EVIDENCE)
    assert [bar.name for bar in bars] == [
        "all golden questions",
        "documents with votes",
        "documents without votes",
        "regression set",
    ]
    assert bars[0].low == pytest.approx(0.0196, abs=1e-3)
    assert bars[0].high == pytest.approx(0.0904, abs=1e-3)


def test_where_some_questions_are_alike_both_counts_are_told() -> None:
    told = {name: EVIDENCE[name] | {"questions": 300} for name in ("golden", "regression")}
    assert [bar.n for bar in bars_of(told)] == ["300 in 258 clusters", "300 in 100 clusters"]
    assert bars_of(EVIDENCE)[0].n == "258"
