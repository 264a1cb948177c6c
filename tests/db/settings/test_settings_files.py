"""Settings in files: read as the environment's are, secrets apart, and refused by the line's name without its value."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from db.errors import ConfigurationError
from db.settings.settings_files import SettingsFiles, read_settings_files, write_settings_files

SECRETS = ["NIGHTSHIFT_LLM_API_KEY"]


def read(folder: Path, settings: str | bytes = "", secrets: str | None = None, mode: int = 0o600) -> SettingsFiles:
    (folder / "settings.toml").write_bytes(settings.encode() if isinstance(settings, str) else settings)
    if secrets is not None:
        (folder / "secrets.toml").write_text(secrets)
        (folder / "secrets.toml").chmod(mode)
    return read_settings_files({"NIGHTSHIFT_DATA_DIR": str(folder)}, SECRETS)


@pytest.mark.parametrize(
    ("line", "read_as"),
    [
        ('night_cron = "0 3 * * *"', "0 3 * * *"),
        ('NIGHTSHIFT_NIGHT_CRON = "@daily"', "@daily"),
        ("night_cron = 7", "7"),
        ("night_cron = 0.25", "0.25"),
        ("night_cron = true", "true"),
        ('night_cron = ["a", "b", 3]', "a,b,3"),
        ("\ufeffnight_cron = 'x' # said so by Anna", "x"),
    ],
)
def test_a_line_is_read_as_the_environment_would_have_it(tmp_path: Path, line: str, read_as: str) -> None:
    found = read(tmp_path, line)
    assert (found.values, found.problems) == ({"NIGHTSHIFT_NIGHT_CRON": read_as}, [])
    assert found.places == {"NIGHTSHIFT_NIGHT_CRON": f"night_cron in {tmp_path / 'settings.toml'}"}


def test_an_empty_value_and_no_file_set_nothing(tmp_path: Path) -> None:
    assert read(tmp_path, 'night_cron = " "\nslack_admins = []').values == {}
    assert read_settings_files({"NIGHTSHIFT_DATA_DIR": str(tmp_path / "none")}, SECRETS) == SettingsFiles()


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ("night_cron = {a = 1}", "night_cron in .*must be a text"),
        ("[night]\ncron = 1", "night in .*must be a text"),
        ("night_cron = 1979-05-27", "night_cron in .*must be a text"),
        ("night_cron = [[1]]", "night_cron in .*must be a text"),
        ("night_cron = hunter2", r"settings.toml: isn't TOML \(at line 1, column 14\)"),
        ("hunter2", r"settings.toml: isn't TOML \(at "),
        ("night_cron = 'hunter2", "settings.toml: isn't TOML"),
        ("a = 'x'\n".encode("utf-16"), "settings.toml: isn't text in UTF-8"),
        ("#" * 20_000, "settings.toml: is longer than 16,384 bytes"),
        ("night_cron = 'a'\nNIGHT_CRON = 'b'", "night_cron in .*is set twice"),
        ("llm_api_key = 'hunter2'", "llm_api_key in .*is a secret, and belongs into secrets.toml"),
    ],
)
def test_what_cannot_be_used_is_named_and_not_shown(tmp_path: Path, settings: str | bytes, problem: str) -> None:
    [sentence] = read(tmp_path, settings).problems
    assert re.search(problem, sentence)
    assert "hunter2" not in sentence


def test_secrets_that_others_can_read_are_refused(tmp_path: Path) -> None:
    assert read(tmp_path, secrets="llm_api_key = 'sk-1'").values == {"NIGHTSHIFT_LLM_API_KEY": "sk-1"}
    assert read(tmp_path, secrets="llm_api_key = 'sk-1'", mode=0o640).problems == []  # a group of its own
    opened = read(tmp_path, secrets="llm_api_key = 'sk-1'", mode=0o644)
    assert opened.values == {}
    assert opened.problems == [
        f"{tmp_path / 'secrets.toml'}: others on this machine can read it; run `chmod 600 {tmp_path / 'secrets.toml'}`"
    ]


def test_another_file_is_named_by_a_variable_and_has_to_be_there(tmp_path: Path) -> None:
    elsewhere = tmp_path / "etc" / "bot.toml"
    environment = {"NIGHTSHIFT_DATA_DIR": str(tmp_path), "NIGHTSHIFT_SETTINGS_FILE": str(elsewhere)}
    assert read_settings_files(environment, SECRETS).problems == [
        "NIGHTSHIFT_SETTINGS_FILE: the file it names isn't there"
    ]
    elsewhere.parent.mkdir()
    elsewhere.write_text("sources = 3")
    elsewhere.with_name("secrets.toml").write_text("llm_api_key = 'sk-1'")
    elsewhere.with_name("secrets.toml").chmod(0o600)
    assert read_settings_files(environment, SECRETS).values == {
        "NIGHTSHIFT_SOURCES": "3",
        "NIGHTSHIFT_LLM_API_KEY": "sk-1",
    }


def test_what_is_written_is_read_again_and_secrets_are_the_owner_s(tmp_path: Path) -> None:
    place = tmp_path / "new" / "settings.toml"
    odd = 'a "quoted" \\ word, é, 😀'
    write_settings_files(place, {"night_cron": odd, "sources": 3}, {"llm_api_key": "sk-1"})
    assert stat.S_IMODE(place.with_name("secrets.toml").stat().st_mode) == 0o600
    write_settings_files(place, {"sources": 4}, {})
    found = read_settings_files({"NIGHTSHIFT_DATA_DIR": str(place.parent)}, SECRETS)
    assert found.problems == []
    assert found.values == {
        "NIGHTSHIFT_NIGHT_CRON": odd,
        "NIGHTSHIFT_SOURCES": "4",
        "NIGHTSHIFT_LLM_API_KEY": "sk-1",
    }
    assert sorted(path.name for path in place.parent.iterdir()) == ["secrets.toml", "settings.toml"]


def test_a_place_that_is_named_is_there_afterwards_though_secrets_are_all_there_is(tmp_path: Path) -> None:
    place = tmp_path / "settings.toml"
    write_settings_files(place, {}, {"llm_api_key": "sk-1"})
    found = read_settings_files({"NIGHTSHIFT_SETTINGS_FILE": str(place)}, SECRETS)
    assert (found.values, found.problems) == ({"NIGHTSHIFT_LLM_API_KEY": "sk-1"}, [])


def test_what_cannot_be_read_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("mine, by hand")
    with pytest.raises(ConfigurationError, match="isn't TOML"):
        write_settings_files(tmp_path / "settings.toml", {"sources": 3}, {})
    assert (tmp_path / "settings.toml").read_text() == "mine, by hand"


def test_a_place_that_can_not_be_read_or_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ConfigurationError, match=r"folder\.toml: can't be read \(Is a directory\)"):
        write_settings_files(tmp_path / "folder.toml", {"timezone": "UTC"}, {})
    (tmp_path / ".settings.toml.new").mkdir()
    with pytest.raises(ConfigurationError, match=r"settings\.toml can't be written"):
        write_settings_files(tmp_path / "settings.toml", {"timezone": "UTC"}, {})
    assert not (tmp_path / "settings.toml").exists()
