"""The words of passages, by which they are found beside their meaning: BM25 from plain tables."""

from db.words.bm25 import SCALE, idf
from db.words.postings import DEFAULT_LANGUAGES, Indexed, Passage, move_words, read_indexed, write_words
from db.words.tokens import Tokenizer, tokenizer_of

__all__ = [
    "DEFAULT_LANGUAGES",
    "Indexed",
    "Passage",
    "SCALE",
    "Tokenizer",
    "idf",
    "move_words",
    "read_indexed",
    "tokenizer_of",
    "write_words",
]
