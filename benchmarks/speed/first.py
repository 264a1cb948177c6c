"""The first answer of `nightshift run` on an empty data folder, as a process: this code beside another checkout's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.speed.ask import running
from benchmarks.speed.measure import OURS, Comparison, Show, take_turns

AGAINST = "the other checkout"
LIMIT = 1.0

HERE = Path(__file__).resolve().parents[2]
"""This checkout."""


def compare_first_answers(against: Path, rounds: int, show: Show) -> Iterator[Comparison]:
    """One; each round makes a store, reads the sample in, and answers a first question. Both use this environment."""
    contenders = {OURS: _answer_first(HERE), AGAINST: _answer_first(against.resolve())}
    yield Comparison("first answer of a run", "answer", LIMIT, take_turns(contenders, rounds, show=show))


def _answer_first(checkout: Path) -> Callable[[], None]:
    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o711)  # root's server runs in another account
            with running(os.environ | {"NIGHTSHIFT_DATA_DIR": folder, "PYTHONPATH": str(checkout)}, checkout):
                pass  # it says that it serves when it has answered

    return run
