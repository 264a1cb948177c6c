"""`nightshift ask`, as a process: alone beside what importing the libraries takes, and beside a running one."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from db.errors import NightshiftError
from nightshift.corpus.sample import sample_corpus

BARE = "import torch, sentence_transformers"
HELP = "nightshift --help, and 1.5 s"
ALONE_LIMIT = 1.3
BESIDE_S = 1.5
"""Seconds by which an answer of a running one may come later than `--help`."""

QUESTION = "How long is parental leave in Ireland?"


def compare_asking(rounds: int, show: Show) -> Iterator[Comparison]:
    """One alone, and one beside a `nightshift run` on the same data folder; every round starts a process of each."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # root's server runs in another account
        environment = os.environ | {"NIGHTSHIFT_DATA_DIR": folder}
        start = starters(environment)
        _run(environment, "-m", "nightshift", "ingest", str(sample_corpus()))
        alone = take_turns({OURS: start["ask"], BARE: start["bare"]}, rounds, show=show)
        yield Comparison("ask, alone", "question", ALONE_LIMIT, alone)
        with running(environment):
            beside = take_turns({OURS: start["ask"], HELP: start["help"]}, rounds, show=show)
        beside[HELP] = tuple(seconds + BESIDE_S for seconds in beside[HELP])
        yield Comparison("ask, beside a running one", "question", 1.0, beside)


def starters(environment: Mapping[str, str]) -> dict[str, Callable[[], str]]:
    """By name, what starts a process, waits for it and gives what it printed."""
    return {
        "ask": lambda: _run(environment, "-m", "nightshift", "ask", QUESTION),
        "help": lambda: _run(environment, "-m", "nightshift", "--help"),
        "bare": lambda: _run(environment, "-c", BARE),
    }


@contextmanager
def running(environment: Mapping[str, str], checkout: Path | None = None) -> Iterator[None]:
    """A `nightshift run`, from when it serves, by the code that lies in a checkout, or as it is found from here."""
    command = [sys.executable, "-m", "nightshift", "run", "--no-prompt"]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            if process.stdout is None or not any("Serving" in line for line in process.stdout):
                raise NightshiftError("`nightshift run` ended before it served.")
            yield
        finally:
            process.terminate()


def _run(environment: Mapping[str, str], *arguments: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise NightshiftError(f"{' '.join(arguments)} failed: {done.stderr.strip()}")
    return done.stdout
