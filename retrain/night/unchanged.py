"""Has a night refused just this before? Learnt from again it would be the same model, and the same refusal."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from db.models import find_base_model
from db.nights import find_refused
from retrain.court import Side, decide, gather_evidence
from retrain.lesson import Lesson
from retrain.night.provenance import hash_code
from retrain.night.reading import portion_of
from retrain.night.weighing import labels_weighed, weigh_features
from retrain.training import fit

if TYPE_CHECKING:
    import sqlalchemy as sa

    from db.settings import Settings

FINGERPRINT = "fingerprint"
"""Where the phase of the gate keeps it, if that is what refused the candidate."""


def fingerprint_of(lesson: Lesson, incumbent: Side, settings: Settings, training: str | None = None) -> str:
    """The same for runs that would make the same candidate and judge it by the same evidence.

    That takes the same rows, labels and split, passages, serving generation, base model, seed, number of passages and
    sources that people get, and the code that trains and judges: a better learner or a fairer gate deserves another
    try at the same votes. `training` is what a ranking run makes its candidate of; it is a night's otherwise.

    Raises:
        ModelError: the base model can't be used.
    """
    passages = hashlib.sha256(incumbent.stored.chunk_ids.tobytes()).hexdigest()
    judging = hash_code(gather_evidence.__module__, decide.__module__, weigh_features.__module__)
    content = (
        training or training_of(lesson, settings),
        lesson.labels,
        passages,
        incumbent.generation.id,
        portion_of(settings),
        judging,
    )
    return hashlib.sha256(repr(content).encode()).hexdigest()[:16]


def training_of(lesson: Lesson, settings: Settings) -> str:
    """The same for lessons that make the same model.

    That takes the same rows, passages that are right for them, split, base model and seed, and the code that trains.

    Raises:
        ModelError: the base model can't be used.
    """
    content = (
        lesson.fingerprint(),
        find_base_model(settings.base_model)[1],
        settings.night_seed,
        hash_code(fit.__module__),
    )
    return hashlib.sha256(repr(content).encode()).hexdigest()


def fitting_of(lesson: Lesson, incumbent: Side) -> str:
    """The same for lessons to which the same ranking is fitted, for the same encoder."""
    content = (
        incumbent.generation.artefact_sha256,
        sorted(lesson.part_of.items()),
        labels_weighed(incumbent, lesson),
        hash_code(weigh_features.__module__),
    )
    return hashlib.sha256(repr(content).encode()).hexdigest()


def refused_before(engine: sa.Engine, fingerprint: str) -> list[str]:
    """A sentence, if the gate refused a candidate with this fingerprint; else nothing."""
    run = find_refused(engine, "gate", **{FINGERPRINT: fingerprint})
    if run is None:
        return []
    return [
        f"Nothing has changed since night {run.id}, which was refused: votes, pairs and passages are the same. What it "
        "said still holds, and the next night trains as soon as there is more to learn from.",
        *run.reasons,
    ]
