"""Text as it is in the wild, in any amount and the same for a seed: few words everywhere, most words hardly anywhere.

Words follow Zipf's and Mandelbrot's law (Mandelbrot, *An informational theory of the statistical structure of
language*, 1953), so that ever more come with more text; a document keeps to its topic; lengths are lognormal. What is
measured depends on how many passages have a word and how many words a passage has, and on nothing else of a language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from numpy.random import Generator

VOCABULARY = 400_000
EXPONENT, SHIFT = 1.15, 2.7
WORDS = 80
"""Of a passage, at the median."""
SPREAD = 0.4
"""Of the logarithm of a passage's length."""

PASSAGES_OF_DOCUMENT = 10
DOCUMENTS_OF_TOPIC = 20
WORDS_OF_TOPIC = 300
OF_TOPIC = 0.25
"""Share of a passage's words that are its topic's."""

DIMENSION = 384
OWN = {"topic": 1.0, "document": 0.6, "passage": 0.6}
"""How far a vector goes in its topic's direction, its document's and its own."""
OFF = 0.9
"""How far a question's vector is from the passage that it asks for, beside that passage's length of 1."""

_FUNCTION_WORDS = """the of and to in a is that for it as was with be by on not he i this are or his from at which but
have an had they you were their one all we can her has there been if more when will would who so no""".split()
_CONSONANTS, _VOWELS, _ENDINGS = "bdfgklmnprstvz", "aeiou", ("", "n", "r", "l", "x")

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Prose:
    """Passages, ten of a document after one another, with unit vectors `(n, DIMENSION)` and their documents' titles."""

    texts: Sequence[str]
    titles: Sequence[str]
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions of 5 to 15 words with their vectors `(n, DIMENSION)`; each is about the passage in its place."""

    texts: Sequence[str]
    vectors: Vectors
    about: NDArray[np.int64]


def write_prose(passages: int, *, seed: int = 0) -> Prose:
    """So many passages, the same for a seed; the first ones of a longer text are not those of a shorter one."""
    chance = np.random.default_rng([seed, 1])
    words = np.array([*_FUNCTION_WORDS, *(_word(n) for n in range(VOCABULARY - len(_FUNCTION_WORDS)))], dtype=object)
    documents = -(-passages // PASSAGES_OF_DOCUMENT)
    topics = -(-documents // DOCUMENTS_OF_TOPIC)
    of_topic = chance.integers(len(_FUNCTION_WORDS), VOCABULARY // 20, (topics, WORDS_OF_TOPIC))
    lengths = np.maximum(5, np.exp(chance.normal(np.log(WORDS), SPREAD, passages))).astype(np.int64)
    ranks = _draw(chance, VOCABULARY, int(lengths.sum()))
    topic_of = np.repeat(np.arange(passages) // (PASSAGES_OF_DOCUMENT * DOCUMENTS_OF_TOPIC), lengths)
    own = np.flatnonzero(chance.random(len(ranks)) < OF_TOPIC)
    ranks[own] = of_topic[topic_of[own], _draw(chance, WORDS_OF_TOPIC, len(own))]
    ends = np.cumsum(lengths)
    texts = [" ".join(words[ranks[end - length : end]]) for end, length in zip(ends, lengths, strict=True)]
    named = of_topic[np.arange(documents) // DOCUMENTS_OF_TOPIC, chance.integers(0, WORDS_OF_TOPIC, (3, documents))]
    return Prose(texts, [" ".join(words[title]) for title in named.T], _place(chance, passages, documents, topics))


def ask_about(prose: Prose, questions: int, *, seed: int = 0) -> Asked:
    """So many questions, made of some of a passage's words as they come, frequent ones too."""
    chance = np.random.default_rng([seed, 2])
    about = chance.integers(0, len(prose.texts), questions)
    texts = []
    for row in about.tolist():
        words = prose.texts[row].split()
        texts.append(" ".join(chance.choice(words, min(len(words), int(chance.integers(5, 16))), replace=False)))
    noise = _directions(chance, questions)
    return Asked(texts, _unit(prose.vectors[about] + OFF * noise), about)


def _word(n: int) -> str:
    """The n-th word: shorter ones first, as in languages."""
    syllables = len(_CONSONANTS) * len(_VOWELS)
    word = _ENDINGS[n % len(_ENDINGS)]
    n = n // len(_ENDINGS) + syllables
    while n:
        n, syllable = divmod(n, syllables)
        word = _CONSONANTS[syllable // len(_VOWELS)] + _VOWELS[syllable % len(_VOWELS)] + word
    return word


def _draw(chance: Generator, words: int, n: int) -> NDArray[np.int64]:
    """`n` ranks from 0, of so many words."""
    weights = (np.arange(words) + 1 + SHIFT) ** -EXPONENT
    shares = np.cumsum(weights / weights.sum())
    return np.minimum(np.searchsorted(shares, chance.random(n)), words - 1).astype(np.int64)


def _place(chance: Generator, passages: int, documents: int, topics: int) -> Vectors:
    document_of = np.arange(passages) // PASSAGES_OF_DOCUMENT
    centres = _directions(chance, documents) * OWN["document"]
    centres += OWN["topic"] * _directions(chance, topics)[np.arange(documents) // DOCUMENTS_OF_TOPIC]
    return _unit(centres[document_of] + OWN["passage"] * _directions(chance, passages))


def _directions(chance: Generator, n: int) -> Vectors:
    return _unit(chance.standard_normal((n, DIMENSION), dtype=np.float32))


def _unit(vectors: Vectors) -> Vectors:
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
