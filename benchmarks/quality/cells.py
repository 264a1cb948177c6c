"""One cell for each seed and learner: computed once, kept on disk, taken from there when a benchmark is taken up."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality import fitted
from benchmarks.quality.ceiling import rank_ceiling
from benchmarks.quality.figures import judgements_of, score_regression, score_repeats, score_task, slice_questions
from benchmarks.quality.ours import simulate_in
from benchmarks.quality.peers import (
    boost,
    linear_adapter,
    llamaindex,
    memory,
    nudge,
    onyx,
    onyx_rrf,
    ragflow,
    rrf,
    untrained,
    weighed,
)
from benchmarks.quality.task import Scores, Task
from db.errors import BadInputError
from db.models import choose_dtype, find_base_model
from db.settings import load_settings
from nightshift.simulate.outcome import Outcome, Plan
from nightshift.simulate.score import Scored
from nightshift.simulate.trec import write_qrels, write_run
from retrain.night import OnProgress

if TYPE_CHECKING:
    from nightshift.simulate.dataset import DataSet

STEPS = ("vectors", "words", "ranking", "fitted", "candidate", "nightshift", "ceiling")
"""What we take one after the other; every other learner is a peer.

The base model's cosines alone, the words beside them, what serves before any night (the best of both ordered by all
features, with the weights that ship), the same with the weights that votes and pairs fit, as a ranking run would, the
night's model and ranking whatever the gate says of them, what serves after the night, and the same training and fit on
true answers.
"""

_FROM_THE_NIGHT = ("candidate", "nightshift")

_RANKS: dict[str, Callable[[Task], Scores]] = {
    "vectors": untrained.rank,
    "words": lambda task: task.serve(untrained.rank(task)),
    "fitted": fitted.rank,
    "rrf": rrf.rank,
    "onyx": onyx.rank,
    "onyx_rrf": onyx_rrf.rank,
    "weighed": weighed.rank,
    "boost": boost.rank,
    "ragflow": ragflow.rank,
    "linear_adapter": linear_adapter.rank,
    "nudge": nudge.rank,
    "memory": memory.rank,
}

PEERS = (*(name for name in _RANKS if name not in STEPS), "llamaindex")
LEARNERS = (*STEPS[:2], *PEERS, *STEPS[2:])

_RANKED_BY = "seven features, peers with the weight that pairs choose"


@dataclass(frozen=True, slots=True)
class Cell:
    """One learner at one seed: each measure's `(h,)` values on the held-out questions, and what it took.

    `answers` are the mean measures of what people get, by name, where it was answered and not only ranked.
    """

    seed: int
    learner: str
    question_ids: tuple[str, ...]
    measured: dict[str, NDArray[np.float64]]
    answers: dict[str, float]
    slices: dict[str, NDArray[np.bool_]]
    seconds: float
    facts: dict[str, Any]


def run_cells(
    dataset: DataSet,
    runs: Path,
    seeds: Sequence[int],
    learners: Sequence[str],
    votes: int,
    noise: float,
    liars: float,
    on_progress: OnProgress,
    store: Path | None = None,
) -> list[Cell]:
    """All cells, those that are there already from disk.

    What was read in stands in `store`, by default that of `runs`: several benchmarks of the same data may share it.

    Raises:
        BadInputError: the folder holds cells of another benchmark.
    """
    _claim_folder(runs, {"data": dataset.name, "votes": votes, "noise": noise, "liars": liars, "ranked by": _RANKED_BY})
    cells = []
    for number, seed in enumerate(seeds):
        on_progress("seeds", number, len(seeds))
        nights = int(any(name in learners for name in _FROM_THE_NIGHT))
        bench = _Seed(dataset, runs, store or runs / "store", Plan(votes, seed, noise, liars, nights), on_progress)
        cells += [bench.cell(learner) for learner in learners]
    on_progress("seeds", len(seeds), len(seeds))
    return cells


@dataclass(frozen=True, slots=True)
class _Seed:
    """The cells of one seed; `cells/` holds what is finished."""

    dataset: DataSet
    runs: Path
    store: Path
    plan: Plan
    on_progress: OnProgress

    @property
    def _cells(self) -> Path:
        return self.runs / "cells" / str(self.plan.seed)

    def cell(self, learner: str) -> Cell:
        """Reads the cell, or makes it."""
        self._require_task()
        if not (self._cells / f"{learner}.json").exists():
            self._learn(learner)
        kept = json.loads((self._cells / f"{learner}.json").read_text("utf-8"))
        task = Task.load(self._cells / "task")
        return Cell(
            self.plan.seed,
            learner,
            tuple(task.question_ids[row] for row in task.held_out),
            {name: np.array(values) for name, values in kept["measured"].items()},
            kept["answers"],
            slice_questions(task),
            kept["seconds"],
            kept["facts"],
        )

    def _require_task(self) -> None:
        """The simulation gives the task to all, and our own cells; without a night where nobody wants those."""
        wanted = ("ranking", *(_FROM_THE_NIGHT if self.plan.nights else ()))
        if all((self._cells / f"{learner}.json").exists() for learner in wanted):
            return
        outcome, task = asyncio.run(simulate_in(self.store, self.dataset, self.plan, self.on_progress))
        task.save(self._cells / "task")
        write_qrels(self.runs / str(self.plan.seed) / "qrels", judgements_of(task))
        for last in outcome.nights:
            self._keep_own("candidate", last.candidate or outcome.before, outcome)
            self._keep_own("nightshift", last.after, outcome)
        self._keep("ranking", outcome.before, 0.0, _facts_of("ranking", outcome.before, outcome))

    def _keep_own(self, learner: str, scored: Scored, outcome: Outcome) -> None:
        last = outcome.nights[-1]
        night = sum(facts["seconds"] for facts in last.run.phases.values())
        facts = {
            "decision": last.run.decision,
            "reasons": list(last.run.reasons),
            "votes": last.votes,
            "trained": last.candidate is not None,
            "seconds": dict(outcome.seconds),
            "phases": last.run.phases,
            "evidence": last.run.evidence,
        }
        self._keep(learner, scored, night, facts | _facts_of(learner, scored, outcome))

    def _learn(self, learner: str) -> None:
        task = Task.load(self._cells / "task")
        self.on_progress(f"{learner} {self.plan.seed}", 0, 0)
        began = time.monotonic()
        scores = self._rank(learner, task)
        seconds = time.monotonic() - began
        facts = {"regression": score_regression(task, scores), "repeats": score_repeats(task, scores)}
        self._keep(learner, score_task(task, scores), seconds, facts)

    def _rank(self, learner: str, task: Task) -> Scores:
        if learner == "ceiling":
            return rank_ceiling(task, load_settings().base_model, self.on_progress)
        if learner == "llamaindex":
            model = find_base_model(load_settings().base_model)[0]
            return llamaindex.rank(task, model=model, cache=load_settings().home / "peers", dtype=choose_dtype(model))
        return _RANKS[learner](task)

    def _keep(self, learner: str, scored: Scored, seconds: float, facts: dict[str, Any]) -> None:
        run = self.runs / str(self.plan.seed) / f"{learner}.run"
        write_run(run, scored.question_ids, scored.documents, scored.ranked)
        kept = {
            "measured": {name: values.tolist() for name, values in scored.measured.items()},
            "answers": {name: mean for name, mean in scored.means().items() if name in scored.answers},
            "seconds": seconds,
            "facts": facts,
            "plan": asdict(self.plan),
        }
        path = self._cells / f"{learner}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        part.write_text(json.dumps(kept), encoding="utf-8")
        os.replace(part, path)


def _facts_of(learner: str, scored: Scored, outcome: Outcome) -> dict[str, float | None]:
    repeats = scored.mean_of_repeats(outcome.repeats) if outcome.repeats else None
    return {"regression": _regression(learner, outcome), "repeats": repeats}


def _regression(learner: str, outcome: Outcome) -> float | None:
    """ndcg@10 on the night's regression set of another kind, if a model got as far as to be judged by it."""
    if not outcome.nights:
        return None
    run = outcome.nights[-1].run
    figures = (run.evidence or {}).get("regression")
    if figures is None:
        return None
    after = learner == "candidate" or (learner == "nightshift" and run.decision == "promoted")
    side = "after" if after else "before"
    return float(figures[side])


def _claim_folder(runs: Path, benchmark: dict[str, Any]) -> None:
    """Cells of different benchmarks must not be mixed."""
    path = runs / "cells" / "benchmark.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(benchmark), encoding="utf-8")
    if json.loads(path.read_text("utf-8")) != benchmark:
        raise BadInputError(
            f"{runs} holds another benchmark ({path.read_text('utf-8')}); choose another --runs folder."
        )
