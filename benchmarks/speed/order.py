"""Ordering what was found by how a question's words stand in it, beside the plainest code that reckons the same."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from itertools import cycle, pairwise
from operator import mul
from typing import TYPE_CHECKING

from Stemmer import Stemmer

from benchmarks.speed.measure import OURS, Comparison, Show, take_turns
from benchmarks.speed.prose import PASSAGES_OF_DOCUMENT
from db.search import QuestionTerms, Said, Written
from db.words import tokenizer_of

if TYPE_CHECKING:
    from benchmarks.speed.prose import Prose
    from db.generations import Ranking

PROMISED, PROMISED_S = "5 ms", 0.005
PLAIN = "plain code"
K = 50
"""Passages that a question has ordered."""

OPENING = 30
"""Words that are a passage's opening."""

_LANGUAGES = ("english",)
_WORD = re.compile(r"\w+")


class PlainOrder:
    """Orders passages by what a question's words are in their texts, as the product does, in the fewest lines.

    Their words are in memory already, as the product has those of passages that were found before.

    Args:
        prose: the passages.
        chunk_ids: of each of them.
        ranking: what each feature counts.
    """

    def __init__(self, prose: Prose, chunk_ids: Sequence[int], ranking: Ranking) -> None:
        self._weights = [getattr(ranking, name) for name in Said._fields]
        self._tokenizer = tokenizer_of(_LANGUAGES)
        self._words = {}
        for chunk_id, (title, text) in zip(chunk_ids, _titled(prose), strict=True):
            named, own = self._tokenizer.sequences(title, text)
            self._words[chunk_id] = (tuple(named + own), frozenset(named), frozenset(own[:OPENING]))

    def order(self, question: str, chunk_ids: Sequence[int]) -> list[int]:
        """These passages, the best first."""
        asked = [lexeme for (lexeme,) in self._tokenizer.forms(question)]
        scores = {id_: sum(map(mul, self._weights, count_plainly(asked, *self._words[id_]))) for id_ in chunk_ids}
        return sorted(scores, key=lambda id_: -scores[id_])


def count_plainly(asked: Sequence[str], words: Sequence[str], title: frozenset[str], opening: frozenset[str]) -> Said:
    """What a passage has of a question's different lexemes."""
    return Said(
        len(set(pairwise(asked)).intersection(pairwise(words))) / max(len(asked) - 1, 1),
        len(title.intersection(asked)) / max(len(asked), 1),
        len(opening.intersection(asked)) / max(len(asked), 1),
        math.log1p(len(words)),
    )


def compare_ordering(prose: Prose, questions: Sequence[str], rounds: int, show: Show) -> Comparison:
    """One: each round is the next question and the next passages, which are new where the prose is long enough."""
    written = [Written(title, "", text) for title, text in _titled(prose)]
    shelves = [written[start : start + K] for start in range(0, len(written) - K + 1, K)]

    def each(look: Callable[[str, Sequence[Written]], object]) -> Callable[[], object]:
        following = zip(cycle(questions), cycle(shelves), strict=False)
        return lambda: look(*next(following))

    seconds = take_turns({OURS: each(look), PLAIN: each(look_plainly)}, rounds, show=show)
    limited = {OURS: seconds[OURS], PROMISED: (PROMISED_S,) * rounds, PLAIN: seconds[PLAIN]}
    return Comparison(f"order {K} passages that are new", "question", 1.0, limited)


def look(question: str, passages: Sequence[Written]) -> list[Said]:
    """What each passage has of the question, as a search has it."""
    terms = QuestionTerms(question, _LANGUAGES)
    return [terms.said_by(passage) for passage in passages]


def look_plainly(question: str, passages: Sequence[Written]) -> list[Said]:
    """The same of passages without stop words and identifiers, from the texts alone."""
    stem = Stemmer("english").stemWords

    def lexemes(text: str) -> list[str]:
        return list(stem(_WORD.findall(text.lower())))

    asked = list(dict.fromkeys(lexemes(question)))
    said = []
    for passage in passages:
        title, own = lexemes(passage.title), lexemes(passage.text)
        said.append(count_plainly(asked, title + own, frozenset(title), frozenset(own[:OPENING])))
    return said


def _titled(prose: Prose) -> list[tuple[str, str]]:
    """Each passage's title and text."""
    return [(prose.titles[row // PASSAGES_OF_DOCUMENT], text) for row, text in enumerate(prose.texts)]
