"""Memory for a night: what it grows with, and what a container leaves of the machine's."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from retrain.night.memory import BYTES_PER_CHUNK, MODEL_COPIES, memory_available, memory_needed


def test_what_a_night_takes_grows_with_model_and_passages() -> None:
    bare = memory_needed(0, 0)
    assert memory_needed(10**8, 0) == bare + MODEL_COPIES * 10**8
    assert memory_needed(0, 10**6) == bare + BYTES_PER_CHUNK * 10**6


def test_a_container_leaves_less_than_the_machine_has(tmp_path: Path) -> None:
    machine = psutil.virtual_memory().available
    assert memory_available(tmp_path) == pytest.approx(machine, rel=0.2)  # none
    (tmp_path / "memory.current").write_text("900000000\n")
    (tmp_path / "memory.stat").write_text("anon 100\ninactive_file 300000000\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert memory_available(tmp_path) == pytest.approx(machine, rel=0.2)
    (tmp_path / "memory.max").write_text("1000000000\n")
    assert memory_available(tmp_path) == 400_000_000
    (tmp_path / "memory.max").write_text("500000000\n")
    assert memory_available(tmp_path) == 0
