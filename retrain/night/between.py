"""What comes between nights: a run that fits the ranking alone, for the encoder and the vectors that serve.

Seconds of work: nothing is trained, and no passage encoded. Lesson, evidence, gate and swap are a night's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from db.generations import Generation, add_ranking, is_alike, undecided_generations
from db.nights import note_learnt_from, note_trained, require_lease
from retrain.court import RANKING_SHARE, Side, Verdict
from retrain.lesson import Lesson, Snapshot, prepare_lesson
from retrain.night.phases import Facts
from retrain.night.remembering import RememberingEncoder
from retrain.night.run import Night, Vectors
from retrain.night.unchanged import fitting_of
from retrain.night.weighing import labels_weighed, told_of, weigh_features
from retrain.ranking import AS_SHIPPED, Fitted

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class RankingRun(Night):
    """One attempt at one ranking run."""

    def _prepare(self, before: Side, snapshot: Snapshot, questions: Vectors) -> Lesson:
        return lesson_of_rankings(before, snapshot, questions, self.settings.night_seed)

    @property
    def _may_write(self) -> bool:
        """What a language model writes was never served, so there is no list to fit anything to."""
        return False

    def _training_of(self, before: Side, lesson: Lesson) -> str:
        return fitting_of(lesson, before)

    def _stand_in_the_way(self, before: Side, lesson: Lesson, candidate: Generation | None) -> list[str]:
        return waits_for_a_person(self.engine)

    def _make(self, before: Side, lesson: Lesson, made: Generation | None) -> tuple[Generation | None, list[str]]:
        """Fits the weights; there is no candidate where they stay as they are."""
        with self._phase("fit") as facts:
            fitted = weigh_features(self.engine, before, lesson)
            facts |= told_of(fitted, before.generation.ranking)
            if reasons := why_it_stays(fitted, before):
                return None, reasons
            note_learnt_from(self.engine, self.run, lesson.sources())
            note_trained(self.engine, self.run, lesson.taught())
            if made is None:
                with self.engine.begin() as connection:
                    require_lease(connection, self.run.lease)
                    metrics: Facts = {"training": self._training_of(before, lesson)}
                    made = add_ranking(
                        connection, before.generation, run_id=self.run.id, ranking=fitted.ranking, metrics=metrics
                    )
        return made, []

    def _side_of(self, candidate: Generation, before: Side) -> Side:
        """The vectors are those that serve, and were read."""
        return replace(before, generation=candidate)

    def _judge(self, before: Side, after: Side, lesson: Lesson, fingerprint: str) -> tuple[Side, Verdict]:
        """As a night does; what both sides encode is encoded once."""
        encoder = RememberingEncoder(before.encoder)
        before, after = replace(before, encoder=encoder), replace(after, encoder=encoder)
        return Night._judge(self, before, after, lesson, fingerprint)

    @property
    def _share(self) -> float:
        return RANKING_SHARE

    def _index(self, after: Side) -> tuple[Generation, Facts, list[str]]:
        """The index is the one that serves."""
        return after.generation, {}, []

    @property
    def _asks(self) -> bool:
        """A person has the last word where either setting gives it to them."""
        return "ask" in (self.settings.promotion, self.settings.ranking_runs)


def lesson_of_rankings(before: Side, snapshot: Snapshot, questions: Vectors, seed: int) -> Lesson:
    """A night's lesson without mined negatives, and of what trains only that to which a ranking is fitted."""
    lesson = prepare_lesson(snapshot, questions, before.stored, seed=seed, mining=None)
    weighed = {label.anchor for label in labels_weighed(before, lesson)}
    return replace(
        lesson,
        triplets=tuple(own for own in lesson.triplets if own.anchor in weighed),
        rows=tuple(own for own in lesson.rows if own.anchor in weighed),
    )


def waits_for_a_person(engine: sa.Engine) -> list[str]:
    """A sentence, if anything has still to be decided on: it was compared with what serves now, and with no other."""
    return [
        f"Generation {generation_id} waits for a person's decision. Until there is one the ranking stays as it is: "
        f"generation {generation_id} was compared with what serves now, and with nothing that would come between."
        for generation_id in undecided_generations(engine)[:1]
    ]


def why_it_stays(fitted: Fitted, before: Side) -> list[str]:
    """A sentence, if there are no other weights than those that serve."""
    if fitted.why_not:
        return [f"The ranking stays as it is: {fitted.why_not.removeprefix(AS_SHIPPED)}"]
    if is_alike(fitted.ranking, before.generation.ranking):
        return ["The weights that fit what people said are those that serve already."]
    return []
