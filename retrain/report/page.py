"""The report of a night as one HTML page that needs nothing else: what was decided, why, and what would change it.

Made from the run's row alone, which holds numbers and ids; the texts of questions are given to it, by whoever has
checked that they may be shown.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape

from db.nights import Run
from retrain.court import n_in_words, what_would_decide_otherwise
from retrain.lesson import Anchor
from retrain.measures import RIGHT
from retrain.report.plot import bars_of, curve_in
from retrain.report.style import STYLE
from retrain.report.tables import (
    changes_tables,
    counts_table,
    evidence_tables,
    html_list,
    phases_table,
    signed,
    training_table,
)


def render_report(run: Run, texts: Mapping[Anchor, str | None], picture: bytes, candidate_id: int | None) -> str:
    """The page.

    Args:
        run: a night that came to a decision.
        texts: of the questions that it names; None for one whose text may not be shown. One that lacks is gone.
        picture: the PNG of `plot_night`.
        candidate_id: the generation it made, if it got that far.
    """
    evidence = run.evidence or {}
    title = f"Night {run.id}: {run.decision}"
    sections = [
        _section("Why", html_list(run.reasons)),
        _section("Before, after, and how it learnt", _figure(picture) if bars_of(evidence) or curve_in(run) else ""),
        _section("The evidence", evidence_tables(evidence)),
        _section("Questions that changed most", changes_tables(evidence, texts)),
        _section(
            "What would have decided otherwise",
            html_list(what_would_decide_otherwise(run.evidence, run.reasons, promoted=run.decision != "refused")),
        ),
        _section("What there was to learn from", counts_table(run)),
        _section("How it was trained", training_table(run.phases.get("train", {}))),
        _section("Where the time went", phases_table(run.phases)),
    ]
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n"
        f"<style>{STYLE}</style>\n</head>\n<body>\n<main>\n{_header(run, candidate_id)}\n"
        + "\n".join(section for section in sections if section)
        + f"\n<footer>{_bounds(run)}</footer>\n</main>\n</body>\n</html>\n"
    )


def _header(run: Run, candidate_id: int | None) -> str:
    decision = escape(str(run.decision))
    began = f"{run.started_at:%-d %B %Y, %H:%M %Z}, " if run.started_at else ""
    asked = escape(f"{began}requested by {run.requested_by} ({run.trigger})")
    return (
        f'<header>\n<h1>Night {run.id} <span class="badge {decision}">{decision}</span></h1>\n'
        f'<p class="lead">{escape(_in_one_sentence(run, candidate_id))}</p>\n<p class="muted">{asked}</p>\n'
        f'<dl class="tiles">{_tiles(run)}</dl>\n</header>'
    )


def _in_one_sentence(run: Run, candidate_id: int | None) -> str:
    before = f"generation {run.parent_id}" if run.parent_id else "the serving generation"
    after = f"Generation {candidate_id}" if candidate_id else "The candidate"
    if run.decision == "promoted":
        return f"{after} was shown to be better than {before}, and took its place."
    if run.decision == "pending":
        return f"{after} was shown to be better than {before}; it is built, and a person is to decide."
    if "train" not in run.phases:
        return f"There was too little to go by, so nothing was trained, and {before} went on serving."
    return f"{after} was not let through, and {before} went on serving."


def _tiles(run: Run) -> str:
    golden, learnt = (run.evidence or {}).get("golden", {}), run.phases.get("learn", {})
    tiles = {}
    if "before" in golden:
        tiles["golden ndcg@10"] = f"{golden['before']:.3f} → {golden['after']:.3f}"
        tiles["gain"] = f"{signed(golden['gain'])} <small>p = {golden['p']:.4f}</small>"
    if right := (run.evidence or {}).get("answers", {}).get(RIGHT):
        tiles["right answers"] = f"{right['before']:.0%} → {right['after']:.0%}"
    judging = n_in_words(golden) if golden else str(learnt.get("gate_pairs", 0))
    tiles["golden questions that judge"] = judging
    tiles["questions learnt from"] = str(learnt.get("learnt_from", 0))
    tiles["time"] = f"{sum(facts.get('seconds', 0) for facts in run.phases.values()):.0f} s"
    return "".join(f"<div><dt>{escape(name)}</dt><dd>{value}</dd></div>" for name, value in tiles.items())


def _figure(picture: bytes) -> str:
    return (
        f'<figure><img src="data:image/png;base64,{base64.b64encode(picture).decode()}" alt="Mean ndcg@10 before and '
        'after by slice, and the loss by step; the tables have the figures."></figure>'
    )


def _bounds(run: Run) -> str:
    bounds = run.snapshot or {}
    return (
        f"It learnt from votes up to event {int(bounds.get('vote_event_id', 0))} and curated pairs up to "
        f"{int(bounds.get('pair_id', 0))}. Questions that weren't asked in public are counted, never quoted; "
        f"<code>nightshift report {run.id} --again</code> leaves out what was erased since."
    )


def _section(title: str, content: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{content}\n</section>" if content else ""
