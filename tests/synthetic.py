"""Synthetic documents, vectors and an encoder, for tests in which a model would only cost time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from db import schema
from db.generations import SHIPPED, Generation, lock_for_change
from db.generations.catalogue import add_artefact, add_generation, set_breadth
from db.generations.vectors import create_vector_table
from db.models import EncodedQuestion, passage_text
from db.store import driver, raw_connection
from db.words import Passage, write_words

DIMENSION = 16


class HashingEncoder:
    """Gives each text a vector of its own, the same one always."""

    dimension = DIMENSION

    def encode_questions(self, texts: Sequence[str]) -> NDArray[np.float32]:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        return np.concatenate([np.zeros((0, DIMENSION), np.float32), *(unit_vectors(1, seed=seed) for seed in seeds)])

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        vectors = self.encode_questions(texts)
        if on_batch is not None:
            on_batch(len(texts))
        return vectors

    def look_up_words(self, words: Sequence[str]) -> NDArray[np.float32]:
        return np.zeros((len(words), 1), np.float32)


def unit_vectors(n: int, dimension: int = DIMENSION, *, seed: int = 0, clusters: int = 0) -> NDArray[np.float32]:
    """Random (n, dimension) float32 unit rows; in clusters as those of real texts are, if told how many."""
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((n, dimension), dtype=np.float32)
    if clusters:
        centres = random.standard_normal((clusters, dimension), dtype=np.float32)
        vectors = vectors * 0.5 + centres[random.integers(0, clusters, n)]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def question_at(vector: NDArray[np.float32]) -> EncodedQuestion:
    """A question that some encoder put there, in words that nobody reads."""
    return EncodedQuestion("?", vector)


def add_audience(engine: sa.Engine, name: str) -> int:
    row = {"workspace": "T1", "kind": "channel", "name": name}
    with engine.begin() as connection:
        return int(
            connection.execute(schema.audience.insert().values(row).returning(schema.audience.c.id)).scalar_one()
        )


def add_chunks(engine: sa.Engine, n: int, *, audience_id: int = 1) -> list[tuple[int, int]]:
    """Adds a document of `n` chunks that no generation has a vector of; its (chunk id, audience id)."""
    with engine.begin() as connection:
        lock_for_change(driver(connection))
        rows = connection.execute(
            sa.text(
                """
                WITH added AS (
                    INSERT INTO document (source_uri, title, content_hash, audience_id)
                    SELECT 'file:' || coalesce(max(id), 0) || '.md', 'Title', '', :audience_id FROM document
                    RETURNING id, audience_id
                ), numbers AS (SELECT ordinal FROM generate_series(1, :n) AS ordinal)
                INSERT INTO chunk (document_id, ordinal, section, text, text_hash)
                SELECT added.id, ordinal, '', 'Passage ' || ordinal, '' FROM added, numbers ORDER BY ordinal
                RETURNING id, (SELECT audience_id FROM added)
                """
            ),
            {"n": n, "audience_id": audience_id},
        )
        added = [
            Passage(row[0], row[1], passage_text("Title", "", f"Passage {n}")) for n, row in enumerate(rows, start=1)
        ]
        write_words(driver(connection), added)
        return [(passage.chunk_id, passage.audience_id) for passage in added]


OF_NO_MODEL = {
    "base_model": "none",
    "artefact_uri": "base:none",
    "artefact_sha256": "0" * 64,
    "dtype": "float32",
    "dimension": DIMENSION,
}


def insert_generation(connection: sa.Connection, like: Generation | None = None, **values: Any) -> Generation:
    """The rows of a generation with an artefact of its own, which is as that of `like` where nothing else is said."""
    of = {name: values.pop(name, getattr(like, name, default)) for name, default in OF_NO_MODEL.items()}
    artefact_id = add_artefact(connection, **{name.removeprefix("artefact_"): value for name, value in of.items()})
    return add_generation(connection, artefact_id=artefact_id, **values)


def make_generation(engine: sa.Engine, *, ef_search: int = 100, **values: Any) -> Generation:
    """A generation of no model in particular, with an empty table; it doesn't serve."""
    with engine.begin() as connection:
        made = insert_generation(connection, **({"status": "built"} | values))
        made = set_breadth(connection, made, ef_search)
    with raw_connection(engine) as raw:
        create_vector_table(raw, made)
    return made


def imagine_generation(**values: Any) -> Generation:
    """One that is in no store: it counts words beside vectors, and finds everything relevant."""
    usual = {"id": 1, "metrics": {}, "ranking": SHIPPED, "unrelated_nearness": -9.0}
    usual |= {"unrelated_spread": 0.1, "languages": ("english",)} | OF_NO_MODEL
    return Generation(**(dict.fromkeys(field.name for field in fields(Generation)) | usual | values))


def make_sharing(engine: sa.Engine, other: Generation, **values: Any) -> Generation:
    """One with the encoder and the vectors of another; it doesn't serve."""
    of = {"artefact_id": other.artefact_id, "status": "built"}
    with engine.begin() as connection:
        return add_generation(connection, **(of | values))


def serve(engine: sa.Engine, current: Generation, previous: Generation | None = None) -> None:
    """Puts these in service, and nothing else."""
    held = {"serving": current, "previous": previous}
    rows = [{"role": role, "generation_id": each.id} for role, each in held.items() if each is not None]
    with engine.begin() as connection:
        connection.execute(schema.in_service.delete())
        connection.execute(schema.in_service.insert(), rows)
