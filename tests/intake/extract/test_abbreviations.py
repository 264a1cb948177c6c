"""An abbreviation is spelled out once."""

from __future__ import annotations

import pytest

from intake.extract.html import html_to_markdown

SLA = "<abbr title='Service Level Agreement'>SLA</abbr>"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"The {SLA} is 99%. The {SLA} again.", "The SLA (Service Level Agreement) is 99%. The SLA again."),
        (f"({SLA})", "(SLA (Service Level Agreement))"),
        ("<acronym title='As Soon As Possible'>ASAP</acronym>!", "ASAP (As Soon As Possible)!"),
        ("<dfn title='Service Level'>SL</dfn>", "SL (Service Level)"),
        ("<dfn><abbr title='Service Level'>SL</abbr></dfn>", "SL (Service Level)"),
        ("<abbr title=' a\n b '><b>AB</b></abbr>", "**AB** (a b)"),
        (
            "<abbr title='Pull Request'>PR</abbr>, <abbr title='Public Relations'>PR</abbr>",
            "PR (Pull Request), PR (Public Relations)",
        ),
        (f"The Service Level Agreement ({SLA})", "The Service Level Agreement (SLA)"),
        (f"{SLA} (service level agreement)", "SLA (service level agreement)"),
        ("<abbr>SLA</abbr> <abbr title=''>A</abbr> <abbr title=B></abbr>B", "SLA A B"),
        ("<abbr title=Same>same</abbr>", "same"),
        ("<code><abbr title='Change Directory'>cd</abbr></code>", "`cd`"),
        ("<span title='Service Level'>SL</span>", "SL"),
        (f"<abbr title='{'x' * 201}'>X</abbr>", "X"),
        ("<abbr title='A <b> or &amp;amp;'>A</abbr>", "A (A \\<b> or \\&amp;)"),
    ],
)
def test_an_abbreviation_is_spelled_out_once(html: str, text: str) -> None:
    assert html_to_markdown(f"<p>{html}</p>")[1].strip() == text


def test_where_it_is_hidden_it_is_not_said() -> None:
    assert html_to_markdown(f"<p hidden>{SLA}</p><p>{SLA}")[1].strip() == "SLA (Service Level Agreement)"
