"""The report of a night as one HTML page that needs nothing else: what was decided, why, and what would change it.

Made from the run's row alone, which holds numbers and ids; the texts of questions are given to it, by whoever has
checked that they may be shown. The page itself is `night.html`, which escapes all that it is given.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from db.nights import Run
from retrain.court import n_in_words, what_would_decide_otherwise
from retrain.lesson import Anchor
from retrain.measures import RIGHT, p_in_words
from retrain.report.plot import bars_of, curve_in
from retrain.report.tables import (
    changes_in,
    counted_in,
    luck_of,
    measured_in,
    phases_of,
    ranking_of,
    signed,
    training_of,
)

if TYPE_CHECKING:
    from jinja2 import Template


RUN_NAMES = {"night": "Night", "ranking": "Ranking run"}
"""What a run is called, by its kind."""


def render_report(run: Run, texts: Mapping[Anchor, str | None], picture: bytes, candidate_id: int | None) -> str:
    """The page.

    Args:
        run: one that came to a decision.
        texts: of the questions that it names; None for one whose text may not be shown. One that lacks is gone.
        picture: the PNG of `plot_night`.
        candidate_id: the generation it made, if it got that far.
    """
    evidence, bounds = run.evidence or {}, run.snapshot or {}
    return _template().render(
        run=run,
        lead=_in_one_sentence(run, candidate_id),
        asked=_asked(run),
        tiles=_tiles(run),
        picture=base64.b64encode(picture).decode() if bars_of(evidence) or curve_in(run) else "",
        measured=measured_in(evidence),
        luck=luck_of(evidence),
        hubs=evidence.get("hubs"),
        changed=changes_in(evidence, texts),
        otherwise=what_would_decide_otherwise(
            run.evidence, run.reasons, promoted=run.decision in ("promoted", "pending")
        ),
        counted=counted_in(run),
        trained=training_of(run.phases.get("train", {})),
        ranking=ranking_of(run.phases.get("fit") or run.phases.get("train", {})),
        name=RUN_NAMES[run.kind],
        phases=phases_of(run.phases),
        votes_to=bounds.get("vote_event_id", 0),
        pairs_to=bounds.get("pair_id", 0),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("night.html")


def _asked(run: Run) -> str:
    began = f"{run.started_at:%-d %B %Y, %H:%M %Z}, " if run.started_at else ""
    return f"{began}requested by {run.requested_by} ({run.trigger})"


def _in_one_sentence(run: Run, candidate_id: int | None) -> str:
    before = f"generation {run.parent_id}" if run.parent_id else "the serving generation"
    after = f"Generation {candidate_id}" if candidate_id else "The candidate"
    if run.decision == "promoted":
        return f"{after} was shown to be better than {before}, and took its place."
    if run.decision == "pending":
        return f"{after} was shown to be better than {before}; it is built, and a person is to decide."
    if run.decision == "trial":
        return f"{after} may be better than {before}: both answer the same questions, and people's votes decide."
    if run.kind == "ranking" and candidate_id is None:
        return f"The ranking stays as it is, and {before} went on serving."
    if run.kind == "night" and "train" not in run.phases:
        return f"There was too little to go by, so nothing was trained, and {before} went on serving."
    return f"{after} was not let through, and {before} went on serving."


def _tiles(run: Run) -> list[tuple[str, str, str]]:
    """Of each: what it is, the figure, and a remark or nothing."""
    evidence, learnt = run.evidence or {}, run.phases.get("learn", {})
    golden = evidence.get("golden", {})
    tiles = []
    if "before" in golden:
        tiles.append(("golden ndcg@10", f"{golden['before']:.3f} → {golden['after']:.3f}", ""))
        tiles.append(("gain", signed(golden["gain"]), p_in_words((evidence.get("pooled") or golden)["p"])))
    if right := evidence.get("answers", {}).get(RIGHT):
        tiles.append(("right answers", f"{right['before']:.0%} → {right['after']:.0%}", ""))
    judging = n_in_words(golden) if golden else str(learnt.get("gate_pairs", 0))
    seconds = sum(facts.get("seconds", 0) for facts in run.phases.values())
    return [
        *tiles,
        ("golden questions that judge", judging, ""),
        ("questions learnt from", str(learnt.get("learnt_from", 0)), ""),
        ("time", f"{seconds:.0f} s", ""),
    ]
