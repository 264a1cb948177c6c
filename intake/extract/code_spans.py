"""Where code within a line ends: at a run of as many backticks as it began with; pure."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict

_RUN = re.compile(r"`+")


class CodeSpans:
    """The runs of backticks in a stretch of text, gathered once, so that looking for an end costs no second reading."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._starts: defaultdict[int, list[int]] = defaultdict(list)
        for run in _RUN.finditer(text, start, end):
            self._starts[len(run[0])].append(run.start())

    def end_of(self, start: int, end: int) -> int:
        """Where the code ends that the run from `start` to `end` opens; `end` itself where it opens none."""
        alike = self._starts.get(end - start, [])
        following = bisect_right(alike, start)
        return alike[following] + end - start if following < len(alike) else end
