"""Finding passages for a question among those that its readers may see."""

from db.search.features import QuestionTerms, Said, Written
from db.search.found import DATES, Found, Hit, copy_of, date_of
from db.search.gathering import FoundDocument, gather
from db.search.in_memory import WordsInMemory
from db.search.looking import why_refused, written_found
from db.search.ranking import (
    CANDIDATES,
    NOTHING,
    Ints,
    Passages,
    ReadWritten,
    WordScores,
    find_best,
    fuse,
    rank_documents,
    score_features,
)
from db.search.relevance import Unrelated, nearness, unrelated_to, worth_showing
from db.search.searching import search
from db.search.shelf import read_shelf
from db.search.texts import read_hits, read_written
from db.search.unrelated import keep_unrelated, measure_unrelated, unanswerable_questions, unrelated_of
from db.search.weights import IN_WORDS, changes_in_words
from db.search.why import why_found
from db.search.word_scores import score_words

__all__ = [
    "CANDIDATES",
    "DATES",
    "Found",
    "FoundDocument",
    "Hit",
    "IN_WORDS",
    "Ints",
    "NOTHING",
    "Passages",
    "QuestionTerms",
    "ReadWritten",
    "Said",
    "Unrelated",
    "WordScores",
    "WordsInMemory",
    "Written",
    "changes_in_words",
    "copy_of",
    "date_of",
    "find_best",
    "fuse",
    "gather",
    "keep_unrelated",
    "measure_unrelated",
    "nearness",
    "rank_documents",
    "read_hits",
    "read_shelf",
    "read_written",
    "score_features",
    "score_words",
    "search",
    "written_found",
    "unanswerable_questions",
    "unrelated_of",
    "unrelated_to",
    "why_found",
    "why_refused",
    "worth_showing",
]
