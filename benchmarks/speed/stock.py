"""A store of its own with so many passages of made text, loaded and indexed as a team's would be."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from benchmarks.speed.measure import Show
from benchmarks.speed.prose import PASSAGES_OF_DOCUMENT, Asked, Prose, ask_about, write_prose
from db.corpus import PUBLIC_AUDIENCE_ID, DocumentDraft, draft_chunk, write_documents
from db.generations import build_and_measure_index, ensure_base_generation
from db.models import EncodedQuestion
from db.settings import Settings
from db.store import open_store, raw_connection
from db.words import merge_words

if TYPE_CHECKING:
    from db.generations import Generation

FEW = 0.01
"""Share of the documents that the readers of one channel may see."""

_BATCH = 85  # documents a transaction, about as many as a pass over a source writes at once
_QUESTIONS = 200


@dataclass(frozen=True, slots=True)
class Stock:
    """What is searched: every document is public but those of `few`, an audience that sees nothing else."""

    engine: sa.Engine
    settings: Settings
    generation: Generation
    prose: Prose
    asked: Asked
    few: int

    @property
    def everyone(self) -> list[int]:
        """The audiences of who may see all."""
        return [PUBLIC_AUDIENCE_ID, self.few]

    @property
    def questions(self) -> list[EncodedQuestion]:
        """The questions as `search` takes them."""
        return encoded(self.asked)


@contextmanager
def stocked_store(passages: int, show: Show = lambda done, total: None) -> Iterator[Stock]:
    """An embedded server of its own; `show` is told of each passage that is in."""
    prose = write_prose(passages)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)  # root's server runs in another account
        settings = Settings(data_dir=Path(folder), database_url=None, direct_database_url=None)
        with open_store(settings, bounded=False) as engine:
            generation = ensure_base_generation(engine, settings)
            few = add_audience(engine, "few")
            load(engine, drafts_of(prose, few), prose, show)
            merge_words(engine, after_load=True)
            asked = ask_about(prose, _QUESTIONS)
            measured, _ = build_and_measure_index(
                engine, generation, settings.index_recall_floor, ask_about(prose, _QUESTIONS, seed=1).vectors
            )
            with raw_connection(engine) as raw:
                raw.execute("ANALYZE")
            yield Stock(engine, settings, measured, prose, asked, few)


def encoded(asked: Asked) -> list[EncodedQuestion]:
    """Questions with their vectors, as if an encoder had been asked."""
    return [EncodedQuestion(text, vector) for text, vector in zip(asked.texts, asked.vectors, strict=True)]


def drafts_of(prose: Prose, few: int | None = None) -> list[DocumentDraft]:
    """Its documents; one in a hundred is seen by the audience `few` alone, if there is one."""
    drafts = []
    for number, title in enumerate(prose.titles):
        own = prose.texts[number * PASSAGES_OF_DOCUMENT : (number + 1) * PASSAGES_OF_DOCUMENT]
        audience = few if few is not None and number % round(1 / FEW) == 0 else PUBLIC_AUDIENCE_ID
        chunks = [draft_chunk(title, "", text) for text in own]
        drafts.append(DocumentDraft(f"made:{number}", title, b"", chunks, audience_id=audience))
    return drafts


def load(
    engine: sa.Engine,
    drafts: Sequence[DocumentDraft],
    prose: Prose,
    show: Show = lambda done, total: None,
) -> None:
    """Writes the documents with the vectors that their passages have in the prose."""
    row_of = rows_of(drafts)
    for start in range(0, len(drafts), _BATCH):
        write_documents(
            engine, drafts[start : start + _BATCH], lambda _, texts: prose.vectors[[row_of[text] for text in texts]]
        )
        show(min(start + _BATCH, len(drafts)), len(drafts))


def rows_of(drafts: Sequence[DocumentDraft]) -> Mapping[str, int]:
    """The place of each passage by its text as it is encoded."""
    return {chunk.encoded: row for row, chunk in enumerate(chunk for draft in drafts for chunk in draft.chunks)}


def add_audience(engine: sa.Engine, name: str) -> int:
    """A channel of its own."""
    query = "INSERT INTO audience (workspace, kind, name) VALUES ('benchmark', 'channel', %s) RETURNING id"
    with raw_connection(engine) as raw:
        made = raw.execute(query, (name,)).fetchone()
    return int(made[0]) if made else 0
