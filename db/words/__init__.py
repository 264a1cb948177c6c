"""The words of passages, by which they are found beside their meaning: BM25 from plain tables."""

from db.words.bm25 import SCALE, idf, stored_impact
from db.words.copying import packed_cursor
from db.words.merging import merge_words
from db.words.postings import DEFAULT_LANGUAGES, Indexed, Passage, move_words, read_indexed, write_words
from db.words.question_words import (
    NamedThing,
    QuestionWords,
    UnknownWord,
    lexemes_to_count,
    read_question_words,
    weigh_words,
)
from db.words.rebuild import count_wordless, ensure_words, rebuild_words, set_languages, why_stale
from db.words.synonyms import written_out
from db.words.tokens import Counted, Tokenizer, tokenizer_of

__all__ = [
    "Counted",
    "DEFAULT_LANGUAGES",
    "Indexed",
    "NamedThing",
    "Passage",
    "QuestionWords",
    "SCALE",
    "Tokenizer",
    "count_wordless",
    "ensure_words",
    "UnknownWord",
    "idf",
    "lexemes_to_count",
    "merge_words",
    "move_words",
    "packed_cursor",
    "read_indexed",
    "rebuild_words",
    "set_languages",
    "stored_impact",
    "read_question_words",
    "tokenizer_of",
    "weigh_words",
    "why_stale",
    "write_words",
    "written_out",
]
