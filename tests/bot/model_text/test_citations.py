"""What a model wrote keeps its real citations, and nothing that it made up or copied from a document."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.model_text.citations import check_text, cited_numbers, finished_part, without_marks

PLAN = "https://docs.example.com/plan"


@pytest.mark.parametrize(
    ("written", "checked"),
    [
        ("Ten days [1].", "Ten days [1]."),
        ("Ten days [1, 2].", "Ten days [1][2]."),
        ("Ten days [1-3].", "Ten days [1][2][3]."),
        ("Ten days [1–3, 5].", "Ten days [1][2][3][5]."),
        ("Ten days [3; 1].", "Ten days [3][1]."),
        ("Ten days [1 and 2].", "Ten days [1][2]."),
        ("Ten days [1][2] [2].", "Ten days [1][2]."),
        ("Ten days [^2].", "Ten days [2]."),
        ("Ten days [Source 2].", "Ten days [2]."),
        ("Ten days [passages 1, 2].", "Ten days [1][2]."),
        ("Ten days 【2†handbook.md】.", "Ten days [2]."),
        ("Ten days \\[2\\].", "Ten days [2]."),
        ("Ten days [2](https://evil.example/x?y).", "Ten days [2]."),
        ("Ten days [9].", "Ten days."),
        ("Ten days [0][1].", "Ten days[1]."),
        ("Ten days [2, 9].", "Ten days [2]."),
        ("Ten days [4-900].", "Ten days [4][5]."),
        ("Ten days [9][10] of leave.", "Ten days of leave."),
        ("In [2026] it grew.", "In [2026] it grew."),
        ("A [draft] and [10%].", "A [draft] and [10%]."),
        ("Use `a[9]`, then ```\nb[1]\n```", "Use `a[9]`, then ```\nb[1]\n```"),
    ],
)
def test_citations_become_numbers_of_given_sources(written: str, checked: str) -> None:
    assert check_text(written, 5).text == checked


def test_the_cited_are_told_in_the_order_of_mention() -> None:
    assert check_text("B [3], A [1], again [3], made up [7]; `x[2]`.", 5).cited == (3, 1)
    assert cited_numbers("No source at all.") == ()


@pytest.mark.parametrize(
    ("written", "checked"),
    [
        ("See [the form](https://evil.example/f?leak=salary#x).", "See the form (`evil.example/f`)."),
        ("![chart](https://evil.example/p.png?q=secret)", "chart"),
        ("[![x](https://evil.example/p.png)](https://evil.example)", "x (`evil.example`)"),
        ("Go to https://evil.example/a?leak=1.", "Go to `evil.example/a`."),
        ("Go to <https://evil.example/a>!", "Go to <`evil.example/a`>!"),
        ("Go to www.evil.example now", "Go to `www.evil.example` now"),
        ("[run](javascript:alert(1)) this", "run this"),
        ("[mail](mailto:a@evil.example)", "mail"),
        ("[x](<evil path>)", "[x] (<evil path>)"),
        ("Text [a][ref].\n\n[ref]: https://evil.example/x 'T'", "Text [a][ref].\n\n[ref] : `evil.example/x` 'T'"),
        ("[Note]: bring your badge [1]", "[Note] : bring your badge [1]"),
        ('[plan](https://docs.example.com/plan "a title")', "[plan](https://docs.example.com/plan)"),
        ("See [the plan](https://docs.example.com/plan).", "See [the plan](https://docs.example.com/plan)."),
        ("See https://docs.example.com/plan.", "See https://docs.example.com/plan."),
        ("See https://docs.example.com/plan?leak=1.", "See `docs.example.com/plan`."),
        ("<https://docs.example.com/plan[>", "<`docs.example.com/plan[`>"),
        ("![p](https://docs.example.com/plan)", "p"),
        ("`curl https://api.example.com?x=1`", "`curl https://api.example.com?x=1`"),
    ],
)
def test_links_lead_to_sources_only(written: str, checked: str) -> None:
    assert check_text(written, 5, {PLAN}).text == checked


HOSTILE = ["[", "]", "(", ")", "!", "<", ">", "\\", "`", "\n", "\n\n", "> ", "]:", "](", " ", "a", "1", PLAN]
HOSTILE += ["https://evil.example", "//evil.example", "evil", '"t"', "javascript:x", "[ref]", "www.evil.example"]


@given(st.lists(st.sampled_from(HOSTILE), max_size=25).map("".join))
def test_no_markdown_makes_another_link(written: str) -> None:
    checked = check_text(written, 5, {PLAN})
    tokens = [child for token in MarkdownIt().parse(checked.text) for child in token.children or [token]]
    assert {token.attrs["href"] for token in tokens if token.type == "link_open"} <= {PLAN}
    assert not [token for token in tokens if token.type == "image"]


@given(st.text(alphabet="[]()!【】†^\\`1290,- shtp:/.evl\n", max_size=80))
def test_whatever_is_written_only_given_sources_are_cited(written: str) -> None:
    checked = check_text(written, 3)
    assert set(checked.cited) <= {1, 2, 3}
    assert check_text(checked.text, 3).cited == checked.cited


@pytest.mark.parametrize(
    "piece",
    ["[", "[1", "[1,", "[a](", "![[", "【1†", "`", "https://a", "www.", "[a]( <", "[a](https://x.example) ", "\\["],
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    started = time.process_time()
    check_text(piece * (12_000 // len(piece)), 5)
    finished_part(piece * (12_000 // len(piece)))
    assert time.process_time() - started < 2


def test_a_documents_own_references_are_no_citations() -> None:
    assert without_marks("As shown [3], and [1, 2]; `a[1]`.") == "As shown (3), and (1, 2); `a[1]`."
    assert cited_numbers(without_marks("[1] 【2】 [^3] [4](http://x.example)")) == ()


@pytest.mark.parametrize(
    ("so_far", "shown"),
    [
        ("Ten days [1", "Ten days "),
        ("Ten days [1] and", "Ten days [1] and"),
        ("See [the form](https://evil.exam", "See "),
        ("See ![x", "See "),
        ("See https://evil.exam", "See "),
        ("Ten days 【1†hand", "Ten days "),
    ],
)
def test_what_is_still_being_written_is_held_back(so_far: str, shown: str) -> None:
    assert finished_part(so_far) == shown
