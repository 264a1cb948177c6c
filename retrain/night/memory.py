"""Memory that a night takes, estimated before it, and what this machine has for it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import psutil

BARE_BYTES = 3_500_000_000
"""Of the process with its libraries, and of what a training step holds beside the weights: a batch's activations.

A training of all-MiniLM-L6-v2 with a few hundred passages was seen to take 4.1 GB in all.
"""

MODEL_COPIES = 6
"""Of the model's size: base and trained one, and of each weight that is trained a gradient and two moments."""

BYTES_PER_CHUNK = 800
"""Of its ids in both generations, on the shelf and in each of many audiences' view of that, and of its scores by the
questions that are scored at once; vectors stay on disk."""

_CONTAINER = Path("/sys/fs/cgroup")


def memory_needed(model_bytes: int, n_chunks: int) -> int:
    """Bytes that a night takes at its height, with so many passages."""
    return BARE_BYTES + MODEL_COPIES * model_bytes + n_chunks * BYTES_PER_CHUNK


def memory_available(container: Path = _CONTAINER) -> int:
    """Bytes that a process may still have here without another being paged out, and within its container's limit."""
    available = psutil.virtual_memory().available
    with suppress(OSError, ValueError, KeyError):  # no container, or one without a limit
        used = int((container / "memory.current").read_text())
        parts = dict(line.split() for line in (container / "memory.stat").read_text().splitlines())
        limit = int((container / "memory.max").read_text())
        available = min(available, limit - used + int(parts["inactive_file"]))
    return max(0, available)
