"""What benchmarks keep as JSON, for their pages in docs (`make docs`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def read_results(folder: Path) -> list[dict[str, Any]]:
    """What `--json` wrote into a benchmark's results folder, by file name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))]


def made_by(result: Mapping[str, Any]) -> str:
    """A line that says which code made a result: what ships may have moved on since."""
    return f"Made by the code of {result['code']}.\n" if result.get("code") else ""
