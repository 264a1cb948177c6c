"""What of a question is a name: what stands for one thing alone, and can't be said in other words; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from db.words.tokens import IN_WORD, blank_unspaced

_WORD = re.compile(rf"{IN_WORD}+(?:[-/_.:@'’]{IN_WORD}+)*")
# possessive: of a row of underscores each could be a sign or a letter, in more ways than can be tried
_JOINED = re.compile(r"[^\W\d_]{2,}(?:[_.:@]\w++)++")
_VERSION = re.compile(r"\d+(?:[._/-]\w++)++")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBERED = re.compile(rf"(?<![-/_.:@'’])({IN_WORD}+) (\d{{1,2}})(?!{IN_WORD}| ?[%€$£¥]|[-/_.,:@'’]{IN_WORD})")
_SEVERAL = re.compile(rf" {IN_WORD}+s\b")
_NUMBER = re.compile(r"\d{3,}")
_AMOUNT_BEFORE, _AMOUNT_BEHIND = "€$£¥", "%€$£¥"
_PLAIN = rf"(?:(?!_){IN_WORD})+"
_NOUNS_ARE_CAPITALISED = frozenset(("german",))


def find_identifiers(question: str, is_stop_word: Callable[[str], bool]) -> list[str]:
    """Versions, years, codes and numbers of things, and acronyms; not amounts.

    A number of three digits or more is that of a thing where it follows a word that says of what: "error 619", but not
    "has 700 lines". Scripts without spaces are passed over, in which no word can be told.
    """
    question = blank_unspaced(question)
    found = list(_WORD.finditer(question))
    before = ["", *(word.group() for word in found)]
    identifiers = []
    for word, last in zip(found, before, strict=False):
        text = word.group()
        around = question[max(0, word.start() - 1) : word.start()], question[word.end() : word.end() + 1]
        if (around[0] and around[0] in _AMOUNT_BEFORE) or (around[1] and around[1] in _AMOUNT_BEHIND):
            continue
        if _is_identifier(text) or (_NUMBER.fullmatch(text) and last and not is_stop_word(last)):
            identifiers.append(text)
    return identifiers + list(_acronyms(question))


def find_names(question: str, languages: tuple[str, ...]) -> list[str]:
    """Words with a capital inside a sentence, where that tells something: in most languages, and not IN A SHOUT."""
    found = list(re.finditer(rf"{_PLAIN}(?:['’-]{_PLAIN})*", question))
    small = sum(word.group()[0].islower() for word in found)
    if 2 * small < len(found) or _NOUNS_ARE_CAPITALISED.intersection(languages):
        return []
    names = []
    for place, word in enumerate(found):
        begins = place == 0 or question[: word.start()].rstrip()[-1:] in tuple(".?!:")
        text = re.sub("['’]s$", "", word.group())
        if text[0].isupper() and not begins and len(text) > 1:
            names.append(text)
    return names


def find_numbered(question: str, is_stop_word: Callable[[str], bool]) -> list[str]:
    """A word with the number behind it that says which one, as "chimera 3"; not how many there are of what follows."""
    return [
        word.group()
        for word in _NUMBERED.finditer(question)
        if not word.group(1).isdigit() and not is_stop_word(word.group(1)) and not _SEVERAL.match(question, word.end())
    ]


def is_year(word: str) -> bool:
    """Whether an identifier is a year."""
    return _YEAR.fullmatch(word) is not None


def _is_identifier(word: str) -> bool:
    if not any(letter.isdigit() for letter in word):
        return _JOINED.fullmatch(word) is not None
    if re.fullmatch(r"\d{1,2}:\d\d", word):
        return False
    return word[0].isalpha() or bool(_VERSION.fullmatch(word) or is_year(word))


def _acronyms(question: str) -> Iterator[str]:
    words = re.findall(r"[^\W\d_]+", question)
    loud = [word for word in words if word.isupper() and len(word) > 1]
    if len(words) <= 2 or 2 * len(loud) <= len(words):
        yield from loud
