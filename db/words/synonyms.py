"""What people shorten, in questions more than on pages: "prod" is found as "production", and the other way round; pure.

The only synonyms there are. Everybody uses these, few pages use both, and what holds in one environment does harm in
another.
"""

from __future__ import annotations

_SHORT_FOR = {"prod": "production", "prd": "production", "stg": "staging"}


def written_out(word: str) -> str:
    """A word, folded in case, as it is indexed before it is cut to its stem."""
    return _SHORT_FOR.get(word, word)
