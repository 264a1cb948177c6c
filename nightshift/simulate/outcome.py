"""What a simulation is to do, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from db.generations import Trial
    from db.nights import Run
    from nightshift.simulate.parts import Parts
    from nightshift.simulate.score import Scored


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to happen. `votes` arrive in equal parts before each of the `nights`; see `nightshift.simulate.voters`.

    From one night to the next a month goes by, of which the ledger of error knows.

    Without any night all arrive, and nothing is learnt from them.

    `pairs` bounds the curated pairs; None leaves it to `split_questions`. With `trial` people go on asking after a
    night that couldn't show its candidate to be better, until their votes decide. With `by_vectors` what serves at
    first ranks by its vectors alone.
    """

    votes: int
    seed: int
    noise: float = 0.05
    liars: float = 0.0
    nights: int = 1
    pairs: int | None = None
    trial: bool = False
    by_vectors: bool = False


@dataclass(frozen=True, slots=True)
class SimulatedRanking:
    """A ranking run's end: what stood in `vote`, what was decided, and the worth of what then serves."""

    votes: int
    run: Run
    after: Scored


@dataclass(frozen=True, slots=True)
class SimulatedTrial:
    """A trial as it ended, and what was drawn in it: questions, sources that were shown, those to somebody's credit."""

    trial: Trial
    questions: int
    slots: int
    contested: int

    def as_json(self) -> dict[str, Any]:
        """What the last line says of it."""
        last = self.trial.looks[-1] if self.trial.looks else {}
        return {
            "decision": self.trial.status,
            "reason": self.trial.reason,
            "alpha": round(self.trial.alpha, 4),
            "questions": self.questions,
            "coverage": round(self.contested / self.slots, 3) if self.slots else None,
            "looks": len(self.trial.looks),
            **{name: last.get(name) for name in ("won", "lost", "p", "allowed")},
        }


@dataclass(frozen=True, slots=True)
class SimulatedNight:
    """A night's end: what stood in `vote`, what was decided, and both sides' worth on the held-out questions.

    `candidate` is None, and so is its model's hash, where nothing was trained; `after` is what then serves. `rankings`
    are the ranking runs since the night before, in order; `trial` is what it began, if it did.
    """

    votes: int
    run: Run
    candidate: Scored | None
    model_sha256: str | None
    after: Scored
    rankings: tuple[SimulatedRanking, ...] = ()
    trial: SimulatedTrial | None = None

    @property
    def decision(self) -> str | None:
        """The run's, or that of the trial that it began."""
        return self.trial.trial.status if self.trial else self.run.decision


@dataclass(frozen=True, slots=True)
class Outcome:
    """All there is to tell of a simulation; `seconds` by phase.

    `unanswerable` questions judge besides the held-out ones; `repeats` are those that repeat what was asked, by id.
    """

    plan: Plan
    parts: Parts
    before: Scored
    nights: tuple[SimulatedNight, ...]
    seconds: Mapping[str, float]
    unanswerable: int = 0
    repeats: tuple[str, ...] = ()

    def served(self) -> list[tuple[int, Scored]]:
        """After so many votes, what served: before the first night, and from each run on."""
        served = [(0, self.before)]
        for night in self.nights:
            served += [(own.votes, own.after) for own in night.rankings]
            served.append((night.votes, night.after))
        return served

    def as_json(self) -> dict[str, Any]:
        """The last line of `nightshift simulate`."""
        last = self.nights[-1]
        facts: dict[str, Any] = {
            "before": self.before.means(),
            "candidate": last.candidate.means() if last.candidate else None,
            "after": last.after.means(),
            "decision": last.decision,
            "reasons": list(last.run.reasons),
            "model_sha256": last.model_sha256,
            "votes": last.votes,
            "seed": self.plan.seed,
            "index_recall@10": last.run.phases.get("index", {}).get("recall@10"),
            "seconds": {name: round(spent, 1) for name, spent in self.seconds.items()},
            "questions": {
                **{name: len(ids) for name, ids in asdict(self.parts).items()},
                "unanswerable": self.unanswerable,
            },
        }
        if last.trial:
            facts["trial"] = last.trial.as_json()
        if self.repeats:
            sides = {"before": self.before, "candidate": last.candidate, "after": last.after}
            worth = {name: own.mean_of_repeats(self.repeats) if own else None for name, own in sides.items()}
            facts["repeats"] = {"questions": len(self.repeats), **worth}
        if len(self.nights) > 1:
            facts["nights"] = [
                {
                    "votes": night.votes,
                    "decision": night.run.decision,
                    "candidate": night.candidate.means() if night.candidate else None,
                    "after": night.after.means(),
                    "rankings": [
                        {"votes": own.votes, "decision": own.run.decision, "after": own.after.means()}
                        for own in night.rankings
                    ],
                }
                for night in self.nights
            ]
        return facts
