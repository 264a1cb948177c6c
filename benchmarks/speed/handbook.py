"""What everything is measured on: the sample corpus's passages and questions, as long as real ones are."""

from __future__ import annotations

import json

from bot.chunking import split_document
from bot.extract import extract_document
from db.document import draft_chunk
from db.settings import Settings
from nightshift.sample import sample_corpus


def handbook_passages() -> list[str]:
    """Every passage, as it is encoded."""
    settings = Settings()
    passages = []
    for path in sorted(sample_corpus().rglob("*.md")):
        extracted = extract_document(path.read_bytes(), path)
        pieces = split_document(
            extracted.text, settings.chunk_size, settings.chunk_overlap, headings=extracted.headings
        )
        passages += [draft_chunk(extracted.title, piece.section, piece.text).encoded for piece in pieces]
    return passages


def handbook_questions() -> list[str]:
    """Every question that comes with it."""
    lines = (sample_corpus().parent / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["prompt"] for line in lines]
