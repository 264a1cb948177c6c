"""Writes constraints.txt and constraints-dev.txt: every package but torch, by version and hash (`make lock`).

torch is left out, with the CUDA packages that its usual build names, so that whoever installs chooses its build.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
_CHOSEN_BY_HAND = re.compile(r"(torch|triton|nvidia-[\w-]+|cuda-[\w-]+)==")


def compile_lock(requirements: list[str], *options: str) -> str:
    """Resolves requirements for every platform and Python version; hashes of all files are in the answer."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--universal", "--python-version", "3.11"]
    quiet = ["--generate-hashes", "--no-annotate", "--no-header", "--quiet", "--upgrade"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, *quiet, *options],
        input="\n".join(requirements),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    entries = re.split(r"\n(?=\S)", done.stdout.strip())
    return "\n".join(entry for entry in entries if not _CHOSEN_BY_HAND.match(entry)) + "\n"


def main() -> None:
    """Writes both files; the tools of development agree with what runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build = [*project["build-system"]["requires"], "editables>=0.5"]
    runtime = compile_lock([*project["project"]["dependencies"], *build])
    (ROOT / "constraints.txt").write_text(runtime)
    extras = project["project"]["optional-dependencies"]
    tools = [*extras["dev"], *extras["benchmarks"]]  # the peers are tested too
    (ROOT / "constraints-dev.txt").write_text(compile_lock(tools, "--constraints", "constraints.txt"))


if __name__ == "__main__":
    main()
