from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from db.generations import Encoders, serving
from db.models import encode_questions
from db.search import Found, read_hits, search
from db.settings import Settings
from intake.ingest import ingest_paths


def test_what_is_found_elsewhere_has_the_texts_that_a_search_gives(tmp_path: Path, engine: sa.Engine) -> None:
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "leave.md").write_text(
        "---\nupdated: 2025-03-01\nowner: People\n---\n# Leave\n\n## Days\n\n25 days.\n"
    )
    (documents / "tea.md").write_text("---\nurl: https://example.org/tea\n---\n# Tea\n\nThere is tea.\n")
    settings = Settings(data_dir=tmp_path / "data", encoder_dtype="float32")
    encoders = Encoders(settings)
    ingest_paths(engine, settings, encoders, [documents])
    generation = serving(engine)
    [question] = encode_questions(encoders.get(generation), ["how many days?"])
    hits = search(engine, generation, question, [1], 5)
    assert len(hits) == 2
    found = [Found(**{name: getattr(hit, name) for name in Found.__slots__}) for hit in hits]
    assert read_hits(engine, found) == hits
    gone = Found(10**6, 1, 1, 0.5, 0.0, 0.0, 0.5)
    assert read_hits(engine, [found[1], gone]) == [hits[1]]
    assert read_hits(engine, []) == []
