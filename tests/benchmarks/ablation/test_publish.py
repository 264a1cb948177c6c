"""What a part is worth is told as the difference to what ships, with p the right way round."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from benchmarks.ablation.publish import PAGE, rows_of, summarise

IDS = {0: [f"q{n}" for n in range(200)], 1: [f"r{n}" for n in range(200)]}


def figures(shipped: float) -> dict[str, list[float]]:
    worth = {"words": -0.2, "as it ships": 0.0, "without the votes": -0.1, "twice the learning rate": 0.05}
    return {name: [shipped + difference] * 200 for name, difference in worth.items()}


SUMMARY = summarise("faq", 1500, {0: figures(0.5), 1: figures(0.6)}, IDS)


def test_rows_tell_means_spread_difference_and_p() -> None:
    base, ships, without, tried = rows_of(SUMMARY)
    assert base == ["no training", "0.350 ± 0.071", "-0.200", ""]
    assert ships == ["**as it ships**", "0.550 ± 0.071", "", ""]
    assert without == ["without the votes", "0.450 ± 0.071", "-0.100", "< 0.0001*"]
    assert tried == ["tried: twice the learning rate", "0.600 ± 0.071", "+0.050", "< 0.0001*"]


def test_page_and_terminal_show_the_same_rows() -> None:
    console = Console(file=StringIO(), width=200)
    PAGE.show(console, SUMMARY)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    page = PAGE.render([SUMMARY])
    assert "faq, 1,500 votes, seeds 0, 1" in page
    assert all(
        cell.removeprefix("**").removesuffix("**") in shown and cell in page for row in rows_of(SUMMARY) for cell in row
    )


def test_what_was_judged_without_words_says_so() -> None:
    before = {
        seed: {("vectors" if name == "words" else name): own for name, own in figures(0.5).items()} for seed in (0, 1)
    }
    page = PAGE.render([SUMMARY, summarise("old", 300, before, IDS)])
    assert "## faq, 1,500 votes, seeds 0, 1\n" in page
    assert "## old, 300 votes, seeds 0, 1, vectors alone\n" in page
    assert "| no training, vectors alone | 0.300" in page
