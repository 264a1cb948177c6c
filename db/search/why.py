"""Why a passage stands where it does, said in words; pure."""

from __future__ import annotations


def why_found(
    similarity: float, coverage: float | None, pairs: float | None = None, in_title: float | None = None
) -> str:
    """What it was ranked by, as a sentence without a full stop.

    Args:
        similarity: cosine between it and the question.
        coverage: see `Found`; None where words weren't looked at.
        pairs: see `Ranking`; None where they weren't looked at.
        in_title: likewise.
    """
    near = f"cosine {similarity:.2f}"
    if coverage is None:
        return f"found by its meaning alone: {near}"
    if not coverage:
        return f"has none of the question's words: {near}"
    parts = [f"has {coverage:.0%} of what the question's words tell"]
    if pairs:
        parts.append(f"{pairs:.0%} of those that are neighbours side by side")
    if in_title:
        parts.append(f"{in_title:.0%} of its words in the title")
    return f"{', '.join(parts)}; {near}"
