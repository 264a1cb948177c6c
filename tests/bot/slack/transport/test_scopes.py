"""What is looked for is what the manifest asks for."""

from __future__ import annotations

import yaml

from bot.slack.transport.scopes import NEEDED, OPTIONAL
from tests.conftest import ROOT


def test_the_scopes_are_the_manifest_s() -> None:
    manifest = yaml.safe_load((ROOT / "deploy" / "slack-manifest.yaml").read_text())
    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == sorted({**NEEDED, **OPTIONAL})
