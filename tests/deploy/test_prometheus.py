"""Rules and dashboard as Prometheus's own tool reads them, and figures as a running one does."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import sqlalchemy as sa
import yaml

from db.settings import Settings
from nightshift.metrics.serving import telling_figures
from tests.conftest import ROOT
from tests.corpus import add_answer, add_base_generation
from tests.doubles_slack import free_port
from tests.npm import unavailable

FOLDER = ROOT / "deploy" / "prometheus"
RULES = FOLDER / "alerts.yaml"
WAIT_S = 60


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


class Prometheus:
    """A running one."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process = process
        self._address = f"http://127.0.0.1:{port}/api/v1/"
        self._log = log

    def ask(self, path: str, **parameters: str) -> Any:
        """What its API says, once it is up."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            assert self._process.poll() is None, self._log.read_text()
            with suppress(OSError), urlopen(f"{self._address}{path}?{urlencode(parameters)}", timeout=10) as reply:
                return json.loads(reply.read())["data"]
            time.sleep(0.05)
        raise AssertionError(f"Prometheus never answered: {self._log.read_text()}")

    def value(self, query: str) -> float:
        """The one value of a query, once there is one."""
        deadline = time.monotonic() + WAIT_S
        while not (found := self.ask("query", query=query)["result"]):
            assert time.monotonic() < deadline, f"there never was a {query}"
            time.sleep(0.05)
        [sample] = found
        return float(sample["value"][1])


@contextmanager
def prometheus(folder: Path, *targets: int) -> Iterator[Prometheus]:
    """By the configuration that docs/metrics.md shows, and the rules that come along."""
    program = shutil.which("prometheus")
    if program is None:
        unavailable("prometheus isn't installed: it is in Debian's package of that name")
    shown = re.search(r"```yaml\n(scrape_configs:.*?)```", (ROOT / "docs" / "metrics.md").read_text(), re.DOTALL)
    assert shown is not None
    settings = yaml.safe_load(shown[1]) | {"rule_files": [str(RULES)]}
    settings["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    [job] = settings["scrape_configs"]
    job["static_configs"][0]["targets"] = [f"127.0.0.1:{port}" for port in targets]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(settings))
    port, log = free_port(), folder / "log"
    command = [program, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}"]
    with log.open("wb") as kept:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=kept, stderr=kept)
        try:
            yield Prometheus(process, port, log)
        finally:
            process.kill()
            process.wait()


def test_a_real_prometheus_scrapes_what_is_told(engine: sa.Engine, tmp_path: Path) -> None:
    base = add_base_generation(engine)
    answer = add_answer(engine, 2)
    port = free_port()
    with telling_figures(Settings(data_dir=tmp_path), port, engine) as answered, prometheus(tmp_path, port) as running:
        answered.note(answer)
        assert running.value("max(nightshift_database_up)") == 1
        assert running.value('up{job="nightshift"}') == 1
        assert running.value("max(nightshift_generation)") == base.id
        assert running.value("max(nightshift_passages)") == 2
        for query in queries():
            running.ask("query", query=query)  # an error is no answer
        rules = [rule for group in running.ask("rules")["groups"] for rule in group["rules"]]
        assert {rule["name"]: rule["lastError"] for rule in rules if rule.get("lastError")} == {}
        firing = {alert["labels"]["alertname"] for alert in running.ask("alerts")["alerts"]}
        assert firing == set()
