"""What a question's words are to those who may see some of the passages: how much they tell, and which are unknown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from db.store import RawConnection, reading_connection
from db.words.bm25 import idf
from db.words.naming import find_identifiers, find_names, find_numbered, is_year
from db.words.tokens import IN_WORD, Tokenizer, compose, tokenizer_of

_SHORTEST = 3
"""Letters of a word that is missed: shorter ones are fillers, or pairs of characters of a script without spaces."""

_WORD = re.compile(rf"{IN_WORD}+(?:['’-]{IN_WORD}+)*")
_JOINED = re.compile(rf"{IN_WORD}+(?:[-/_.:@'’]{IN_WORD}+)*")

Holding = Callable[[str], int]
"""How many passages have a lexeme."""


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """A word of a question, as it was typed, with its lexeme, which no passage has; `names` one thing alone, or not."""

    typed: str
    lexeme: str
    names: bool


@dataclass(frozen=True, slots=True)
class NamedThing:
    """A thing that a question names, as it was typed, and the lexemes that a passage says it in, side by side.

    Each of `lexemes` is a word in all forms that it may have.
    """

    typed: str
    lexemes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class QuestionWords:
    """What the words of a question tell.

    Args:
        worth: idf of those that passages have, in units of a word that none has: of how many rare words they are worth.
        unknown: those that no passage has; numbers are among them only where they name a thing.
        has_known_name: an identifier or acronym stands in a passage; years don't count, which stand in many.
        named: the things it names whose words passages have, each somewhere.
    """

    worth: float
    unknown: tuple[UnknownWord, ...] = ()
    has_known_name: bool = False
    named: tuple[NamedThing, ...] = ()


def weigh_words(question: str, languages: tuple[str, ...], passages: int, holding: Holding) -> QuestionWords:
    """What the words of a question tell where so many passages may be seen, of which `holding` have each lexeme."""
    tokenizer = tokenizer_of(languages)
    question = compose(question)
    known = [n for forms in tokenizer.forms(question) if (n := sum(map(holding, forms)))]
    worth = sum(idf(passages, min(n, passages)) for n in known) / idf(passages, 0)  # one may have several forms
    identifiers = find_identifiers(question, lambda word: not tokenizer.forms(word))
    names = find_names(question, languages)
    unknown = {
        word.lexeme: word
        for words, names_one in ((_WORD.findall(question), False), (names, True), (identifiers, True))
        for typed in words
        for word in _unknown_in(typed, tokenizer, holding, names=names_one)
    }
    missed = {word.typed for word in unknown.values()}
    has_known = any(tokenizer.forms(name) and name not in missed for name in identifiers if not is_year(name))
    numbered = find_numbered(question, lambda word: not tokenizer.forms(word))
    named = (_thing(typed, tokenizer) for typed in dict.fromkeys((*names, *identifiers, *numbered)))
    known_things = (one for one in named if one.lexemes and all(any(map(holding, forms)) for forms in one.lexemes))
    return QuestionWords(worth, tuple(unknown.values()), has_known, tuple(known_things))


def read_question_words(
    engine: sa.Engine, questions: Sequence[str], languages: tuple[str, ...], audience_ids: Sequence[int] | None
) -> list[QuestionWords]:
    """What the words of each question tell to who sees these audiences; None sees everything. In one statement."""
    forms = (form for question in questions for forms in lexemes_to_count(question, languages) for form in forms)
    with reading_connection(engine) as (raw, _):
        passages, holding = _count(raw, sorted(set(forms)), audience_ids)
    return [weigh_words(question, languages, passages, lambda lexeme: holding.get(lexeme, 0)) for question in questions]


def lexemes_to_count(question: str, languages: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The forms that `weigh_words` asks for: of each word by itself too, as alone it may be in another language."""
    tokenizer = tokenizer_of(languages)
    yield from tokenizer.forms(question)
    if len(languages) > 1:
        for word in _JOINED.findall(compose(question)):
            yield from tokenizer.forms(word)


def _thing(typed: str, tokenizer: Tokenizer) -> NamedThing:
    """Of an identifier the parts: passages have them beside the whole, or where it is written in another way."""
    return NamedThing(typed, tuple(forms for forms in tokenizer.forms(typed) if forms[0].isalnum()))


def _unknown_in(typed: str, tokenizer: Tokenizer, holding: Holding, *, names: bool) -> Iterator[UnknownWord]:
    for forms in tokenizer.forms(typed):
        lexeme = forms[0]
        is_word = len(lexeme) >= _SHORTEST and not any(letter.isdigit() for letter in lexeme)
        if (names or is_word) and not any(map(holding, forms)):
            yield UnknownWord(typed, lexeme, names)


def _count(
    raw: RawConnection, lexemes: Sequence[str], audience_ids: Sequence[int] | None
) -> tuple[int, dict[str, int]]:
    """How many passages there are, and how many have each of these lexemes, as far as these audiences see them."""
    query = """
        SELECT (
            SELECT coalesce(sum(chunks), 0)::bigint FROM words_of_audience
            WHERE %(audiences)s::bigint[] IS NULL OR audience_id = ANY(%(audiences)s)
        ), coalesce(array_agg(lexeme), '{}'), coalesce(array_agg(n), '{}')
        FROM (
            SELECT lexeme, sum(n)::bigint AS n FROM posting
            WHERE lexeme = ANY(%(lexemes)s) AND (%(audiences)s::bigint[] IS NULL OR audience_id = ANY(%(audiences)s))
            GROUP BY lexeme
        ) holding
    """
    given = {"lexemes": list(lexemes), "audiences": None if audience_ids is None else list(audience_ids)}
    row = raw.execute(query, given).fetchone()
    assert row is not None  # noqa: S101 - sums always are a row
    return row[0], dict(zip(row[1], row[2], strict=True))
