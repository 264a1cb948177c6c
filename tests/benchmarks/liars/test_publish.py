"""What a crowd costs is told as a share of the honest gain."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from benchmarks.liars.crowd import CROWDS
from benchmarks.liars.publish import PAGE, rows_of, summarise


def figures(base: float, honest: float, others: tuple[float, float]) -> dict[str, list[float]]:
    learnt = {"words": [base]}
    for crowd in CROWDS:
        defended, undefended = (honest, honest) if crowd == "honest" else others
        learnt |= {f"{crowd}, defended": [defended], f"{crowd}, undefended": [undefended]}
    return learnt


SUMMARY = summarise("faq", 1500, {0: figures(0.4, 0.5, (0.49, 0.43)), 1: figures(0.4, 0.5, (0.47, 0.37))})


def test_rows_tell_means_spread_and_the_share_of_the_gain_that_is_lost() -> None:
    honest, *others = rows_of(SUMMARY)
    assert honest == ["honest", "0.500 ± 0.000", "0%", "0.500 ± 0.000", "0%"]
    assert [row[1:] for row in others] == [["0.480 ± 0.014", "20%", "0.400 ± 0.042", "100%"]] * (len(CROWDS) - 1)


def test_page_and_terminal_show_the_same_rows() -> None:
    console = Console(file=StringIO(), width=200)
    PAGE.show(console, SUMMARY)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    page = PAGE.render([SUMMARY])
    assert "without learning 0.400" in page
    assert all(cell in shown and cell in page for row in rows_of(SUMMARY) for cell in row)
