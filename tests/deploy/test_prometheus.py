"""Rules and dashboard as Prometheus's own tool reads them; what they ask for is told by that name."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.npm import unavailable

FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "alerts.yaml"


def queries() -> list[str]:
    """Those of the dashboard, with the interval that Grafana puts in."""
    panels: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return [target["expr"].replace("$__rate_interval", "5m") for panel in panels for target in panel["targets"]]


def check_rules(file: Path) -> str:
    tool = shutil.which("promtool")
    if tool is None:
        unavailable("promtool isn't installed: it is in Debian's package prometheus")
    done = subprocess.run([tool, "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_can_be_read() -> None:
    alerts = [rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]]
    assert f"{len(alerts)} rules found" in check_rules(RULES)
    assert [alert["alert"] for alert in alerts if not {"summary", "do"} <= set(alert["annotations"])] == []


def test_every_query_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    recorded = [{"record": f"query_{number}", "expr": query} for number, query in enumerate(queries())]
    (tmp_path / "queries.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
    assert f"{len(recorded)} rules found" in check_rules(tmp_path / "queries.yaml")


@pytest.mark.parametrize("asked", [RULES.read_text(), "\n".join(queries())], ids=["rules", "dashboard"])
def test_what_is_asked_for_is_told(asked: str) -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    told = set(re.findall(r"`(nightshift_\w+)`", page))
    wanted = {re.sub("_(bucket|sum|count)$", "", name) for name in re.findall(r"\bnightshift_\w+", asked)}
    assert wanted and wanted <= told
