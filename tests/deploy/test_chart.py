"""The Helm chart: linted and rendered by Helm itself, held against Kubernetes' schemas, and what it runs is there."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
import yaml

from nightshift.cli import app
from tests.conftest import ROOT
from tests.deploy.test_units import OWN_VARIABLES
from tests.npm import unavailable

CHART = ROOT / "deploy" / "chart"
KUBERNETES = "1.33.0"
ALL = {
    "backup": {"enabled": True, "storageClass": "fast"},
    "db": {"enabled": True, "storageClass": "fast"},
    "image": {"pullSecrets": ["registry"]},
    "nights": {
        "nodeSelector": {"gpu": "yes"},
        "storageClass": "fast",
        "tolerations": [{"key": "gpu", "operator": "Exists"}],
    },
    "secret": {"name": "own", "keys": ["database_url", "database_password", "slack_bot_token", "slack_signing_secret"]},
    "settings": {"NIGHTSHIFT_TIMEZONE": "Europe/Amsterdam", "NIGHTSHIFT_KEEP_VOTES_DAYS": 730},
}


def require(module: str, package: str) -> None:
    if find_spec(module) is None:
        unavailable(f"{module} isn't installed: it is on PyPI as {package}")


def render(values: dict[str, Any]) -> list[dict[str, Any]]:
    require("helm_python", "helm-python-sdk")
    import helm_python

    with helm_python.Chart.load(CHART) as chart:
        chart.validate_schema(values)
        files = chart.render(values, name="night", namespace="default")
    texts = [text for path, text in files.items() if path.endswith(".yaml")]
    return [found for text in texts for found in yaml.safe_load_all(text) if found]


def pods(objects: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for found in objects:
        spec = found["spec"].get("jobTemplate", found)["spec"]
        if "template" in spec:
            yield found["metadata"]["name"], spec["template"]["spec"]


def test_helm_s_own_linter_finds_nothing() -> None:
    require("helm_python", "helm-python-sdk")
    import helm_python

    report = helm_python.lint(CHART, ALL, strict=True)
    assert report["errors"] == []
    assert [own for own in report["messages"] if own["severity"] > 1] == []


@pytest.mark.parametrize("values", [{}, ALL], ids=["as it is", "all of it"])
def test_what_it_makes_is_as_kubernetes_schemas_have_it(values: dict[str, Any]) -> None:
    require("kubernetes_validate", "kubernetes-validate")
    import kubernetes_validate

    objects = render(values)
    for found in objects:
        kubernetes_validate.validate(found, KUBERNETES, strict=True)
    names = [found["metadata"]["name"] for found in objects if found["kind"] != "Service"]
    more = ["night-backup", "night-backups", "night-db"] if values else []
    assert sorted(names) == sorted(["night-bot", "night-nights", "night-nights", *more])


def test_no_pod_may_more_than_it_needs() -> None:
    for name, pod in pods(render(ALL)):
        assert pod["securityContext"]["runAsNonRoot"] and not pod["automountServiceAccountToken"], name
        assert not pod["enableServiceLinks"], name
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            may = container["securityContext"]
            assert may["readOnlyRootFilesystem"] and not may["allowPrivilegeEscalation"]
            assert may["capabilities"] == {"drop": ["ALL"]}
            mounted = {mount["name"] for mount in container["volumeMounts"]}
            assert "tmp" in mounted and mounted <= {volume["name"] for volume in pod["volumes"]} | {"data"}


def test_it_sets_what_is_a_setting_and_runs_what_is_a_command() -> None:
    for name, pod in pods(render(ALL)):
        for container in [*pod["containers"], *pod.get("initContainers", [])]:
            if name == "night-db":
                continue
            told = {own["name"]: own["value"] for own in container["env"]}
            assert told.keys() <= OWN_VARIABLES and told["NIGHTSHIFT_TIMEZONE"] == "Europe/Amsterdam"
            [secrets] = [volume["secret"] for volume in pod["volumes"] if volume["name"] == "secrets"]
            files = {f"/run/secrets/nightshift/{item['path']}" for item in secrets["items"]}
            assert {value for key, value in told.items() if key.endswith("_FILE")} == files
            assert "NIGHTSHIFT_DATABASE_PASSWORD_FILE" not in told
            command = container["args"] if "command" not in container else ["backup", "x.tar", "--json"]
            app([*command, "--help"], prog_name="nightshift", standalone_mode=False)
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                if probe in container:
                    asked = container[probe]["httpGet"]
                    assert asked["path"] in ("/healthz", "/readyz")
                    assert asked["port"] in {port["name"] for port in container["ports"]}


def test_values_that_are_none_are_refused() -> None:
    require("helm_python", "helm-python-sdk")
    import helm_python

    with helm_python.Chart.load(CHART) as chart:
        for wrong in ({"bot": {"replicas": 11}}, {"secrets": {}}, {"settings": {"TIMEZONE": "UTC"}}):
            with pytest.raises(helm_python.HelmError):
                chart.validate_schema(wrong)
