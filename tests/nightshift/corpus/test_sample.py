"""The sample corpus as the regression set of a night that learns from other documents."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from db.settings import Settings
from intake.drafting import draft_chunks
from nightshift.corpus.sample import MAX_QUESTIONS, regression_set, sample_corpus
from tests.corpus import add_document

SETTINGS = Settings(data_dir=Path("unused"))


def test_it_is_the_same_set_each_time(engine: sa.Engine) -> None:
    add_document(engine, "Parking", [("", "Permits are handed out at the front desk.")])
    found = regression_set(engine, SETTINGS)
    assert found is not None
    assert found == regression_set(engine, SETTINGS)
    assert len(found.questions) == len(set(found.questions)) == len(found.relevant) == MAX_QUESTIONS
    assert len(found.passages) == len(found.document_of_passage) > 97
    documents = {document for relevant in found.relevant for document in relevant}
    assert documents < set(found.document_of_passage) == set(range(97))


def test_what_the_store_holds_is_nobodys_regression(engine: sa.Engine) -> None:
    path = sample_corpus() / "chimera" / "roadmap-q3-2026.md"
    _, drafts = draft_chunks(SETTINGS, path.read_bytes(), path)
    add_document(engine, "Under another title", [(draft.section, draft.text) for draft in drafts])
    assert regression_set(engine, SETTINGS) is None
