"""Makes a candidate real: a model trained and kept, its vectors, its index."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db.backfill import backfill, count_missing
from db.encoder import load_encoder, save_model
from db.generation import Generation
from db.generations import add_generation, update_generation
from db.model_files import find_base_model
from db.recall import build_and_measure_index
from retrain.candidates import Attempt, DevSet, pool_of_dev, train_candidates
from retrain.judge import Side, comparable_floor
from retrain.labels import Anchor
from retrain.lesson import Lesson, rows_with_texts, texts_of
from retrain.snapshot import Snapshot, read_documents_of_chunks, read_passages

if TYPE_CHECKING:
    from db.encoders import Encoders
    from db.settings import Settings

OnProgress = Callable[[str, int, int], None]
"""Called with (what, done, total) as work gets done."""

Facts = dict[str, Any]
"""Figures of a phase, for the run's row."""

_QUESTIONS = 500
"""Questions that the index is measured with, at most."""


def train_generation(
    engine: sa.Engine,
    settings: Settings,
    run_id: int,
    incumbent: Side,
    lesson: Lesson,
    snapshot: Snapshot,
    questions: Mapping[Anchor, NDArray[np.float32]],
    on_progress: OnProgress,
) -> tuple[Generation, Facts]:
    """Trains the tournament from the base model; its winner is on disk, whole, before the candidate has a row.

    Raises:
        ModelError: the base model can't be used.
        FloatingPointError: a loss stopped being a number.
    """
    artefact = settings.models_dir / f"run-{run_id}"
    shutil.rmtree(artefact, ignore_errors=True)
    artefact.parent.mkdir(parents=True, exist_ok=True)
    directory, sha256 = find_base_model(settings.base_model)
    base = load_encoder(directory, sha256=sha256, dtype=incumbent.generation.dtype)
    texts = texts_of(lesson.rows, snapshot, lambda chunk_ids: read_passages(engine, chunk_ids))
    attempts, winner = train_candidates(
        base,
        replace(lesson, rows=rows_with_texts(lesson.rows, texts)),
        texts,
        _dev_set(engine, incumbent, lesson, snapshot, questions),
        seed=settings.night_seed,
        on_step=lambda index, step: on_progress(f"train {index + 1}", step.step, step.steps),
    )
    saved = save_model(base.model, artefact)
    with engine.begin() as connection:
        candidate = add_generation(
            connection,
            parent_id=incumbent.generation.id,
            run_id=run_id,
            base_model=settings.base_model,
            artefact_uri=f"data:{artefact.name}",
            artefact_sha256=saved,
            dtype=incumbent.generation.dtype,
            dimension=base.dimension,
            min_similarity=incumbent.generation.min_similarity,
            metrics={"lesson": lesson.fingerprint()},
            status="building",
        )
    return candidate, {"tried": [_facts_of(attempt) for attempt in attempts], "winner": winner}


def embed_generation(engine: sa.Engine, encoders: Encoders, candidate: Generation, on_progress: OnProgress) -> Facts:
    """Encodes what the candidate's table lacks: all of it, or what a killed attempt left."""
    total, done = count_missing(engine, candidate), 0

    def advance(n: int) -> None:
        nonlocal done
        done += n
        on_progress("embed", done, total)

    return {"chunks": backfill(engine, candidate, encoders.get(candidate), advance)}


def index_generation(
    engine: sa.Engine, settings: Settings, candidate: Side, snapshot: Snapshot
) -> tuple[Generation, Facts]:
    """Builds the index, and chooses its breadth against exact search."""
    questions = candidate.encoder.encode_questions(_latest_questions(snapshot))
    generation, measured = build_and_measure_index(engine, candidate.generation, settings.index_recall_floor, questions)
    return generation, {"recall@10": measured.recall, "ef_search": measured.ef_search}


def set_floor(engine: sa.Engine, incumbent: Side, candidate: Side, snapshot: Snapshot) -> Generation:
    """Sets the similarity under which nothing is relevant to the candidate, whatever becomes of it."""
    floor = comparable_floor(incumbent, candidate, incumbent.generation.min_similarity, _latest_questions(snapshot))
    with engine.begin() as connection:
        return update_generation(connection, candidate.generation.id, min_similarity=floor)


def _latest_questions(snapshot: Snapshot) -> list[str]:
    return [anchor.text for anchor in snapshot.anchors.values()][-_QUESTIONS:]


def _dev_set(
    engine: sa.Engine,
    incumbent: Side,
    lesson: Lesson,
    snapshot: Snapshot,
    questions: Mapping[Anchor, NDArray[np.float32]],
) -> DevSet | None:
    anchors, chunk_ids = pool_of_dev(lesson, questions, incumbent.stored)
    if not anchors:
        return None
    passages, documents = read_passages(engine, chunk_ids), read_documents_of_chunks(engine)
    passages = {chunk_id: text for chunk_id, text in passages.items() if chunk_id in documents}
    return DevSet(
        tuple(snapshot.anchors[anchor].text for anchor in anchors),
        tuple(
            {documents[chunk_id]: 1.0 for chunk_id in snapshot.chunks_of_pair[anchor.id] if chunk_id in documents}
            for anchor in anchors
        ),
        tuple(passages.values()),
        np.array([documents[chunk_id] for chunk_id in passages]),
    )


def _facts_of(attempt: Attempt) -> Facts:
    return {
        "learning_rate": attempt.recipe.learning_rate,
        "epochs": attempt.recipe.epochs,
        "steps": len(attempt.trained.losses),
        "loss": attempt.trained.losses[-1],
        "dev_ndcg@10": float(attempt.dev.mean()) if len(attempt.dev) else None,
    }
