"""Freed memory between what is in use goes back to the system."""

from __future__ import annotations

import psutil
import pytest

from db.models.holes import _trimmer, give_back_holes


@pytest.mark.skipif(_trimmer() is None, reason="there is no malloc_trim")
def test_holes_between_what_is_in_use_are_given_back() -> None:
    process = psutil.Process()
    blocks = [bytes(20_000) for _ in range(4_000)]
    del blocks[:-1]  # the last one keeps the heap as high as it was
    before = process.memory_info().rss
    give_back_holes()
    assert process.memory_info().rss < before - 60_000_000
    assert len(blocks) == 1
