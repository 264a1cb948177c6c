"""`python -m benchmarks.slack`: how soon people hear from the bot when many ask at once, beside a synchronous one."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.console import JsonPath, err, keep, out
from benchmarks.slack.figures import Figures, show_table, summarise
from benchmarks.slack.load import ask_at_once


def main(
    concurrency: Annotated[
        str, typer.Option(help="Numbers of people who ask at once, separated by commas.")
    ] = "1,8,50",
    llm_s: Annotated[float, typer.Option(min=0, help="Seconds that the language model writes.")] = 4.0,
    json_path: JsonPath = None,
) -> None:
    """Measures both bots, one after the other, with the same store and language model, over signed HTTP."""
    try:
        numbers = [int(number) for number in concurrency.split(",")]
    except ValueError:
        raise typer.BadParameter("numbers of people are whole numbers, separated by commas") from None
    with tempfile.TemporaryDirectory(prefix="nightshift-bench-") as folder:
        Path(folder).chmod(0o711)  # the database may run as an account of its own
        with _started("benchmarks.slack.stand_ins", str(llm_s), {}) as stand_ins:
            ours = _measure("nightshift", stand_ins, folder, numbers)
            peer = _measure("sync", stand_ins, folder, numbers)
    out.print(show_table(ours, peer))
    keep({"llm_s": llm_s, "cores": os.cpu_count(), "nightshift": ours, "sync": peer}, json_path)


def _measure(name: str, stand_ins: str, folder: str, numbers: list[int]) -> dict[int, Figures]:
    err.print(f"{name}: reading in the sample corpus", style="dim")
    secret = secrets.token_hex(16)
    settings = {
        "DATA_DIR": f"{folder}/data",
        "SLACK_API_URL": f"{stand_ins}/api/",
        "SLACK_BOT_TOKEN": "xoxb-benchmark",
        "SLACK_SIGNING_SECRET": secret,
        "HTTP_PORT": str(_free_port()),
        "LLM_BASE_URL": f"{stand_ins}/v1",
        "LLM_API_KEY": "x",
        "LLM_MODEL": "stub",
        "PERSON_QUOTA": "1000000",
        "CHANNEL_QUOTA": "1000000",
    }
    environment = {f"NIGHTSHIFT_{name}": value for name, value in settings.items()}
    figures = {}
    with _started("benchmarks.slack.bots", name, environment) as address:
        asyncio.run(ask_at_once(address, stand_ins, secret, 1))  # models are loaded, connections open
        for people in numbers:
            err.print(f"{name}: {people} at once", style="dim")
            figures[people] = summarise(asyncio.run(ask_at_once(address, stand_ins, secret, people)))
    return figures


@contextmanager
def _started(module: str, argument: str, environment: dict[str, str]) -> Iterator[str]:
    """Runs a module in a process of its own; yields the address that it prints."""
    command = [sys.executable, "-m", module, argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environment) as process:  # noqa: S603
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            address = process.stdout.readline().strip()
            if not address:
                err.print(f"benchmarks.slack: {module} didn't start; see above.", style="red")
                raise typer.Exit(1)
            yield address
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(main)
    app()
