"""A small real corpus for tests: documents and chunks by SQL, vectors by the real encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from db import schema
from db.answers import store_answer
from db.corpus import sign_text
from db.errors import EmptyCorpusError
from db.generations import Encoders, Generation, add_artefact, add_generation, lock_for_change, serving
from db.generations.vectors import create_vector_table, write_vectors
from db.models import find_base_model, passage_text
from db.question import Answer, Asked, Draft
from db.search import Hit
from db.settings import Settings
from db.store import driver, raw_connection
from db.words import Passage, write_words
from tests.hits import hit

ASKED = Asked("Where is the car park?", "T1", "C1", "public", "T1:U1", "1.5")


@cache
def encoders() -> Encoders:
    """One for the whole test run: every test's first generation is the base model."""
    return Encoders(Settings(data_dir=Path("unused"), encoder_dtype="float32"))


def add_base_generation(engine: sa.Engine, unrelated_nearness: float = 0.182) -> Generation:
    """The base model serves, with an empty table and no index."""
    base_model = "all-MiniLM-L6-v2"
    _, sha256 = find_base_model(base_model)
    with engine.begin() as connection:
        made = add_generation(
            connection,
            artefact_id=add_artefact(
                connection,
                base_model=base_model,
                uri=f"base:{base_model}",
                sha256=sha256,
                dtype="float32",
                dimension=384,
            ),
            unrelated_nearness=unrelated_nearness,
            status="built",
        )
        connection.execute(schema.in_service.insert().values(role="serving", generation_id=made.id))
    with raw_connection(engine) as raw:
        create_vector_table(raw, made)
    return made


def add_document(
    engine: sa.Engine, title: str, sections: Sequence[tuple[str, str]], *, audience_id: int = 1, uri: str | None = None
) -> list[Hit]:
    """Adds a document with one chunk for each (section, text), not embedded yet; hits with similarities that fall."""
    uri = uri or f"https://docs.example.com/{title.lower().replace(' ', '-')}"
    hits = []
    with engine.begin() as connection:
        lock_for_change(driver(connection))
        document_id = connection.execute(
            schema.document.insert()
            .values(
                source_uri=uri,
                title=title,
                content_hash=uri.encode(),
                audience_id=audience_id,
                signature=sign_text(text for _, text in sections),
            )
            .returning(schema.document.c.id)
        ).scalar_one()
        for ordinal, (section, text) in enumerate(sections):
            text_hash = hashlib.sha256(passage_text(title, section, text).encode()).digest()
            row = {
                "document_id": document_id,
                "ordinal": ordinal,
                "section": section,
                "text": text,
                "text_hash": text_hash,
            }
            chunk_id = connection.execute(schema.chunk.insert().values(row).returning(schema.chunk.c.id)).scalar_one()
            write_words(driver(connection), [Passage(chunk_id, audience_id, passage_text(title, section, text))])
            similarity = 0.9 - ordinal / 100
            of = {"document_id": document_id, "text_hash": text_hash, "title": title, "uri": uri, "section": section}
            hits.append(hit(chunk_id, text, **of, ordinal=ordinal, similarity=similarity))
    return hits


def embed(engine: sa.Engine, hits: Sequence[Hit], *, audience_id: int = 1) -> None:
    """Adds the chunks' vectors to the serving generation."""
    generation = serving(engine)
    encoder = encoders().get(generation)
    vectors = encoder.encode_passages([passage_text(hit.title, hit.section, hit.text) for hit in hits])
    with raw_connection(engine) as raw:
        write_vectors(raw, generation, [(hit.chunk_id, audience_id) for hit in hits], vectors)


def add_answer(engine: sa.Engine, n_sources: int, asked: Asked = ASKED, n_passages: int = 1) -> Answer:
    """An answered question with that many sources, each a document with so many passages, made without any search."""
    try:
        generation = serving(engine)
    except EmptyCorpusError:
        generation = add_base_generation(engine)
    name = f"{asked.person} {asked.channel} {n_sources}"
    documents = [
        add_document(
            engine,
            f"Document {number} {name}",
            [("", f"Passage {number}." if not place else f"Passage {number}.{place}.") for place in range(n_passages)],
        )
        for number in range(n_sources)
    ]
    draft = Draft(
        searched_text=asked.text,
        audience_ids=(schema.PUBLIC_AUDIENCE_ID,),
        generation_id=generation.id,
        kind="quoted",
        text="An answer.",
        hits=[hit for hits in documents for hit in hits],
        shown=[[hit.chunk_id for hit in hits] for hits in documents],
        timings_ms={"total": 1.0},
    )
    return store_answer(engine, asked, draft)


def add_pairs(engine: sa.Engine, n: int) -> None:
    """So many more curated pairs, all of one passage."""
    with engine.begin() as connection:
        chunk_id, text = connection.execute(sa.select(schema.chunk.c.id, schema.chunk.c.text).limit(1)).one()
        known = connection.scalar(sa.select(sa.func.count()).select_from(schema.curated_pair)) or 0
        for number in range(known, known + n):
            row = {"prompt": f"question {number}", "completion": text, "added_by": "test"}
            pair = schema.curated_pair.insert().values(row).returning(schema.curated_pair.c.id)
            pair_id = connection.execute(pair).scalar_one()
            connection.execute(schema.curated_pair_chunk.insert().values(pair_id=pair_id, chunk_id=chunk_id))
