"""What tensors of all sizes leave behind in the process's heap, given back to the system."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from functools import cache


def give_back_holes() -> None:
    """Returns free memory between what is in use to the system, in milliseconds; only the GNU C library can.

    Batches are of many shapes, so what is freed after one often doesn't fit the next: while 20,000 passages were read
    in by a tiny model the holes grew to 100 MB.
    """
    trim = _trimmer()
    if trim is not None:
        trim(0)


@cache
def _trimmer() -> Callable[[int], int] | None:
    with suppress(AttributeError, OSError, TypeError):  # another C library, or none that can be asked
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
        return trim
    return None
