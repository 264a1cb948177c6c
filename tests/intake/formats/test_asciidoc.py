"""AsciiDoc is read as its readers see it."""

from __future__ import annotations

import time

import pytest

from intake.formats.asciidoc import asciidoc_to_markdown


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("= Leave\nAda <a@x.test>\nv1.0\n:days: 28\n\nYou have {days} days.", "# Leave\n\nYou have 28 days."),
        ("== Sick\ntext", "## Sick\n\ntext"),
        ("=== Deep ===", "### Deep"),
        ("* one\n** two\n. first", "- one\n  - two\n1. first"),
        ("NOTE: Tell *us*.", "Note: Tell **us**."),
        ("[source,python]\n----\nx = 1 # <1>\n\ny\n----", "```python\nx = 1\n\ny\n```"),
        ("....\nliteral\n....", "```\nliteral\n```"),
        ("```js\nx\n```", "```js\nx\n```"),
        ("====\nAn example.\n====", "An example."),
        ("|===\n|Deck |Cars\n\n|A\n|40\n\n|B |50\n|===", "| Deck | Cars |\n|---|---|\n| A | 40 |\n| B | 50 |"),
        ('[cols="1,2*"]\n|===\n|a\n|b\n|c\n|1\n|2\n|3\n|===', "| a | b | c |\n|---|---|---|\n| 1 | 2 | 3 |"),
        (",===\na,b\n1,2\n,===", "| a | b |\n|---|---|\n| 1 | 2 |"),
        (
            "See https://x.test/leave[the policy], <<sick,being sick>> and <<pay>>.",
            "See the policy, being sick and pay.",
        ),
        ("Press kbd:[Ctrl] and image:a.png[A plan].", "Press Ctrl and A plan."),
        ("Term:: what it means", "- Term: what it means"),
        (".A caption\ntext", "A caption\n\ntext"),
        ("// comment\n////\nhidden\n////\nifdef::x[]\ninclude::/etc/passwd[]\n[[anchor]]\ntext", "text"),
        ("line one +\nline two", "line one\nline two"),
        ("* one\n+\ntext of it\n+\n----\ncode\n----", "- one\n\ntext of it\n\n```\ncode\n```"),
        ("|===\n|a |b\n\n|1\n|two\nlines\n|===", "| a | b |\n|---|---|\n| 1 | two<br>lines |"),
        ("a <b>c</b>", "a \\<b>c\\</b>"),
        ("----\nnever closed", "```\nnever closed\n```"),
    ],
)
def test_it_becomes_markdown(text: str, markdown: str) -> None:
    assert asciidoc_to_markdown(text) == markdown


@pytest.mark.parametrize("piece", ["====\n", "*", "|", "<<", "__a", "[[", "{a", "https://x[", "|===\n|"])
def test_it_takes_time_in_proportion(piece: str) -> None:
    began = time.process_time()
    asciidoc_to_markdown(piece * 5_000)
    assert time.process_time() - began < 10
