"""A ranking's weights in words: what each counts, and what became of it; pure."""

from __future__ import annotations

from collections.abc import Mapping

from db.generations import is_same_weight

IN_WORDS = {
    "meaning": "how near it is in meaning",
    "words": "how much it says of the question's words, rare ones counting more",
    "coverage": "how many of them it has at all",
    "pairs": "how many that are neighbours stand side by side in it",
    "in_title": "how many its document's title has",
    "in_opening": "how many its first words have",
    "length": "how long it is",
}
"""What a passage has of the question, by the feature's name."""


def changes_in_words(served: Mapping[str, float], weights: Mapping[str, float]) -> list[str]:
    """A sentence without its full stop for each weight that is another, the greatest change first.

    Both are by feature, that of meaning being what the others are measured by.
    """
    changed = [
        (served[name], weights[name], IN_WORDS[name])
        for name in IN_WORDS
        if name in served and name in weights and not is_same_weight(served[name], weights[name])
    ]
    return [
        f"{what[0].upper()}{what[1:]} counts {'more' if now > was else 'less'}: {was:.2f} → {now:.2f}"
        for was, now, what in sorted(changed, key=lambda own: -abs(own[1] - own[0]))
    ]
