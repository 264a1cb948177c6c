"""Finding passages for a question among those that its readers may see."""

from db.search.found import Found, Hit, copy_of
from db.search.ranking import (
    CANDIDATES,
    NOTHING,
    Ints,
    Passages,
    WordScores,
    find_best,
    fuse,
    rank_documents,
    rank_found,
    relevant_ranks,
)
from db.search.statement import search

__all__ = [
    "CANDIDATES",
    "Found",
    "Hit",
    "Ints",
    "NOTHING",
    "Passages",
    "WordScores",
    "copy_of",
    "find_best",
    "fuse",
    "rank_documents",
    "rank_found",
    "relevant_ranks",
    "search",
]
