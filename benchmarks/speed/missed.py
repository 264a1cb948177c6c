"""Why a goal is missed where it is: what a profile says of each path that takes longer than promised."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.speed.measure import Comparison

REASONS = {
    "passages by vectors": (
        "the questions find more passages than are remembered, so that the words of most are read anew, while the"
        " floor has those of all in memory; and our statement joins fifty passages with their documents and brings the"
        " texts, which doubles what it takes: by ids alone, among 22,000 passages, it takes 1.2 times the bare one"
    ),
    "by words and vectors": (
        "as by vectors alone, words read anew and texts brought; and each side's finds get the other side's score"
    ),
    "load": (
        "by a profile of ours, two fifths of it are Python's on one core while the server waits, mostly gathering,"
        " sorting and laying out the rows of words, 17 for each passage, which the COPY beside it finds done; the rest,"
        " 1.2 times the COPY, is the server's, with its locks and a commit for each batch"
    ),
}
"""By a part of the comparison's name: a sentence without a full stop."""


def why_missed(comparison: Comparison) -> str | None:
    """The reason; None where the goal is kept, or there is none.

    Raises:
        LookupError: nobody has said why yet.
    """
    if comparison.keeps_its_limit:
        return None
    for part, reason in REASONS.items():
        if part in comparison.what:
            return reason
    raise LookupError(f"{comparison.what!r} takes longer than promised, and benchmarks.speed.missed doesn't say why")
