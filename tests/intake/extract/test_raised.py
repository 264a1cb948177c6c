"""Raised text keeps its meaning as characters."""

from __future__ import annotations

import pytest

from intake.extract.raised import as_characters


@pytest.mark.parametrize(
    ("text", "tag", "characters"),
    [
        ("2", "sup", "²"),
        ("-12", "sup", "⁻¹²"),
        ("–3", "sup", "⁻³"),
        ("[12]", "sup", "[12]"),
        ("2", "sub", "₂"),
        ("st", "sup", "st"),
        ("TM", "sup", "TM"),
        ("*", "sup", "*"),
        ("k", "sup", "^k"),
        ("k + 1", "sup", "^(k + 1)"),
        ("max", "sub", "_max"),
        ("", "sup", ""),
    ],
)
def test_as_characters(text: str, tag: str, characters: str) -> None:
    assert as_characters(text, tag) == characters
