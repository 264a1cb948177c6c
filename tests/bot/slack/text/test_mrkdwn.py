"""Markdown as mrkdwn: what stays, what is taken apart, and that nothing hostile comes through."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

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


ZW, WJ = "\u200b", "\u2060"


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("これは**重要**です。", f"これは{ZW}*重要*{ZW}です。"),
        ("これは**「重要」**です。", f"これは{ZW}*「重要」*{ZW}です。"),
        ("**注意:**これは", f"*注意:*{ZW}これは"),
        ("한국어**강조**입니다", f"한국어{ZW}*강조*{ZW}입니다"),
        ("**25**days, a*b*c", f"*25*{ZW}days, a{ZW}_b_{ZW}c"),
        ("(**a**), **b**. *c*!", "(*a*), *b*. _c_!"),
        ("**a**~~b~~`c`", f"*a*{ZW}~b~{ZW}`c`"),
        ("***x*** and __y__ _z_ ___w___", "*_x_* and *y* _z_ *_w_*"),
        ("a **b *c* d** e", "a *b _c_ d* e"),
        ("**a __b__ c** *d _e_ f*", "*a b c* _d e f_"),
        ("**a\nb**", "*a*\n*b*"),
        ("~~40~~ 50", "~40~ 50"),
        ("\\*not bold\\* 2 * 3 * 4 snake_case_name", "∗not bold∗ 2 * 3 * 4 snake_case_name"),
        ("\\_not italic\\_", "ˍnot italicˍ"),
        ("\\> not said", f"{WJ}&gt; not said"),
        ("- [ ] to do\n- [x] done\n- [1] said", "• ☐ to do\n• ☑ done\n• [1] said"),
        ("a\n\n---\n\nb", "a\n────────────\nb"),
        ("a<br>b<BR/>c <br /> d", "a\nb\nc\nd"),
        ("<b>a</b>b <em>c</em> <del>d</del>", f"*a*{ZW}b _c_ ~d~"),
        ("H<sub>2</sub>O, 2<sup>10</sup>, x<sub>max</sub>", "H₂O, 2¹⁰, xmax"),
        ("<kbd>Ctrl</kbd>+<code>a < b</code>", "`Ctrl`+`a &lt; b`"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "• a\n• b"),
        ("<details>\n<summary>More</summary>\n\nBody\n\n</details>", "*More*\nBody"),
        ("<p>one</p><p>two</p><!-- three -->", "one\ntwo"),
        ('<a href="https://evil.example/?q=1">words</a> <span style="x">y</span>', "words y"),
        ("List<String>, <your-name>, <i>, std::set<std::string>", None),
        ("&nbsp;a&nbsp;&lt;br&gt;", "a\xa0&lt;br&gt;"),
        ("# A *b* `c`\n\nd", "*A _b_ `c`*\nd"),
        ("| a<br>b | **日本** |\n|--|--|\n| 1 | ~~2~~ |", "```\na b  日本\n---------\n1    2\n```"),
        ("[^1] and 10:30:45", "[^1] and 10:30:45"),
    ],
)
def test_what_slack_writes_otherwise_or_not_at_all(markdown: str, mrkdwn: str | None) -> None:
    kept = "List&lt;String&gt;, &lt;your-name&gt;, &lt;i&gt;, std::set&lt;std::string&gt;"
    assert "\n".join(to_mrkdwn(markdown)) == (mrkdwn or kept)


STYLED = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["a", "重要", "「", "」", "。", " ", "1", ",", ":", "(", "\n"]), max_size=4).map(
            "".join
        ),
        st.sets(st.sampled_from(["b", "i", "s"])).map(frozenset),
    ),
    max_size=6,
)
TAGS = {"*": "b", "_": "i", "~": "s"}


@settings(max_examples=200, deadline=None)
@given(STYLED)
def test_slack_reads_every_mark_and_styles_what_markdown_does(runs: list[tuple[str, frozenset[str]]]) -> None:
    runs = [("x", frozenset()), *runs]  # what begins a line may begin a list, or code
    begin = {tags: "".join(f"<{tag}>" for tag in sorted(tags)) for _, tags in runs}
    end = {tags: "".join(f"</{tag}>" for tag in sorted(tags, reverse=True)) for _, tags in runs}
    tagged = [begin[tags] + text + end[tags] for text, tags in runs]
    meant = [(letter, tags) for text, tags in runs for letter in text if not letter.isspace()]
    assume(not re.search(r"\n\s*\n", "".join(text for text, _ in runs)))
    read: list[tuple[str, frozenset[str]]] = []
    for line in "\n".join(to_mrkdwn("".join(tagged))).split("\n"):
        styles: frozenset[str] = frozenset()
        for place, letter in enumerate(line):
            if letter in TAGS:
                styles ^= {TAGS[letter]}
                opens = TAGS[letter] in styles
                beside = line[:place].rstrip("*_~")[-1:], line[place + 1 :].lstrip("*_~")[:1]
                outer, inner = beside if opens else beside[::-1]
                assert not outer.isalnum() and outer.isascii() or outer == ZW, line
                assert inner and not inner.isspace() and inner != ZW, line
            elif not letter.isspace() and letter != ZW:
                read.append((letter, styles))
        assert not styles, line
    assert read == meant


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
