"""Memory that a night took, given back to the machine."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress


def give_back_memory() -> None:
    """Frees what training left behind: a gigabyte a night, which glibc would keep for the thread that ran it."""
    gc.collect()
    with suppress(AttributeError):  # other C libraries have nothing of the kind
        ctypes.CDLL(None).malloc_trim(0)
