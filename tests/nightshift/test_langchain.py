"""The retriever called by itself is traced as our own setting says; in a chain, as the chain is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers.langchain import wait_for_all_tracers
from langsmith import run_trees
from langsmith import utils as langsmith_utils

from db import schema
from db.settings import Settings
from nightshift.langchain import NightshiftEmbeddings, NightshiftRetriever
from tests.corpus import add_base_generation, add_document, embed
from tests.db.chat.test_tracing import LangSmith, langsmith

__all__ = ["langsmith"]


@pytest.fixture
def theirs(langsmith: LangSmith, monkeypatch: pytest.MonkeyPatch) -> Iterator[LangSmith]:
    """Somebody's variables turn tracing on; what langsmith remembers of them is forgotten before and after."""
    for name in ("LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("LANGSMITH_API_KEY", "k")
    monkeypatch.setenv("LANGSMITH_ENDPOINT", langsmith.address)
    monkeypatch.setattr(run_trees, "_CLIENT", None)
    langsmith_utils.get_env_var.cache_clear()
    yield langsmith
    wait_for_all_tracers()
    langsmith_utils.get_env_var.cache_clear()


@pytest.fixture
def settings(engine: sa.Engine, database_url: str, tmp_path: Path) -> Settings:
    add_base_generation(engine)
    embed(engine, add_document(engine, "Parking", [("", "Visitors park on the north side.")]))
    return Settings(data_dir=tmp_path, database_url=database_url, encoder_dtype="float32")


async def test_by_itself_it_sends_nothing(theirs: LangSmith, settings: Settings) -> None:
    retriever = NightshiftRetriever(settings=settings)
    found = [retriever.invoke("Where do visitors park?"), await retriever.ainvoke("Where do visitors park?")]
    assert [[document.metadata["title"] for document in documents] for documents in found] == [["Parking"]] * 2
    wait_for_all_tracers()
    assert theirs.got == []


def test_with_our_own_setting_it_is_traced(theirs: LangSmith, settings: Settings) -> None:
    traced = settings.model_copy(update={"langsmith_tracing": True})
    assert NightshiftRetriever(settings=traced).invoke("Where do visitors park?")
    wait_for_all_tracers()
    assert theirs.got


def test_in_a_chain_that_is_traced_it_works_as_part_of_it(theirs: LangSmith, settings: Settings) -> None:
    chain = RunnableLambda(str.strip) | NightshiftRetriever(settings=settings)
    assert chain.invoke(" Where do visitors park? ")[0].metadata["title"] == "Parking"
    wait_for_all_tracers()
    assert theirs.got


def test_it_finds_by_words_too_as_the_bot_does_and_copies_once(
    engine: sa.Engine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGSMITH_TRACING", "false")
    texts = ["Error PROJ-1234 means that the gate is closed.", *(f"Error number {n} of the gate." for n in range(4))]
    for title in "Errors", "Copied errors":
        embed(engine, add_document(engine, title, [("", text) for text in texts]))
    found = NightshiftRetriever(settings=settings, k=6).invoke("proj-1234")
    assert (found[0].page_content, found[0].metadata["title"]) == (texts[0], "Errors")
    assert found[0].metadata["words"] > 0.5
    scores = [document.metadata["score"] for document in found]
    assert scores == sorted(scores, reverse=True)
    assert len({document.page_content for document in found}) == len(found) == 6


def test_a_passage_says_where_in_its_document_it_opens(engine: sa.Engine, settings: Settings) -> None:
    with engine.begin() as connection:
        connection.execute(schema.chunk.update().values(place="#page=3"))
    [found] = NightshiftRetriever(settings=settings).invoke("Where do visitors park?")
    assert (found.metadata["source"], found.metadata["place"]) == ("https://docs.example.com/parking", "#page=3")


def test_vectors_of_passages_and_questions_are_the_serving_generation_s(settings: Settings) -> None:
    embeddings = NightshiftEmbeddings(settings=settings)
    texts = ["Visitors park on the north side.", "The canteen opens at noon."]
    passages, question = embeddings.embed_documents(texts), embeddings.embed_query("Where do visitors park?")
    assert np.allclose(np.linalg.norm([*passages, question], axis=1), 1, atol=1e-5)
    assert np.argmax(np.array(passages) @ np.array(question)) == 0
    assert embeddings.embed_documents([]) == []
