"""Raised and lowered text keeps its meaning without HTML: 10² is not 102; pure."""

from __future__ import annotations

import re

_RAISED = str.maketrans("0123456789+-−–=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−–=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₌₍₎")
_PLAIN = re.compile(r"st|nd|rd|th|er|re|e|ème|eme|o|a|os|as|º|ª|de|ste|tm|sm|mc|md|[^\w\s]+|\[\w{1,9}\]", re.IGNORECASE)
"""Ordinals, marks and notes' numbers: 1st is said without."""


def as_characters(text: str, tag: str) -> str:
    """What a `sup` or a `sub` holds, as one would write it in plain text: ², ₂, 1st, x^(k+1), x_max; unstressed."""
    text = " ".join(text.split())
    text = text.strip("*_") or text
    table = _RAISED if tag == "sup" else _LOWERED
    if not text or all(ord(char) in table for char in text):
        return text.translate(table)
    if tag == "sup" and _PLAIN.fullmatch(text):
        return text
    mark = "^" if tag == "sup" else "_"
    return f"{mark}{text}" if text.isalnum() else f"{mark}({text})"
