"""Settings come from the environment alone, and never show a secret or a bad value."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from db.errors import ConfigurationError
from db.settings.settings import Settings, load_settings, secret_names


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
    monkeypatch.setenv("NIGHTSHIFT_LLM_BASE_URL", " \n")
    monkeypatch.setenv("NIGHTSHIFT_SLACK_BOT_TOKEN", '""')
    assert load_settings() == Settings()
    assert load_settings().llm_api_key is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POOL_SIZE", "hunter2"),
        ("HTTP_PORT", "70000"),
        ("ENCODER_DTYPE", "hunter2"),
        ("EXPLORATION", "nan"),
        ("EXPLORATION", "1.5"),
        ("CHUNK_OVERLAP", "501"),
        ("LLM_API_KEY", "sk-hunter2\nsk-hunter2"),
        ("LLM_BASE_URL", "https://hunter2\u200b.example/v1"),
        ("DATABASE_URL", "postgresql://alice:hunter2\n@db/nightshift"),
        ("DATA_DIR", "hunter2\nmore"),
        ("LLM_MODEL", "hunter2\x07x"),
        ("SLACK_BOT_TOKEN", "xapp-hunter2"),
        ("SLACK_BOT_TOKEN", "xoxb-hunter2\u200b1"),
        ("SLACK_APP_TOKEN", "xoxb-hunter2"),
        ("SLACK_SIGNING_SECRET", "xoxb-hunter2"),
        ("SLACK_SIGNING_SECRET", "hunter2 hunter2"),
        ("SLACK_ADMINS", "U1, hunter2"),
        ("SLACK_ADMIN_CHANNEL", "#hunter2"),
        ("SLACK_ADMIN_CHANNEL", "C1, C2"),
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


@pytest.mark.parametrize("around", ["{}\n", " {}\r\n", "\ufeff{}", '"{}"', "'{}' \n", "\u200b{}\u200b"])
def test_what_was_copied_along_is_cut(monkeypatch: pytest.MonkeyPatch, around: str) -> None:
    meant = {
        "DATABASE_URL": "postgresql://alice:hunter2@db/nightshift",
        "LLM_API_KEY": "sk-1",
        "LLM_BASE_URL": "http://127.0.0.1:11434/v1",
        "LLM_MODEL": "llama3",
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_SIGNING_SECRET": "abcdef",
        "SLACK_API_URL": "https://slack.example/api/",
        "SLACK_ADMIN_CHANNEL": "C1",
        "DATA_DIR": "nights",
        "TIMEZONE": "Europe/Amsterdam",
        "LOG_LEVEL": "DEBUG",
        "HTTP_PORT": "3001",
    }
    for name, value in meant.items():
        monkeypatch.setenv(f"NIGHTSHIFT_{name}", around.format(value))
    settings = load_settings()
    read = {name: getattr(settings, name.lower()) for name in meant}
    assert {n: v.get_secret_value() if isinstance(v, SecretStr) else str(v) for n, v in read.items()} == meant


def test_a_secret_given_by_code_is_tidied_too() -> None:
    settings = Settings(slack_signing_secret=SecretStr("abc\n"), llm_api_key=SecretStr(" "))
    assert settings.slack_signing_secret == SecretStr("abc") and settings.llm_api_key is None


def test_admins_and_their_channel_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_SLACK_ADMINS", "U1; <@u2> U3\n")
    monkeypatch.setenv("NIGHTSHIFT_SLACK_ADMIN_CHANNEL", "<#C0789|night-reports>")
    settings = load_settings()
    assert settings.admins == {"U1", "U2", "U3"}
    assert settings.slack_admin_channel == "C0789"
    monkeypatch.setenv("NIGHTSHIFT_SLACK_ADMINS", " ,\n")
    assert load_settings().admins == frozenset()


def test_an_admin_by_name_is_told_where_the_id_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_SLACK_ADMINS", "U1;anna")
    with pytest.raises(ConfigurationError, match=r"NIGHTSHIFT_SLACK_ADMINS: number 2 .*Copy member ID"):
        load_settings()


def test_a_slip_in_a_name_is_told_of_and_does_no_harm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_SLACK_ADMIN", "hunter2")
    monkeypatch.setenv("NIGHTSHIFT_LLM_API_KEY_FILE", "")
    assert load_settings() == Settings()
    [record] = caplog.records
    assert "NIGHTSHIFT_SLACK_ADMIN is set" in record.getMessage()
    assert "did you mean NIGHTSHIFT_SLACK_ADMINS?" in record.getMessage()
    assert "hunter2" not in caplog.text
    caplog.clear()
    load_settings(tell_unknown=False)
    assert caplog.records == []


def test_every_secret_may_be_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    secrets = {
        "database_url": "postgresql://alice:hunter2@db/nightshift",
        "direct_database_url": "postgresql://alice:hunter2@direct.db/nightshift",
        "llm_api_key": "sk-hunter2",
        "slack_bot_token": "xoxb-hunter2",
        "slack_app_token": "xapp-hunter2",
        "slack_signing_secret": "hunter2",
    }
    assert secret_names() == list(secrets)
    for name, secret in secrets.items():
        (tmp_path / name).write_text(f"{secret}\n")
        monkeypatch.setenv(f"NIGHTSHIFT_{name.upper()}_FILE", str(tmp_path / name))
    settings = load_settings()
    assert {name: getattr(settings, name).get_secret_value() for name in secrets} == secrets


def test_a_bad_secret_in_a_file_is_named_by_the_file_s_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("xapp-hunter2")
    monkeypatch.setenv("NIGHTSHIFT_SLACK_BOT_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("NIGHTSHIFT_LLM_API_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert "NIGHTSHIFT_SLACK_BOT_TOKEN_FILE: is no bot token" in str(caught.value)
    assert "NIGHTSHIFT_LLM_API_KEY_FILE: the file it names can't be read" in str(caught.value)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_API_KEY", "sk-“secret”"),
        ("LLM_API_KEY", "sk-\nsecret"),
        ("LLM_BASE_URL", "ftp://secret.example.com"),
        ("LLM_BASE_URL", "http://secret example.com"),
        ("LLM_PROXY", "secret.example.com:3128"),
        ("LLM_PROXY", "socks5://secret.example.com:1080"),
    ],
)
def test_what_leads_to_no_language_model_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"NIGHTSHIFT_{name}", value)
    with pytest.raises(ConfigurationError, match=f"NIGHTSHIFT_{name}: ") as refused:
        load_settings()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("values", "has"),
    [
        ({}, False),
        ({"llm_model": "gpt-5-mini"}, False),
        ({"llm_api_key": " \n"}, False),
        ({"llm_base_url": " "}, False),
        ({"llm_api_key": "sk-x"}, True),
        ({"llm_base_url": "http://127.0.0.1:11434/v1"}, True),
    ],
)
def test_a_key_or_an_address_makes_a_language_model(values: dict[str, str], has: bool) -> None:
    assert Settings.model_validate(values).has_language_model is has


def test_what_the_environment_leaves_open_is_the_files_to_say(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("NIGHTSHIFT_SETTINGS_FILE")
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NIGHTSHIFT_SOURCES", "3")
    monkeypatch.setenv("NIGHTSHIFT_LLM_MODEL", " ")
    (tmp_path / "settings.toml").write_text(
        'sources = 7\nllm_model = "llama3"\nslack_admins = ["U0ANNA", "U0BERT"]\nsource = 2\n'
    )
    (tmp_path / "secrets.toml").write_text('slack_bot_token = "xoxb-hunter2"\n')
    (tmp_path / "secrets.toml").chmod(0o600)
    settings = load_settings()
    assert (settings.sources, settings.llm_model, settings.slack_admins) == (3, "llama3", "U0ANNA,U0BERT")
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-hunter2"
    [record] = caplog.records
    assert f"source in {tmp_path / 'settings.toml'} is set, but is no setting" in record.getMessage()
    assert "did you mean sources?" in record.getMessage()


def test_a_bad_value_in_a_file_is_named_by_its_line_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NIGHTSHIFT_SETTINGS_FILE")
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    (tmp_path / "settings.toml").write_text('http_port = 70000\nslack_admin_channel = "#hunter2"\n')
    with pytest.raises(ConfigurationError) as caught:
        load_settings()
    assert f"http_port in {tmp_path / 'settings.toml'}: " in str(caught.value)
    assert f"slack_admin_channel in {tmp_path / 'settings.toml'}: " in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_secret_of_the_environment_s_file_comes_before_one_of_the_settings_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("NIGHTSHIFT_SETTINGS_FILE")
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path))
    (tmp_path / "secrets.toml").write_text('llm_api_key = "sk-old"\n')
    (tmp_path / "secrets.toml").chmod(0o600)
    (tmp_path / "key").write_text("sk-new\n")
    monkeypatch.setenv("NIGHTSHIFT_LLM_API_KEY_FILE", str(tmp_path / "key"))
    key = load_settings().llm_api_key
    assert key is not None and key.get_secret_value() == "sk-new"
