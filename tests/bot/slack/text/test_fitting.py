"""Texts cut to a limit that holds after they are escaped."""

from __future__ import annotations

import pytest

from bot.slack.text.fitting import fit, one_line, verbatim
from bot.slack.text.mrkdwn import escape_words


@pytest.mark.parametrize("limit", [0, 1, 5, 60, 1_000])
@pytest.mark.parametrize("text", ["", "word " * 400, "&" * 2_000, "\ud800\x00", "<!channel>\n" * 90])
def test_one_line_is_one_and_no_longer_than_its_limit(text: str, limit: int) -> None:
    for convert in (None, escape_words):
        line = one_line(text, limit) if convert is None else one_line(text, limit, convert)
        assert len(line) <= limit and "\n" not in line and "<!channel>" not in line


def test_what_fits_is_left_as_it_is() -> None:
    assert one_line(" Paid \n leave & rest ", 100) == "Paid leave &amp; rest"
    assert fit("a b", 100, str.split) == ["a", "b"]


def test_as_much_as_fits_is_kept() -> None:
    line = one_line("&" * 2_000, 100)
    assert 80 <= len(line) <= 100 and line.startswith("&amp;&amp;")


def test_slack_makes_nothing_of_its_own_of_a_text() -> None:
    assert verbatim("@here").to_dict() == {"type": "mrkdwn", "text": "@here", "verbatim": True}
