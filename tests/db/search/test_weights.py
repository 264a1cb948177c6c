"""What became of a ranking's weights, in words."""

from __future__ import annotations

from db.generations import FEATURES
from db.search.weights import IN_WORDS, changes_in_words
from tests.night_rows import WEIGHTS


def test_every_feature_has_words() -> None:
    assert tuple(IN_WORDS) == FEATURES


def test_what_counts_otherwise_is_told_the_greatest_change_first() -> None:
    assert changes_in_words(WEIGHTS, WEIGHTS | {"words": 0.82, "in_title": 0.1, "pairs": 0.102, "length": -0.2}) == [
        "How much it says of the question's words, rare ones counting more counts more: 0.35 → 0.82",
        "How long it is counts less: 0.00 → -0.20",
        "How many its document's title has counts more: 0.00 → 0.10",
    ]
    assert changes_in_words(WEIGHTS, WEIGHTS) == changes_in_words({}, WEIGHTS) == []
