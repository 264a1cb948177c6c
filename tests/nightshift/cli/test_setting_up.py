"""`nightshift init`: what is typed is checked as it is given, and written; a secret is shown to nobody."""

from __future__ import annotations

import asyncio
import io
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.slack.transport import NEEDED
from db.settings import load_settings
from nightshift.cli import app, setting_up
from tests.doubles_chat import ChatServer, chat_server, refused, said
from tests.doubles_slack import OwnSlack, free_port
from tests.nightshift.conftest import Run

__all__ = ["chat_server"]

REALLY_ASKED = setting_up.is_asked


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("NIGHTSHIFT_SETTINGS_FILE")
    monkeypatch.setenv("NIGHTSHIFT_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(setting_up, "is_asked", lambda: True)
    return tmp_path / "data"


def type_in(*lines: str) -> str:
    """What is shown to somebody who types these; nobody's Slack is asked."""
    done = CliRunner().invoke(app, ["init"], input="".join(f"{line}\n" for line in lines))
    assert done.exit_code == 0, done.output
    return done.output


def test_who_gives_nothing_gets_what_is_usual(data_dir: Path) -> None:
    shown = type_in("", "", "", "", "", "", "")
    assert "Written: " in shown and "nightshift run" in shown and (data_dir / "settings.toml").is_file()
    assert not (data_dir / "secrets.toml").exists()
    assert load_settings().night_cron == "0 2 * * *"


def test_what_is_given_is_checked_and_written(
    data_dir: Path, database_url: str, chat_server: ChatServer, tmp_path: Path
) -> None:
    address = database_url.replace("+psycopg", "", 1)
    away = f"postgresql://nobody:hunter2@127.0.0.1:{free_port()}/x"
    replies = [refused({"error": {"message": "no"}}, 401), said("ready")]
    chat_server.answer = lambda request: replies.pop(0)
    shown = type_in(
        *(away, "n", address),
        "",
        *(f"{chat_server.address}/v1", "sk-wrong", "m", "n", f"{chat_server.address}/v1", "sk-hunter2", "m"),
        *("at noon", "UTC", "30 1 * * *", "Europe/Amsterdam"),
        *("no such folder", str(tmp_path)),
    )
    assert "hunter2" not in shown
    assert "can't be reached" in shown and "pgvector" in shown
    assert "status 401" in shown and "m answers." in shown
    assert "is not a crontab line" in shown and "The next night is due at" in shown
    assert "There is nothing by that name." in shown and f"nightshift ingest {tmp_path}" in shown
    assert stat.S_IMODE((data_dir / "secrets.toml").stat().st_mode) == 0o600
    assert "sk-hunter2" not in (data_dir / "settings.toml").read_text()
    settings = load_settings()
    assert settings.database_url is not None and settings.database_url.get_secret_value() == address
    assert settings.llm_api_key is not None and settings.llm_api_key.get_secret_value() == "sk-hunter2"
    assert (settings.llm_model, settings.night_cron, settings.timezone) == ("m", "30 1 * * *", "Europe/Amsterdam")

    type_in("", "", "", "", "", "", "")  # once more: what stands there stays
    assert load_settings() == settings


def test_what_is_only_away_just_now_is_kept_where_somebody_says_so(data_dir: Path) -> None:
    away = f"postgresql://nobody:hunter2@127.0.0.1:{free_port()}/x"
    assert "can't be reached" in type_in(away, "y", "", "", "", "", "", "")
    settings = load_settings()
    assert settings.database_url is not None and settings.database_url.get_secret_value() == away


async def test_slack_s_tokens_are_tried(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slack = OwnSlack()
    granted = 200, {"X-OAuth-Scopes": ",".join(NEEDED)}, {}
    slack.answers["auth.test"] = [{"ok": False, "error": "invalid_auth"}, granted]
    async with slack.running() as api_url:
        monkeypatch.setenv("NIGHTSHIFT_SLACK_API_URL", api_url)
        shown = await asyncio.to_thread(
            type_in,
            "",
            *("xapp-hunter1", "", "", "U0ANNA1", ""),
            *("xoxb-hunter2", "xapp-hunter2", "", "", "", "n"),
            *("xoxb-hunter3", "xapp-hunter3", "", "", ""),
            *("", "", "", "", ""),
        )
    assert "is no bot token" in shown and "(invalid_auth)" in shown and "Slack accepts the tokens" in shown
    assert "hunter" not in shown
    settings = load_settings()
    assert settings.slack_bot_token is not None and settings.slack_bot_token.get_secret_value() == "xoxb-hunter3"
    assert (settings.slack_admins, settings.slack_signing_secret) == ("U0ANNA1", None)


def test_where_nobody_is_asked_nothing_is_written(run: Run, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setting_up, "is_asked", REALLY_ASKED)
    monkeypatch.setattr("sys.stdin", io.StringIO("\n" * 9))
    code, out, err = run("init")
    assert (code, out) == (2, "") and "there is nobody to ask here" in err
    assert not data_dir.exists()
