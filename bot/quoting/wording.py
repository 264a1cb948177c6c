"""How much of a question's words a piece of a source has: the same, a misspelt one's, or one that means the like."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from bot.quoting.vocabulary import Vocabulary, Words

SHORTEST_MISSPELT = 4
CLOSENESS = 0.8
"""A word of the question that no source has is taken for the likest one that they have: a letter or two may differ."""

ALIKE = 0.3
"""The least cosine at which a word counts, as much, for another: by all-MiniLM-L6-v2 "car" and "vehicle" have .60,
"sick" and "ill" .45, words that have nothing to do with each other .2 at most. On the sample handbook's own questions
the answer is first among all pieces for .51, for .43 by the same words alone."""

Shares = NDArray[np.float64]
"""How much of each of a question's words something has, (n,), 0 to 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """A question's words, n of them.

    Args:
        forms: the lexemes that each may be found as.
        weights: what each counts, (n,), 1 in all: rare ones more.
        likeness: of each to words of the sources, (n, words).
        columns: of those words.
    """

    forms: tuple[frozenset[str], ...]
    weights: Shares
    likeness: Shares
    columns: Mapping[str, int]

    def same(self, words: Words) -> Shares:
        """1 for each of the question's words that is there itself."""
        return np.array([not forms.isdisjoint(words.lexemes) for forms in self.forms], dtype=np.float64)

    def having(self, words: Words) -> Shares:
        """How much of each of the question's words is there, by the likest one."""
        columns = [self.columns[word] for word in words.written if word in self.columns]
        likest: Shares = self.likeness[:, columns].max(axis=1, initial=0.0)
        return likest.clip(self.same(words))

    def weigh(self, shares: Shares) -> float:
        """What these shares of its words are of all, 0 to 1."""
        return float(self.weights @ shares)


def read_wording(question: str, vocabulary: Vocabulary, pieces: Sequence[Words], contexts: Sequence[Words]) -> Wording:
    """The question's words as these pieces have them, weighted by how few of the pieces do (BM25's idf).

    Args:
        question: as it was searched for.
        vocabulary: the encoder's.
        pieces: what may be quoted.
        contexts: of each, the words of its title and headings.
    """
    known = frozenset[str]().union(*(words.lexemes for words in (*pieces, *contexts)))
    asked = vocabulary.tokenizer.forms(question)
    forms = tuple(frozenset(_spelt(of_word, known)) for of_word in asked)
    theirs = sorted(frozenset[str]().union(*(words.written for words in pieces)))
    likeness = _compare(_written(question, vocabulary, asked), theirs, vocabulary)
    columns = {word: column for column, word in enumerate(theirs)}
    unweighted = Wording(forms, np.ones(len(forms)), likeness, columns)
    frequency = np.sum([unweighted.having(words) for words in pieces], axis=0)
    rarity = np.log1p((len(pieces) - frequency + 0.5) / (frequency + 0.5))
    # what none has tells none from another
    rarity = rarity * ((frequency > 0) | np.any([unweighted.same(words) for words in contexts], axis=0))
    return Wording(forms, rarity / max(rarity.sum(), 1e-9), likeness, columns)


def _written(question: str, vocabulary: Vocabulary, asked: Sequence[tuple[str, ...]]) -> list[str]:
    """Each word as it is written, "" for what isn't plain letters."""
    words = re.findall(r"[^\W\d_]{2,}", question.casefold())
    written = {forms: word for word in words for forms in vocabulary.tokenizer.forms(word)}
    return [written.get(forms, "") for forms in asked]


def _compare(written: Sequence[str], theirs: Sequence[str], vocabulary: Vocabulary) -> Shares:
    """The cosine of each word to each of theirs, (n, words), 0 below `ALIKE`."""
    cosines = np.zeros((len(written), len(theirs)))
    rows = [row for row, word in enumerate(written) if word]
    if rows and theirs:
        cosines[rows] = vocabulary.vectors_of([written[row] for row in rows]) @ vocabulary.vectors_of(theirs).T
    return np.where(cosines >= ALIKE, cosines, 0.0)


def _spelt(forms: Sequence[str], known: Set[str]) -> Iterable[str]:
    if not known.isdisjoint(forms):
        return forms
    return [*forms, *(likest for form in forms for likest in _likest(form, known))]


def _likest(form: str, known: Set[str]) -> list[str]:
    if len(form) < SHORTEST_MISSPELT or not form.isalpha():
        return []
    # people rarely get the first letter wrong, and comparing with few words is fast
    possible = [word for word in known if word[0] == form[0] and abs(len(word) - len(form)) <= 2]
    return get_close_matches(form, sorted(possible), n=1, cutoff=CLOSENESS)
