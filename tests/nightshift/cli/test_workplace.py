"""Who is at the command line."""

from __future__ import annotations

import getpass

import pytest

from nightshift.cli.workplace import who


def test_an_account_without_a_name_is_the_command_line_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that is run under a number."""
    assert who().endswith(" (command line)")

    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert who() == "command line"
