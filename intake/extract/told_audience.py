"""Who may see a document by its own word: the `audience` of its front matter, or that it can't be made out; pure.

What can't be made out must not be taken for nothing said: whoever wrote it meant to keep the document from somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any

from db.corpus import PUBLIC, NamedAudience, read_audience
from db.errors import BadInputError

KEYS = ("audience", "audiences")

UNREADABLE = (
    "it says something of an audience that can't be made out; at its top, between two lines of ---, write "
    'audience: "#finance"'
)
SAID_TWICE = "its front matter says more than once who it is for; leave one"
_SAID = re.compile(
    r"^[ \t]*(?:-[ \t]+)*(?:[\w-]+\.)*[\"':]?audiences?[\"']?[ \t]*[:=]|[{,]\s*[\"']?audiences?[\"']?\s*[:=]",
    re.IGNORECASE | re.MULTILINE,
)
_NAMED = re.compile(r"[ \t]{0,9}:?audiences?[ \t]{0,9}:[ \t]{0,9}[\[\"']{0,3}[#@]", re.IGNORECASE)
_OPENED = re.compile(r"(?:<!--(?:(?!-->).)*-->\s*)?(?:-{3}|\+{3}|;{3}|\{)", re.DOTALL)
_TOLD = re.compile(
    r"[ \t]{0,3}(?:(?:<!--|\{?/\*|[-+*>#%;/]{1,4})[ \t]{0,3}){0,2}[*_:\"']{0,4}audiences?[*_\"']{0,4}[ \t]{0,9}"
    r"[:=][*_]{0,3}[ \t]{0,9}(?P<whom>\S.{0,300})",
    re.IGNORECASE,
)
_FENCE = re.compile(r"[ \t]{0,3}(?:`{3}|~{3})")
_MOST_LINES = 60
"""Lines of front matter that nobody closed; below them only what names somebody is taken for more of it."""
_MOST_FIELDS = 10
_NEAR_TOP = 20
_MOST_CHARS = 65_536


def read_told_audience(
    front_matter: dict[str, Any], text: str, rest: str, shown: str | None = None
) -> NamedAudience | None:
    """What a document says of who may see it, from `text`, of which `rest` stands below the front matter.

    `shown` is that without what a page is made of, if that is something else.

    Returns None where it says nothing.

    Raises:
        BadInputError: it says something that isn't understood; the message is a reason without the document's name.
    """
    said = [front_matter[key] for key in KEYS if key in front_matter]
    if len(said) > 1:
        raise BadInputError('its front matter has both "audience" and "audiences"; leave one out')
    head = text[: len(text) - len(rest)]
    if said and len(_SAID.findall(head)) > 1:  # of keys of one name, as of `Audience` and `audience`, readers keep one
        raise BadInputError(SAID_TWICE)
    if not said:
        if (
            _is_said_in(head)
            or any(map(_is_said_at_top, (head, rest, shown or "")))
            or (not front_matter and _may_be_said_in(rest))
        ):
            raise BadInputError(UNREADABLE)
        return None
    try:
        return read_audience(said[0])
    except BadInputError as error:
        raise BadInputError(f"its audience isn't understood: {error}") from None


def _is_said_in(head: str) -> bool:
    return bool(_SAID.search(head))


def _is_said_at_top(text: str) -> bool:
    """Whether a text begins with a line that was meant for front matter, whether or not it has any."""
    lines = text[:_MOST_CHARS].lstrip().split("\n", _NEAR_TOP)
    return any(map(_names_somebody, _outside_code(lines[:_NEAR_TOP])))


def _may_be_said_in(text: str) -> bool:
    """Whether a text that has no front matter begins with what may have been meant for it."""
    begins = text[:_MOST_CHARS].lstrip()
    lines = begins.split("\n")
    first = takewhile(str.strip, lines[:_MOST_FIELDS])
    if any(map(_NAMED.match, first)):
        return True
    if not _OPENED.match(begins):
        return False
    return _is_said_in("\n".join(lines[:_MOST_LINES])) or any(map(_names_somebody, lines[_MOST_LINES:]))


def _outside_code(lines: Iterable[str]) -> Iterator[str]:
    is_code = False
    for line in lines:
        if _FENCE.match(line):
            is_code = not is_code
        elif not is_code:
            yield line


def _names_somebody(line: str) -> bool:
    """Whether a line says "audience:" and then what can only be meant for one, as "#finance" or "ada@example.com"."""
    told = _TOLD.match(line)
    if told is None:
        return False
    names = told["whom"].strip("*_[]()`\"', \t.;").split()
    first = names[0].strip("*_[]()`\"',.;") if names else ""
    try:
        return read_audience(first) != PUBLIC
    except BadInputError:
        return False
