"""What is in force is shown with where it came from; no secret, password or key is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.errors import ConfigurationError
from db.settings import Settings
from db.settings.in_force import HIDDEN, read_in_force


def test_each_setting_says_where_it_came_from(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("NIGHTSHIFT_SETTINGS_FILE")
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NIGHTSHIFT_HTTP_PORT", " 3001 ")
    monkeypatch.setenv("NIGHTSHIFT_LLM_API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("NIGHTSHIFT_SLACK_TOKEN", "xoxb-hunter2")
    (tmp_path / "key").write_text("sk-hunter2")
    (tmp_path / "settings.toml").write_text("http_port = 4000\nperson_quota = 5\n")
    found, given = read_in_force()
    assert [one.name for one in found] == list(Settings.model_fields)
    said = {one.name: (one.value, one.origin, one.place) for one in found}
    assert said["http_port"] == (3001, "environment", "NIGHTSHIFT_HTTP_PORT")
    assert said["person_quota"] == (5, "file", f"person_quota in {tmp_path / 'settings.toml'}")
    assert said["llm_api_key"] == (HIDDEN, "secret file", "NIGHTSHIFT_LLM_API_KEY_FILE")
    assert said["slack_bot_token"] == (None, "default", None)
    assert said["night_cron"] == ("0 2 * * *", "default", None)
    assert len(given.unknown) == 1 and "did you mean NIGHTSHIFT_SLACK_BOT_TOKEN?" in given.unknown[0]
    assert "hunter2" not in repr(found) + repr(given.unknown)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("LLM_BASE_URL", "https://llm.example/v1", "https://llm.example/v1"),
        (
            "LLM_BASE_URL",
            "https://llm.example/v1?api-version=1&key=hunter2",
            f"https://llm.example/v1?api-version={HIDDEN}&key={HIDDEN}",
        ),
        ("LLM_BASE_URL", "https://anna:hunter2@llm.example/v1", f"https://{HIDDEN}@llm.example/v1"),
        ("LLM_PROXY", "http://anna:hunter2@proxy:3128", f"http://{HIDDEN}@proxy:3128"),
        ("LLM_BASE_URL", "https://anna:hun@ter2@llm.example/v1", f"https://{HIDDEN}@llm.example/v1"),
        ("SLACK_API_URL", "https://hunter2@slack.example/api/", f"https://{HIDDEN}@slack.example/api/"),
        ("DATABASE_URL", "postgresql://anna:hunter2@db/nightshift", HIDDEN),
    ],
)
def test_an_address_is_shown_without_what_may_be_a_key(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, shown: str
) -> None:
    monkeypatch.setenv(f"NIGHTSHIFT_{name}", value)
    [one] = [one for one in read_in_force()[0] if one.name == name.lower()]
    assert one.value == shown


def test_a_setting_that_cannot_be_used_is_refused_as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_HTTP_PORT", "70000")
    with pytest.raises(ConfigurationError, match="NIGHTSHIFT_HTTP_PORT: "):
        read_in_force()
