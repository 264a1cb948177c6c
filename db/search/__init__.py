"""Finding passages for a question among those that its readers may see."""

from db.search.ranking import NOTHING, Hit, Ints, rank_documents, relevant_ranks
from db.search.statement import search

__all__ = [
    "Hit",
    "Ints",
    "NOTHING",
    "rank_documents",
    "relevant_ranks",
    "search",
]
