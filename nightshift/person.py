"""Who somebody at a terminal is: a named principal who sees public documents only."""

from __future__ import annotations

import re

from db.errors import BadInputError

WORKSPACE = "local"
PERSON = f"{WORKSPACE}:console"
"""Whoever doesn't say who they are."""

_NAME = re.compile(r"[\w.@+-]{1,64}")


def person_named(name: str | None) -> str:
    """The person id of who goes by a name at the terminal; several people may share one.

    Raises:
        BadInputError: that isn't a name.
    """
    if name is None:
        return PERSON
    if not _NAME.fullmatch(name):
        raise BadInputError(f"A name at the terminal is one word of letters, digits and . _ @ + -, not {name!r}.")
    return f"{WORKSPACE}:{name}"
