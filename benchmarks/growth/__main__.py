"""`python -m benchmarks.growth`: the memory that reading in, encoding anew and a night take, as a corpus grows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.console import JsonPath, err, keep, numbers_in, out
from benchmarks.growth.corpus import DOCUMENTS, MODEL, PAIRS, make_encoder, write_corpus
from benchmarks.growth.publish import STEP_NAMES, rows_of


def main(
    runs: Annotated[Path, typer.Option(file_okay=False, help="Where stores and figures are kept: what is done stays.")],
    sizes: Annotated[
        str, typer.Option(help="Sections, separated by commas; four make five passages, since long ones are cut.")
    ] = "4000,16000,80000",
    json_path: JsonPath = None,
) -> None:
    """Measures each step in a process of its own, with a small encoder whose weights are random."""
    results: dict[str, Any] = {}
    for size in numbers_in("sizes", sizes, 1_000):
        folder = runs / str(size)
        _prepare(folder, size)
        results[str(size)] = {step: _measure(step, folder) for step in STEP_NAMES}
    for row in rows_of(results):
        out.print(" | ".join(row))
    keep({"sizes": results}, json_path)


def _prepare(folder: Path, size: int) -> None:
    if not (folder / MODEL).exists() or not (folder / PAIRS).exists():
        (folder / DOCUMENTS).mkdir(parents=True, exist_ok=True)
        folder.chmod(0o711)
        make_encoder(folder)
        write_corpus(folder, size)


def _measure(step: str, folder: Path) -> dict[str, Any]:
    kept = folder / f"{step.replace(' ', '-')}.json"
    if not kept.exists():
        err.print(f"{folder.name} sections: {step}")
        command = [sys.executable, "-m", "benchmarks.growth.steps", step, str(folder)]
        # so small a model's threads would mostly wait for each other
        environment = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"} | os.environ
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)  # noqa: S603
        kept.write_text(done.stdout.strip().splitlines()[-1] + "\n")
    measured: dict[str, Any] = json.loads(kept.read_text())
    return measured


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
