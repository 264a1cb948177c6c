"""What a text names of when and where: years, quarters, months, and the environments that software runs in; pure.

Pages are often the same but for one of these, and what holds for last year or for staging answers no question about
this year or production.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from db.words import written_out

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_QUARTERS = ("first", "second", "third", "fourth")
_YEAR = re.compile(r"(?<![\w.,])(19[89]\d|20\d\d)(?!\w|[.,]\d)")
_ISO_DAY = re.compile(r"(?<!\d)(?:19[89]\d|20\d\d)[- ]([01]\d)[- ][0-3]\d(?!\d)")
_QUARTER = re.compile(r"\bq([1-4])\b|\b(first|second|third|fourth)\s+quarter\b")
_MONTH = re.compile(
    r"(?P<before>\d+(?:st|nd|rd|th)?\.?\s+|\b(?:in|of|since|until|by|last|this|next)\s+)?"
    r"\b(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?(?P<after>\s+\d+)?"
)
_ALSO_VERBS = ("mar", "may")
"""March and May are months beside a number, or after a word that goes before months."""

_ENVIRONMENTS = ("production", "staging", "dev")
"""Words that mostly mean something else, as "test", "live" or "development", are left out."""

Facets = Mapping[str, frozenset[str]]
"""{"year" | "quarter" | "month" | "environment": what is named of it}; what isn't named isn't there."""


def name_facets(text: str) -> Facets:
    """What a question, a title or a path names."""
    plain = re.sub(r"[_/-]+", " ", text.casefold())
    named = {
        "year": _YEAR.findall(plain),
        "quarter": [digit or str(_QUARTERS.index(word) + 1) for digit, word in _QUARTER.findall(plain)],
        "month": [_MONTHS[int(month) - 1] for month in _ISO_DAY.findall(plain) if 0 < int(month) <= 12]
        + [found["month"][:3] for found in _MONTH.finditer(plain) if _is_month(found)],
        "environment": [word for word in map(written_out, re.findall(r"\w+", plain)) if word in _ENVIRONMENTS],
    }
    return {axis: frozenset(values) for axis, values in named.items() if values}


def contradicts(asked: Facets, named: Facets) -> bool:
    """Whether a page is of another time or place than was asked about: both name one, and none the same."""
    return any(not values & named[axis] for axis, values in asked.items() if axis in named)


def fits(asked: Facets, named: Facets) -> bool:
    """Whether a page is of a time or place that was asked about, by what it names."""
    return any(values & named[axis] for axis, values in asked.items() if axis in named)


def _is_month(found: re.Match[str]) -> bool:
    return found["month"][:3] not in _ALSO_VERBS or bool(found["before"] or found["after"])
