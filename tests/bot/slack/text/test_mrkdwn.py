"""Markdown as mrkdwn: what stays, what is taken apart, and that nothing hostile comes through."""

from __future__ import annotations

import time

import pytest

from bot.slack.text.mrkdwn import escape, shorten, to_mrkdwn


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("It is **big** and *old* [1].", ["It is *big* and _old_ [1]."]),
        ("# The **plan**\n\nGo.", ["*The plan*", "Go."]),
        ("Steps:\n\n1. one\n2. two\n   - deeper\n\nEnd", ["Steps:", "1. one\n2. two\n    • deeper", "End"]),
        ("7. seven\n8. eight", ["7. seven\n8. eight"]),
        ("> said\n> so", ["> said\n> so"]),
        ("Use `a < b`:\n\n```py\nx = a & b\n```", ["Use `a &lt; b`:", "```\nx = a &amp; b\n```"]),
        ("line  \nbreak\nsoft", ["line\nbreak\nsoft"]),
        (
            "| A | B |\n|:--|--:|\n| long one | `2 < 3` |",
            ["```\nA         B\n---------------\nlong one  2 &lt; 3\n```"],
        ),
        ("`a``b` and `c`", ["`a``b` and `c`".replace("``", "''")]),
        ("---", []),
        ("", []),
        ("&lt;b&gt; & <i>", ["&lt;b&gt; &amp; &lt;i&gt;"]),
    ],
)
def test_formatting(markdown: str, mrkdwn: list[str]) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("[click](https://evil.example/?q=1)", "click (`https://evil.example/?q=1`)"),
        ("<https://evil.example>", "`https://evil.example`"),
        ("see https://evil.example/a now", "see `https://evil.example/a` now"),
        ("![secret](https://evil.example/pixel.png)", "secret"),
        ("[1]\n\n[1]: https://evil.example", "[1]\n[1]: `https://evil.example`"),
        ("a ` https://evil.example", "a ' `https://evil.example`"),
        ("<!channel> <@U123> <#C1|x>", "&lt;!channel&gt; &lt;@U123&gt; &lt;#C1|x&gt;"),
        ("&lt;!channel&gt;", "&lt;!channel&gt;"),
        ("@channel and @Here", "@\u2060channel and @\u2060Here"),
        ("`<!here>`", "`&lt;!here&gt;`"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a\x00b\x1b[2Jc\u202ed\ud800", "ab[2Jcd?"),
    ],
)
def test_nothing_notifies_or_leads_away(markdown: str, mrkdwn: str) -> None:
    assert "\n".join(to_mrkdwn(markdown)) == mrkdwn


def test_escape_keeps_what_was_written() -> None:
    assert escape("a < b && b > c") == "a &lt; b &amp;&amp; b &gt; c"


def test_shorten_ends_at_a_word() -> None:
    assert shorten("one two three", 13) == "one two three"
    assert shorten("one two three", 11) == "one two …"
    assert shorten("x" * 100, 10) == "xxxxxxxx …"


@pytest.mark.parametrize(
    "hostile", ["[", "*", "`", "> ", "- ", "![", "<", "**a ", "_a*", "[a](", "\\", "&", "1. ", "#", "|", "|-"]
)
def test_hostile_markup_is_read_in_bounded_time(hostile: str) -> None:
    started = time.perf_counter()
    to_mrkdwn((hostile * 6_000)[:6_000])
    assert time.perf_counter() - started < 2
