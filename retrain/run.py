"""The night, told top to bottom: votes become a better generation, or a reasoned refusal.

Each phase can be killed. What it had finished the next attempt finds again: the snapshot as it was kept, the trained
model by the candidate's row, the vectors in the candidate's table. The serving generation answers all the
while; nothing touches it but the swap, which is one transaction.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.chunks import read_documents_of_chunks
from db.decisions import supersede_undecided
from db.encoder import WINDOW
from db.encoders import Encoders, artefact_directory
from db.errors import ModelError
from db.generation import Generation
from db.generations import (
    find_candidate,
    refuse_candidate,
    remove_candidate,
    serving,
    update_generation,
    with_base_model_of_store,
)
from db.kept_snapshots import drop_snapshot, find_kept_snapshot, keep_snapshot
from db.leases import Lease, require_lease
from db.pairs import relink_pairs
from db.promotion import catch_up_and_promote
from db.runs import Decision, Run, finish_run, record_phase, update_run
from db.said import Bounds, read_said
from db.steps import Step
from db.synthetic import newest_question_id, read_questions
from db.trained_questions import note_trained
from db.triplet_log import TripletRow, store_triplets
from db.vectors import read_vectors
from retrain.build import OF_ATTEMPT, Facts, OnProgress, embed_generation, index_generation, set_floor, train_generation
from retrain.chance import votes_at_chance
from retrain.checkpoint import remove_checkpoints
from retrain.evidence import Paired
from retrain.gate import decide, missing_evidence
from retrain.judge import Side, explored_up_votes, gather_evidence, judge_regression
from retrain.labels import Anchor
from retrain.lesson import Lesson, prepare_lesson
from retrain.regression import FindRegressionSet
from retrain.report_files import keep_report
from retrain.snapshot import Snapshot, make_snapshot, with_synthetic
from retrain.snapshot_bytes import pack_snapshot, unpack_snapshot
from retrain.space import lacking_space, make_room
from retrain.triplets import Triplet
from retrain.turned_down import made_before, stays_back
from retrain.unchanged import FINGERPRINT, fingerprint_of, refused_before, training_of
from retrain.writing import may_write, write_questions

if TYPE_CHECKING:
    from db.settings import Settings


def lesson_of_now(engine: sa.Engine, encoders: Encoders, settings: Settings) -> tuple[Side, Snapshot, Lesson]:
    """What a night would learn from if it began now, and what serves; changes nothing."""
    incumbent = _side(engine, encoders, serving(engine))
    snapshot = make_snapshot(read_said(engine))
    questions = _encode_anchors(incumbent, snapshot)
    return incumbent, snapshot, prepare_lesson(snapshot, questions, incumbent.stored, seed=settings.night_seed)


def preview_night(engine: sa.Engine, encoders: Encoders, settings: Settings) -> dict[str, Any]:
    """What a night would learn from now in figures, and what it lacks; changes nothing."""
    incumbent, snapshot, lesson = lesson_of_now(engine, encoders, settings)
    missing = _reasons_not_to_train(lesson, snapshot, settings)
    settings = with_base_model_of_store(engine, settings)
    fingerprint = fingerprint_of(lesson, incumbent, settings)
    turned_down = stays_back(engine, snapshot, training_of(lesson, settings), incumbent.generation, settings)
    missing = missing or list(turned_down.reasons)
    return {
        "votes": len(snapshot.judgements),
        "pairs": len(snapshot.chunks_of_pair),
        **lesson.counts(),
        "missing": missing
        or ([] if may_write(settings) else refused_before(engine, fingerprint))
        or _lacking_space(incumbent, settings),
    }


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
        if (decided := self._find_decided()) is not None:
            return self._finish(*decided)
        incumbent = self._find_incumbent()
        with self._phase("snapshot") as facts:
            bounds, snapshot = self._find_snapshot()
            facts |= {"votes": len(snapshot.judgements), "pairs": len(snapshot.chunks_of_pair)}
        with self._phase("learn") as facts:
            before = _side(self.engine, self.encoders, incumbent)
            questions = _encode_anchors(before, snapshot, on_progress=self._learning)
            self.on_progress("learn mining", 0, 0)
            lesson = prepare_lesson(snapshot, questions, before.stored, seed=self.settings.night_seed)
            facts |= lesson.counts()
        reasons = _reasons_not_to_train(lesson, snapshot, self.settings)
        if not reasons and bounds.synthetic_id is None and may_write(self.settings):
            with self._phase("write") as facts:
                written = self._write_questions()
                snapshot = self._with_written(bounds, snapshot)
                questions = _encode_anchors(before, snapshot, questions)
                lesson = prepare_lesson(snapshot, questions, before.stored, seed=self.settings.night_seed)
                facts |= written | lesson.counts()
        fingerprint = fingerprint_of(lesson, before, self.settings)
        turned_down = stays_back(self.engine, snapshot, training_of(lesson, self.settings), incumbent, self.settings)
        reasons = reasons or list(turned_down.reasons) or refused_before(self.engine, fingerprint)
        store_triplets(self.engine, self.run.id, map(_row_of, lesson.triplets), self.run.lease)
        candidate = self._find_candidate(lesson)
        reasons = reasons or _lacking_space(before, self.settings, is_trained=candidate is not None)
        if reasons:
            if candidate is not None:
                discard_candidate(self.engine, self.settings, candidate, self.run.lease)
            return self._finish("refused", reasons)
        with self._phase("train") as facts:
            note_trained(self.engine, self.run, lesson.taught(snapshot))
            if candidate is None:
                own = (self.on_progress, self.run.attempt)
                candidate, trained = train_generation(
                    self.engine, self.settings, self.run.id, before, lesson, snapshot, *own
                )
                facts |= trained
            else:
                facts |= self.run.phases.get("train", {})
        if reasons := made_before(self.engine, candidate):
            return self._refuse(candidate, reasons, {})
        with self._phase("embed") as facts:
            facts |= embed_generation(self.engine, self.encoders, candidate, self.on_progress, self.run.lease)
        with self._phase("gate") as facts:
            after = _side(self.engine, self.encoders, candidate)
            documents = read_documents_of_chunks(self.engine)
            regression = self._judge_regression(before, after)
            evidence = gather_evidence(before, after, lesson, snapshot, documents, regression)
            decision = decide(evidence, seed=self.settings.night_seed)
            facts |= {} if decision.promote else {FINGERPRINT: fingerprint}
            candidate = set_floor(self.engine, before, after, snapshot, self.run.lease)
        if not decision.promote:
            return self._refuse(candidate, decision.reasons, decision.report)
        with self._phase("index") as facts:
            candidate, indexed = index_generation(self.engine, self.settings, after, snapshot, self.run.lease)
            facts |= indexed
        if indexed["recall@10"] < self.settings.index_recall_floor:
            return self._refuse(candidate, [_poor_index(indexed, self.settings)], decision.report)
        with self._phase("promote"):
            reasons = [*decision.reasons, *filter(None, [turned_down.remark])]
            report = decision.report | {"index": indexed, "reasons": reasons}
            candidate = self._keep_built(candidate, report)
            if self.settings.promotion == "automatic":
                self._promote(candidate, incumbent)
        ends: Decision = "promoted" if self.settings.promotion == "automatic" else "pending"
        return self._finish(ends, reasons, decision.report)

    def _find_decided(self) -> tuple[Decision, list[str], Facts] | None:
        """What an earlier attempt decided, if it died before it could say so."""
        candidate = find_candidate(self.engine, self.run.id)
        if candidate is None or not (candidate.promoted_at or candidate.status == "refused"):
            return None
        swapped = candidate.promoted_at is not None and not candidate.forced
        return ("promoted" if swapped else "refused"), candidate.metrics["reasons"], candidate.metrics

    def _find_incumbent(self) -> Generation:
        incumbent = serving(self.engine)
        update_run(self.engine, self.run, parent_id=incumbent.id)
        return incumbent

    def _find_candidate(self, lesson: Lesson) -> Generation | None:
        """What an earlier attempt trained, if it is whole and of this very lesson; otherwise it goes.

        Documents may have changed since. A candidate of another split might be judged by what it was trained on.
        """
        candidate = find_candidate(self.engine, self.run.id)
        if candidate is None:
            return None
        training = training_of(lesson, self.settings)
        of_now = candidate.parent_id == serving(self.engine).id and candidate.metrics.get("training") == training
        if of_now and self._can_load(candidate):
            return candidate
        discard_candidate(self.engine, self.settings, candidate, self.run.lease)
        return None

    def _can_load(self, candidate: Generation) -> bool:
        try:
            self.encoders.get(candidate)
        except ModelError:
            return False
        return True

    def _find_snapshot(self) -> tuple[Bounds, Snapshot]:
        """What an earlier attempt kept, whatever was said since; otherwise what there is now."""
        kept = find_kept_snapshot(self.engine, self.run.id)
        if kept is not None and self.run.snapshot is not None:
            return Bounds(**self.run.snapshot), unpack_snapshot(kept)
        relink_pairs(self.engine)
        said = read_said(self.engine, apart_from=self.run.id)
        snapshot = make_snapshot(said)
        keep_snapshot(self.engine, self.run, asdict(said.bounds), pack_snapshot(snapshot))
        return said.bounds, snapshot

    def _with_written(self, bounds: Bounds, snapshot: Snapshot) -> Snapshot:
        """The snapshot with all written questions; kept as such, no later attempt has any written again."""
        newest_id = newest_question_id(self.engine)
        with self.engine.connect() as connection:
            snapshot = with_synthetic(snapshot, read_questions(connection, newest_id))
        bounds = replace(bounds, synthetic_id=newest_id)
        keep_snapshot(self.engine, self.run, asdict(bounds), pack_snapshot(snapshot))
        return snapshot

    def _write_questions(self) -> Facts:
        """Has questions written up to the night's budget.

        Each night draws passages anew, so that those a model can't cope with don't come first for ever.
        """
        return write_questions(
            self.engine,
            self.settings,
            since=self.run.started_at or self.run.requested_at,
            seed=f"{self.settings.night_seed} {self.run.id}",
            on_progress=lambda done, total: self.on_progress("write", done, total),
        )

    def _learning(self, done: int, total: int) -> None:
        self.on_progress("learn", done, total)

    def _judge_regression(self, before: Side, after: Side) -> Paired | None:
        known = self.find_regression_set()
        if known is None:
            return None
        return judge_regression(before, after, known, lambda done, total: self.on_progress("gate", done, total))

    def _keep_built(self, candidate: Generation, report: Facts) -> Generation:
        """From here on anybody may promote it."""
        with self.engine.begin() as connection:
            require_lease(connection, self.run.lease)
            return update_generation(connection, candidate.id, status="built", metrics=candidate.metrics | report)

    def _promote(self, candidate: Generation, incumbent: Generation) -> None:
        catch_up_and_promote(
            self.engine,
            candidate,
            self.encoders.get(candidate),
            lambda _: self.on_progress("promote", 0, 0),
            expected_current_id=incumbent.id,
            by=f"run {self.run.id}",
            lease=self.run.lease,
        )

    def _refuse(self, candidate: Generation, reasons: Sequence[str], report: Facts) -> Run:
        refuse_candidate(self.engine, candidate, report | {"reasons": list(reasons)}, self.run.lease)
        return self._finish("refused", reasons, report)

    def _finish(self, decision: Decision, reasons: Sequence[str], report: Facts | None = None) -> Run:
        ended = finish_run(self.engine, self.run, decision, list(reasons), report)
        drop_snapshot(self.engine, self.run.id)
        if decision != "refused":  # what waits still beats what serves
            supersede_undecided(self.engine, self.run.id)
        keep_report(self.engine, self.settings, ended)
        remove_unfinished(self.settings)
        make_room(self.engine, self.settings)
        return ended

    @contextmanager
    def _phase(self, name: str) -> Iterator[Facts]:
        """Marks the phase in the run's row, and afterwards what it took and counted.

        Facts that name their own `seconds` are those of an earlier attempt that did the work.
        """
        update_run(self.engine, self.run, phase=name)
        self.on_progress(name, 0, 0)
        with Step(name) as step:
            yield step.facts
        record_phase(self.engine, self.run, name, **({"seconds": round(step.seconds, 3)} | step.facts))


def _side(engine: sa.Engine, encoders: Encoders, generation: Generation) -> Side:
    return Side(generation, encoders.get(generation), read_vectors(engine, generation))


def _encode_anchors(
    side: Side,
    snapshot: Snapshot,
    known: Mapping[Anchor, NDArray[np.float32]] = MappingProxyType({}),
    on_progress: Callable[[int, int], None] = lambda *_: None,
) -> dict[Anchor, NDArray[np.float32]]:
    """Each question's vector `(dim,)`; only those that aren't known are encoded, the same words once."""
    lacking = {anchor: text for anchor, text in snapshot.texts().items() if anchor not in known}
    # those of a length are encoded together, as the encoder itself would have it
    texts = sorted(dict.fromkeys(lacking.values()), key=len, reverse=True)
    vector_of: dict[str, NDArray[np.float32]] = {}
    for start in range(0, len(texts), WINDOW):
        own = texts[start : start + WINDOW]
        vector_of |= dict(zip(own, side.encoder.encode_questions(own), strict=True))
        on_progress(len(vector_of), len(texts))
    return {**known, **{anchor: vector_of[text] for anchor, text in lacking.items()}}


def _reasons_not_to_train(lesson: Lesson, snapshot: Snapshot, settings: Settings) -> list[str]:
    n_golden, n_votes, n_trial = _gate_sizes(lesson, snapshot)
    missing = missing_evidence(lesson.learnt_from, n_golden, n_votes, n_trial, spent=lesson.spent)
    clusters = {anchor.id: cluster for anchor, cluster in lesson.cluster_of.items() if anchor.kind == "question"}
    return missing + votes_at_chance(snapshot.judgements, n_golden, clusters=clusters, seed=settings.night_seed)


def _gate_sizes(lesson: Lesson, snapshot: Snapshot) -> tuple[int, int, int]:
    """Clusters there are to judge by: golden; voted both up and down; voted up on an answer that explored."""
    signs = defaultdict(set)
    for label in lesson.labels:
        signs[label.anchor].add(label.value)
    voted = lesson.judging("question")
    ordered = [anchor for anchor in voted if len(signs[anchor]) == 2]
    weights = explored_up_votes(voted, lesson, snapshot)
    explored = [anchor for anchor, own in zip(voted, weights, strict=True) if own]
    golden, both, up = (len(set(lesson.clusters_of(own))) for own in (lesson.judging("pair"), ordered, explored))
    return golden, both, up


def _lacking_space(incumbent: Side, settings: Settings, *, is_trained: bool = False) -> list[str]:
    n_chunks, dimension = len(incumbent.stored.chunk_ids), incumbent.generation.dimension
    return lacking_space(settings, n_chunks, dimension, is_trained=is_trained)


def _row_of(triplet: Triplet) -> TripletRow:
    return TripletRow(
        *triplet.anchor, triplet.positive_chunk_id, triplet.negative_chunk_id, triplet.kind, triplet.weight
    )


def _poor_index(facts: Facts, settings: Settings) -> str:
    return (
        f"The new index finds {facts['recall@10']:.1%} of what exact search finds, even searched at its widest; "
        f"{settings.index_recall_floor:.1%} is needed."
    )


def discard_candidate(engine: sa.Engine, settings: Settings, candidate: Generation, lease: Lease | None = None) -> None:
    """Removes a candidate that never served, and its model if it was a night that made it.

    Raises:
        StaleRunError: the lease that was given counts no longer: what is there is another attempt's.
    """

    def remove_model() -> None:
        if candidate.artefact_uri.startswith("data:"):
            shutil.rmtree(artefact_directory(candidate, settings), ignore_errors=True)

    remove_candidate(engine, candidate, lease, remove_model)


def remove_unfinished(settings: Settings) -> None:
    """What trainings left on disk that are over, or were given up."""
    remove_checkpoints(settings.models_dir)
    for left in settings.models_dir.glob(f"*{OF_ATTEMPT}*"):
        shutil.rmtree(left, ignore_errors=True)
