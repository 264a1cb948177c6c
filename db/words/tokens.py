"""From a text to its lexemes: what words it is found by, in the language it is written in; pure.

A word is folded in case and form, and cut to its stem (Snowball). Stop words are left out. Scripts without spaces are
taken by pairs of characters. What is written together, as `PROJ-1234`, `v2.5` or `ERR_CONN_RESET`, is found by its
parts and, where it looks like an identifier, whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from operator import add
from typing import NamedTuple, TypeVar

from Stemmer import Stemmer

from db.words.synonyms import written_out

VERSION = 3
"""Of what this module makes of a text: other lexemes, another version, and the words are indexed anew."""

LONGEST = 64
"""Characters of the longest lexeme: longer words are cut, and longer identifiers are found by their parts alone."""

_CACHED = 100_000
"""Words, and words with their punctuation, that are remembered with their lexemes."""

# letters and digits, and the marks that some scripts write vowels and accents with, which are no letters to Python
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed"
    "\u0900-\u0963\u0966-\u0df3\u0e31-\u0e4e\u0eb1-\u0ece\u0f71-\u0f84\u102b-\u103e\u17b4-\u17d3\u200c\u200d"
)
IN_WORD = rf"[\w{_MARKS}]"
"""A letter, digit or mark, as a pattern."""

_RUN = re.compile(rf"{IN_WORD}+(?:[-/.:@]{IN_WORD}+)*(?:\+\+|#(?!\w))?")
_ASCII_RUN = re.compile(_RUN.pattern.replace(IN_WORD, "[a-z0-9_]"))  # the same, in half the time
_BETWEEN_PARTS = re.compile(r"[-_.:@+#]+")
# names with signs in them, numbers of tickets, dates; not COVID-19, which counted once more would outweigh the rest
_IDENTIFIER = re.compile(r"[_.:@+#]|^[^\W\d_]+-\d{3,}$|^\d+(?:-\d+)+$")
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_BY_PAIRS = re.compile(f"[{_UNSPACED}]+")
_OF_ONE_SCRIPT = re.compile(f"[{_UNSPACED}]+|[^{_UNSPACED}/]+")
_UNSEEN = re.compile("[\u00ad\u200b\u2060\ufeff]+")
"""Where a long word may be broken, and the like: people don't type it."""

Made = TypeVar("Made")


class Counted(NamedTuple):
    """How often a passage has each of its lexemes, and its length in words: of an identifier only the parts count.

    `languages` are those of the tokenizer that made it.
    """

    times: Mapping[str, int]
    length: int
    languages: tuple[str, ...]


class Tokenizer:
    """Makes lexemes of texts in one or several languages; safe to use from several threads.

    Of several languages a text is in the one whose stop words it has most of, the first of those that tie.

    Args:
        languages: Snowball's names, as "english"; at least one.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        self._names = tuple(languages)
        self._languages = tuple(map(_Language, self._names))

    def count(self, passage: str) -> Counted:
        """The lexemes of a passage, in the language that it is in."""
        tokens = _fold(passage).split()
        lexemes = self._languages_of(tokens)[0].lexemes_in(tokens)
        times = Counter(lexemes)
        wholes = 0 if "".join(times).isalnum() else sum(n for lexeme, n in times.items() if _is_whole(lexeme))
        return Counted(times, len(lexemes) - wholes, self._names)

    def sequences(self, *parts: str) -> list[list[str]]:
        """The lexemes of a passage's parts as they follow one another, in the language that all of it is in."""
        tokens = [_fold(part).split() for part in parts]
        language = self._languages_of(list(chain.from_iterable(tokens)))[0]
        return [language.lexemes_in(own) for own in tokens]

    def forms(self, question: str) -> list[tuple[str, ...]]:
        """The different words of a question, each as the lexemes that passages may have it as: no lexeme is in two.

        A passage mostly has one of them, that of its own language. Where there is one language, so is one form.
        """
        tokens = _fold(question).split()
        left_out = frozenset[str]().union(*(language.stop_words for language in self._languages_of(tokens)))
        words = (word for token in tokens for word in _words_in(token) if word not in left_out)
        return _unite(tuple(self._lexemes_of(word)) for word in words)

    def _lexemes_of(self, word: str) -> Iterator[str]:
        return (lexeme for language in self._languages for lexeme in language.lexemes_of(word))

    def _languages_of(self, tokens: Sequence[str]) -> Sequence[_Language]:
        """Those that a text may be in: several where none has more of its stop words than the others."""
        if len(self._languages) == 1:
            return self._languages
        had = [language.count_stop_words(tokens) for language in self._languages]
        return [language for language, times in zip(self._languages, had, strict=True) if times == max(had)]


@lru_cache(maxsize=16)
def tokenizer_of(languages: tuple[str, ...]) -> Tokenizer:
    """The tokenizer of these languages, made once: what it remembers of words makes it fast."""
    return Tokenizer(languages)


class _Language:
    """Stop words and stems of one language. What was met of it is remembered: most of a text's tokens were met before.

    A *token* is what stands between white space, folded: a word with its punctuation, as it is found at once.
    """

    def __init__(self, name: str) -> None:
        self.stop_words = _read_stop_words(name)
        self._stem = Stemmer(name, 0).stemWord  # 0: nothing remembered there, where threads would share it
        self._of_word = _Known(self._make)
        self._of_token = _Known(self._read)
        self._stop_words_of = _Known(self._read_stop_words)

    def lexemes_in(self, tokens: Sequence[str]) -> list[str]:
        """The lexemes of these tokens as they follow one another."""
        return list(chain.from_iterable(map(self._of_token.__getitem__, tokens)))

    def count_stop_words(self, tokens: Sequence[str]) -> int:
        """How many of these tokens' runs are stop words."""
        return sum(map(self._stop_words_of.__getitem__, tokens))

    def lexemes_of(self, word: str) -> tuple[str, ...]:
        """The one of a word or identifier; none of a stop word."""
        return self._of_word[word]

    def _make(self, word: str) -> tuple[str, ...]:
        if word in self.stop_words:
            return ()
        return ((word if _BETWEEN_PARTS.search(word) else self._stem(written_out(word)))[:LONGEST],)

    def _read(self, token: str) -> tuple[str, ...]:
        return tuple(chain.from_iterable(map(self._of_word.__getitem__, _words_in(token))))

    def _read_stop_words(self, token: str) -> int:
        return sum(run in self.stop_words for run in _find_runs(token))


class _Known(dict[str, Made]):
    """What was made of texts that were met; that of others is made as it is asked for."""

    def __init__(self, make: Callable[[str], Made]) -> None:
        self._make = make

    def __missing__(self, text: str) -> Made:
        made = self._make(text)
        if len(self) >= _CACHED:
            self.clear()
        if len(text) <= LONGEST:
            self[text] = made
        return made


def _is_whole(lexeme: str) -> bool:
    """Whether it is an identifier, whose parts are lexemes too."""
    return not lexeme.isalnum() and _BETWEEN_PARTS.search(lexeme) is not None


def _read_stop_words(language: str) -> frozenset[str]:
    file = files("db.words") / "stop" / f"{language}.txt"
    return frozenset(_fold(file.read_text("utf-8")).split()) if file.is_file() else frozenset()


def _unite(words: Iterable[Sequence[str]]) -> list[tuple[str, ...]]:
    """Words that share a form are one, with the forms of all."""
    united: dict[int, dict[str, None]] = {}
    place_of: dict[str, int] = {}
    for number, forms in enumerate(words):
        places = sorted({place_of[form] for form in forms if form in place_of}) or [number]
        word = united.setdefault(places[0], {})
        word.update(dict.fromkeys(forms))
        for place in places[1:]:
            word.update(united.pop(place))
        place_of.update(dict.fromkeys(word, places[0]))
    return [tuple(word) for word in united.values() if word]


def _find_runs(token: str) -> list[str]:
    return (_ASCII_RUN if token.isascii() else _RUN).findall(token)


def _words_in(token: str) -> list[str]:
    return [word for run in _find_runs(token) for word in _split(run)]


def compose(text: str) -> str:
    """A text in the form that its lexemes are made of, its case kept: each sign one character, where there is one."""
    return text if text.isascii() else _UNSEEN.sub("", unicodedata.normalize("NFKC", text))


def blank_unspaced(text: str) -> str:
    """A text with spaces for the characters of scripts that have none between words, of which no word can be told."""
    return text if text.isascii() else re.sub(f"[{_UNSPACED}]", " ", text)


def _fold(text: str) -> str:
    return text.lower() if text.isascii() else compose(text).casefold()


def _split(run: str) -> list[str]:
    """What is written together: its parts, and those wholes of them that look like identifiers."""
    if run.isascii() and run.isalnum():
        return [run]
    words = []
    for piece in _cut_pieces(run):
        if _BY_PAIRS.match(piece):
            words += _pairs(piece)
            continue
        parts = [part for part in _BETWEEN_PARTS.split(piece) if part]
        words += parts
        if parts and parts != [piece] and len(piece) <= LONGEST and _IDENTIFIER.search(piece):
            words.append(piece)
    return words


def _cut_pieces(run: str) -> list[str]:
    """What stands between slashes, and between scripts with spaces and those without: a code is whole beside both."""
    if run.isascii() or not _BY_PAIRS.search(run):
        return run.split("/")
    return [piece.strip("-_.:@") for piece in _OF_ONE_SCRIPT.findall(run)]


def _pairs(characters: str) -> list[str]:
    return list(map(add, characters, characters[1:])) or [characters]
