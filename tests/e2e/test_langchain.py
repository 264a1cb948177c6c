"""Curated pairs and no votes make a better generation, and the example in the docs answers from it."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from db.feedback import import_pairs
from db.generations import Encoders, roll_back, serving
from db.settings import Settings
from intake.ingest import ingest_paths
from nightshift.langchain import NightshiftEmbeddings, NightshiftRetriever
from nightshift.running.run import sample_corpus
from retrain.night import build, run_requested_night
from retrain.training import Recipe
from tests.conftest import ROOT
from tests.doubles import Aimock

QUESTION = "how do i get on the night owl rota"
ANSWER = "Offline dispatch [1]."


def example() -> str:
    """The Python of docs/langchain.md."""
    found = re.search(r"```python\n(.*?)```", (ROOT / "docs" / "langchain.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_pairs_alone_make_a_better_generation_and_a_chain_answers_from_it(
    engine: sa.Engine,
    database_url: str,
    tmp_path: Path,
    aimock: Aimock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # the beginnings of passages, once through, are enough to learn from
    monkeypatch.setattr(build, "Recipe", partial(Recipe, max_tokens=64, enough_steps=24))
    settings = Settings(data_dir=tmp_path, database_url=database_url)
    encoders = Encoders(settings)
    ingest_paths(engine, settings, encoders, [sample_corpus()])
    questions = ROOT / "nightshift" / "corpus" / "questions.jsonl"
    assert import_pairs(engine, questions, added_by="test").added > 500
    base = serving(engine)

    night = run_requested_night(engine, settings, encoders, "test")

    assert night.decision == "promoted", night.reasons
    assert night.evidence is not None
    golden = night.evidence["golden"]
    assert golden["n"] > 150
    assert golden["gain"] > 0.02
    assert golden["p"] < 0.05

    retriever = NightshiftRetriever(settings=settings, k=3)
    found = retriever.invoke(QUESTION)
    assert {document.metadata["generation"] for document in found} == {serving(engine).id}
    assert len(found) == 3
    assert NightshiftRetriever(settings=settings, audience_ids=()).invoke(QUESTION) == []
    of_serving = encoders.get(serving(engine)).encode_questions([QUESTION])[0]
    assert NightshiftEmbeddings(settings).embed_query(QUESTION) == pytest.approx(of_serving.tolist(), abs=1e-6)

    aimock.says(ANSWER)
    for name, value in {
        "NIGHTSHIFT_DATA_DIR": str(tmp_path),
        "NIGHTSHIFT_DATABASE_URL": database_url,
        "NIGHTSHIFT_LLM_MODEL": "test",
        "NIGHTSHIFT_LLM_API_KEY": "x",
        "NIGHTSHIFT_LLM_BASE_URL": aimock.base_url,
    }.items():
        monkeypatch.setenv(name, value)
    exec(compile(example(), "docs/langchain.md", "exec"), {})  # noqa: S102
    printed = capsys.readouterr().out
    assert printed.startswith(ANSWER)
    assert "file://" in printed
    [prompt] = aimock.prompts()
    assert "Project Chimera" in prompt
    assert aimock.requests()[0]["temperature"] == 0

    roll_back(engine, "test")
    again = retriever.invoke(QUESTION)
    assert {document.metadata["generation"] for document in again} == {base.id}
