"""Writes the constraints files: every package by version and hash (`make lock`).

torch has files of its own, so that whoever installs can choose another build, and so have the CUDA packages that only
its usual build for Linux names. The package index knows the hashes of the usual builds; those of PyTorch's builds
without CUDA are kept in `torch_cpu_builds.txt`, as PyTorch's own index of them lists them.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
CPU_BUILDS = Path(__file__).with_name("torch_cpu_builds.txt")

_TORCH = re.compile(r"torch==(?P<version>[\w.]+)")
_CUDA = re.compile(r"(triton|nvidia-[\w-]+|cuda-[\w-]+)==")


def compile_lock(requirements: list[str], *options: str) -> list[str]:
    """Resolves requirements for every platform and Python version: an entry each, with the hashes of all its files."""
    command = [sys.executable, "-m", "uv", "pip", "compile", "-", "--universal", "--python-version", "3.11"]
    quiet = ["--generate-hashes", "--no-annotate", "--no-header", "--quiet", "--upgrade", "--no-emit-package", "pip"]
    done = subprocess.run(  # noqa: S603 - our own command
        [*command, *quiet, *options],
        input="\n".join(requirements),
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    return re.split(r"\n(?=\S)", done.stdout.strip())


def plain(entries: list[str]) -> list[str]:
    """What is neither torch nor of CUDA."""
    return [entry for entry in entries if not _TORCH.match(entry) and not _CUDA.match(entry)]


def without_cuda(torch: str, listing: str) -> str:
    """The entry of torch's builds without CUDA beside the usual one's; `listing` is as sha256sum prints it.

    Raises:
        SystemExit: it lists no build of that version.
    """
    version = _TORCH.match(torch)["version"]  # type: ignore[index]
    lines = [line.split() for line in listing.splitlines() if line and not line.startswith("#")]
    hashes = sorted(sha256 for sha256, name in lines if name.startswith(f"torch-{version}+cpu-"))
    if not hashes:
        sys.exit(f"{CPU_BUILDS.name} has no build of torch {version}: add what its head says where to find.")
    return " \\\n".join([f"torch=={version}+cpu", *(f"    --hash=sha256:{sha256}" for sha256 in hashes)])


def main() -> None:
    """Writes all five; the tools of development agree with what runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    build = [*project["build-system"]["requires"], "editables>=0.5"]
    runtime = compile_lock([*project["project"]["dependencies"], *build])
    write("constraints.txt", plain(runtime))
    torch = next(entry for entry in runtime if _TORCH.match(entry))
    write("constraints-torch.txt", [torch])
    write("constraints-torch-cpu.txt", [without_cuda(torch, CPU_BUILDS.read_text())])
    write("constraints-cuda.txt", [entry for entry in runtime if _CUDA.match(entry)])
    extras = project["project"]["optional-dependencies"]
    tools = [*extras["dev"], *extras["otel"], *extras["benchmarks"]]  # traces and peers are tested too
    write("constraints-dev.txt", plain(compile_lock(tools, "--constraints", "constraints.txt")))


def write(name: str, entries: list[str]) -> None:
    """Replaces a constraints file."""
    (ROOT / name).write_text("\n".join(entries) + "\n")


if __name__ == "__main__":
    main()
