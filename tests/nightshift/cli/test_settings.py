"""`nightshift settings` and what every command line has: a version, help by two names, completion, exit codes."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from db.errors import NightshiftError
from nightshift.cli import EXIT_CODES
from nightshift.running.lock import AlreadyRunningError
from tests.nightshift.conftest import Run


def test_what_is_in_force_is_shown_and_nothing_is_started(
    run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NIGHTSHIFT_DATABASE_URL", "postgresql://anna:hunter2@nowhere.invalid/x")
    monkeypatch.setenv("NIGHTSHIFT_NIGHT_CRONN", "hunter2")
    code, out, err = run("settings", "--json")
    facts = json.loads(out)
    by_name = {one["name"]: one for one in facts["settings"]}
    assert (code, err) == (0, "")
    assert by_name["database_url"] | {"value": None} == {
        "name": "database_url",
        "value": None,
        "origin": "environment",
        "place": "NIGHTSHIFT_DATABASE_URL",
    }
    assert facts["unknown"] == [
        "NIGHTSHIFT_NIGHT_CRONN is set, but is no setting, so it does nothing; did you mean NIGHTSHIFT_NIGHT_CRON?"
    ]
    code, shown, err = run("settings")
    assert code == 0 and "NIGHTSHIFT_NIGHT_CRONN is set" in err
    assert any(line.split() == ["sources", "5", "(default)"] for line in shown.splitlines())
    assert any(
        line.startswith("database_url") and line.endswith("(environment: NIGHTSHIFT_DATABASE_URL)")
        for line in shown.splitlines()
    )
    assert "hunter2" not in out + shown + err


def test_a_setting_that_cannot_be_used_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NIGHTSHIFT_HTTP_PORT", "70000")
    code, out, err = run("settings", "--json")
    assert (code, out) == (2, "")
    assert "NIGHTSHIFT_HTTP_PORT: " in err


def test_the_version_is_told(run: Run) -> None:
    assert run("--version") == (0, f"nightshift {version('nightshift')}\n", "")


@pytest.mark.parametrize("command", [[], ["ask"], ["db"], ["db", "status"], ["generations", "promote"], ["settings"]])
def test_help_has_two_names_everywhere(run: Run, command: list[str]) -> None:
    assert run(*command, "-h") == run(*command, "--help")
    assert run(*command, "-h")[0] == 0


def test_a_shell_can_complete_commands(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_NIGHTSHIFT_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "nightshift gener")
    monkeypatch.setenv("COMP_CWORD", "1")
    assert run()[1].split() == ["generations"]


def test_every_exit_code_is_told_of() -> None:
    def all_below(kind: type[NightshiftError]) -> set[int]:
        return {kind.exit_code, *(code for own in kind.__subclasses__() for code in all_below(own))}

    assert all_below(NightshiftError) | {AlreadyRunningError.exit_code} <= set(EXIT_CODES)
