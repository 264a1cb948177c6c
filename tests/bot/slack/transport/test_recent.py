"""Once about each of the latest names."""

from __future__ import annotations

from bot.slack.transport.recent import REMEMBERED, Recent


def test_a_name_is_new_once_and_the_oldest_are_forgotten() -> None:
    recent = Recent()
    assert recent.add("a") and not recent.add("a") and "a" in recent
    for number in range(REMEMBERED):
        assert recent.add(str(number))
    assert "a" not in recent and "0" in recent
