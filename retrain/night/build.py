"""Makes a candidate real: a model trained and kept, its vectors, its index."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import sqlalchemy as sa

from db.corpus import read_passages
from db.generations import (
    Generation,
    add_artefact,
    add_generation,
    backfill,
    build_and_measure_index,
    count_missing,
    typical_questions,
)
from db.models import TrainableEncoder, choose_dtype, find_base_model, load_encoder, name_at_commit, save_model
from db.nights import Lease, Run, require_lease
from db.search import keep_unrelated, measure_unrelated
from retrain.court import Side
from retrain.lesson import Lesson, rows_with_texts, texts_of
from retrain.night.phases import Facts, OnProgress
from retrain.night.unchanged import training_of
from retrain.night.weighing import told_of, weigh_features
from retrain.training import CHECKPOINT_SUFFIX, Checkpoint, Recipe, fit

if TYPE_CHECKING:
    from db.generations import Encoders
    from db.settings import Settings

OF_ATTEMPT = "-attempt-"
"""In the name of a model that no candidate has yet."""


def train_generation(
    engine: sa.Engine,
    settings: Settings,
    run: Run,
    incumbent: Side,
    lesson: Lesson,
    on_progress: OnProgress,
) -> tuple[Generation, Facts]:
    """Trains the base model on the lesson and fits its ranking; it is on disk, whole, before the candidate has a row.

    Raises:
        StaleRunError: the run was taken over; what the other attempt made is left alone.
        ModelError: the base model can't be used.
        FloatingPointError: a loss stopped being a number.
    """
    artefact = settings.models_dir / f"run-{run.id}"
    made = artefact.with_name(f"{artefact.name}{OF_ATTEMPT}{run.attempt}")
    made.parent.mkdir(parents=True, exist_ok=True)
    directory, sha256 = find_base_model(settings.base_model)
    name = name_at_commit(settings.base_model, directory)
    dtype = dtype_for(settings, name, directory, incumbent.generation)
    base = load_encoder(directory, sha256=sha256, dtype=dtype)
    facts = _teach(base, lesson, engine, settings, artefact.with_suffix(CHECKPOINT_SUFFIX), on_progress)
    fitted = weigh_features(engine, incumbent, lesson)
    saved = save_model(base.model, made)
    with engine.begin() as connection:
        require_lease(connection, run.lease)
        shutil.rmtree(artefact, ignore_errors=True)  # of an attempt that died right here
        made.rename(artefact)
        candidate = add_generation(
            connection,
            parent_id=incumbent.generation.id,
            run_id=run.id,
            artefact_id=add_artefact(
                connection,
                base_model=name,
                uri=f"data:{artefact.name}",
                sha256=saved,
                dtype=dtype,
                dimension=base.dimension,
            ),
            unrelated_nearness=incumbent.generation.unrelated_nearness,
            unrelated_spread=incumbent.generation.unrelated_spread,
            ranking=fitted.ranking,
            metrics={"training": training_of(lesson, settings)},
            status="building",
        )
    return candidate, facts | told_of(fitted, incumbent.generation.ranking)


def dtype_for(settings: Settings, name: str, directory: Path, incumbent: Generation) -> str:
    """The arithmetic of a candidate of this base model: the incumbent's, so that they differ in what was learnt alone.

    Of another base model than the incumbent's nobody knows yet what it makes of that arithmetic.
    """
    if name == incumbent.base_model:
        return incumbent.dtype
    return choose_dtype(directory) if settings.encoder_dtype == "auto" else settings.encoder_dtype


def _teach(
    base: TrainableEncoder,
    lesson: Lesson,
    engine: sa.Engine,
    settings: Settings,
    checkpoint: Path,
    on_progress: OnProgress,
) -> Facts:
    """Trains `base` in place on what of the lesson is still there; returns how that went."""
    texts = texts_of(lesson.rows, lesson.snapshot.texts(), lambda chunk_ids: read_passages(engine, chunk_ids))
    taught = replace(lesson, rows=rows_with_texts(lesson.rows, texts))
    recipe = Recipe(dtype=base.dtype)
    losses = fit(
        base.model,
        taught.rows,
        texts,
        taught.right,
        recipe,
        seed=settings.night_seed,
        on_step=lambda step: on_progress("train", step.step, step.steps),
        checkpoint=Checkpoint(checkpoint, f"{training_of(taught, settings)} {base.dtype}"),
    )
    return {
        "learning_rate": recipe.learning_rate,
        "steps": len(losses),
        "loss": losses[-1],
        "losses": thin_curve(losses),
    }


def embed_generation(
    engine: sa.Engine, encoders: Encoders, candidate: Generation, on_progress: OnProgress, lease: Lease | None = None
) -> Facts:
    """Encodes what the candidate's table lacks: all of it, or what a killed attempt left.

    Raises:
        StaleRunError: the night was taken over.
    """
    total, done = count_missing(engine, candidate, lease), 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        on_progress("embed", done, total)

    return {"chunks": backfill(engine, candidate, encoders.get(candidate), advance, lease=lease)}


def index_generation(
    engine: sa.Engine, settings: Settings, candidate: Side, lease: Lease | None = None
) -> tuple[Generation, Facts]:
    """Builds the index, and chooses its breadth against exact search, with the questions that people ask.

    Raises:
        StaleRunError: the night was taken over.
    """
    questions = typical_questions(engine, candidate.generation, candidate.encoder)
    generation, measured = build_and_measure_index(
        engine, candidate.generation, settings.index_recall_floor, questions, lease=lease
    )
    return generation, {"recall@10": measured.recall, "ef_search": measured.ef_search}


def poor_index(facts: Facts, settings: Settings) -> list[str]:
    """A sentence where an index finds too little of what exact search does; `facts` are those of `index_generation`."""
    if facts["recall@10"] >= settings.index_recall_floor:
        return []
    return [
        f"The new index finds {facts['recall@10']:.1%} of what exact search finds, even searched at its widest; "
        f"{settings.index_recall_floor:.1%} is needed."
    ]


def measure_refusals(engine: sa.Engine, settings: Settings, side: Side, lease: Lease | None = None) -> Side:
    """Measures what a generation's refusals are counted from, on questions that nothing learns from.

    Raises:
        StaleRunError: the night was taken over.
    """
    unrelated = measure_unrelated(engine, side.generation, side.encoder, settings.sources)
    if unrelated is None:
        return side
    with engine.begin() as connection:
        if lease is not None:
            require_lease(connection, lease)
        return replace(side, generation=keep_unrelated(connection, side.generation, unrelated))


def thin_curve(values: Sequence[float], most: int = 200) -> list[float]:
    """The curve in at most that many points, each the mean of as many neighbours (the last one of fewer)."""
    together = -(-len(values) // most)
    starts = range(0, len(values), together or 1)
    return [round(float(np.mean(values[start : start + together])), 4) for start in starts]
