"""Hits that no search found, for tests of what is made of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from db.search import FoundDocument, Hit, copy_of


def hit(chunk_id: int = 1, text: str = "28 days.", **values: Any) -> Hit:  # noqa: ANN401 - a hit's fields
    """One of a document of its own, as the vectors alone would find it, unless other `values` are given."""
    similarity = values.get("similarity", 0.9)
    usual = {
        "document_id": chunk_id,
        "copy": copy_of(text),
        "similarity": similarity,
        "words": 0.0,
        "coverage": 0.0,
        "score": similarity,
        "text_hash": b"",
        "title": "Leave",
        "uri": "",
        "section": "",
        "ordinal": 0,
        "owner": None,
        "dated": date(2026, 3, 1),
        "place": "",
    }
    return Hit(chunk_id=chunk_id, text=text, **(usual | values))


def alone(*hits: Hit) -> list[FoundDocument[Hit]]:
    """Documents of one passage each."""
    return [FoundDocument((hit,)) for hit in hits]
