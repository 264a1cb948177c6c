"""`options` of an address: settings apart from what a host's proxy wants to hear."""

from __future__ import annotations

import pytest

from db.store.options import read_options


@pytest.mark.parametrize(
    ("options", "settings", "rest"),
    [
        ("", {}, ""),
        ("-c work_mem=5MB", {"work_mem": "5MB"}, ""),
        ("-cwork_mem=5MB  -c  jit=off", {"work_mem": "5MB", "jit": "off"}, ""),
        ("--work-mem=5MB", {"work_mem": "5MB"}, ""),
        (r"-c search_path=own,\ public", {"search_path": "own, public"}, ""),
        (r"-c a.b=back\\slash", {"a.b": "back\\slash"}, ""),
        ("endpoint=ep-cool-1234 -c jit=off", {"jit": "off"}, "endpoint=ep-cool-1234"),
        ("project=x", {}, "project=x"),
        ("-c", {}, "-c"),
        ("-c nonsense", {}, "-cnonsense"),
    ],
)
def test_settings_are_told_from_the_rest(options: str, settings: dict[str, str], rest: str) -> None:
    assert read_options(options) == (settings, rest)
