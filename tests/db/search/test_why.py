from __future__ import annotations

import pytest

from db.search.why import why_found


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((0.5, None), "found by its meaning alone: cosine 0.50"),
        ((0.5, 0.0, 0.0, 0.0), "has none of the question's words: cosine 0.50"),
        ((0.623, 0.8, 0.0, 0.0), "has 80% of what the question's words tell; cosine 0.62"),
        (
            (0.6, 1.0, 0.5, 0.25),
            "has 100% of what the question's words tell, 50% of those that are neighbours side by side, "
            "25% of its words in the title; cosine 0.60",
        ),
    ],
)
def test_a_place_is_explained_by_what_it_was_ranked_by(found: tuple[float | None, ...], said: str) -> None:
    assert why_found(*found) == said  # type: ignore[arg-type]
