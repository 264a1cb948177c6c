"""The tuned index in LangChain: a retriever and embeddings that always are the serving generation's."""

from __future__ import annotations

import atexit
import threading
from contextlib import ExitStack
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig
from pydantic import Field, PrivateAttr

from db.chat import traced_as_set
from db.corpus import PUBLIC_AUDIENCE_ID
from db.generations import Encoders, Generation, Pins
from db.models import SentenceEncoder, encode_questions
from db.search import CANDIDATES, search
from db.settings import Settings, load_settings
from db.store import open_store


class NightshiftEmbeddings(Embeddings):
    """Embeds with the encoder that serves at the moment of the call; settings come from the environment by default.

    After a promotion the same text gets another vector, of another dimension maybe. To search what Nightshift stores,
    use `NightshiftRetriever`, which takes encoder and vectors from one generation.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._store = _store_of(settings)

    def embed_query(self, text: str) -> list[float]:
        """The question's vector, of length 1.

        Raises:
            EmptyCorpusError: nothing was ever ingested.
        """
        _, encoder = self._store.pin()
        return [float(value) for value in encoder.encode_questions([text])[0]]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Each passage's vector, of length 1; `db.models.encoder.passage_text` makes what Nightshift encodes."""
        _, encoder = self._store.pin()
        return [[float(value) for value in row] for row in encoder.encode_passages(texts)]


class NightshiftRetriever(BaseRetriever):
    """Finds the `k` best chunks that these audiences may see, in the order in which the bot has them, copies once.

    Settings come from the environment unless they are given. Without `audience_ids` only public documents are found.
    Called by itself it is traced as `langsmith_tracing` says, whatever LangSmith's variables say; in a chain, by the
    tracers that chain hands on.
    """

    k: int = Field(5, ge=1, description="How many chunks to return.")
    audience_ids: tuple[int, ...] = Field((PUBLIC_AUDIENCE_ID,), description="Who will see what is found.")
    settings: Settings | None = None
    _store: _Store = PrivateAttr()

    def model_post_init(self, _context: object) -> None:
        """Finds the store that all faces with the same settings share."""
        self._store = _store_of(self.settings)

    def invoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[Document]:  # noqa: A002, ANN401
        """Finds what the question is about, best first.

        Raises:
            EmptyCorpusError: nothing was ever ingested.
        """
        with traced_as_set(self._store.settings):
            return super().invoke(input, config, **kwargs)

    async def ainvoke(self, input: str, config: RunnableConfig | None = None, **kwargs: Any) -> list[Document]:  # noqa: A002, ANN401
        """The same, in a thread of its own."""
        with traced_as_set(self._store.settings):
            return await super().ainvoke(input, config, **kwargs)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        """Raises EmptyCorpusError where nothing was ever ingested."""
        generation, encoder = self._store.pin()  # once: encoder and vectors must be of one generation
        [question] = encode_questions(encoder, [query])
        hits = search(self._store.engine, generation, question, self.audience_ids, max(self.k, CANDIDATES))
        best_of_copies = {hit.copy: hit for hit in reversed(hits)}
        return [
            Document(
                id=str(hit.chunk_id),
                page_content=hit.text,
                metadata={
                    "source": hit.uri,
                    "place": hit.place,
                    "title": hit.title,
                    "section": hit.section,
                    "similarity": hit.similarity,
                    "words": hit.words,
                    "score": hit.score,
                    "generation": generation.id,
                },
            )
            for hit in hits
            if best_of_copies[hit.copy] is hit
        ][: self.k]


class _Store:
    """A store and its encoders, opened when first needed and closed when the process ends."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._opening = threading.Lock()

    @property
    def engine(self) -> sa.Engine:
        with self._opening:
            return self._engine

    @cached_property
    def _engine(self) -> sa.Engine:
        stack = ExitStack()
        engine = stack.enter_context(open_store(self.settings))
        atexit.register(stack.close)
        return engine

    def pin(self) -> tuple[Generation, SentenceEncoder]:
        """The generation that serves now, with its encoder; the one before where its model can't be used."""
        return self._pins.pin()

    @cached_property
    def _pins(self) -> Pins:
        return Pins(self.engine, Encoders(self.settings, self.engine))


_stores: list[tuple[Settings, _Store]] = []
_finding = threading.Lock()


def _store_of(settings: Settings | None) -> _Store:
    """The one store of these settings: faces share its connections and its encoders in memory."""
    settings = settings or load_settings()
    with _finding:
        known = next((store for own, store in _stores if own == settings), None)
        if known is None:
            known = _Store(settings)
            _stores.append((settings, known))
        return known
