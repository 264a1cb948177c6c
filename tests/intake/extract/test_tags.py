"""HTML's tags in Markdown become Markdown or go; code and what only looks like a tag stay."""

from __future__ import annotations

import re
import time
from itertools import count
from pathlib import PurePath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.extract import extract_document
from intake.extract.tags import without_tags


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<b>One</b>, <em>two</em>, <del>3</del> and <s>4</s>.", "**One**, *two*, ~~3~~ and ~~4~~."),
        ("Press <kbd>Ctrl</kbd>, run <code>go</code>.", "Press `Ctrl`, run `go`."),
        ('<u>One</u> <span style="color:red">two</span> <font color=red>three</font>.', "One two three."),
        ('<a href="https://x.test/a">One</a> and <a name="b"></a>two.', "[One](https://x.test/a) and two."),
        ('<a href="javascript:x()">One</a>.', "One."),
        ('One <img src="a.png" alt="A plan &amp; more"> two.', "One A plan & more two."),
        (
            'An <abbr title="Service Level Agreement">SLA</abbr>, an <abbr title="Service Level Agreement">SLA</abbr>.',
            "An SLA (Service Level Agreement), an SLA.",
        ),
        ('Service desk (<abbr title="service desk">SD</abbr>).', "Service desk (SD)."),
        ('<ol type="a">\n<li>One</li>\n<li>Two</li>\n</ol>', "- a. One\n- b. Two"),
        ('Do: <ol type="I"><li>One</li><li>Two</li></ol>', "Do: \n\n- I. One\n- II. Two"),
        ("<ol start=5><li>One</li></ol>", "5. One"),
        ("E is <math><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math>.", "E is mc²."),
        ("| a |\n|---|\n| <ul><li>One</li><li>Two</li></ul> |", "| a |\n|---|\n| - One<br>- Two |"),
        ("| a |\n|---|\n| <math><mo>|</mo><mi>x</mi><mo>|</mo></math> |", "| a |\n|---|\n| \\|x\\| |"),
        ("<details>\n<summary>One</summary>\n\n**Two**\n\n</details>", "One\n\n**Two**"),
        ("<details><summary>One</summary>Two</details>", "One\n\nTwo"),
        (
            "- One\n\n  <table><tr><th>A</th></tr>\n  <tr><td rowspan=2>1</td></tr>\n  <tr></tr></table>",
            "- One\n\n  | A |\n  | --- |\n  | 1 |\n  | 1 |",
        ),
        ("> <table><tr><th>A</th></tr>\n> <tr><td>1</td></tr></table>", "> | A |\n> | --- |\n> | 1 |"),
        ("<ol type=a>\n\n<li>One</li>\n\n<li>Two</li>\n\n</ol>", "- a. One\n- b. Two"),
        ("10<sup><b>6</b></sup>, 10<sup>*9*</sup>, x<sub><i>max</i></sub>", "10⁶, 10⁹, x_max"),
        ("One <svg><title>two</title></svg><iframe src=x></iframe> three.", "One three."),
        ("<aside>\nOne\n</aside>", "One"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One <p>two</p><p>three</p>", "One two three"),
        ("- <p>One</p>\n\n> <div>Two</div>", "- One\n\n> Two"),
        ("# <img alt='Logo'> <a id='x'></a><b>One</b>", "# One"),
        ("<h2 align=center>One</h2>\n\nTwo", "## One\n\nTwo"),
    ],
)
def test_what_readers_see_is_left(written: str, read: str) -> None:
    assert without_tags(written) == read


@pytest.mark.parametrize(
    "text",
    [
        "Run `ssh <b>` or\n\n```html\n<b>One</b>\n```",
        "``<b>` <i>`` and \\<b>One\\</b>",
        "ssh <user>@host, a List<String>, a Vec<i>, <https://x.test> and a < b > c",
        "<your-name>\n\nOne",
        "if a <b and b> c",
        "| a |\n|---|\n| 1<br>2 |",
        "One <b and no end",
    ],
)
def test_code_and_what_is_no_tag_stay(text: str) -> None:
    assert without_tags(text) == text


def test_components_of_mdx_go_and_their_names_in_code_stay() -> None:
    text = '<Tabs>\n<Tab label="a">\n\nOne\n\n</Tab>\n</Tabs>\n\n<Note>Two</Note> `<Tabs>`'
    assert without_tags(text, is_mdx=True) == "One\n\nTwo `<Tabs>`"
    assert "<Tabs>" in without_tags(text)


def test_a_page_whose_heading_is_html_has_its_title() -> None:
    page = (
        b'<h1 align="center">\n  <img src="x.svg" alt=""><br>\n  Night Owl\n</h1>\n\n<p align="center"><b>Fast</b></p>'
    )
    extracted = extract_document(page, PurePath("README.md"))
    assert extracted.title == "Night Owl"
    assert [section.text for section in extracted.sections] == ["**Fast**"]


_TAGS = ["<b>", "</b>", "<p>", "</p>", "<ol type=a>", "<li>", "</ol>", "<td>", "<table>", "<tr>", "</table>", "<sup>"]
_PIECES = [*_TAGS, "</sup>", "<a href='x'>", "</a>", "< ", ">", "`", "``", "```", "\n", "\n\n", "- ", "> ", " "]


@settings(deadline=None)
@given(st.lists(st.sampled_from([*_PIECES, "w"]), max_size=40))
def test_no_word_that_is_shown_is_lost(pieces: list[str]) -> None:
    words = count()
    text = "".join(f"w{next(words)} " if piece == "w" else piece for piece in pieces)
    shown = re.findall(r"w\d+ ", re.sub(r"<a [^<>]*>", "", text))
    left = without_tags(text)
    assert [word for word in shown if not re.search(rf"\b{word.strip()}\b", left)] == []


@pytest.mark.parametrize(
    "unit",
    [
        "`", "<", "<b", "<b ", "<b>", "<ol>", "<ol/>", "<math>x ", "<p><b>", '<a "', "`<b>``", "<sup><b", "<table>\n\n",
        "<ol>\n\n<li>x\n\n", "<abbr title='x'>y</abbr>", "> <ol>\n", "<svg><b>", "\\`<", "<div><div>", "<b>x</i>",
    ],
)  # fmt: skip
def test_whatever_is_written_is_read_in_time_proportional_to_it(unit: str) -> None:
    few, many = 1_000, 16_000
    assert min(_cpu_s(unit * many) for _ in range(3)) < 6 * (many / few) * max(_cpu_s(unit * few), 0.003)


def _cpu_s(text: str) -> float:
    started = time.process_time()
    without_tags(text)
    return time.process_time() - started


def test_a_run_of_each_length_is_looked_for_once() -> None:
    """Each of them opens code that nothing closes."""
    text = " ".join("`" * length for length in range(1, 1_200)) + " <b>one</b>"
    assert without_tags(text).endswith("` **one**")
    assert without_tags("One " + "`" * 300_000 + "<b>two</b>") == "One " + "`" * 300_000 + "**two**"
