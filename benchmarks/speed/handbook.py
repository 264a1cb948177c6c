"""What everything is measured on: the sample corpus's passages and questions, as long as real ones are."""

from __future__ import annotations

import json

from db.settings import Settings
from intake import draft_chunks
from nightshift.corpus.sample import sample_corpus


def handbook_passages() -> list[str]:
    """Every passage, as it is encoded."""
    settings = Settings()
    passages = []
    for path in sorted(sample_corpus().rglob("*.md")):
        passages += [chunk.encoded for chunk in draft_chunks(settings, path.read_bytes(), path)[1]]
    return passages


def handbook_questions() -> list[str]:
    """Every question that comes with it."""
    lines = (sample_corpus().parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["prompt"] for line in lines]
