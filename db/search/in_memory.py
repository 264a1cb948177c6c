"""Words' scores of passages that no store holds, from all of their postings in memory; the same as the store's."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from db.search.ranking import WordScores
from db.search.statement import WORDS_SCORED
from db.search.word_scores import Listed, score_text
from db.words import DEFAULT_LANGUAGES, stored_impact, tokenizer_of


class WordsInMemory:
    """Scores questions against passages; a passage's id is its place.

    Args:
        passages: as they are encoded, see `db.models.passage_text`.
        languages: that they are written in.
    """

    def __init__(self, passages: Sequence[str], languages: tuple[str, ...] = DEFAULT_LANGUAGES) -> None:
        self._languages = languages
        self._count = len(passages)
        counted = [tokenizer_of(languages).count(passage) for passage in passages]
        average = sum(own.length for own in counted) / max(len(counted), 1) or 1.0
        places: dict[str, array[int]] = defaultdict(lambda: array("q"))
        impacts: dict[str, array[int]] = defaultdict(lambda: array("q"))
        for place, own in enumerate(counted):
            times = np.fromiter(own.times.values(), np.int64, len(own.times))
            for lexeme, impact in zip(own.times, stored_impact(times, np.array([own.length]), average), strict=True):
                places[lexeme].append(place)
                impacts[lexeme].append(impact)
        self._listed = {
            lexeme: Listed(len(own), np.array(own, dtype=np.int64), np.array(impacts[lexeme], dtype=np.int64))
            for lexeme, own in places.items()
        }

    def score(self, texts: Sequence[str], audience_ids: Sequence[int] | None = None) -> list[WordScores]:
        """Each question's scores, as `score_words` has them; everybody sees all passages, whatever the audiences."""
        return [self._score(text) for text in texts]

    def _score(self, text: str) -> WordScores:
        return score_text(text, self._languages, self._listed, self._count, None, WORDS_SCORED)
