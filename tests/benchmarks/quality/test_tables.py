"""Cells become the figures that are published."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from rich.console import Console

from benchmarks.quality.cells import Cell
from benchmarks.quality.publish import render_page
from benchmarks.quality.tables import show_table, summarise


def cell(learner: str, seed: int, ndcg: list[float], **facts: object) -> Cell:
    values = np.array(ndcg)
    return Cell(
        seed,
        learner,
        tuple(f"q{seed}-{number}" for number in range(len(ndcg))),
        {"ndcg@10": values, "mrr@10": values / 2, "recall@10": values},
        {"right": 0.5 + seed / 10} if learner == "candidate" else {},
        {"voted": np.arange(len(ndcg)) < 2, "never_voted": np.arange(len(ndcg)) >= 2},
        60.0 * (seed + 1),
        dict(facts),
    )


def cells() -> list[Cell]:
    made = []
    for seed in (0, 1):
        made += [
            cell("vectors", seed, [0.1, 0.1, 0.4, 0.4]),
            cell("words", seed, [0.2, 0.2, 0.4, 0.4]),
            cell("memory", seed, [0.3, 0.3, 0.4, 0.4]),
            cell("nudge", seed, [0.2, 0.2, 0.1, 0.1]),
            cell("candidate", seed, [0.6, 0.6, 0.5, 0.5], decision="promoted", regression=0.6 + seed / 10),
        ]
    return made


def test_means_spread_and_slices_over_the_seeds() -> None:
    summary = summarise("tiny", 300, cells())
    ours = summary["learners"]["candidate"]
    assert ours["ndcg@10"] == {"mean": pytest.approx(0.55), "std": 0.0, "per_seed": [pytest.approx(0.55)] * 2}
    assert (ours["voted"]["mean"], ours["never_voted"]["mean"]) == (pytest.approx(0.6), pytest.approx(0.5))
    assert ours["regression"]["mean"] == pytest.approx(0.65)
    assert ours["seconds"] == 90
    assert ours["right"]["per_seed"] == [0.5, 0.6]
    assert "right" not in summary["learners"]["memory"]
    assert ours["decisions"] == ["promoted", "promoted"]
    assert summary["learners"]["words"]["regression"]["mean"] is None
    assert summary["seeds"] == [0, 1]


def test_p_is_against_the_best_peer() -> None:
    summary = summarise("tiny", 300, cells())
    assert summary["best_peer"] == "memory"
    assert 0 < summary["p_vs_best_peer"] < 0.02
    assert summarise("tiny", 300, [one for one in cells() if one.learner == "candidate"])["p_vs_best_peer"] is None


def test_the_figures_can_be_kept_printed_and_published() -> None:
    summary = json.loads(json.dumps(summarise("tiny [b]", 300, cells())))
    console = Console(width=160, record=True, file=io.StringIO())
    show_table(console, summary)
    text = console.export_text()
    assert "candidate" in text
    assert "tiny [b], 300 votes" in text
    page = render_page([summary])
    assert "## tiny [b], 300 votes, seeds 0, 1" in page
    assert "| **Nightshift, before its gate** | 0.550 ± 0.000 | +0.250 (+83%) |" in page
    assert "What was trained against the best peer, question memory (Rocchio): +0.200, p = 0.0" in page


def test_the_page_says_how_many_votes_there_were_where_more_were_wanted() -> None:
    nights = [cell("nightshift", seed, [0.6] * 4, decision="promoted", votes=300 - seed) for seed in (0, 1)]
    assert summarise("tiny", 300, cells() + nights)["cast"] == [300, 299]
    assert "300 votes" in render_page([summarise("tiny", 300, cells() + nights)])
    page = render_page([summarise("tiny", 3000, cells() + nights)])
    assert "## tiny, 299 to 300 votes, all there are, seeds 0, 1" in page
    assert "| tiny | 299 to 300, all there are |" in page


def test_a_page_without_results_says_so() -> None:
    page = render_page([])
    assert "no figures of what serves now" in page
    assert "quality.png" not in page


def test_what_serves_is_told_beside_what_was_trained_each_with_its_p() -> None:
    served = [
        cell("nightshift", seed, [0.2, 0.2, 0.4, 0.4], decision="refused", repeats=0.25, votes=300) for seed in (0, 1)
    ]
    summary = summarise("tiny", 300, cells() + served)
    assert summary["p_serves_vs_best_peer"] > 0.5 > 0.02 > summary["p_vs_best_peer"]
    assert summary["learners"]["nightshift"]["repeats"]["mean"] == 0.25
    page = render_page([summary])
    assert (
        "| tiny | 300 | 0.250 | 0.300 | 0.300 | — | 0.350, question memory (Rocchio) | 0.550 | +0.200, p = 0.0" in page
    )
    assert "| **0.300** | -0.050, p = 1.0000 | refused, refused |" in page
