"""Who is at the command line."""

from __future__ import annotations

import getpass

import pytest

from nightshift.cli.workplace import err, out, who


def test_an_account_without_a_name_is_the_command_line_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that is run under a number."""
    assert who().endswith(" (command line)")

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert who() == "command line"


def test_names_of_files_do_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    out.print("a\x1b[2Jb\u202ecod.exe [red]x[/]: 年假\n", markup=False)
    err.print("\x9b31mc\r\n", style="red", markup=False)
    told = capsys.readouterr()
    assert told.out == "a\\u001b[2Jb\\u202ecod.exe [red]x[/]: 年假\n\n"
    assert told.err.startswith("\\u009b31mc\\u000d\n")
