"""The night, told top to bottom: votes become a better generation, or a reasoned refusal.

A ranking run goes the same way; what it does otherwise is in `retrain.night.between`. Each phase can be killed. What it
had finished the next attempt finds again: the snapshot as it was kept, the trained model by the candidate's row, the
vectors in the candidate's table. The serving generation answers all the while; nothing touches it but the swap, which
is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.generations import (
    Encoders,
    Generation,
    Terms,
    catch_up_and_promote,
    refuse_candidate,
    serving,
    settle_late,
    share_model,
    supersede_undecided,
    undecided_generations,
)
from db.nights import (
    Decision,
    Run,
    drop_snapshot,
    finish_run,
    note_learnt_from,
    note_trained,
    update_run,
)
from db.search import read_shelf, read_written
from retrain.court import (
    BEFORE_TRIAL_SHARE,
    NIGHT_SHARE,
    FindRegressionSet,
    OnRegressionSet,
    Side,
    Verdict,
    decide,
    gather_evidence,
    reasons_not_to_train,
    tried_in,
)
from retrain.lesson import Anchor, Lesson, Snapshot, encode_anchors, may_write, prepare_lesson, write_questions
from retrain.night.build import embed_generation, index_generation, measure_refusals, poor_index, train_generation
from retrain.night.candidate import discard_candidate, find_decided, find_trained, keep_built, remove_unfinished
from retrain.night.kept_regression import judge_kept
from retrain.night.news import tried_lately
from retrain.night.phases import Facts, OnProgress, phase
from retrain.night.reading import find_snapshot, portion_of, read_ledger, read_side, with_written, words_beside
from retrain.night.space import lacking_space, make_room
from retrain.night.trials import may_be_tried, put_on_trial, terms_of, waits_for_a_trial
from retrain.night.turned_down import made_before, stays_back
from retrain.night.unchanged import FINGERPRINT, fingerprint_of, refused_before, training_of
from retrain.report import keep_report

if TYPE_CHECKING:
    from db.settings import Settings


Vectors = Mapping[Anchor, NDArray[np.float32]]
"""Each question's, `(dim,)`, L2-normalised."""


@dataclass(frozen=True, slots=True)
class Night:
    """One attempt at one run."""

    engine: sa.Engine
    settings: Settings
    encoders: Encoders
    run: Run
    on_progress: OnProgress
    find_regression_set: FindRegressionSet

    def work(self) -> Run:
        """From the snapshot to the decision; returns the run as it ended."""
        if (decided := find_decided(self.engine, self.run)) is not None:
            return self._finish(*decided)
        if waits := waits_for_a_trial(self.engine):
            return self._finish("refused", waits)
        incumbent = serving(self.engine)
        update_run(self.engine, self.run, parent_id=incumbent.id)
        before, lesson, lacking = self._learn(incumbent)

        training = self._training_of(before, lesson)
        fingerprint = fingerprint_of(lesson, before, self.settings, training)
        turned_down = stays_back(self.engine, lesson.snapshot, training, incumbent, self.settings)
        candidate = find_trained(self.engine, self.settings, self.encoders, self.run, training)
        reasons = (
            lacking
            or list(turned_down.reasons)
            or refused_before(self.engine, fingerprint)
            or self._stand_in_the_way(before, lesson, candidate)
        )
        if reasons:
            if candidate is not None:
                discard_candidate(self.engine, self.settings, candidate, self.run.lease)
            return self._finish("refused", reasons)

        candidate, reasons = self._make(before, lesson, candidate)
        if candidate is None:
            return self._finish("refused", reasons)
        if reasons := made_before(self.engine, candidate):
            return self._refuse(candidate, reasons, {})
        after, decision = self._judge(before, self._side_of(candidate, before), lesson, fingerprint)
        terms = self._terms(decision)
        if not decision.promote and terms is None:
            return self._refuse(after.generation, decision.reasons, decision.report)
        candidate, indexed, reasons = self._index(after)
        if reasons:
            return self._refuse(candidate, reasons, decision.report)
        reasons = [*decision.reasons, *filter(None, [turned_down.remark])]
        ends = self._promote(candidate, incumbent, decision.report | indexed | {"reasons": reasons}, terms)
        return self._finish(ends, reasons, decision.report)

    def _learn(self, incumbent: Generation) -> tuple[Side, Lesson, list[str]]:
        """What serves, what people said as a lesson, and what that lacks to be trained on and judged by.

        Where it lacks nothing and it is asked for, a language model's questions join it.
        """
        with self._phase("snapshot") as facts:
            bounds, snapshot = find_snapshot(self.engine, self.run)
            facts |= snapshot.counts()
        with self._phase("learn") as facts:
            before = read_side(self.engine, self.settings, self.encoders, incumbent)
            questions = encode_anchors(before.encoder, snapshot, on_progress=self._of("learn"))
            lesson = self._prepare(before, snapshot, questions)
            facts |= lesson.counts()
        lacking = reasons_not_to_train(lesson, seed=self.settings.night_seed, trials=self._may_be_tried)
        if not lacking and bounds.synthetic_id is None and self._may_write:
            with self._phase("write") as facts:
                written = self._write_questions()
                snapshot = with_written(self.engine, self.run, bounds, snapshot)
                questions = encode_anchors(before.encoder, snapshot, questions)
                lesson = self._prepare(before, snapshot, questions)
                facts |= written | lesson.counts()
        return before, lesson, lacking

    def _prepare(self, before: Side, snapshot: Snapshot, questions: Vectors) -> Lesson:
        """The lesson in what people said; `questions` has their vectors by what serves."""
        self.on_progress("learn mining", 0, 0)
        words = words_beside(self.engine, before.generation)
        return prepare_lesson(snapshot, questions, before.stored, seed=self.settings.night_seed, words=words)

    @property
    def _may_write(self) -> bool:
        """Whether a language model may be asked for questions."""
        return may_write(self.settings)

    def _write_questions(self) -> Facts:
        """Has questions written up to the night's budget.

        Each night draws passages anew, so that those a model can't cope with don't come first for ever.
        """
        return write_questions(
            self.engine,
            self.settings,
            since=self.run.started_at or self.run.requested_at,
            seed=f"{self.settings.night_seed} {self.run.id}",
            on_progress=self._of("write"),
        )

    def _training_of(self, before: Side, lesson: Lesson) -> str:
        """The same for lessons that make the same candidate."""
        return training_of(lesson, self.settings)

    def _stand_in_the_way(self, before: Side, lesson: Lesson, candidate: Generation | None) -> list[str]:
        """Sentences: what else keeps a candidate from being made."""
        again = tried_lately(self.engine, self.run, lesson, before.generation, self.settings.base_model)
        return again or lacking_space(self.settings, before.stored, is_trained=candidate is not None)

    def _make(self, before: Side, lesson: Lesson, made: Generation | None) -> tuple[Generation | None, list[str]]:
        """A candidate that learnt the lesson, the one that an earlier attempt `made` if there is one; or why not."""
        with self._phase("train") as facts:
            note_learnt_from(self.engine, self.run, lesson.sources())
            note_trained(self.engine, self.run, lesson.taught())
            if made is not None:
                facts |= self.run.phases.get("train", {})
                return made, []
            made, own = train_generation(self.engine, self.settings, self.run, before, lesson, self.on_progress)
            facts |= own
            return made, []

    def _side_of(self, candidate: Generation, before: Side) -> Side:
        """The candidate with its vectors, the very ones that would serve."""
        with self._phase("embed") as facts:
            facts |= embed_generation(self.engine, self.encoders, candidate, self.on_progress, self.run.lease)
        return read_side(self.engine, self.settings, self.encoders, candidate)

    def _judge(self, before: Side, after: Side, lesson: Lesson, fingerprint: str) -> tuple[Side, Verdict]:
        """Holds the candidate against what serves: the one place where a run of either kind goes to court.

        Both refuse as measured now, or what came in since the last measuring would count for the candidate or against.
        """
        with self._phase("gate") as facts:
            sides = before, after
            before, after = (measure_refusals(self.engine, self.settings, side, self.run.lease) for side in sides)
            evidence = gather_evidence(
                before,
                after,
                lesson,
                read_shelf(self.engine),
                words_beside(self.engine, before.generation).score,
                portion_of(self.settings),
                self._judge_regression(before, after),
                partial(read_written, self.engine),
            )
            ledger = read_ledger(self.engine, self.run, self._share)
            decision = decide(evidence, ledger, seed=self.settings.night_seed, trials=self._may_be_tried)
            facts |= {} if decision.promote else {FINGERPRINT: fingerprint}
        return after, decision

    @property
    def _share(self) -> float:
        """How much of the chance of luck there is this kind of run may use."""
        return BEFORE_TRIAL_SHARE if self._may_be_tried else NIGHT_SHARE

    @property
    def _may_be_tried(self) -> bool:
        """Whether people's votes may decide where evidence can't; not while a person is to decide on another."""
        return may_be_tried(self.settings, self.run) and not undecided_generations(self.engine)

    def _terms(self, decision: Verdict) -> Terms | None:
        """Those of a trial, where it is evidence alone that lacks."""
        if decision.promote or not decision.may_be_tried or not self._may_be_tried:
            return None
        return terms_of(self.engine, self.settings, self.run, tried_in(decision.report).alpha)

    def _judge_regression(self, before: Side, after: Side) -> OnRegressionSet | None:
        known = self.find_regression_set()
        if known is None:
            return None
        return judge_kept(self.settings, before, after, known, portion_of(self.settings), self._of("gate"))

    def _index(self, after: Side) -> tuple[Generation, Facts, list[str]]:
        """The candidate with its index, what is to be reported of that, and why it won't do."""
        with self._phase("index") as facts:
            candidate, indexed = index_generation(self.engine, self.settings, after, self.run.lease)
            facts |= indexed
        return candidate, {"index": indexed}, poor_index(indexed, self.settings)

    def _promote(self, candidate: Generation, incumbent: Generation, report: Facts, terms: Terms | None) -> Decision:
        """Puts the candidate in the incumbent's place, unless a person is to decide that, or a trial of these terms."""
        with self._phase("promote"):
            share_model(self.engine, candidate, self.settings)  # before anybody has to answer by it
            candidate = keep_built(self.engine, candidate, report, self.run.lease)
            if terms is not None:
                put_on_trial(self.engine, self.settings, self.encoders, candidate, terms, self.run)
                return "trial"
            if self._asks:
                return "pending"
            catch_up_and_promote(
                self.engine,
                candidate,
                self.encoders.get(candidate),
                lambda _: self.on_progress("promote", 0, 0),
                expected_current_id=incumbent.id,
                by=f"run {self.run.id}",
                lease=self.run.lease,
            )
            return "promoted"

    @property
    def _asks(self) -> bool:
        """Whether a person has the last word."""
        return self.settings.promotion == "ask"

    def _refuse(self, candidate: Generation, reasons: Sequence[str], report: Facts) -> Run:
        refuse_candidate(self.engine, candidate, report | {"reasons": list(reasons)}, self.run.lease)
        return self._finish("refused", reasons, report)

    def _finish(self, decision: Decision, reasons: Sequence[str], report: Facts | None = None) -> Run:
        ended = finish_run(self.engine, self.run, decision, list(reasons), report)
        drop_snapshot(self.engine, self.run.id)
        if decision == "trial":
            settle_late(self.engine, self.run.id)
        if decision in ("promoted", "pending"):  # what waits still beats what serves
            supersede_undecided(self.engine, self.run.id)
        keep_report(self.engine, self.settings, ended)
        remove_unfinished(self.settings)
        make_room(self.engine, self.settings)
        return ended

    def _phase(self, name: str) -> AbstractContextManager[Facts]:
        return phase(self.engine, self.run, name, self.on_progress)

    def _of(self, what: str) -> Callable[[int, int], None]:
        """Progress of one phase, by how much of it is done and how much there is."""
        return lambda done, total: self.on_progress(what, done, total)
