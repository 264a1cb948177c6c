"""Settings come from the environment alone, and never show a secret or a bad value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from db.errors import ConfigurationError
from db.settings import Settings, load_settings


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", "postgresql://alice:hunter2@db/nightshift")
    monkeypatch.setenv("NIGHTSHIFT_SOURCES", "3")
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", "~/nights")
    monkeypatch.setenv("NIGHTSHIFT_NO_SUCH_THING", "1")
    settings = load_settings()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://alice:hunter2@db/nightshift"
    assert settings.sources == 3
    assert settings.models_dir == Path.home() / "nights" / "models"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_LLM_API_KEY", "")
    monkeypatch.setenv("NIGHTSHIFT_HTTP_PORT", "")
    assert load_settings() == Settings()
    assert load_settings().llm_api_key is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POOL_SIZE", "hunter2"),
        ("HTTP_PORT", "70000"),
        ("ENCODER_DTYPE", "hunter2"),
        ("MIN_SIMILARITY", "nan"),
        ("EXPLORATION", "1.5"),
        ("CHUNK_OVERLAP", "1000"),
    ],
)
def test_a_bad_value_is_named_by_its_variable_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"NIGHTSHIFT_{name}", value)
    with pytest.raises(ConfigurationError, match=f"NIGHTSHIFT_{name}: ") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.exit_code == 2


def test_all_bad_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_SOURCES", "many")
    monkeypatch.setenv("NIGHTSHIFT_LLM_RETRIES", "-1")
    with pytest.raises(ConfigurationError, match=r"NIGHTSHIFT_SOURCES: .*NIGHTSHIFT_LLM_RETRIES: "):
        load_settings()


def test_secrets_are_in_no_text_of_the_settings() -> None:
    secrets = {
        "database_url": "postgresql://alice:hunter2@db/nightshift",
        "llm_api_key": "sk-hunter2",
        "slack_bot_token": "xoxb-hunter2",
        "slack_app_token": "xapp-hunter2",
        "slack_signing_secret": "hunter2",
    }
    settings = Settings.model_validate(secrets)
    for text in repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json():
        assert "hunter2" not in text


def test_settings_can_t_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings().sources = 7  # type: ignore[misc]
