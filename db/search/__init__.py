"""Finding passages for a question among those that its readers may see."""

from db.search.found import Found, Hit, copy_of
from db.search.gathering import FoundDocument, gather
from db.search.in_memory import WordsInMemory
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
)
from db.search.searching import search
from db.search.shelf import read_shelf
from db.search.texts import read_hits
from db.search.word_scores import score_words

__all__ = [
    "CANDIDATES",
    "Found",
    "FoundDocument",
    "Hit",
    "Ints",
    "NOTHING",
    "Passages",
    "WordScores",
    "WordsInMemory",
    "copy_of",
    "find_best",
    "fuse",
    "gather",
    "rank_documents",
    "rank_found",
    "read_hits",
    "read_shelf",
    "score_words",
    "search",
]
