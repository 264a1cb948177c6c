"""Markdown for streams: what stays, what is taken apart, and that a parser finds nothing live in what comes out."""

from __future__ import annotations

import pytest

from bot.slack.text.markdown import is_harmless, to_markdown

WJ, ZW = "\u2060", "\u200b"


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("It is **big** and _old_ [1][2].", "It is **big** and *old* [1][2]."),
        ("## The **plan**\n\nGo.", "## The **plan**\n\nGo."),
        ("* one\n* two\n  1. deeper\n\nEnd", "- one\n- two\n    1. deeper\n\nEnd"),
        ("> said\n> so", "> said\n> so"),
        ("```py\nx = a & b < c\n```", "```py\nx = a & b < c\n```"),
        ("Use `a < b && c`.", "Use `a < b && c`."),
        ("R&D < 5, 2 * 3, snake_case, C:\\dir", "R&D < 5, 2 * 3, snake_case, C:\\\\dir"),
        ("| A | B |\n|---|---|\n| **1** | `x\\|y` |", "| A | B |\n| --- | --- |\n| **1** | `x¦y` |"),
        ("---", ""),
        ("a\n\n---\n\nb", "a\n\n---\n\nb"),
        ("これは**重要**です。~~古い~~", "これは**重要**です。~~古い~~"),
        ("これは**「重要」**です。", f"これは**{ZW}「重要」{ZW}**です。"),
        ("**a**~~b~~ ***c*** <b>d</b>", f"**a**{ZW}~~b~~ ***c* d**"),
        ("a<br>b H<sub>2</sub>O <kbd>C</kbd>", "a\nb H₂O `C`"),
        ("\\*not\\* \\_it\\_ \\~~x\\~~ `*`", "\\*not\\* \\_it\\_ \\~\\~x\\~\\~ `*`"),
        ("\\# no\n\\- no\n1\\. no\n\\> no", "\\# no\n\\- no\n1\\. no\n\\> no"),
        ("- [ ] a\n- [x] b", "- [ ] a\n- [x] b"),
    ],
)
def test_formatting(given: str, written: str) -> None:
    assert "\n\n".join(to_markdown(given)) == written


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("[click](https://evil.example/?q=1)", "click (`https://evil.example/?q=1`)"),
        ("<https://evil.example>", "`https://evil.example`"),
        ("see evil.example/a, or www.evil.example.", "see `evil.example/a,` or `www.evil.example`."),
        ("write to eve@evil.example", "write to `eve@evil.example`"),
        ("![secret](https://evil.example/pixel.png)", "secret"),
        ("\\[x](y)", f"[x]{WJ}(y)"),
        ("[1]\n\n[1]: https://evil.example", f"[1]\n\n[1]{WJ}: `https://evil.example`"),
        ("a ` https://evil.example", "a ' `https://evil.example`"),
        ("\\\\`https://evil.example`", "\\\\`https://evil.example`"),
        ("https://evil.example`x`", "`https://evil.example` `x`"),
        ("<!channel> <@U123> <#C1|x>", f"<{WJ}!channel> <{WJ}@U123> <{WJ}#C1|x>"),
        ("`<!here>` and `<https://evil.example|x>`", f"`<{WJ}!here>` and `<{WJ}https://evil.example|x>`"),
        ("`std::vector<std::string>`", "`std::vector<std::string>`"),
        ("&lt;@U123&gt; &amp;lt;@U123&gt;", f"<{WJ}@U123> &amp;lt;@U123>"),
        ("<[!channel>](https://own.example)", f"<{WJ}!channel> (`https://own.example`)"),
        ("@[channel]() <<!-- x -->@U1> &[lt;]()!here>", f"@{WJ}channel <{WJ}@U1> &amp;lt;!here>"),
        ("**&lt;**@U1>", f"**<{WJ}**@U1>"),
        ("[https:]()//evil.example and [x]![](y)(https://evil.example)", None),
        ("@channel and @Here", f"@{WJ}channel and @{WJ}Here"),
        ("https://evil.example|\n|-|-|", f"`https://evil.example|`\n{WJ}|-|-|"),
        ("| A |\n|---|\n| `a\\|https://evil.example` |", "| A |\n| --- |\n| `a¦https://evil.example` |"),
    ],
)
def test_nothing_notifies_or_leads_away(given: str, written: str | None) -> None:
    joined = f"`https://evil.example` and [x]{WJ}(`https://evil.example)`"
    assert "\n\n".join(to_markdown(given)) == (written or joined)
    assert is_harmless("\n\n".join(to_markdown(given)))


@pytest.mark.parametrize(
    "live",
    [
        "<!here>",
        "`<@U1>`",
        "@channel",
        "[x](y)",
        "[1]: y",
        "evil.example",
        "<**@U1>",
        "a `b` https://evil",
        "`https://evil",
    ],
)
def test_what_is_live_is_known_wherever_it_came_from(live: str) -> None:
    assert not is_harmless(live)
    assert is_harmless("`a[0](x)` https `https://docs.example.com`\n```\nx[1]: https://a.example")
