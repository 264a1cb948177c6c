"""The bill of materials: it is JSON that says version and licence of what matters."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.deploy.test_lock import load_script


def test_it_names_what_is_installed_with_versions_and_licences(tmp_path: Path) -> None:
    target = tmp_path / "new" / "bill.json"
    versions = load_script("sbom").write_sbom(target, validate=False)
    bill = json.loads(target.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    licences = {part["name"].lower(): part.get("licenses") for part in bill["components"]}
    for name in ("torch", "psycopg"):
        assert versions[name] == version(name)
        assert licences[name]


def test_one_that_lacks_what_it_is_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sbom = load_script("sbom")
    monkeypatch.setattr(sbom, "MUST_NAME", ("torch", "no-such-package"))
    with pytest.raises(SystemExit, match="nothing of no-such-package"):
        sbom.write_sbom(tmp_path / "bill.json", validate=False)
