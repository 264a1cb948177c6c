"""The constraints files: every file that may be installed by default is known by its hash, torch's too."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import ROOT

FILES = ("constraints.txt", "constraints-torch.txt", "constraints-torch-cpu.txt", "constraints-cuda.txt")
TORCH = "torch==9.9.9 \\\n    --hash=sha256:" + "a" * 64


def load_script(name: str) -> ModuleType:
    """A script of deploy/, which is no package."""
    spec = spec_from_file_location(f"deploy_{name}", ROOT / "deploy" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def entries(name: str) -> list[str]:
    return re.split(r"\n(?=\S)", (ROOT / name).read_text().strip())


@pytest.mark.parametrize("name", [*FILES, "constraints-dev.txt"])
def test_every_entry_has_one_version_and_hashes(name: str) -> None:
    for entry in entries(name):
        assert re.match(r"[\w.-]+==[\w.+!]+( ; [^\\]+)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\\n)?)+$", entry), entry


def test_torch_is_in_files_of_its_own_in_one_version() -> None:
    usual, without = entries("constraints-torch.txt"), entries("constraints-torch-cpu.txt")
    assert [len(usual), len(without)] == [1, 1]
    version = usual[0].partition(" ")[0]
    assert without[0].partition(" ")[0] == f"{version}+cpu"
    assert not any(
        entry.startswith("torch==") for name in ("constraints.txt", "constraints-dev.txt") for entry in entries(name)
    )
    assert (
        load_script("lock").without_cuda(usual[0], (ROOT / "deploy" / "torch_cpu_builds.txt").read_text()) == without[0]
    )


def test_what_is_of_cuda_is_apart_from_what_everybody_gets() -> None:
    lock = load_script("lock")
    assert len(entries("constraints-cuda.txt")) > 10
    for name in ("constraints.txt", "constraints-dev.txt"):
        assert lock.plain(entries(name)) == entries(name)
    assert lock.plain(entries("constraints-cuda.txt")) == []


def test_a_new_torch_without_known_builds_is_not_locked() -> None:
    lock = load_script("lock")
    listing = f"# head\n{'b' * 64}  torch-9.9.9+cpu-cp311-cp311-x.whl\n{'c' * 64}  torch-9.9.8+cpu-cp311-cp311-x.whl\n"
    assert lock.without_cuda(TORCH, listing) == "torch==9.9.9+cpu \\\n    --hash=sha256:" + "b" * 64
    with pytest.raises(SystemExit, match=r"no build of torch 9\.9\.9"):
        lock.without_cuda(TORCH, listing.replace("9.9.9", "9.9.7"))


def planned(tmp_path: Path, *arguments: str) -> list[str]:
    """What `make` would run to install, in a folder where nothing is installed yet."""
    if shutil.which("make") is None:
        pytest.skip("there is no make here")
    for name in ("Makefile", "pyproject.toml", *FILES, "constraints-dev.txt"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    make = ["make", "--no-print-directory", "-n", ".venv/dev", *arguments]
    shown = subprocess.run(make, cwd=tmp_path, capture_output=True, text=True, check=True)
    lines = shown.stdout.replace("\\\n", " ").splitlines()
    return [line for line in lines if " install " in line or " compileall " in line]


def test_what_is_installed_is_compiled_before_it_is_first_started(tmp_path: Path) -> None:
    commands = planned(tmp_path)
    last = [number for number, command in enumerate(commands) if command.endswith((" -e .", "-r constraints-dev.txt"))]
    assert len(last) == 2
    assert all(" compileall " in commands[number + 1] for number in last)


def test_by_default_nothing_is_installed_whose_hash_is_not_known(tmp_path: Path) -> None:
    commands = [command for command in planned(tmp_path) if " install " in command]
    from_files = [part for command in commands for part in re.split(r"\|\||;", command) if " -r " in part]
    assert {name for part in from_files for name in re.findall(r"constraints[\w-]*\.txt", part)} == {
        *FILES,
        "constraints-dev.txt",
    }
    assert all("--no-deps --require-hashes" in part for part in from_files)
    others = [command for command in commands if " -r " not in command]
    assert [command.split("--quiet")[1] for command in others] == [" --no-compile --no-deps --no-build-isolation -e ."]


def test_a_build_of_torch_that_somebody_names_is_taken_as_it_is_named(tmp_path: Path) -> None:
    named = "torch==9.9.9 --index-url https://example.com/cpu"
    commands = planned(tmp_path, f"TORCH={named}")
    assert any(command.endswith(f" {named}") for command in commands)
    assert not any("constraints-torch" in command or "cuda" in command for command in commands)
