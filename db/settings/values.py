"""Values as people paste them, read as they were meant, or refused in a sentence that never shows them."""

from __future__ import annotations

import re
from unicodedata import category

LANGUAGES = (
    "arabic", "armenian", "basque", "catalan", "czech", "danish", "dutch", "english", "esperanto", "estonian",
    "finnish", "french", "german", "greek", "hindi", "hungarian", "indonesian", "irish", "italian", "lithuanian",
    "nepali", "norwegian", "persian", "polish", "portuguese", "romanian", "russian", "serbian", "sesotho", "spanish",
    "swedish", "tamil", "turkish", "yiddish",
)  # fmt: skip
"""Those that words can be cut to their stems in, as Snowball calls them."""

_INVISIBLE = ("Cc", "Cf")
"""Categories of control and format characters: byte order marks, zero-width spaces, directions."""
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’"}
_KEY = re.compile(r"[!-~]+")

_MENTION = re.compile(r"<[@#]([A-Za-z0-9]+)(?:\|[^<>]*)?>")
_BETWEEN = re.compile(r"[\s,;、，；|\[\]()\"']+")  # noqa: RUF001


def tidy(value: str) -> str:
    """Cuts what came along unseen: white space and invisible characters around a value, and a pair of quotes."""
    value = _cut(value)
    while len(value) >= 2 and _QUOTES.get(value[0]) == value[-1]:
        value = _cut(value[1:-1])
    return value


def require_key(key: str) -> None:
    """A key or token goes into a header or a signature, where only visible ASCII can be.

    Raises:
        ValueError: it has something else inside.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("has a line break, a space or another character inside that no key has; copy it again")
    if key[0] in _QUOTES or key[-1] in _QUOTES.values():
        raise ValueError("has a quote at one end only; copy it again")


def require_address(address: str) -> None:
    """Raises ValueError where white space or something unseen is inside an address."""
    require_visible(address)
    if any(character.isspace() for character in address):
        raise ValueError("has a space inside; copy it again")


def require_visible(text: str) -> None:
    """Raises ValueError where a character is inside that nobody sees."""
    if any(category(character) in _INVISIBLE for character in text):
        raise ValueError("has a line break or an invisible character inside; copy it again")


def require_one_line(text: str) -> None:
    """Raises ValueError where a control character, a line break say, is inside."""
    if any(category(character) == "Cc" for character in text):
        raise ValueError("has a line break or another control character inside")


def read_languages(text: str) -> tuple[str, ...]:
    """The languages in a list, each once, in their order, whatever stands between them.

    Raises:
        ValueError: it names none, or one that isn't known.
    """
    names = tuple(dict.fromkeys(filter(None, _BETWEEN.split(text.casefold()))))
    unknown = [name for name in names if name not in LANGUAGES]
    if unknown or not names:
        problem = f"{unknown[0]} is none of the languages known" if unknown else "names no language"
        raise ValueError(f"{problem}: {', '.join(LANGUAGES)}")
    return names


def read_slack_ids(text: str, first_letters: str, how_to_find: str) -> tuple[str, ...]:
    """The ids in a list, whatever stands between them, in their order; each may be a mention, or in lower case.

    One may be that of a person in a workspace, "T…:U…".

    Raises:
        ValueError: one of them isn't an id; says which by its number, and how to find it.
    """
    visible = "".join(" " if character.isspace() else character for character in text if _is_visible(character))
    words = filter(None, _BETWEEN.split(_MENTION.sub(r" \1 ", visible)))
    found: dict[str, None] = {}
    for number, word in enumerate(words, start=1):
        word = word.lstrip("@#")
        workspace, colon, id_there = word.rpartition(":")
        if not _is_slack_id(id_there, first_letters) or (colon and not _is_slack_id(workspace, "TE")):
            raise ValueError(f"number {number} in it is not an id but a name, maybe. {how_to_find}")
        found[word.upper()] = None
    return tuple(found)


def _is_slack_id(word: str, first_letters: str) -> bool:
    """Nearly all ids have a digit in them, which tells them from names; the rest are long and in capitals."""
    if not re.fullmatch(f"[{first_letters}][A-Z0-9]+", word.upper()):
        return False
    return any(character.isdigit() for character in word) or (word.isupper() and len(word) >= 9)


def _is_visible(character: str) -> bool:
    return character.isspace() or category(character) not in _INVISIBLE


def _cut(value: str) -> str:
    begin, end = 0, len(value)
    while begin < end and _is_blank(value[begin]):
        begin += 1
    while end > begin and _is_blank(value[end - 1]):
        end -= 1
    return value[begin:end]


def _is_blank(character: str) -> bool:
    return character.isspace() or category(character) in _INVISIBLE
