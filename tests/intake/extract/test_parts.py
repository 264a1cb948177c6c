"""Blocks that Markdown borrows, of HTML or by indentation, are read as its own."""

from __future__ import annotations

import pytest

from intake.extract.visible import visible_markdown


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<pre>\nmake &lt;all&gt;\n\n  go\n</pre>", "```\nmake <all>\n\n  go\n```"),
        ('<pre><code class="language-sh">cd x<br>make</code></pre>', "```\ncd x\nmake\n```"),
        ("<pre>\n```\na\n```\n</pre>", "````\n```\na\n```\n````"),
        ("Run:\n\n    make\n    go", "Run:\n\n```\nmake\ngo\n```"),
        ("- Run:\n\n      make\n      go\n\n- End", "- Run:\n\n  ```\n  make\n  go\n  ```\n\n- End"),
        ("> Run:\n>\n>     make\n>     go", "> Run:\n>\n> ```\n> make\n> go\n> ```"),
    ],
)
def test_code_is_fenced_where_it_stands(written: str, read: str) -> None:
    assert visible_markdown(written) == read


def test_code_that_is_hidden_is_no_text() -> None:
    assert visible_markdown("<pre hidden>secret</pre>\n\nOne.") == "One."


def test_a_table_of_html_has_its_columns_names() -> None:
    table = (
        "<table>\n<tr><th>A</th><th>B</th></tr>\n<tr><td rowspan=2>x</td><td>1</td></tr>\n<tr><td>2</td></tr>\n</table>"
    )
    assert visible_markdown(f"One.\n\n{table}\n\nTwo.") == (
        "One.\n\n| A | B |\n| --- | --- |\n| x | 1 |\n| x | 2 |\n\nTwo."
    )
    assert visible_markdown("<table hidden><tr><td>secret</td></tr></table>\n\nOne.") == "One."


@pytest.mark.parametrize("comment", ["(secret (nested) one)", "(secret\nsecret)", '"secret"', "'secret'"])
def test_a_links_definition_that_leads_nowhere_is_a_comment(comment: str) -> None:
    assert visible_markdown(f"[comment]: # {comment}\n\nOne.") == "One."


def test_a_comment_with_brackets_without_an_end_takes_time_in_proportion() -> None:
    text = "[c]: # (" + "(x)" * 100_000
    assert visible_markdown(text) == text
