"""Writes what is installed as a CycloneDX bill of materials; refuses one that lacks what it is for (`make sbom`)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

MUST_NAME = ("torch", "psycopg", "sentence-transformers")


def write_sbom(target: Path, *, validate: bool = True) -> dict[str, str]:
    """Writes the bill of this environment, validated against its schema, and returns its versions by name.

    Raises:
        SystemExit: it can't be made, or says nothing of the version or licence of a package that must be in it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--of", "JSON", "-o", str(target)]
    how = "--validate" if validate else "--no-validate"
    if subprocess.run([*command, how, sys.executable], check=False).returncode:  # noqa: S603 - our own command
        sys.exit("No bill of materials could be made; what went wrong is above.")
    components = {part["name"].lower(): part for part in json.loads(target.read_text())["components"]}
    poor = [name for name in MUST_NAME if not components.get(name, {}).get("licenses")]
    if poor:
        sys.exit(f"The bill of materials says nothing of {', '.join(poor)}; is this the environment that `make` made?")
    return {name: part["version"] for name, part in components.items()}


if __name__ == "__main__":
    print(f"{len(write_sbom(Path(sys.argv[1])))} packages are listed in {sys.argv[1]}.")  # noqa: T201
