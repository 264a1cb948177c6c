"""Draws docs/first-answer.svg: the first question and its answer, as the terminal shows them (`make screenshot`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 110
QUESTION = "What is on Project Chimera's Q3 roadmap?"


def main() -> None:
    """Asks the store in NIGHTSHIFT_DATA_DIR, which must hold the sample corpus, and writes the picture."""
    command = [sys.executable, "-m", "nightshift", "ask", QUESTION]
    environment = os.environ | {"COLUMNS": str(WIDTH), "FORCE_COLOR": "1"}
    answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout  # noqa: S603
    with open(os.devnull, "w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(f'[bold]$ nightshift ask "{QUESTION}"[/bold]')
        console.print(Text.from_ansi(answer))
        (Path(__file__).parent / "first-answer.svg").write_text(console.export_svg(title="Nightshift"))


if __name__ == "__main__":
    main()
