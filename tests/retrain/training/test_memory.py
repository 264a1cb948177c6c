from __future__ import annotations

import ctypes
import platform

import psutil
import pytest

from retrain.training.memory import give_back_memory


def test_what_was_freed_goes_back_to_the_machine() -> None:
    if platform.libc_ver()[0] != "glibc":
        pytest.skip("it is glibc that keeps what was freed")
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    blocks = [libc.malloc(64_000) for _ in range(3_000)]  # small enough not to be mapped on their own
    for block in blocks:
        ctypes.memset(block, 1, 64_000)
    for block in blocks[:-1]:  # the last one holds the heap's end
        libc.free(block)
    before = psutil.Process().memory_info().rss
    give_back_memory()
    assert psutil.Process().memory_info().rss < before - 100_000_000
    libc.free(blocks[-1])
