"""What a night or a ranking run would learn from if it began now, and what it lacks; changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from db.feedback import read_said
from db.generations import Encoders, serving, with_base_model_of_store
from retrain.court import BEFORE_TRIAL_SHARE, NIGHT_SHARE, RANKING_SHARE, Side, reasons_not_to_train
from retrain.lesson import Lesson, encode_anchors, make_snapshot, may_write, prepare_lesson
from retrain.night.between import lesson_of_rankings, waits_for_a_person, why_it_stays
from retrain.night.reading import read_ledger, read_side, words_beside
from retrain.night.space import lacking_space
from retrain.night.trials import waits_for_a_trial
from retrain.night.turned_down import stays_back
from retrain.night.unchanged import fingerprint_of, fitting_of, refused_before, training_of
from retrain.night.weighing import told_of, weigh_features

if TYPE_CHECKING:
    from db.settings import Settings


def lesson_of_now(engine: sa.Engine, encoders: Encoders, settings: Settings) -> tuple[Side, Lesson]:
    """What serves, and the lesson that a night would make of what people have said up to now.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
    """
    incumbent = read_side(engine, settings, encoders, serving(engine))
    snapshot = make_snapshot(read_said(engine))
    questions = encode_anchors(incumbent.encoder, snapshot)
    words = words_beside(engine, incumbent.generation)
    return incumbent, prepare_lesson(snapshot, questions, incumbent.stored, seed=settings.night_seed, words=words)


def preview_night(engine: sa.Engine, encoders: Encoders, settings: Settings) -> dict[str, Any]:
    """What a night would learn from now in figures, and what it lacks (`missing`) as sentences.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
        ModelError: the base model can't be used.
    """
    incumbent, lesson = lesson_of_now(engine, encoders, settings)
    tries = settings.trials != "off"
    missing = reasons_not_to_train(lesson, seed=settings.night_seed, trials=tries)
    settings = with_base_model_of_store(engine, settings)
    fingerprint = fingerprint_of(lesson, incumbent, settings)
    missing = missing or list(
        stays_back(engine, lesson.snapshot, training_of(lesson, settings), incumbent.generation, settings).reasons
    )
    return {
        **lesson.snapshot.counts(),
        **lesson.counts(),
        "luck_allowed": round(read_ledger(engine, share=BEFORE_TRIAL_SHARE if tries else NIGHT_SHARE).alpha, 4),
        "missing": missing
        or waits_for_a_trial(engine)
        or ([] if may_write(settings) else refused_before(engine, fingerprint))
        or lacking_space(settings, incumbent.stored, is_trained=False),
    }


def preview_ranking(engine: sa.Engine, encoders: Encoders, settings: Settings) -> dict[str, Any]:
    """What a ranking run would learn from now in figures, the weights that it would judge, and what it lacks.

    Raises:
        EmptyCorpusError: nothing was ever ingested.
        ModelError: the serving model can't be used.
    """
    incumbent = read_side(engine, settings, encoders, serving(engine))
    snapshot = make_snapshot(read_said(engine))
    lesson = lesson_of_rankings(incumbent, snapshot, encode_anchors(incumbent.encoder, snapshot), settings.night_seed)
    own = with_base_model_of_store(engine, settings)
    training = fitting_of(lesson, incumbent)
    missing = (
        reasons_not_to_train(lesson, seed=settings.night_seed, trials=settings.trials != "off")
        or list(stays_back(engine, snapshot, training, incumbent.generation, own).reasons)
        or refused_before(engine, fingerprint_of(lesson, incumbent, own, training))
        or waits_for_a_person(engine)
        or waits_for_a_trial(engine)
    )
    fitted = weigh_features(engine, incumbent, lesson)
    facts = told_of(fitted, incumbent.generation.ranking)
    return {
        **snapshot.counts(),
        **lesson.counts(),
        **facts,
        "luck_allowed": round(read_ledger(engine, share=RANKING_SHARE).alpha, 4),
        "missing": missing or why_it_stays(fitted, incumbent),
    }
