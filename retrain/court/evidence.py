"""What the gate looks at, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from db.models import USUAL_SCALE, Scale
from retrain.court.changes import Change
from retrain.measures import RIGHT, WRONGLY_SILENT, WRONGLY_TALKATIVE, compare_means, mean_by_cluster

MEASURES = {
    "golden": ("golden questions", "ndcg@10"),
    "trial": ("explored answers", "the weighted gain of up-voted sources"),
    "votes": ("held-out voted questions", "pairs put in the right order"),
    "regression": ("questions of the regression set", "ndcg@10"),
}
"""What the gate compares on, by its name in the evidence: the questions, and the measure."""

ANSWERS = {
    RIGHT: ("answered with a right document among the sources", 1),
    WRONGLY_SILENT: ("refused though a right document was found", -1),
    WRONGLY_TALKATIVE: ("answered without a right document", -1),
}
"""What people get, by its name in the evidence: the share of questions, and whether more of it is good or bad."""


@dataclass(frozen=True, slots=True)
class Paired:
    """One measure of the same questions under both: `incumbent` and `candidate` are `(n,)` floats.

    `slices` names subsets by boolean masks, `(n,)`. NaN (a question that the measure doesn't apply to) is left out.
    `clusters`, `(n,)`, has the same number for near-duplicates; None where no two are. Thirty paraphrases of a question
    rise and fall together, so they count as one: whatever is compared is the mean of each cluster's questions.
    """

    incumbent: NDArray[np.float64]
    candidate: NDArray[np.float64]
    slices: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    clusters: NDArray[np.int64] | None = None

    @property
    def gains(self) -> NDArray[np.float64]:
        """`(n_clusters,)` candidate less incumbent, over the questions for which both are numbers."""
        before, after = self._by_cluster(self._comparable())
        return after - before

    @property
    def gain_of_cluster(self) -> dict[int, float]:
        """The same by the cluster's number; by the question's place where no two are near-duplicates."""
        there = self._comparable()
        numbers = np.flatnonzero(there) if self.clusters is None else np.unique(self.clusters[there])
        return dict(zip(numbers.tolist(), self.gains.tolist(), strict=True))

    def gains_in(self, name: str) -> NDArray[np.float64]:
        """The gains of one slice, of each cluster by its questions in there."""
        before, after = self._by_cluster(self._comparable(name))
        return after - before

    def figures(self, name: str | None = None) -> dict[str, Any]:
        """What `compare_means` says of all clusters, or those of one slice, and of how many `questions` they are."""
        there = self._comparable(name)
        return compare_means(*self._by_cluster(there)) | {"questions": int(there.sum())}

    def _comparable(self, name: str | None = None) -> NDArray[np.bool_]:
        there: NDArray[np.bool_] = np.isfinite(self.candidate - self.incumbent)
        return there if name is None else there & self.slices[name]

    def _by_cluster(self, there: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        before, after = self.incumbent[there], self.candidate[there]
        if self.clusters is None:
            return before, after
        return mean_by_cluster(before, self.clusters[there]), mean_by_cluster(after, self.clusters[there])


def how_many(what: str, figures: Mapping[str, Any]) -> str:
    """Like "75 golden questions", or "75 golden questions in 40 clusters" where some are near-duplicates."""
    n, questions = _counts(figures)
    return f"{questions} {what}" if questions == n else f"{questions} {what} in {n} clusters"


def n_in_words(figures: Mapping[str, Any]) -> str:
    """Like "75", or "75 in 40 clusters" where some are near-duplicates."""
    n, questions = _counts(figures)
    return str(questions) if questions == n else f"{questions} in {n} clusters"


def _counts(figures: Mapping[str, Any]) -> tuple[int, int]:
    return figures["n"], figures.get("questions", figures["n"])  # earlier nights counted questions only


@dataclass(frozen=True, slots=True)
class Vectors:
    """What the gated artefact made of a sample of passages: `(n, dim)`, and the dimension it claims to have.

    `scale` is the incumbent's, of the same passages.
    """

    sample: NDArray[np.float32]
    dimension: int
    scale: Scale = USUAL_SCALE


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the gate looks at.

    Args:
        learnt_from: questions with a right passage that the candidate was trained on.
        vectors: a sample of the candidate's.
        golden: ndcg@10 of golden questions of the gate's part.
        golden_ranks: `log_ranks` of the same; None where ndcg@10 is all that is known.
        votes: `pair_accuracy` of voted questions of the gate's part.
        trial: `explored_gains` of voted questions of the gate's part, if any of their answers explored.
        regression: ndcg@10 of a fixed set of another kind, if there is one.
        answers: what `judge_answers` found of the golden questions, by its names.
        regression_answers: the same of the regression set.
        hubs: `hub_share` of the incumbent and of the candidate, over the same questions.
        changes: the golden questions one by one, for the report; nothing is decided by them.
        names: by its number what a cluster of golden and voted questions is called from night to night.
    """

    learnt_from: int
    vectors: Vectors
    golden: Paired
    votes: Paired
    golden_ranks: Paired | None = None
    trial: Paired | None = None
    regression: Paired | None = None
    answers: Mapping[str, Paired] = field(default_factory=dict)
    regression_answers: Mapping[str, Paired] = field(default_factory=dict)
    hubs: tuple[float, float] = (0.0, 0.0)
    changes: tuple[Change, ...] = ()
    names: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AtLeast:
    """How many questions are asked for: near-duplicates are one, but what was learnt from is counted as it is.

    Votes on as many as are `ordered` must be told from chance by themselves. A slice of fewer than `in_slice` refuses
    nothing, and evidence of a kind with fewer than `in_stratum` shows nothing.
    """

    learnt_from: int = 60
    golden: int = 25
    votes: int = 100
    in_slice: int = 15
    in_stratum: int = 10
    ordered: int = 100


@dataclass(frozen=True, slots=True)
class AtMost:
    """How far a candidate may fall, in the measure's own units; `hub_growth` is a share between 0 and 1.

    What a company never asks is a canary: it may get worse by `regression_fall`, and `regression_wrong` more of it be
    answered or refused wrongly, or a language is half forgotten; both only where that is no luck. `answers_worse` is of
    the shares in `ANSWERS`, `mean_cosine` is a share of the incumbent's `Scale`.
    """

    votes_fall: float = 0.05
    answers_worse: float = 0.03
    slice_fall: float = 0.05
    regression_fall: float = 0.1
    regression_wrong: float = 0.05
    hub_growth: float = 0.1
    mean_cosine: float = 0.9


@dataclass(frozen=True, slots=True)
class Luck:
    """What may be luck.

    What promoting by luck may cost is the ledger's; it is told apart by that many `draws`, other falls by
    `randomisations`. Where only plain votes judge, they need p < `votes_p` besides.
    Coins pass for votes with a probability of `chance_p`. A fall beyond what is allowed refuses only where the p of its
    being one is under `fall_p`.

    Of people's answers three shares are looked at, so Holm splits the chance among them: one that is as good by all
    three is refused for a change beyond doubt in 5% of nights at most, and for one beyond what is allowed in 10%. Wrong
    silence is to rise in no promotion, so it refuses from `silence_p` on. In simulated nights of 40 to 150 golden
    questions all that together refused 3 to 16% of candidates whose answers are as good, under 4% of those whose are
    better, and over 90% of those that are silent on 10 questions more of 100 (80% where only 40 judge).
    """

    votes_p: float = 0.01
    chance_p: float = 0.006
    fall_p: float = 0.1
    silence_p: float = 0.3
    randomisations: int = 10_000
    draws: int = 50_000


@dataclass(frozen=True, slots=True)
class Limits:
    """What is asked of a candidate."""

    at_least: AtLeast = field(default_factory=AtLeast)
    at_most: AtMost = field(default_factory=AtMost)
    luck: Luck = field(default_factory=Luck)
