"""What the tables of a report hold."""

from __future__ import annotations

from db.generations import FEATURES, SHIPPED
from retrain.report.tables import ranking_of
from tests.night_rows import make_ranking_run


def test_what_passages_are_ranked_by_is_told_and_where_it_came_from() -> None:
    weights = SHIPPED.as_json()["weights"]
    fitted = {"ranking": {"questions": 40, "weights": weights, "before": 0.31, "after": 0.402}}
    said, rows = ranking_of(fitted)  # type: ignore[misc]
    assert "40 questions" in said and "is 40.2%, and 31.0% by the weights that ship" in said
    assert len(rows) == len(FEATURES)
    assert rows[0][1] == "1.00"
    assert ranking_of({"ranking": {"questions": 1, "weights": weights, "why_not": "Too few."}}) == ("Too few.", rows)
    assert ranking_of({"losses": [1.0]}) is None


def test_a_weight_that_is_another_shows_what_it_was() -> None:
    _, rows = ranking_of(make_ranking_run().phases["fit"])  # type: ignore[misc]
    assert [weight for _, weight in rows] == ["1.00", "0.35 → 0.82", "0.00", "0.10", "0.00 → 0.10", "0.00", "0.00"]
